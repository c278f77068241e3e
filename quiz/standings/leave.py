"""请假: asked for by the unit, approved by whoever holds the exam (domain.md EXAM-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.orm import contains_eager

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope, name_key
from quiz.sittings.models import Result, Sitting
from quiz.standings import queries, rules
from quiz.standings.models import Leave

PER_PAGE = 100
STATES = {"absent": "未参加", "sitting": "答题中或待阅卷", "done": "已交卷", "leave": "请假"}


@dataclass(frozen=True)
class Attendance:
    """One page of who has done what in an exam."""

    rows: Sequence[Row[Any]]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def attendance(exam: Exam, *, within: Scope, text: str, state: str, number: int) -> Attendance:
    """(id, name, phone, unit, score, passed, begun, waiting, leave, voided) of everybody invited of the units
    ``within``, by unit. ``text``: part of a name or unit; ``state``: one of STATES, anything else is all.
    """
    begun, on_leave = Sitting.id.is_not(None), Leave.state == "approved"
    columns = (
        Person.id,
        Person.name,
        Person.phone,
        Unit.name.label("unit"),
        Result.score,
        Result.passed,
        begun.label("begun"),
        Sitting.submitted_at.is_not(None).label("waiting"),
        Leave.state.label("leave"),
        Person.id.in_(queries.voided_ids(exam)).label("voided"),
    )
    stands = and_(
        Leave.person_id == Person.id, Leave.exam_id == exam.id, Leave.state.in_(("asked", "approved"))
    )
    wanted = (
        select(*columns)
        .select_from(Person)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(Result, and_(Result.person_id == Person.id, Result.exam_id == exam.id))
        .outerjoin(Sitting, queries.open_of(exam))
        .outerjoin(Leave, stands)
        .where(or_(Person.active, Result.id.is_not(None)), *_matching(text))
    )
    gone = or_(Result.id.is_not(None), begun)
    states: dict[str, ColumnElement[bool]] = {
        "absent": ~gone & or_(Leave.id.is_(None), ~on_leave),
        "sitting": begun,
        "done": Result.id.is_not(None),
        "leave": ~gone & on_leave,
    }
    if within is not None:
        wanted = wanted.where(Person.unit_id.in_(within))
    wanted = exams.only_invited(wanted.where(states[state]) if state in states else wanted, exam)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    number = min(number, max(1, -(-total // PER_PAGE)))
    page = wanted.order_by(Unit.pinyin, Unit.id, Person.id).offset((number - 1) * PER_PAGE).limit(PER_PAGE)
    return Attendance(db.session.execute(page).all(), total, number)


def _matching(text: str) -> list[ColumnElement[bool]]:
    key = name_key(text)
    if not key:
        return []
    return [or_(Person.name_key.contains(key, autoescape=True), Unit.name.contains(text, autoescape=True))]


def requests(exam: Exam, *, within: Scope) -> Sequence[Leave]:
    """Every request of the units ``within``, those to be decided first."""
    wanted = select(Leave).join(Leave.person).join(Leave.unit)
    wanted = wanted.options(contains_eager(Leave.person), contains_eager(Leave.unit))
    if within is not None:
        wanted = wanted.where(Leave.unit_id.in_(within), Person.unit_id.in_(within))
    waits = (Leave.state != "asked").asc()
    return db.session.scalars(wanted.where(Leave.exam_id == exam.id).order_by(waits, Leave.id.desc())).all()


def request_of(exam: Exam, number: int, *, within: Scope) -> Leave:
    found = db.session.get(Leave, number)
    if found is None or found.exam_id != exam.id or (within is not None and found.unit_id not in within):
        raise NotFound
    return found


def invited(exam: Exam, person_id: int, *, within: Scope) -> Person:
    """Somebody of the units ``within`` who may sit the exam, or NotFound."""
    wanted = exams.only_invited(select(Person).where(Person.id == person_id, Person.active), exam)
    found = db.session.scalar(wanted)
    if found is None or (within is not None and found.unit_id not in within):
        raise NotFound
    return found


def ask(exam: Exam, person: Person, *, reason: str, approved: bool, at: datetime, who: str) -> Leave:
    """A request, or with ``approved`` leave at once. BadReason, HasSat, LeaveStands."""
    cleaned = rules.clean_leave_reason(reason)
    own = Result.exam_id == exam.id, Result.person_id == person.id
    open_ = Sitting.exam_id == exam.id, Sitting.person_id == person.id
    if db.session.scalar(select(Result.id).where(*own)) or db.session.scalar(
        select(Sitting.id).where(*open_)
    ):
        raise rules.HasSat
    stands = Leave.exam_id == exam.id, Leave.person_id == person.id, Leave.state.in_(("asked", "approved"))
    if db.session.scalar(select(Leave.id).where(*stands)):
        raise rules.LeaveStands
    found = Leave(
        exam_id=exam.id,
        person_id=person.id,
        unit_id=person.unit_id,
        reason=cleaned,
        state="approved" if approved else "asked",
        asked_by=who,
        asked_at=at,
        decided_by=who if approved else None,
        decided_at=at if approved else None,
    )
    db.session.add(found)
    db.session.flush()
    _record("approve" if approved else "ask", exam, person, at=at, who=who, reason=cleaned)
    return found


def decide(found: Leave, exam: Exam, *, approve: bool, at: datetime, who: str) -> None:
    """Approve or decline a request, once. LeaveDecided when somebody else was first."""
    _move(found, "asked", "approved" if approve else "declined", at=at, who=who)
    _record("approve" if approve else "decline", exam, found.person, at=at, who=who)


def withdraw(found: Leave, exam: Exam, *, approved: bool, at: datetime, who: str) -> None:
    """Take a request back, or with ``approved`` also leave that was granted. LeaveDecided."""
    _move(
        found, "approved" if approved and found.state == "approved" else "asked", "withdrawn", at=at, who=who
    )
    _record("withdraw", exam, found.person, at=at, who=who)


def _move(found: Leave, before: str, after: str, *, at: datetime, who: str) -> None:
    still = update(Leave).where(Leave.id == found.id, Leave.state == before)
    if db.session.execute(still.values(state=after, decided_by=who, decided_at=at)).rowcount == 0:
        raise rules.LeaveDecided


def _record(deed: str, exam: Exam, person: Person, *, at: datetime, who: str, **detail: str) -> None:
    subject = f"exam:{exam.code}"
    record(
        who=who,
        what=f"leave.{deed}",
        subject=subject,
        at=at,
        person=person.id,
        unit=person.unit.name,
        **detail,
    )
