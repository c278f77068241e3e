"""Deeds of practising: keep an answer, take a question out of the book; and the organiser's release."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from quiz.audit.services import record
from quiz.exams.models import Exam
from quiz.extensions import db, to_millis
from quiz.people.models import Person
from quiz.practice import queries, rules
from quiz.practice.models import PracticeAnswer, PracticeKept
from quiz.practice.rules import Record
from quiz.questions import editing
from quiz.questions.models import RETIRED, Bank, Question


def keep_answer(
    person: Person, question: Question, *, right: bool, seen: int | None, at: datetime
) -> tuple[Record, Record]:
    """Count one answer; returns the record before and after it.

    ``seen``: milliseconds of the answer before this one, as the page was told, None for the first. When
    another answer came in between, as when a page is sent twice, nothing is counted: the two are equal.
    """
    row = queries.record_of(person.id, question.id)
    before = Record() if row is None else Record(row.right, row.wrong, row.in_book)
    known = None if row is None else to_millis(row.answered_at)
    now = rules.after(before, right=right)
    if known != seen or not _write(row, person.id, question.id, now, at):
        return before, before
    return before, now


def _write(row: PracticeAnswer | None, person_id: int, question_id: int, now: Record, at: datetime) -> bool:
    """Whether this answer was first: of two at once the key or the instant lets one through."""
    values = {"right": now.right, "wrong": now.wrong, "in_book": now.in_book, "answered_at": at}
    own = {"person_id": person_id, "question_id": question_id}
    if row is None:
        made = _insert(PracticeAnswer).values(**own, **values).on_conflict_do_nothing()
        return db.session.execute(made.returning(PracticeAnswer.person_id)).first() is not None
    changed = update(PracticeAnswer).filter_by(**own, answered_at=row.answered_at)
    return db.session.execute(changed.values(**values)).rowcount == 1


def take_out(person: Person, *, question_id: int) -> None:
    """已掌握: the question leaves this person's book; a wrong answer puts it back."""
    own = update(PracticeAnswer).filter_by(person_id=person.id, question_id=question_id)
    db.session.execute(own.values(in_book=False))


def set_kept(exam: Exam, *, kept: bool, at: datetime, who: str) -> None:
    """Let the questions of an exam be practised while it runs, or let them pause as is usual."""
    if kept:
        made = _insert(PracticeKept).values(exam_id=exam.id, who=who, at=at)
        db.session.execute(made.on_conflict_do_nothing())
    else:
        db.session.execute(delete(PracticeKept).where(PracticeKept.exam_id == exam.id))
    record(who=who, what="practice.during-exam", subject=f"exam:{exam.id}", at=at, kept=kept)


def _insert(table: type[PracticeAnswer] | type[PracticeKept]) -> Any:
    return (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table)


def release(bank: Bank, *, practisable: bool, chapter: str | None = None, at: datetime, who: str) -> int:
    """Let questions of a bank be practised, or no longer; returns how many changed.

    ``chapter`` None means the whole bank, "" the questions without one. Drafts are included, so that
    approving one later releases nothing that was withdrawn. Running exams pause their questions besides.
    """
    wanted = select(Question.id).where(
        Question.bank_id == bank.id, Question.state != RETIRED, Question.practisable != practisable
    )
    if chapter is not None:
        wanted = wanted.where(Question.chapter == chapter)
    ids = db.session.scalars(wanted).all()
    if not ids:
        return 0
    deed = "practise" if practisable else "no-practise"
    return editing.change_many(bank, ids=ids, deed=deed, value="", at=at, who=who).done
