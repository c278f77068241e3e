"""What the organiser does to time beside what phones do: whoever is first, nothing is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy.exc import IntegrityError

from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Room, Seat
from quiz.extensions import db, session_execute, transaction
from quiz.sittings import closing, rooming, running, seating, services
from quiz.sittings.models import Result, Sitting
from quiz.sittings.running import Whom
from quiz.sittings.services import make_papers
from quiz.tokens import Candidate

AtOnce = Callable[..., list[Any]]
PHONES = 6
POSTGRES_ONLY = pytest.mark.parametrize(
    "settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


class Hall:
    """Six persons with an hour each and their papers ready."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam, unit = make_exam(make_bank(at=time.now()), at=time.now()), make_unit()
        self.code = self.exam.code
        self.persons = [make_person(f"人{n}", unit=unit, phone=f"1380000000{n}") for n in range(PHONES)]
        self.phones = [Phone(app.test_client(), self.exam, person) for person in self.persons]
        with transaction():
            make_papers(self.exam, limit=PHONES)
        db.session.rollback()

    def begin(self) -> list[int]:
        return [phone.start().get_json()["sitting"] for phone in self.phones]

    def do(self, deed: Any, *given: Any, **more: Any) -> bool:
        """In a thread of its own; False when it was refused."""
        with self.app.app_context():
            try:
                with transaction():
                    deed(exams.exam_by_code(self.code), *given, at=clock.now(), who="olga", **more)
            except RuleBroken:
                return False
            return True


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time)


def rows() -> list[Sitting]:
    db.session.rollback()
    return db.session.query(Sitting).order_by(Sitting.id).all()


def test_pausing_beside_saves_and_submits(hall: Hall, at_once: AtOnce) -> None:
    sittings = hall.begin()
    pause = partial(hall.do, running.pause, reason="火警", seen=0)
    saves = [partial(p.save, s, 1, ["A"]) for p, s in zip(hall.phones[:3], sittings[:3], strict=True)]
    submits = [partial(p.submit, s) for p, s in zip(hall.phones[3:], sittings[3:], strict=True)]
    paused, *replies = at_once([pause, *saves, *submits])
    assert paused
    assert [reply.status_code for reply in replies] == [200] * PHONES
    hall.time.move(hours=3)
    assert hall.do(running.resume, seen=1)
    ends = {row.deadline - row.started_at for row in rows() if row.submitted_at is None}
    assert ends == {timedelta(hours=4)}
    assert db.session.query(Result).count() == 3


def test_whoever_starts_beside_a_pause_is_refused_or_stands_still(hall: Hall, at_once: AtOnce) -> None:
    pause = partial(hall.do, running.pause, reason="火警", seen=0)
    paused, *replies = at_once([pause, *[phone.start for phone in hall.phones]])
    assert paused
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert all(row.paused_at == hall.time.now() for row in rows())
    assert len(rows()) == sum(reply.status_code == 201 for reply in replies)


def test_extending_beside_the_closer(hall: Hall, at_once: AtOnce) -> None:
    sittings = hall.begin()
    hall.time.move(hours=1, seconds=2)

    def close(sitting: int) -> bool:
        with hall.app.app_context(), transaction():
            return closing.finalise_if_due(sitting, at=clock.now() + timedelta(seconds=2))

    extend = partial(hall.do, running.extend, Whom(), minutes=10, reason="停电", once="a", seen=0)
    extended, *closed = at_once([extend, *[partial(close, sitting) for sitting in sittings]])
    assert extended
    for row, done in zip(rows(), closed, strict=True):
        assert (row.submitted_at is not None) == done
        assert row.deadline - row.started_at == timedelta(minutes=60 if done else 70)


def test_two_presses_at_once_extend_once(hall: Hall, at_once: AtOnce) -> None:
    hall.begin()

    def extend() -> bool:
        try:
            return hall.do(running.extend, Whom(), minutes=10, reason="停电", once="same", seen=0)
        except IntegrityError:
            return False

    at_once([extend] * 4)
    assert {row.deadline - row.started_at for row in rows()} == {timedelta(minutes=70)}


def test_voiding_beside_a_submit_leaves_nothing_counted(hall: Hall, at_once: AtOnce) -> None:
    sittings = hall.begin()

    def void(number: int) -> None:
        with hall.app.app_context(), transaction():
            row = db.session.get(Sitting, number)
            running.void(row, reason="替考", at=clock.now(), who="olga")

    submits = [partial(p.submit, s) for p, s in zip(hall.phones, sittings, strict=True)]
    at_once([*submits, *[partial(void, sitting) for sitting in sittings]])
    assert db.session.query(Result).count() == 0
    assert all(row.voided_at is not None and row.submitted_at is not None for row in rows())


def under_way(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[bool, Any]:
    """Run ``second`` while ``first`` has not committed: had it to wait, and what did it give?"""
    found: list[Any] = []
    other = threading.Thread(target=lambda: found.append(second()))
    with transaction():
        first()
        other.start()
        other.join(timeout=1)
        waited = other.is_alive()
    other.join(timeout=20)
    return waited, found[0]


def starting(hall: Hall) -> Callable[[], Any]:
    """The statement of a start in the session's own transaction, not committed yet."""
    who = Candidate(person=hall.persons[0].id, exam=hall.exam.id, phone="")
    values = services.hand_out_values(who, code=hall.code, at=hall.time.now())
    return partial(session_execute, services.HAND_OUT[db.engine.dialect.name], values)


def test_a_pause_waits_for_a_start_under_way(hall: Hall) -> None:
    pause = partial(hall.do, running.pause, reason="火警", seen=0)
    assert under_way(starting(hall), pause) == (True, True)
    assert [row.paused_at for row in rows()] == [hall.time.now()]


@POSTGRES_ONLY
def test_without_the_shared_row_somebodys_time_runs_through_the_pause(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control; on SQLite the one write lock is the protection."""
    unlocked = services._HAND_OUT.format(lock="", least="least")
    monkeypatch.setitem(services.HAND_OUT, "postgresql", unlocked)
    pause = partial(hall.do, running.pause, reason="火警", seen=0)
    assert under_way(starting(hall), pause) == (False, True)
    assert [row.paused_at for row in rows()] == [None]


def extensions(hall: Hall) -> list[Callable[[], Any]]:
    """Four organisers who have all seen the same page."""
    more = {"minutes": 10, "reason": "停电", "seen": 0}
    return [partial(hall.do, running.extend, Whom(), once=f"{n}", **more) for n in range(4)]


def given(hall: Hall) -> set[timedelta]:
    return {row.deadline - row.started_at for row in rows()}


def test_of_organisers_who_extend_at_once_one_does(hall: Hall, at_once: AtOnce) -> None:
    hall.begin()
    assert sorted(at_once(extensions(hall))) == [False, False, False, True]
    assert given(hall) == {timedelta(minutes=70)}
    assert exams.exam_by_code(hall.code).closes_at == hall.time.now() + timedelta(minutes=130)


def in_one_room(hall: Hall) -> list[Callable[[], Any]]:
    """Four proctors of the room of the first three persons, who have all seen the same page."""

    def extend(once: str) -> bool:
        with hall.app.app_context():
            room = Whom(room=db.session.get(Room, 1))
            given = {"minutes": 10, "reason": "停电", "once": once, "seen": 0}
            return hall.do(running.extend, room, **given)

    with transaction():
        db.session.add(Room(exam_id=hall.exam.id, name="第 1 考场", seats=3))
        db.session.flush()
        for number, person in enumerate(hall.persons[:3], 1):
            db.session.add(Seat(exam_id=hall.exam.id, person_id=person.id, room_id=1, number=number))
    return [partial(extend, f"{n}") for n in range(4)]


def test_of_proctors_who_extend_a_room_at_once_one_does(hall: Hall, at_once: AtOnce) -> None:
    hall.begin()
    assert sorted(at_once(in_one_room(hall))) == [False, False, False, True]
    assert [(row.deadline - row.started_at).seconds // 60 for row in rows()] == [70, 70, 70, 60, 60, 60]
    assert exams.exam_by_code(hall.code).closes_at == hall.time.now() + timedelta(minutes=120)


def test_without_looking_each_proctor_gives_the_room_its_time_again(
    hall: Hall, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    hall.begin()
    monkeypatch.setattr(running, "_check_seen", lambda *given, **more: None)
    assert all(at_once(in_one_room(hall)))
    assert [(row.deadline - row.started_at).seconds // 60 for row in rows()] == [100, 100, 100, 60, 60, 60]


def test_seats_given_twice_at_once_are_given_once(hall: Hall, at_once: AtOnce) -> None:
    def give() -> bool:
        return hall.do(seating.split, seats=4, how=rooming.How.APART)

    assert all(at_once([give] * 3))
    db.session.rollback()
    places = [(row.room_id, row.number) for row in db.session.query(Seat)]
    assert (len(places), len(set(places)), db.session.query(Room).count()) == (PHONES, PHONES, 2)


def test_without_looking_each_gives_the_time_again(
    hall: Hall, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nobody asks what was given since the page was shown."""
    hall.begin()
    monkeypatch.setattr(running, "_check_seen", lambda *given, **more: None)
    assert all(at_once(extensions(hall)))
    assert given(hall) == {timedelta(minutes=100)}


@POSTGRES_ONLY
def test_looking_before_holding_the_sittings_gives_it_twice(
    hall: Hall, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either has written."""
    hall.begin()
    both_have_looked, look = threading.Barrier(2), running._check_seen

    def looked(*given: Any, **more: Any) -> None:
        look(*given, **more)
        both_have_looked.wait(timeout=10)

    monkeypatch.setattr(running, "_check_seen", looked)
    monkeypatch.setattr(running, "_hold_open", lambda *given, **more: PHONES)
    assert all(at_once(extensions(hall)[:2]))
    assert given(hall) == {timedelta(minutes=80)}


def test_of_organisers_who_pause_or_resume_at_once_one_does(hall: Hall, at_once: AtOnce) -> None:
    hall.begin()
    pauses = [partial(hall.do, running.pause, reason="火警", seen=0)] * 4
    assert sorted(at_once(pauses)) == [False, False, False, True]
    hall.time.move(minutes=5)
    assert sorted(at_once([partial(hall.do, running.resume, seen=1)] * 4)) == [False, False, False, True]
    assert given(hall) == {timedelta(minutes=65)}
    assert exams.exam_by_code(hall.code).closes_at == hall.exam.opens_at + timedelta(minutes=125)


def test_looking_before_writing_would_move_a_sitting_that_is_closed(hall: Hall) -> None:
    """The control for extending beside the closer: who was open is asked first and written to later."""
    sitting = hall.begin()[0]
    hall.time.move(hours=1, seconds=2)
    open_then = [row.id for row in rows() if row.submitted_at is None]
    with transaction():
        assert closing.finalise_if_due(sitting, at=hall.time.now() + timedelta(seconds=2))
    with transaction():
        for row in db.session.query(Sitting).where(Sitting.id.in_(open_then)):
            row.deadline += timedelta(minutes=10)
    assert db.session.get(Sitting, sitting).submitted_at < db.session.get(Sitting, sitting).deadline


def void(hall: Hall, number: int) -> bool:
    with hall.app.app_context(), transaction():
        row = db.session.get(Sitting, number)
        running.void(row, reason="替考", at=clock.now(), who="olga")
    return True


def submitting(sitting: int) -> Callable[[], Any]:
    return lambda: closing.submit(db.session.get(Sitting, sitting), at=clock.now())


def test_voiding_waits_for_a_submit_under_way_and_keeps_who_handed_in(hall: Hall) -> None:
    sitting = hall.begin()[0]
    assert under_way(submitting(sitting), partial(void, hall, sitting)) == (True, True)
    assert (rows()[0].closed_by, rows()[0].voided_by) == ("person", "olga")
    assert db.session.query(Result).count() == 0


@POSTGRES_ONLY
def test_without_holding_it_a_submit_under_way_is_taken_for_a_collected_paper(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    sitting = hall.begin()[0]
    monkeypatch.setattr(running, "_hold", lambda sitting: None)
    under_way(submitting(sitting), partial(void, hall, sitting))
    assert rows()[0].closed_by == "void"


def test_what_was_saved_beside_a_void_counts_when_it_is_taken_back(hall: Hall, at_once: AtOnce) -> None:
    sitting = hall.begin()[0]
    saves = [partial(hall.phones[0].save, sitting, 61 + n, ["T"]) for n in range(PHONES)]
    _, *replies = at_once([partial(void, hall, sitting), *saves])
    kept = sum(reply.status_code == 200 for reply in replies)
    with transaction():
        running.restore(db.session.get(Sitting, sitting), reason="误判", at=clock.now(), who="olga")
    assert db.session.query(Result).one().score == kept
