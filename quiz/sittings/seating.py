"""Deeds on rooms: make them, say who watches and who sits where, write down what a proctor saw.

Seats are given to those who have none; nobody is moved by that. Whoever gives seats holds the exam's row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from question_bank.report import ERROR, Problem
from quiz.audit.services import record
from quiz.exams import batching
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Room, RoomNote, Seat
from quiz.exams.rules import SettingFrozen, State
from quiz.extensions import db
from quiz.people.models import Account, Person
from quiz.people.roster import Entry, RosterReading, problem_of
from quiz.people.rules import clean_name
from quiz.sittings import rooming, rooms
from quiz.sittings.models import Extension
from quiz.sittings.rooming import How


def add_room(exam: Exam, *, name: str, place: str, seats: int, at: datetime, who: str) -> Room:
    """BadSeats."""
    name, place = clean_name(name), clean_name(place)
    rooming.check_room(name=name, place=place, seats=seats)
    _check_name(exam, name)
    room = Room(exam_id=exam.id, name=name, place=place, seats=seats)
    db.session.add(room)
    db.session.flush()
    _record("room.add", exam, at=at, who=who, room=name, place=place, seats=seats)
    return room


def change_room(
    room: Room, *, name: str, place: str, seats: int, proctors: Sequence[Account], at: datetime, who: str
) -> None:
    """BadSeats, also when somebody sits on a seat that would be gone."""
    exams.lock(room.exam)
    name, place = clean_name(name), clean_name(place)
    rooming.check_room(name=name, place=place, seats=seats, taken=max(_taken(room), default=0))
    if name != room.name:
        _check_name(room.exam, name)
    before = _said(room)
    room.name, room.place, room.seats, room.proctors = name, place, seats, list(proctors)
    if _said(room) != before:
        _record("room.edit", room.exam, at=at, who=who, room=name, before=before, after=_said(room))


def remove_room(room: Room, *, at: datetime, who: str) -> None:
    """Its persons have no seat then. SettingFrozen once something happened in it."""
    exam = room.exam
    exams.lock(exam)
    for table in (RoomNote, Extension):
        if db.session.scalar(select(table.id).where(table.room_id == room.id).limit(1)) is not None:
            raise SettingFrozen("这个考场已有监考记录或延过时，不能删除。")
    _record("room.remove", exam, at=at, who=who, room=room.name)
    db.session.execute(delete(Seat).where(Seat.room_id == room.id))
    db.session.delete(room)


def split(exam: Exam, *, seats: int, how: How, at: datetime, who: str) -> int:
    """As many rooms of ``seats`` seats as those without one need, and a seat for each of them. BadSeats."""
    rooming.check_seats(seats)
    exams.lock(exam)
    wanted = sum(map(len, rooms.without_seat(exam)))
    needed = -(-wanted // seats)
    if needed > rooming.MOST_ROOMS:
        raise rooming.BadSeats("考场太多了，请把每个考场的座位数填大些。")
    there = {room.name for room in rooms.of_exam(exam)}
    names = (f"第 {n} 考场" for n in range(1, rooming.MOST_ROOMS * 2))
    free = (name for name in names if name not in there)
    for _ in range(needed):
        add_room(exam, name=next(free), place="", seats=seats, at=at, who=who)
    return seat(exam, how=how, at=at, who=who)


def seat(exam: Exam, *, how: How, at: datetime, who: str) -> int:
    """Give a seat to everybody who may sit the exam and has none; how many. Nobody is moved. NoSeats."""
    exams.lock(exam)
    found, taken = rooms.of_exam(exam), rooms.taken(exam)
    free = [sorted({*range(1, room.seats + 1)} - {*taken.get(room.id, ())}) for room in found]
    given = rooming.seated(rooms.without_seat(exam), free, how=how)
    db.session.add_all(
        Seat(exam_id=exam.id, person_id=person.id, room_id=found[place.room].id, number=place.number)
        for person, place in given
    )
    if given:
        _record("room.seat", exam, at=at, who=who, persons=len(given), rule=how.chinese)
    return len(given)


def clear(exam: Exam, *, at: datetime, who: str) -> None:
    """Take every seat back. SettingFrozen after the opening: people know where they sit."""
    exams.lock(exam)
    if exams.state(exam, at=at) is not State.SCHEDULED:
        raise SettingFrozen("已经开考，座位不能清空。可以在“查人”里给一个人调座。")
    gone = db.session.execute(delete(Seat).where(Seat.exam_id == exam.id))
    _record("room.clear", exam, at=at, who=who, persons=gone.rowcount)


def move(
    exam: Exam, person: Person, *, room: Room | None, number: int | None, at: datetime, who: str
) -> Seat | None:
    """Give one person another seat, the first free one without ``number``; none without ``room``. NoSeats."""
    exams.lock(exam)
    row = rooms.seat_of(exam.id, person.id)
    before = [row.room.name, row.number] if row else []
    if row is not None:
        db.session.delete(row)
        db.session.flush()
    after = None if room is None else _place(exam, person.id, room, number)
    said = [after.room.name, after.number] if after else []
    _record("room.move", exam, at=at, who=who, person=person.id, before=before, after=said)
    return after


def _place(exam: Exam, person_id: int, room: Room, number: int | None) -> Seat:
    taken = set(_taken(room))
    free = next((n for n in range(1, room.seats + 1) if n not in taken), None)
    chosen = free if number is None else number
    if chosen is None:
        raise rooming.NoSeats(f"{room.name}的 {room.seats} 个座位都有人了。")
    if not 1 <= chosen <= room.seats or chosen in taken:
        why = "已经有人" if chosen in taken else f"不在 1 至 {room.seats} 之间"
        raise rooming.NoSeats(f"{room.name}的 {chosen} 号座位{why}。")
    found = Seat(exam_id=exam.id, person_id=person_id, room=room, number=chosen)
    db.session.add(found)
    db.session.flush()
    return found


def seat_listed(exam: Exam, reading: RosterReading, *, at: datetime, who: str) -> tuple[int, list[Problem]]:
    """Seat those of a file as it says; how many, and every row that could not be, with why.

    Rooms the file names are made where there are none. Who is in the file leaves the seat they had;
    whoever is not keeps theirs. BadSeats when the file names no room.
    """
    exams.lock(exam)
    named = [entry for entry in reading.persons if entry.room]
    if not named:
        raise rooming.BadSeats("文件里没有写考场。请加一列“考场”，需要时再加一列“座位号”。")
    matched, problems = batching.matched(named)
    given = exams.only_invited(select(Person.id), exam)
    invited = set(db.session.scalars(given.where(Person.id.in_(matched.values()))))
    entries = []
    for entry in named:
        person = matched.get((entry.sheet, entry.row))
        if person in invited:
            entries.append((entry, person))
        elif person is not None:
            problems.append(_problem(entry, f"“{entry.name}”不参加这一场", "姓名"))
    db.session.execute(
        delete(Seat).where(Seat.exam_id == exam.id, Seat.person_id.in_([one for _, one in entries]))
    )
    db.session.expire_all()
    placed = _place_all(exam, entries, problems, at=at, who=who)
    _record("room.list", exam, at=at, who=who, persons=placed, file=reading.file, left_out=len(problems))
    return placed, [*reading.problems, *problems]


def _place_all(
    exam: Exam, entries: Sequence[tuple[Entry, Any]], problems: list[Problem], *, at: datetime, who: str
) -> int:
    """Those with a number first: whoever has none takes what is left."""
    known = {room.name: room for room in rooms.of_exam(exam)}
    sizes: dict[str, int] = {}
    for entry, _ in entries:
        sizes[entry.room] = sizes.get(entry.room, 0) + 1
    placed, seen = 0, set()
    for entry, person in sorted(entries, key=lambda pair: not pair[0].seat):
        number = int(entry.seat) if entry.seat.isascii() and entry.seat.isdigit() else None
        try:
            if person in seen:
                raise rooming.NoSeats(f"“{entry.name}”在文件里有两行")
            if entry.seat and number is None:
                raise rooming.NoSeats("座位号应当是数字")
            if entry.room not in known:
                size = max([sizes[entry.room], *_numbers(entries, entry.room)])
                room = {"name": entry.room, "place": "", "seats": size}
                known[entry.room] = add_room(exam, **room, at=at, who=who)
            _place(exam, person, known[entry.room], number)
            placed += 1
            seen.add(person)
        except (rooming.NoSeats, rooming.BadSeats) as error:
            problems.append(_problem(entry, error.message.rstrip("。")))
    return placed


def _numbers(entries: Sequence[tuple[Entry, Any]], room: str) -> list[int]:
    texts = (entry.seat for entry, _ in entries if entry.room == room)
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 5]


def _problem(entry: Entry, why: str, column: str = "考场") -> Problem:
    return problem_of(entry, column, "no-seat", ERROR, f"{why}，没有排座", entry.room)


def note(room: Room, person: Person, *, text: str | None, at: datetime, who: str) -> None:
    """What a proctor saw, for whoever decides. BadSeats."""
    found = rooming.clean_note(text)
    row = RoomNote(exam_id=room.exam_id, room_id=room.id, person_id=person.id, text=found, who=who, at=at)
    db.session.add(row)
    _record("room.note", room.exam, at=at, who=who, room=room.name, person=person.id, detail=found)


def _check_name(exam: Exam, name: str) -> None:
    if any(room.name == name for room in rooms.of_exam(exam)):
        raise rooming.BadSeats(f"已经有“{name}”了，请换一个名称。")


def _taken(room: Room) -> Sequence[int]:
    return db.session.scalars(select(Seat.number).where(Seat.room_id == room.id)).all()


def _said(room: Room) -> list[Any]:
    return [room.name, room.place, room.seats, *(account.name for account in room.proctors)]


def _record(what: str, exam: Exam, *, at: datetime, who: str, **said: Any) -> None:
    record(who=who, what=what, subject=f"exam:{exam.code}", at=at, **said)
