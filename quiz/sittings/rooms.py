"""Reads of rooms and seats, and the loaders that authorise. Nothing here knows a score or a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from quiz.access import DESK
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Room, RoomNote, RoomProctor, Seat
from quiz.extensions import db, from_millis
from quiz.people.models import Account, Person, Unit
from quiz.sittings import noting, rooming, rules
from quiz.sittings.models import Event, Response, Sitting

_LEFT = ("left", "blurred")


def of_exam(exam: Exam) -> list[Room]:
    return list(db.session.scalars(select(Room).where(Room.exam_id == exam.id).order_by(Room.id)))


def room_of(exam: Exam, room_id: int) -> Room:
    """A room of this exam, for the desk; NotFound."""
    found = db.session.get(Room, room_id)
    if found is None or found.exam_id != exam.id:
        raise NotFound
    return found


def watched_room(account: Account, room_id: int, *, at: datetime) -> Room:
    """A room this account may watch now: any for the desk, for a proctor those assigned, on the day."""
    found = db.session.get(Room, room_id)
    if found is None:
        raise NotFound
    assigned = db.session.get(RoomProctor, (room_id, account.id)) is not None
    if account.role not in DESK and not (assigned and _on_the_day(found.exam, at=at)):
        raise NotFound
    return found


def watched_rooms(account: Account, *, at: datetime) -> list[Room]:
    """The rooms assigned to this account whose day it is."""
    assigned = select(RoomProctor.room_id).where(RoomProctor.account_id == account.id)
    found = db.session.scalars(select(Room).where(Room.id.in_(assigned)).order_by(Room.id.desc()).limit(200))
    return [room for room in found if _on_the_day(room.exam, at=at)]


def _on_the_day(exam: Exam, *, at: datetime) -> bool:
    zone, window = exams.zone(), exams.whole(exam)
    opens, closes, now = (one.astimezone(zone) for one in (window.opens_at, window.closes_at, at))
    return rooming.on_the_day(opens_at=opens, closes_at=closes, at=now)


def person_in(room: Room, person_id: int) -> Seat:
    """Where this person sits in this room, or NotFound."""
    found = db.session.get(Seat, (room.exam_id, person_id))
    if found is None or found.room_id != room.id:
        raise NotFound
    return found


def seat_of(exam_id: int, person_id: int) -> Seat | None:
    return db.session.get(Seat, (exam_id, person_id))


def where(seat: Seat) -> str:
    """第 2 考场（三楼会议室）"""
    return f"{seat.room.name}（{seat.room.place}）" if seat.room.place else seat.room.name


def seats(room: Room) -> list[Seat]:
    """With persons and their units, by number."""
    wanted = select(Seat).where(Seat.room_id == room.id).order_by(Seat.number)
    return list(db.session.scalars(wanted.options(joinedload(Seat.person).joinedload(Person.unit))))


def taken(exam: Exam) -> dict[int, list[int]]:
    """Room → the seats somebody has."""
    found: dict[int, list[int]] = {}
    for room, number in db.session.execute(
        select(Seat.room_id, Seat.number).where(Seat.exam_id == exam.id)
    ).all():
        found.setdefault(room, []).append(number)
    return found


def without_seat(exam: Exam) -> list[list[Person]]:
    """Who may sit the exam and has no seat in it, one list a unit."""
    given = select(Seat.person_id).where(Seat.exam_id == exam.id)
    wanted = select(Person).join(Unit, Unit.id == Person.unit_id)
    wanted = exams.only_invited(wanted.where(Person.active, Person.id.not_in(given)), exam)
    units: dict[int, list[Person]] = {}
    for person in db.session.scalars(wanted.order_by(Unit.pinyin, Unit.id, Person.id)):
        units.setdefault(person.unit_id, []).append(person)
    return list(units.values())


def proctors() -> list[Account]:
    """Whom a room can be given to."""
    return list(db.session.scalars(select(Account).where(Account.role == "proctor", Account.active)))


def notes(exam: Exam, person_id: int) -> list[RoomNote]:
    """What proctors wrote down about this person, in order."""
    wanted = select(RoomNote).where(RoomNote.exam_id == exam.id, RoomNote.person_id == person_id)
    return list(db.session.scalars(wanted.order_by(RoomNote.id)))


@dataclass(frozen=True)
class Line:
    """One person of a room as the proctor sees them: facts, no verdict."""

    seat: Seat
    state: str
    tone: str
    saved: str
    away: str
    notes: int


def watched(room: Room, *, at: datetime) -> list[Line]:
    """Everybody of the room by seat, from four statements however many they are."""
    return list(_lines(room.exam, seats(room), at=at))


def watched_one(seat: Seat, *, at: datetime) -> Line:
    return next(_lines(seat.room.exam, [seat], at=at))


def _lines(exam: Exam, found: Sequence[Seat], *, at: datetime) -> Iterator[Line]:
    persons = [seat.person_id for seat in found]
    wanted = select(Sitting).where(Sitting.exam_id == exam.id, Sitting.person_id.in_(persons))
    # The newest is last and stays.
    sittings = {row.person_id: row for row in db.session.scalars(wanted.order_by(Sitting.number))}
    numbers = [row.id for row in sittings.values()]
    saved, away, noted = _saved(numbers), _away(numbers), _noted(exam, persons)
    for seat in found:
        sitting = sittings.get(seat.person_id)
        state, tone = _state(sitting)
        open_ = sitting is not None and sitting.submitted_at is None
        last = saved.get(sitting.id, sitting.started_at) if open_ and sitting else None
        said = away.get(sitting.id, "") if sitting else ""
        yield Line(seat, state, tone, _age(last, at=at), said, noted.get(seat.person_id, 0))


def _state(sitting: Sitting | None) -> tuple[str, str]:
    if sitting is None:
        return "未到", ""
    if sitting.voided_at is not None:
        return rules.VOIDED, "zhu"
    if sitting.submitted_at is not None:
        return "已交卷", "qing"
    return ("答题中", "lv") if sitting.paused_at is None else ("已暂停", "zhe")


def _age(instant: datetime | None, *, at: datetime) -> str:
    """How long ago something was last saved, or begun."""
    if instant is None:
        return ""
    seconds = max(0, int((at - instant).total_seconds()))
    if seconds < 60:
        return f"{seconds} 秒前"
    return f"{seconds // 60} 分钟前" if seconds < 3600 else f"{seconds // 3600} 小时前"


def _saved(sitting_ids: Sequence[int]) -> dict[int, datetime]:
    wanted = select(Response.sitting_id, func.max(Response.saved_at)).group_by(Response.sitting_id)
    rows = db.session.execute(wanted.where(Response.sitting_id.in_(sitting_ids)))
    # An aggregate of SQLite has lost the column's type.
    return {row[0]: from_millis(row[1]) if isinstance(row[1], int) else row[1] for row in rows}


def _away(sitting_ids: Sequence[int]) -> dict[int, str]:
    least = noting.LEAST_ABSENCE.total_seconds() * 1000
    long = and_(Event.kind.in_(_LEFT), Event.millis >= int(least), Event.sitting_id.in_(sitting_ids))
    counted = select(Event.sitting_id, func.count(), func.sum(Event.millis)).where(long)
    rows = db.session.execute(counted.group_by(Event.sitting_id))
    return {row[0]: f"离开 {row[1]} 次，共 {round(int(row[2]) / 1000)} 秒" for row in rows}


def _noted(exam: Exam, persons: Sequence[int]) -> dict[int, int]:
    counted = select(RoomNote.person_id, func.count()).where(
        RoomNote.exam_id == exam.id, RoomNote.person_id.in_(persons)
    )
    return {row[0]: row[1] for row in db.session.execute(counted.group_by(RoomNote.person_id))}


def counts(exam: Exam) -> Sequence[Row[Any]]:
    """(room, seated, sitting, submitted) of every room: by each person's newest sitting."""
    later = aliased(Sitting)
    newer = and_(
        later.exam_id == exam.id, later.person_id == Sitting.person_id, later.number > Sitting.number
    )
    own = and_(
        Sitting.exam_id == exam.id,
        Sitting.person_id == Seat.person_id,
        ~select(later.id).where(newer).exists(),
    )
    seated, begun = func.count(Seat.person_id), func.count(Sitting.id)
    ended = func.count(Sitting.submitted_at)
    wanted = select(Room, seated.label("seated"), (begun - ended).label("sitting"), ended.label("submitted"))
    wanted = wanted.outerjoin(Seat, Seat.room_id == Room.id).outerjoin(Sitting, own)
    return db.session.execute(wanted.where(Room.exam_id == exam.id).group_by(Room.id).order_by(Room.id)).all()
