"""One person's sitting as the organiser looks it up while an exam runs. A read model: changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, Room
from quiz.extensions import db, from_millis
from quiz.people.models import Person, Unit
from quiz.sittings import rooms, rules
from quiz.sittings.models import Accommodation, Extension, Pause, Response, Sitting

FIRST = 40
#: State → how its chip looks.
_TONES = {"作答中": "lv", "已暂停": "zhe", rules.VOIDED: "zhu"}


@dataclass(frozen=True)
class Found:
    """A person with the newest of their sittings, if any. Times in the local zone."""

    person: Person
    sitting: Sitting | None
    state: str
    started: str
    deadline: str
    answered: int
    saved: str

    @property
    def tone(self) -> str:
        return _TONES.get(self.state, "")


def people(exam: Exam, *, text: str, at: datetime) -> list[Found]:
    """Who may sit the exam and whose name, unit or 工号 holds ``text``; nobody for an empty text."""
    if not text:
        return []
    holds = [column.contains(text, autoescape=True) for column in (Person.name, Unit.name, Person.number)]
    wanted = select(Person).join(Unit, Unit.id == Person.unit_id).where(Person.active, or_(*holds))
    wanted = exams.only_invited(wanted, exam).order_by(Unit.pinyin, Unit.id, Person.id)
    return _found(exam, db.session.scalars(wanted.limit(FIRST)).all(), at=at)


def one(exam: Exam, person: Person, *, at: datetime) -> Found:
    return _found(exam, [person], at=at)[0]


def _found(exam: Exam, persons: Sequence[Person], *, at: datetime) -> list[Found]:
    ids = [person.id for person in persons]
    wanted = select(Sitting).where(Sitting.exam_id == exam.id, Sitting.person_id.in_(ids))
    # The newest is last and stays.
    sittings = {row.person_id: row for row in db.session.scalars(wanted.order_by(Sitting.number))}
    counts = _counts([row.id for row in sittings.values()])
    return [_line(person, sittings.get(person.id), counts, at=at) for person in persons]


def may_begin(exam: Exam, found: Found, *, at: datetime) -> bool:
    """Whether extra time set now could still be of use to this person."""
    sat = found.sitting.number if found.sitting else 0
    over = exams.state(exam, at=at) is exam_rules.State.CLOSED
    return not over and (exam.chances == 0 or sat < exam.chances)


def _counts(sitting_ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """Sitting → answered items and the last save."""
    answered = func.count().filter(Response.answer != "[]")
    wanted = select(Response.sitting_id, answered, func.max(Response.saved_at))
    wanted = wanted.where(Response.sitting_id.in_(sitting_ids))
    rows = db.session.execute(wanted.group_by(Response.sitting_id))
    return {row[0]: (row[1], row[2]) for row in rows}


def _line(
    person: Person, sitting: Sitting | None, counts: dict[int, tuple[int, datetime]], *, at: datetime
) -> Found:
    if sitting is None:
        return Found(person, None, "未开始", "", "", 0, "")
    answered, saved = counts.get(sitting.id, (0, None))
    return Found(
        person=person,
        sitting=sitting,
        state=_state(sitting),
        started=_time(sitting.started_at),
        deadline=_time(sitting.deadline_at(at) if sitting.submitted_at is None else sitting.deadline),
        answered=answered,
        saved=_time(saved),
    )


def _state(sitting: Sitting) -> str:
    if sitting.voided_at is not None:
        return rules.VOIDED
    if sitting.submitted_at is not None:
        return "已交卷" if sitting.score is not None else "待阅卷"
    return "作答中" if sitting.paused_at is None else "已暂停"


def _time(instant: datetime | int | None) -> str:
    """9:05:30, in the local zone."""
    if instant is None:
        return ""
    found = from_millis(instant) if isinstance(instant, int) else instant
    return f"{found.astimezone(exams.zone()):%H:%M:%S}".removeprefix("0")


def extra_words(exam: Exam, person: Person) -> str:
    """What was set beforehand, in words; empty without any."""
    row = db.session.get(Accommodation, (exam.id, person.id))
    if row is None or (row.percent, row.minutes) == (100, 0):
        return ""
    extra = exam_rules.extra_time(minutes=exam.minutes, percent=row.percent, more=row.minutes)
    return f"加时 {rules.in_minutes(extra)}，{row.reason}"


def history(exam: Exam, found: Found | None = None) -> list[dict[str, Any]]:
    """The same the newest first, with times as they are shown."""
    return [row | {"at": _time(row["at"])} for row in reversed(time_changes(exam, found))]


def time_changes(exam: Exam, found: Found | None = None) -> list[dict[str, Any]]:
    """What was done to everybody's time, and with ``found`` to this person's, in order."""
    wanted = select(Extension).where(Extension.exam_id == exam.id)
    if found is not None:
        unit = found.sitting.unit_id if found.sitting else found.person.unit_id
        seat = rooms.seat_of(exam.id, found.person.id)
        own = or_(
            Extension.person_id == found.person.id,
            Extension.unit_id == unit,
            Extension.room_id == (seat.room_id if seat else 0),
        )
        everybody = (
            column.is_(None) for column in (Extension.person_id, Extension.unit_id, Extension.room_id)
        )
        wanted = wanted.where(own | and_(*everybody))
    rows = [
        {"at": row.at, "words": f"{_whom(row)}延长 {row.minutes} 分钟", "why": row.reason, "who": row.who}
        for row in db.session.scalars(wanted)
    ]
    for pause in db.session.scalars(select(Pause).where(Pause.exam_id == exam.id)):
        rows.append({"at": pause.began_at, "words": "全场暂停", "why": pause.reason, "who": pause.who})
        if pause.ended_at is not None:
            given = f"全场继续，补回 {rules.in_minutes(pause.ended_at - pause.began_at)}"
            rows.append({"at": pause.ended_at, "words": given, "why": "", "who": pause.ended_by})
    return sorted(rows, key=lambda row: row["at"])


def _whom(row: Extension) -> str:
    if row.person_id is not None:
        return "本人"
    if row.room_id is not None:
        room = db.session.get(Room, row.room_id)
        return room.name if room else ""
    if row.unit_id is None:
        return "全场"
    unit = db.session.get(Unit, row.unit_id)
    return unit.name if unit else ""
