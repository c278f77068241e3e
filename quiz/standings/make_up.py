"""补考: who was absent or failed, and the exam made for them (domain.md EXAM-7, EXAM-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select

from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams import services
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope
from quiz.sittings.models import Result, Sitting
from quiz.standings import queries

ABSENT, FAILED, LEAVE = "缺考", "不合格", "请假"


@dataclass(frozen=True)
class Candidate:
    """Somebody who may make up. ``score`` is None for 缺考; ``again`` is the newest make-up's, if sat."""

    person_id: int
    name: str
    number: str | None
    phone: str | None
    unit: str
    why: str
    score: Decimal | None
    again: Decimal | None


def candidates(exam: Exam, *, within: Scope = None) -> list[Candidate]:
    """缺考 + 请假 + 不合格, never 违纪, of those still on the roster of the units ``within``, by unit.

    For the desk only.
    """
    own = and_(Result.person_id == Person.id, Result.exam_id == exam.id)
    away = Person.id.in_(queries.leave_ids(exam)).label("on_leave")
    columns = Person.id, Person.name, Person.number, Person.phone, Unit.name.label("unit"), Result.score, away
    wanted = (
        select(*columns)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(Result, own)
        .where(Person.active, or_(Result.id.is_(None), Result.passed.is_(False)))
        .where(Person.id.not_in(queries.voided_ids(exam)))
        .order_by(Unit.pinyin, Unit.id, Person.id)
    )
    if within is not None:
        wanted = wanted.where(Person.unit_id.in_(within))
    again = _scores_again(exam)
    return [
        Candidate(
            person_id=row.id,
            name=row.name,
            number=row.number,
            phone=row.phone,
            unit=row.unit,
            why=FAILED if row.score is not None else LEAVE if row.on_leave else ABSENT,
            score=row.score,
            again=again.get(row.id),
        )
        for row in db.session.execute(exams.only_invited(wanted, exam))
    ]


def _scores_again(exam: Exam) -> dict[int, Decimal]:
    wanted = (
        select(Result.person_id, Result.score)
        .join(Exam, Exam.id == Result.exam_id)
        .where(Exam.make_up_of_id == exam.id)
        .order_by(Exam.id)
    )
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def under_way(exam: Exam) -> int:
    """Sittings without a score: still open, or waiting for the markers."""
    still = (Sitting.exam_id == exam.id) & Sitting.score.is_(None) & Sitting.voided_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(Sitting).where(still)) or 0


def check_over(exam: Exam, *, at: datetime) -> None:
    """CannotMakeUp of a trial run; TooEarlyToMakeUp while somebody may still begin or is answering."""
    if exam.rehearsal:
        raise exam_rules.CannotMakeUp
    if exams.state(exam, at=at) is not exam_rules.State.CLOSED or under_way(exam):
        raise exam_rules.TooEarlyToMakeUp


def arrange(exam: Exam, *, at: datetime, **settings: Any) -> Exam:
    """The make-up for everybody who is absent or failed at this moment. As exams.services.make_up()."""
    check_over(exam, at=at)
    persons: Sequence[int] = [row.person_id for row in candidates(exam)]
    return services.make_up(exam, person_ids=persons, at=at, **settings)
