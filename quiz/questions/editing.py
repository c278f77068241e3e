"""Deeds on questions: write, edit, approve, retire, change many at once, merge two.

Each deed holds the rows it works on, keeps what a question was as a QuestionVersion, and leaves a record.
None of them changes an exam: its questions were frozen when it was made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from quiz.audit.services import record
from quiz.extensions import db
from quiz.questions import catalogue, law, wording
from quiz.questions.models import APPROVED, DRAFT, RETIRED, Bank, Question, QuestionVersion
from quiz.questions.wording import MOVES, Wording

#: What a bulk edit may do, beside the deeds of MOVES.
CHANGES = ("chapter", "difficulty", "tag", "untag", "practise", "no-practise")
#: Questions held and changed at once: a statement takes only so many values.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was done to many questions: ``own`` were not approved because the author may not."""

    done: int
    own: int = 0


def document(row: Question) -> dict[str, Any]:
    """A question as QuestionVersion.document keeps it: every field of wording.FIELDS."""
    plain = ("kind", "stem", "explanation", "basis", "chapter", "difficulty", "practisable", "state")
    return {name: getattr(row, name) for name in plain} | {
        "options": list(row.options),
        "key": list(row.key),
        "tags": list(row.tags),
        "points": None if row.points is None else f"{row.points.normalize():f}",
    }


def create(bank: Bank, *, given: Wording, at: datetime, who: str) -> Question:
    """A new question, as a draft. Unfit or SameQuestion when it cannot be kept."""
    given.check()
    row = Question(bank_id=bank.id, state=DRAFT, version=1, author=who, created_at=at)
    _write(row, given, at)
    db.session.add(row)
    _flush()
    _keep([row], "create", at, who)
    record(who=who, what="question.create", subject=f"question:{row.id}", at=at)
    return row


def edit(row: Question, *, seen: int, given: Wording, at: datetime, who: str) -> Question:
    """Save a new wording over version ``seen``. Stale when that is no longer the current one.

    Where a second person has to approve, an edited question is a draft again.
    """
    given.check()
    row = _hold(row.id, seen)
    before, reviewed = _baseline([row]), _reviewed(row)
    with db.session.no_autoflush:
        _write(row, given, at)
        if document(row) == before[row.id]:
            return row
        row.version, row.author = row.version + 1, who
        if reviewed and row.state == APPROVED:
            row.state, row.reviewer = DRAFT, ""
    _flush()
    _keep([row], "edit", at, who)
    record(who=who, what="question.edit", subject=f"question:{row.id}", at=at, version=row.version)
    return row


def _hold(question_id: int, seen: int) -> Question:
    row = catalogue.locked([question_id])[0]
    if row.version != seen:
        raise wording.Stale
    return row


def _write(row: Question, given: Wording, at: datetime) -> None:
    question = given.question
    row.article_id = law.article_of(question.basis, catalogue.editions(), on=at.date())
    row.kind, row.stem, row.fingerprint = question.kind.value, question.stem, question.fingerprint
    row.options, row.key = list(question.options), list(question.key)
    row.explanation, row.basis, row.chapter = question.explanation, question.basis, question.chapter
    row.difficulty = int(question.difficulty)
    row.points = None if question.points is None else Decimal(str(question.points))
    row.tags, row.practisable = list(given.tags), given.practisable


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
    _change([row], deed, lambda one: _set_state(one, target, who), at, who)
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
    for start in range(0, len(chosen), BATCH):
        rows = [row for row in catalogue.locked(chosen[start : start + BATCH]) if row.bank_id == bank.id]
        fit = [row for row in rows if _fits(row, deed, value)]
        may = [row for row in fit if not (deed == "approve" and bank.reviewed and row.author == who)]
        _change(may, deed if deed in MOVES else "bulk", _setter(deed, value, who), at, who)
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
            row.tags = list(dict.fromkeys([*row.tags, *named]))[: wording.MOST_TAGS]
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
    _change(
        [keep], "merge", lambda row: _take_over(row, drop, at), at, who, note=f"第 {drop.id} 号题并到这里"
    )
    _change(
        [drop], "merge", lambda row: _set_state(row, RETIRED, who), at, who, note=f"已并到第 {keep.id} 号题"
    )
    told = {"kept": keep.id, "retired": drop.id}
    record(who=who, what="question.merge", subject=f"question:{keep.id}", at=at, **told)


def _take_over(row: Question, other: Question, at: datetime) -> None:
    row.tags = list(dict.fromkeys([*row.tags, *other.tags]))[: wording.MOST_TAGS]
    for name in ("explanation", "basis", "chapter"):
        setattr(row, name, getattr(row, name) or getattr(other, name))
    row.article_id = law.article_of(row.basis, catalogue.editions(), on=at.date())


def set_reviewed(bank: Bank, *, reviewed: bool, at: datetime, who: str) -> None:
    """Whether a question of this bank has to be approved by somebody else than its author."""
    bank.reviewed = reviewed
    record(who=who, what="bank.reviewed", subject=f"bank:{bank.id}", at=at, reviewed=reviewed)


def _change(
    rows: Sequence[Question],
    deed: str,
    change: Callable[[Question], None],
    at: datetime,
    who: str,
    *,
    note: str = "",
) -> None:
    """Change rows that are held, as one new version each."""
    _baseline(rows)
    for row in rows:
        change(row)
        row.version += 1
    db.session.flush()
    _keep(rows, deed, at, who, note=note)


def _keep(rows: Sequence[Question], deed: str, at: datetime, who: str, *, note: str = "") -> None:
    _insert([_version(row, deed, at, who) for row in rows], note)


def _insert(versions: list[dict[str, Any]], note: str = "") -> None:
    for version in versions if note else ():
        version["document"]["note"] = note
    if versions:
        db.session.execute(insert(QuestionVersion), versions)


def _version(row: Question, deed: str, at: datetime, who: str) -> dict[str, Any]:
    plain = {"question_id": row.id, "number": row.version, "document": document(row)}
    return plain | {"who": who, "deed": deed, "at": at}


def _baseline(rows: Sequence[Question]) -> dict[int, dict[str, Any]]:
    """The documents of rows about to change; kept first where the last deed kept none, as imports do."""
    now = {row.id: document(row) for row in rows}
    listed = select(QuestionVersion.question_id, QuestionVersion.number, QuestionVersion.document)
    listed = listed.where(QuestionVersion.question_id.in_(now)).order_by(QuestionVersion.number)
    last = {number: (version, kept) for number, version, kept in db.session.execute(listed)}
    unkept = []
    for row in rows:
        version, kept = last.get(row.id, (0, {}))
        if {name: value for name, value in kept.items() if name != "note"} != now[row.id]:
            row.version = max(row.version, version + 1)
            unkept.append(_version(row, "import", row.created_at, row.author))
    _insert(unkept)
    return now
