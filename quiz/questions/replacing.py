"""What an import does to questions the bank has already: give them new words, keep equal ones, put all back.

Every change is a version of the question that names the file and the row, so that its history shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from question_bank import Difficulty, Kind
from question_bank import Question as BankQuestion
from quiz.extensions import db
from quiz.questions import catalogue, editing, queries, versions
from quiz.questions.models import APPROVED, DRAFT, RETIRED, Bank, BankImport, Question, QuestionVersion
from quiz.questions.settling import Decisions, Place
from quiz.questions.wording import place_words


def add_copies(
    bank: Bank, *, found: BankImport, rows: Iterable[tuple[BankQuestion, Place]], at: datetime, who: str
) -> int:
    """Store questions beside equal ones the bank has or gets now; returns how many."""
    given, editions = list(rows), catalogue.editions()
    taken = _copies(bank, [question.fingerprint for question, _ in given])
    state = DRAFT if bank.reviewed else APPROVED
    for question, (_, number) in given:
        row = Question(bank_id=bank.id, import_id=found.id, source_row=number, author=who, created_at=at)
        editing.reword(row, question, editions=editions, on=at.date())
        row.tags = list(question.tags)
        row.state, row.copy = state, taken.get(question.fingerprint, -1) + 1
        taken[question.fingerprint] = row.copy
        db.session.add(row)
    db.session.flush()
    return len(given)


def _copies(bank: Bank, marks: Sequence[str]) -> dict[str, int]:
    """Fingerprint → the highest number a question of the bank with it has."""
    found: dict[str, int] = {}
    for some in catalogue.batches(marks):
        asked = select(Question.fingerprint, func.max(Question.copy)).where(
            Question.bank_id == bank.id, Question.fingerprint.in_(some)
        )
        found |= dict(db.session.execute(asked.group_by(Question.fingerprint)).all())
    return found


def replace_questions(
    bank: Bank,
    *,
    found: BankImport,
    decided: Decisions,
    rows: Mapping[int, tuple[BankQuestion, Place]],
    at: datetime,
    who: str,
) -> set[int]:
    """Give these questions of the bank the words of the file; returns the ids of those that are there.

    What the file leaves open (解析, 依据, 章节, 分值, 难度) stays as it was. A retired one is used again.
    ``decided.replaced`` remembers the versions for an undo.
    """
    there: set[int] = set()
    for ids in catalogue.batches(rows):
        held = [row for row in catalogue.locked(ids) if row.bank_id == bank.id]
        there |= {row.id for row in held}
        wanted = {row.id: _merged(row.as_bank_question(), rows[row.id][0]) for row in held}
        changed = [row for row in held if row.state == RETIRED or wanted[row.id] != row.as_bank_question()]
        before = {row.id: row.version for row in changed}
        words = _Words(wanted, _copies(bank, [one.fingerprint for one in wanted.values()]), at)

        def reword(row: Question, words: _Words = words) -> None:
            words.give(row)
            row.author = who
            if bank.reviewed or row.state == RETIRED:
                row.state, row.reviewer = (DRAFT if bank.reviewed else APPROVED), ""

        notes = {row.id: place_words(found.file_name, *rows[row.id][1]) for row in changed}
        versions.change(changed, "replace", reword, at=at, who=who, notes=notes)
        for row in changed:
            first = decided.replaced.get(row.id, (0, 0))
            # Replaced twice by one import: undoing goes back to before the first time.
            start = first[0] if first[1] == before[row.id] else row.version - 1
            decided.replaced[row.id] = start, row.version
    return there


def _merged(old: BankQuestion, new: BankQuestion) -> BankQuestion:
    return replace(
        new,
        explanation=new.explanation or old.explanation,
        basis=new.basis or old.basis,
        chapter=new.chapter or old.chapter,
        tags=new.tags or old.tags,
        points=old.points if new.points is None else new.points,
        # The reader takes 中 for what is not said.
        difficulty=old.difficulty if new.difficulty is Difficulty.MEDIUM else new.difficulty,
    )


class _Words:
    """New words for questions by id; two that become equal get numbers of their own."""

    def __init__(self, wanted: Mapping[int, BankQuestion], copies: dict[str, int], at: datetime) -> None:
        self._wanted, self._copies, self._on = wanted, copies, at.date()
        self._editions = catalogue.editions()

    def give(self, row: Question) -> None:
        question = self._wanted[row.id]
        other = row.fingerprint != question.fingerprint
        editing.reword(row, question, editions=self._editions, on=self._on)
        row.tags = list(question.tags)
        if other:
            # An import that was undone may have left an equal one behind, out of use.
            row.copy = self._copies.get(question.fingerprint, -1) + 1
            self._copies[question.fingerprint] = row.copy


def put_back(found: BankImport, *, at: datetime, who: str) -> tuple[int, int]:
    """Give questions this import replaced their words again.

    Returns how many, and how many stay as they are because they were changed since.
    """
    pairs, back, bank = Decisions.of(found.fixes).replaced, 0, queries.bank(found.bank_id)
    for ids in catalogue.batches(pairs):
        rows = [row for row in catalogue.locked(ids) if row.version == pairs[row.id][1]]
        asked = select(QuestionVersion).where(QuestionVersion.question_id.in_([row.id for row in rows]))
        kept = {(one.question_id, one.number): one.document for one in db.session.scalars(asked)}
        old = {row.id: kept[row.id, pairs[row.id][0]] for row in rows}
        wanted = {number: _question(document) for number, document in old.items()}
        words = _Words(wanted, _copies(bank, [one.fingerprint for one in wanted.values()]), at)

        def restore(row: Question, words: _Words = words, old: Mapping[int, Any] = old) -> None:
            words.give(row)
            row.state, row.author = old[row.id]["state"], who

        notes = {row.id: f"撤销“{found.file_name}”的导入" for row in rows}
        versions.change(rows, "undo", restore, at=at, who=who, notes=notes)
        back += len(rows)
    return back, len(pairs) - back


def _question(document: Mapping[str, Any]) -> BankQuestion:
    """The question of a version's document."""
    points = document["points"]
    return BankQuestion(
        kind=Kind(document["kind"]),
        options=tuple(document["options"]),
        key=tuple(document["key"]),
        difficulty=Difficulty(document["difficulty"]),
        points=None if points is None else float(points),
        tags=tuple(document.get("tags", ())),
        **{name: document[name] for name in ("stem", "explanation", "basis", "chapter")},
    )


def retire(ids: Sequence[int], *, found: BankImport, at: datetime, who: str) -> None:
    """Take questions out of use that an undone import brought and something refers to."""
    words = f"撤销“{found.file_name}”的导入，已用在考试或练习里"
    for some in catalogue.batches(ids):
        rows = [row for row in catalogue.locked(some) if row.state != RETIRED]
        notes = {row.id: words for row in rows}
        versions.change(rows, "undo", lambda row: _set(row, RETIRED), at=at, who=who, notes=notes)


def revive(rows: Mapping[int, Place], *, found: BankImport, bank: Bank, at: datetime, who: str) -> None:
    """Use again what an undone import left behind, as this import asks for it."""
    state = DRAFT if bank.reviewed else APPROVED
    for ids in catalogue.batches(rows):
        held = catalogue.locked(ids)
        notes = {row.id: place_words(found.file_name, *rows[row.id]) for row in held}
        versions.change(held, "again", lambda row: _set(row, state, found.id), at=at, who=who, notes=notes)


def _set(row: Question, state: str, import_id: int | None = None) -> None:
    row.state = state
    row.import_id = import_id or row.import_id
