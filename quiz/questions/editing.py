"""Deeds on questions: write, edit, approve, retire, change many at once, merge two.

Each deed holds the rows it works on, keeps what a question was as a QuestionVersion, and leaves a record.
None of them changes an exam: its questions were frozen when it was made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from question_bank import Question as BankQuestion
from question_bank.question import MOST_TAGS
from quiz.audit.services import record
from quiz.extensions import db
from quiz.questions import catalogue, law, versions, wording
from quiz.questions.models import APPROVED, DRAFT, RETIRED, Bank, Question
from quiz.questions.wording import MOVES, Wording

#: What a bulk edit may do, beside the deeds of MOVES.
CHANGES = ("chapter", "difficulty", "tag", "untag", "practise", "no-practise")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was done to many questions: ``own`` were not approved because the author may not."""

    done: int
    own: int = 0


def create(bank: Bank, *, given: Wording, at: datetime, who: str) -> Question:
    """A new question, as a draft. Unfit or SameQuestion when it cannot be kept."""
    given.check()
    row = Question(bank_id=bank.id, state=DRAFT, version=1, author=who, created_at=at)
    _write(row, given, at)
    db.session.add(row)
    _flush()
    versions.keep([row], "create", at=at, who=who)
    record(who=who, what="question.create", subject=f"question:{row.id}", at=at)
    return row


def edit(row: Question, *, seen: int, given: Wording, at: datetime, who: str) -> Question:
    """Save a new wording over version ``seen``. Stale when that is no longer the current one.

    Where a second person has to approve, an edited question is a draft again.
    """
    given.check()
    row = _hold(row.id, seen)
    before, reviewed = versions.baseline([row]), _reviewed(row)
    with db.session.no_autoflush:
        _write(row, given, at)
        if versions.document(row) == before[row.id]:
            return row
        row.version, row.author = row.version + 1, who
        if reviewed and row.state == APPROVED:
            row.state, row.reviewer = DRAFT, ""
    _flush()
    versions.keep([row], "edit", at=at, who=who)
    record(who=who, what="question.edit", subject=f"question:{row.id}", at=at, version=row.version)
    return row


def _hold(question_id: int, seen: int) -> Question:
    row = catalogue.locked([question_id])[0]
    if row.version != seen:
        raise wording.Stale
    return row


def _write(row: Question, given: Wording, at: datetime) -> None:
    reword(row, given.question, editions=catalogue.editions(), on=at.date())
    row.tags, row.practisable = list(given.tags), given.practisable


def reword(row: Question, question: BankQuestion, *, editions: Sequence[law.Edition], on: date) -> None:
    """Give a question new words, and the article its 依据 names."""
    row.article_id = law.article_of(question.basis, editions, on=on)
    if row.fingerprint != question.fingerprint:
        row.fingerprint, row.copy = question.fingerprint, 0
    row.kind, row.stem = question.kind.value, question.stem
    row.options, row.key = list(question.options), list(question.key)
    row.explanation, row.basis, row.chapter = question.explanation, question.basis, question.chapter
    row.difficulty = int(question.difficulty)
    row.points = None if question.points is None else Decimal(str(question.points))


def _flush() -> None:
    """Write what changed. SameQuestion when the bank has one of this fingerprint."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise wording.SameQuestion from error


def move(row: Question, *, deed: str, seen: int, at: datetime, who: str) -> None:
    """Approve, retire or restore. NotNow in another state, OwnWork when the author may not approve."""
    if deed not in MOVES:
        raise wording.NotNow
    row = _hold(row.id, seen)
    sources, target = MOVES[deed]
    if row.state not in sources:
        raise wording.NotNow
    if deed == "approve" and _reviewed(row) and row.author == who:
        raise wording.OwnWork
    if deed == "approve":
        Wording(row.as_bank_question()).check()
    versions.change([row], deed, lambda one: _set_state(one, target, who), at=at, who=who)
    record(who=who, what=f"question.{deed}", subject=f"question:{row.id}", at=at, version=row.version)


def _set_state(row: Question, state: str, who: str) -> None:
    row.state = state
    row.reviewer = who if state == APPROVED else ""


def _reviewed(row: Question) -> bool:
    bank = db.session.get(Bank, row.bank_id)
    return bank is not None and bank.reviewed


def change_many(bank: Bank, *, ids: Iterable[int], deed: str, value: str, at: datetime, who: str) -> Bulk:
    """Do one of MOVES or CHANGES to these questions of the bank. NothingChosen when there is nothing to do.

    A question the deed does not fit, or that is so already, stays as it is and is not counted.
    """
    value = " ".join(wording.clean(value, longest=100).split())
    chosen = sorted(set(ids))
    if not chosen or (deed not in MOVES and not _known(deed, value)):
        raise wording.NothingChosen
    done: list[int] = []
    own = 0
    for some in catalogue.batches(chosen):
        rows = [row for row in catalogue.locked(some) if row.bank_id == bank.id]
        fit = [row for row in rows if _fits(row, deed, value)]
        may = [row for row in fit if not (deed == "approve" and bank.reviewed and row.author == who)]
        named = deed if deed in MOVES else "bulk"
        versions.change(may, named, _setter(deed, value, who), at=at, who=who)
        done += [row.id for row in may]
        own += len(fit) - len(may)
    told = {"deed": deed, "value": value, "count": len(done), "questions": done[:200]}
    record(who=who, what="question.bulk", subject=f"bank:{bank.id}", at=at, **told)
    return Bulk(len(done), own)


def _known(deed: str, value: str) -> bool:
    if deed == "difficulty":
        return value in ("1", "2", "3")
    if deed in ("tag", "untag"):
        return len(wording.clean_tags(value)) > 0
    return deed in CHANGES


def _fits(row: Question, deed: str, value: str) -> bool:
    """Whether the deed would change this question."""
    if deed in MOVES:
        return row.state in MOVES[deed][0]
    if deed == "chapter":
        return row.chapter != value
    if deed == "difficulty":
        return row.difficulty != int(value)
    if deed in ("tag", "untag"):
        named = set(wording.clean_tags(value))
        return bool(named & set(row.tags)) if deed == "untag" else not named <= set(row.tags)
    return row.practisable != (deed == "practise")


def _setter(deed: str, value: str, who: str) -> Callable[[Question], None]:
    def change(row: Question) -> None:
        named = wording.clean_tags(value) if deed in ("tag", "untag") else ()
        if deed in MOVES:
            _set_state(row, MOVES[deed][1], who)
        elif deed == "chapter":
            row.chapter = value
        elif deed == "difficulty":
            row.difficulty = int(value)
        elif deed == "tag":
            row.tags = list(dict.fromkeys([*row.tags, *named]))[:MOST_TAGS]
        elif deed == "untag":
            row.tags = [tag for tag in row.tags if tag not in named]
        else:
            row.practisable = deed == "practise"

    return change


def merge(keep: Question, drop: Question, *, seen: tuple[int, int], at: datetime, who: str) -> None:
    """Keep one of two questions of a bank and retire the other. Stale when either has changed meanwhile.

    The kept one takes over tags, and what it lacks of explanation, 依据 and chapter.
    """
    rows = {row.id: row for row in catalogue.locked([keep.id, drop.id])}
    if len(rows) != 2 or keep.bank_id != drop.bank_id or drop.state == RETIRED:
        raise wording.NotNow
    if (keep.version, drop.version) != seen:
        raise wording.Stale
    notes = {keep.id: f"第 {drop.id} 号题并到这里", drop.id: f"已并到第 {keep.id} 号题"}
    told = {"at": at, "who": who, "notes": notes}
    versions.change([keep], "merge", lambda row: _take_over(row, drop, at), **told)
    versions.change([drop], "merge", lambda row: _set_state(row, RETIRED, who), **told)
    told = {"kept": keep.id, "retired": drop.id}
    record(who=who, what="question.merge", subject=f"question:{keep.id}", at=at, **told)


def _take_over(row: Question, other: Question, at: datetime) -> None:
    row.tags = list(dict.fromkeys([*row.tags, *other.tags]))[:MOST_TAGS]
    for name in ("explanation", "basis", "chapter"):
        setattr(row, name, getattr(row, name) or getattr(other, name))
    row.article_id = law.article_of(row.basis, catalogue.editions(), on=at.date())


def set_reviewed(bank: Bank, *, reviewed: bool, at: datetime, who: str) -> None:
    """Whether a question of this bank has to be approved by somebody else than its author."""
    bank.reviewed = reviewed
    record(who=who, what="bank.reviewed", subject=f"bank:{bank.id}", at=at, reviewed=reviewed)
