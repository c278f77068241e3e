"""Reads of practising. Whoever reads a question here reads it through ``_released`` and ``_held``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from quiz.errors import NotFound
from quiz.exams.models import Exam, PoolQuestion
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.people.models import Person
from quiz.practice import rules
from quiz.practice.models import PracticeAnswer, PracticeKept
from quiz.questions.models import APPROVED, Article, Bank, Question, Regulation
from quiz.sittings.models import Sitting

_released = and_(Question.state == APPROVED, Question.practisable)


@dataclass(frozen=True, slots=True)
class Running:
    """An exam whose questions pause, and when they go on; ``stopped``: its clock stands still."""

    exam: Exam
    until: datetime
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Released questions: to practise now and paused; of the former: done, right at last, in the book."""

    free: int = 0
    held: int = 0
    done: int = 0
    right: int = 0
    book: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.free + other.free,
            self.held + other.held,
            self.done + other.done,
            self.right + other.right,
            self.book + other.book,
        )


@dataclass(frozen=True, slots=True)
class Released:
    """A chapter at the desk: approved questions, and how many of them may be practised."""

    chapter: str
    approved: int
    practisable: int


def person(person_id: int | None) -> Person | None:
    """Who practises, if still on the roster."""
    found = None if person_id is None else db.session.get(Person, person_id)
    return found if found is not None and found.active else None


def running(*, at: datetime) -> list[Running]:
    """Exams that pause their questions at ``at``, those that end last first."""
    open_ = select(
        Sitting.exam_id,
        func.max(Sitting.accept_until).label("longest"),
        func.count(Sitting.paused_at).label("still"),
    )
    open_ = open_.where(Sitting.submitted_at.is_(None)).group_by(Sitting.exam_id).subquery()
    wanted = select(Exam, open_.c.longest, open_.c.still).outerjoin(open_, open_.c.exam_id == Exam.id)
    wanted = wanted.where(
        Exam.mode == Mode.EXAM,
        Exam.opens_at <= at,
        Exam.id.not_in(select(PracticeKept.exam_id)),
        or_(
            Exam.closes_at > at - timedelta(minutes=1),
            Exam.paused_at.is_not(None),
            open_.c.exam_id.is_not(None),
        ),
    )
    found = [_running(exam, longest, still or 0, at) for exam, longest, still in db.session.execute(wanted)]
    return sorted(filter(None, found), key=lambda one: (one.stopped, one.until), reverse=True)


def _running(exam: Exam, longest: datetime | None, still: int, at: datetime) -> Running | None:
    """``longest`` is when its last open sitting ends, ``still`` how many sittings stand still."""
    stopped = exam.paused_at is not None or still > 0
    until = rules.paused_until(
        mode=exam.mode,
        opens_at=exam.opens_at,
        closes_at=exam.closes_at,
        ended_at=exam.ended_at,
        minutes=exam.minutes,
        at=at,
        longest=longest,
        stopped=stopped,
    )
    return None if until is None else Running(exam, until, stopped)


def exams_ahead(*, at: datetime) -> list[tuple[Exam, bool]]:
    """Cadres' exams that are not over, the next first, each with whether practising goes on during it."""
    wanted = select(Exam, PracticeKept.exam_id).outerjoin(PracticeKept, PracticeKept.exam_id == Exam.id)
    wanted = wanted.where(Exam.mode == Mode.EXAM, Exam.closes_at > at, Exam.ended_at.is_(None))
    rows = db.session.execute(wanted.order_by(Exam.opens_at, Exam.id))
    return [(exam, kept is not None) for exam, kept in rows]


def exam(exam_id: int) -> Exam:
    found = db.session.get(Exam, exam_id)
    if found is None or found.mode != Mode.EXAM:
        raise NotFound
    return found


def _held(pausing: Sequence[Running]) -> ColumnElement[bool]:
    """In the pool of a running exam, or word for word the same as one that is: a copy in another bank."""
    if not pausing:
        return false()
    pool = select(PoolQuestion.question_id).where(PoolQuestion.exam_id.in_([one.exam.id for one in pausing]))
    twin = aliased(Question)
    alike = select(twin.fingerprint).where(twin.id.in_(pool))
    return Question.id.in_(pool) | Question.fingerprint.in_(alike)


def anything_released(*, besides: int = 0) -> bool:
    """Whether any bank, or any but this one, has something to practise."""
    return bool(db.session.scalar(select(exists().where(_released, Question.bank_id != besides))))


def by_bank(person_id: int, pausing: Sequence[Running]) -> list[tuple[Bank, Tally]]:
    """Banks with released questions, in the order they were made."""
    found = _tallies(Question.bank_id, person_id, pausing)
    banks = db.session.scalars(select(Bank).where(Bank.id.in_(found)).order_by(Bank.id))
    return [(bank, found[bank.id]) for bank in banks]


def by_chapter(bank_id: int, person_id: int, pausing: Sequence[Running]) -> dict[str, Tally]:
    """Chapters of the bank that have released questions, as they first appear in it; "" has none."""
    return _tallies(Question.chapter, person_id, pausing, Question.bank_id == bank_id)


def _tallies(
    by: InstrumentedAttribute[Any], person_id: int, pausing: Sequence[Running], *where: ColumnElement[bool]
) -> dict[Any, Tally]:
    held = _held(pausing)
    free = not_(held)
    done = PracticeAnswer.question_id.is_not(None)
    kinds = (free, held, free & done, free & (PracticeAnswer.right > 0), free & PracticeAnswer.in_book)
    counts = [func.count(Question.id).filter(kind) for kind in kinds]
    own = and_(PracticeAnswer.question_id == Question.id, PracticeAnswer.person_id == person_id)
    wanted = select(by, *counts).select_from(Question).outerjoin(PracticeAnswer, own).where(_released, *where)
    rows = db.session.execute(wanted.group_by(by).order_by(func.min(Question.id)))
    return {name: Tally(*numbers) for name, *numbers in rows}


def bank(bank_id: int) -> Bank:
    """A bank with something released, or NotFound."""
    wanted = select(Bank).where(Bank.id == bank_id, exists().where(_released, Question.bank_id == bank_id))
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


def released_question(bank_id: int, question_id: int, *, at: datetime) -> Question:
    """The question, if it may be practised: NotFound when it is not released, Paused during an exam."""
    wanted = select(Question, _held(running(at=at)))
    wanted = wanted.where(Question.id == question_id, Question.bank_id == bank_id, _released)
    found = db.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound
    if found[1]:
        raise rules.Paused
    return found[0]


def series(bank_id: int, person_id: int, chosen: rules.Series, *, at: datetime) -> dict[int, bool]:
    """Question ids of the series in its order, each with whether this person has answered it."""
    own = and_(PracticeAnswer.question_id == Question.id, PracticeAnswer.person_id == person_id)
    wanted = select(Question.id, PracticeAnswer.question_id).outerjoin(PracticeAnswer, own)
    wanted = wanted.where(Question.bank_id == bank_id, _released, not_(_held(running(at=at))))
    if chosen.way is rules.Way.CHAPTER:
        wanted = wanted.where(Question.chapter == chosen.chapter)
    elif chosen.way is rules.Way.BOOK:
        wanted = wanted.where(PracticeAnswer.in_book)
    done = {number: answered is not None for number, answered in db.session.execute(wanted)}
    return {number: done[number] for number in rules.in_order(done, seed=chosen.seed)}


def record_of(person_id: int, question_id: int) -> PracticeAnswer | None:
    return db.session.get(PracticeAnswer, (person_id, question_id))


def article(article_id: int | None) -> tuple[Article, Regulation] | None:
    """The article a question's 依据 names, with its regulation."""
    if article_id is None:
        return None
    wanted = select(Article, Regulation).join(Regulation, Regulation.id == Article.regulation_id)
    row = db.session.execute(wanted.where(Article.id == article_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def desk_lines() -> list[tuple[Bank, list[Released]]]:
    """Every bank with its chapters as they first appear in it, in two statements."""
    may = func.count(Question.id).filter(Question.practisable)
    wanted = select(Question.bank_id, Question.chapter, func.count(Question.id), may)
    wanted = wanted.where(Question.state == APPROVED).group_by(Question.bank_id, Question.chapter)
    chapters: dict[int, list[Released]] = {}
    for bank_id, *numbers in db.session.execute(wanted.order_by(func.min(Question.id))):
        chapters.setdefault(bank_id, []).append(Released(*numbers))
    banks = db.session.scalars(select(Bank).order_by(Bank.id))
    return [(found, chapters.get(found.id, [])) for found in banks]
