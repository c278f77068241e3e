"""What the organiser does to time beside what phones do: whoever is first, nothing is lost."""

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
from quiz.extensions import db, transaction
from quiz.sittings import closing, running
from quiz.sittings.models import Result, Sitting
from quiz.sittings.running import Whom
from quiz.sittings.services import make_papers

AtOnce = Callable[..., list[Any]]
PHONES = 6


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
