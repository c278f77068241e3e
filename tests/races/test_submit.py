"""Submitting at once from several places gives one score, counted once."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import func, select

from quiz import clock
from quiz.extensions import db, session_execute, to_millis, transaction
from quiz.sittings import closing, saving, services
from quiz.sittings.models import Response, Result, Sitting, UnitTotal

AtOnce = Callable[..., list[Any]]
ROUNDS = 5
POSTGRES_ONLY = pytest.mark.parametrize(
    "settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


class Hall:
    """One exam, one person with an open sitting and one right answer, and phones that hold its token."""

    def __init__(self, app: Flask, time: Any, phones: int) -> None:
        self.app, self.exam = app, make_exam(make_bank(at=time.now()), at=time.now(), chances=0)
        self.person = make_person(unit=make_unit())
        self.phones = [Phone(app.test_client(), self.exam, self.person) for _ in range(phones)]

    def begin(self) -> int:
        sitting = self.phones[0].start().get_json()["sitting"]
        self.phones[0].save(sitting, 80, ["T"])
        return sitting

    def took_part(self) -> tuple[int, float]:
        db.session.rollback()
        total = db.session.scalars(select(UnitTotal)).one()
        return total.took_part, float(total.score_sum)


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time, 8)


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the sittings that were marked, in order; one twice is the fault these tests look for."""
    ids: list[int] = []
    real = closing._mark

    def mark(execute: Any, closed: Any, *answers: Any) -> int | None:
        ids.append(closed.sitting)
        return real(execute, closed, *answers)

    monkeypatch.setattr(closing, "_mark", mark)
    return ids


def test_submitting_at_once_gives_one_score(hall: Hall, at_once: AtOnce, marked: list[int]) -> None:
    for number in range(1, ROUNDS + 1):
        sitting = hall.begin()
        replies = at_once([partial(phone.submit, sitting) for phone in hall.phones])
        assert {reply.status_code for reply in replies} == {200}
        assert len({reply.get_data() for reply in replies}) == 1
        assert hall.took_part() == (1, 1.0)
        assert len(marked) == number


def test_without_the_guard_submitting_at_once_marks_twice(
    hall: Hall, at_once: AtOnce, marked: list[int]
) -> None:
    """The control: look first, then write, as if no row count decided."""
    sitting_id = hall.begin()
    both_have_looked = threading.Barrier(2)
    looking = closing.CLOSE.replace(
        f"submitted_at IS NULL AND accept_until + {closing._PAUSED} < :before", ":before > 0"
    )
    key = {"sitting": sitting_id, "person": hall.person.id, "exam": hall.exam.id}
    assert looking != closing.CLOSE

    def submit_naively() -> None:
        with hall.app.app_context():
            if db.session.get(Sitting, sitting_id).submitted_at is None:
                both_have_looked.wait(timeout=10)
                with transaction():
                    values = {**key, "at": to_millis(clock.now()), "before": 1}
                    closed = closing._Closed(*session_execute(looking, values)[0])
                    closing._mark(session_execute, closed, "[]", "")

    at_once([submit_naively, submit_naively])
    assert marked == [sitting_id, sitting_id]


def test_a_save_racing_a_submit_is_marked_or_refused(hall: Hall, at_once: AtOnce) -> None:
    for _ in range(ROUNDS * 2):
        sitting = hall.begin()
        saves = [
            partial(phone.save, sitting, 61 + number, ["T"]) for number, phone in enumerate(hall.phones[1:])
        ]
        replies = at_once([partial(hall.phones[0].submit, sitting), *saves])
        kept = sum(reply.status_code == 200 for reply in replies[1:])
        assert all(reply.status_code in (200, 409) for reply in replies)
        db.session.rollback()
        stored = db.session.get(Sitting, sitting)
        assert stored.score == kept + 1, "what was acknowledged must be in the score"


def save_while_submitting(hall: Hall) -> tuple[bool, int]:
    """Save while a submit has marked but not committed: had the save waited, and what did it get?"""
    sitting = hall.begin()
    replies: list[int] = []
    save = threading.Thread(
        target=lambda: replies.append(hall.phones[1].save(sitting, 61, ["T"]).status_code)
    )
    with transaction():
        services.submit(db.session.get(Sitting, sitting), at=clock.now())
        save.start()
        save.join(timeout=1)
        waited = save.is_alive()
    save.join(timeout=20)
    return waited, replies[0]


def test_a_save_waits_for_a_submit_under_way_and_is_refused(hall: Hall) -> None:
    assert save_while_submitting(hall) == (True, 409)


@POSTGRES_ONLY
def test_without_the_shared_lock_a_save_is_acknowledged_and_never_marked(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control; on SQLite the one write lock is the protection."""
    monkeypatch.setitem(saving.SAVE, "postgresql", saving.SAVE["sqlite"])
    assert save_while_submitting(hall) == (False, 200)


def test_the_closer_and_the_person_at_once(hall: Hall, at_once: AtOnce, time: Any) -> None:
    sitting = hall.begin()
    at = time.move(hours=1, seconds=4)

    def close() -> bool:
        with hall.app.app_context(), transaction():
            return services.finalise_if_due(sitting, at=at)

    replies = at_once([close, close, lambda: hall.phones[0].submit(sitting)])
    assert replies[2].status_code == 200
    assert sum(bool(reply) for reply in replies[:2]) <= 1
    assert hall.took_part() == (1, 1.0)
    assert db.session.scalar(select(func.count()).select_from(Result)) == 1
    assert db.session.scalars(select(Sitting.closed_by)).one() == "deadline"
    assert db.session.scalar(select(func.count()).select_from(Response)) == 1
