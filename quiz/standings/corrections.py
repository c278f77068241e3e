"""What a correction would change, before it is applied: found by applying it and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from question_bank import Kind, Question
from question_bank.question import ALTERNATIVE, FALSE, LABELS, TRUE
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.sittings import correcting, corrections
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import Rescore, Sitting
from quiz.standings.tables import Board, Table

#: Questions in one list: as many as a 1366×768 screen shows.
FIRST_QUESTIONS = 12


@dataclass(frozen=True)
class Place:
    """Where a person stands."""

    name: str
    unit: str
    rank: int
    score: Decimal
    passed: bool


@dataclass(frozen=True)
class UnitPlace:
    unit: str
    rank: int | None
    score: Decimal | None


@dataclass(frozen=True)
class Preview:
    """Before and after of whoever changes: persons by score, units by rank. For the desk only."""

    marked: int
    persons: Sequence[tuple[Place, Place]]
    units: Sequence[tuple[UnitPlace, UnitPlace]]

    @property
    def now_pass(self) -> list[tuple[Place, Place]]:
        return [pair for pair in self.persons if pair[1].passed and not pair[0].passed]

    @property
    def now_fail(self) -> list[tuple[Place, Place]]:
        return [pair for pair in self.persons if pair[0].passed and not pair[1].passed]


def preview(exam: Exam, *, amendment: Amendment, reason: str, at: datetime) -> Preview:
    """Within a transaction, which is left as it was found. Raises what corrections.apply() raises."""
    before = _standing(exam, at)
    trial = db.session.begin_nested()
    try:
        made = corrections.apply(exam, amendment=amendment, reason=reason, at=at, who="preview")
        counted = select(func.count()).where(Rescore.correction_id == made.id)
        marked, after = db.session.scalar(counted) or 0, _standing(exam, at)
    finally:
        trial.rollback()
        db.session.expire_all()
    return _compared(marked, before, after)


_Standing = tuple[dict[int, Place], dict[int, UnitPlace]]


def _standing(exam: Exam, at: datetime) -> _Standing:
    board = Board(exam, table=Table.JURY, at=at)
    persons = {
        row.Result.person_id: Place(row.name, row.unit, row.rank, row.Result.score, row.Result.passed)
        for row in board.persons()
    }
    units = {entry.row.unit_id: UnitPlace(entry.row.unit, entry.rank, entry.score) for entry in board.ranked}
    return persons, units


def _compared(marked: int, before: _Standing, after: _Standing) -> Preview:
    persons = [(place, after[0][key]) for key, place in before[0].items()]
    units = [(place, after[1][key]) for key, place in before[1].items()]
    changed = [pair for pair in persons if pair[0].score != pair[1].score]
    # Whoever gains or loses the pass comes first, then the largest change.
    changed.sort(key=lambda p: (p[0].passed == p[1].passed, -abs(p[1].score - p[0].score), p[0].rank))
    moved = [pair for pair in units if pair[0].rank != pair[1].rank]
    return Preview(marked, changed, moved)


@dataclass(frozen=True)
class Line:
    """A question of the pool as the list shows it."""

    id: int
    question: Question
    facility: corrections.Facility
    corrected: Deed | None


def lines(exam: Exam, *, text: str) -> list[Line]:
    """Questions that were asked and hold ``text``, the least often answered right first."""
    found = corrections.facilities(exam)
    deeds = {one.question: one.deed for one in correcting.in_force(exam.corrections)}
    rows = [
        Line(number, question, found[number], deeds.get(number))
        for number, question in exams.frozen_pool(exam.id).by_id.items()
        if number in found and _holds(question, text)
    ]
    return sorted(rows, key=lambda row: (row.facility.share, row.id))


def _holds(question: Question, text: str) -> bool:
    return not text or any(text in part for part in (question.stem, *question.options))


def line(exam: Exam, number: int) -> Line:
    """One question that was asked, or NotFound."""
    found = next((row for row in lines(exam, text="") if row.id == number), None)
    if found is None:
        raise NotFound
    return found


def choices(row: Line) -> list[dict[str, Any]]:
    """Options with how often each was chosen; those of true_false too. Empty for texts."""
    question = row.question
    labelled = list(zip(LABELS, question.options, strict=False))
    if question.kind is Kind.TRUE_FALSE:
        labelled = [(TRUE, "正确"), (FALSE, "错误")]
    return [
        {"label": label, "text": text, "given": row.facility.given[label], "right": label in question.key}
        for label, text in labelled
    ]


def blanks(row: Line) -> list[str]:
    """The key of a fill, blank by blank, as it is typed."""
    kinds = (Kind.FILL, Kind.SHORT)
    return [key.replace(ALTERNATIVE, "|") for key in row.question.key] if row.question.kind in kinds else []


def any_sitting(exam: Exam) -> bool:
    return db.session.scalar(select(Sitting.id).where(Sitting.exam_id == exam.id).limit(1)) is not None


def ledger(exam: Exam) -> list[dict[str, Any]]:
    """Every correction in words, the newest first, with how many scores it changed."""
    pool, counts = exams.frozen_pool(exam.id).by_id, corrections.changed_counts(exam)
    return [
        {
            "row": row,
            "stem": pool[row.pool_question_id].stem,
            "deed": Deed(row.deed).chinese,
            "key": correcting.key_in_words(pool[row.pool_question_id].kind, row.key),
            "changed": counts.get(row.id, 0),
            "at": row.at.astimezone(exams.zone()),
            "undone_at": row.undone_at and row.undone_at.astimezone(exams.zone()),
        }
        for row in corrections.of_exam(exam)
    ]
