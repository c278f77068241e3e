"""Starting at once gives one sitting and never more than the chances allow."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import func, select, text

from quiz import clock
from quiz.exams import admission
from quiz.extensions import db, transaction
from quiz.sittings import services
from quiz.sittings.models import Sitting

AtOnce = Callable[..., list[Any]]


@pytest.fixture(params=[{"chances": 3}, {"chances": 0, "daily": 3}], ids=["in all", "by day"])
def phones(app: Flask, time: Any, request: pytest.FixtureRequest) -> list[Phone]:
    exam = make_exam(make_bank(at=time.now()), at=time.now(), **request.param)
    person = make_person(unit=make_unit())
    return [Phone(app.test_client(), exam, person) for _ in range(8)]


def sittings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Sitting)) or 0


def test_starting_at_once_gives_one_sitting(phones: list[Phone], at_once: AtOnce) -> None:
    replies = at_once([phone.start for phone in phones])
    assert sorted(reply.status_code for reply in replies) == [200] * 7 + [201]
    assert len({reply.get_json()["sitting"] for reply in replies}) == 1
    assert sittings() == 1


def test_chances_hold_when_every_phone_starts_and_submits(phones: list[Phone], at_once: AtOnce) -> None:
    def sit(phone: Phone) -> int:
        started = phone.start()
        if started.status_code < 300:
            phone.submit(started.get_json()["sitting"])
        return started.status_code

    codes = [code for _ in range(4) for code in at_once([lambda p=p: sit(p) for p in phones])]
    assert sittings() == 3
    assert set(codes) <= {200, 201, 409}
    assert codes.count(201) == 3


#: 0:00 of 25 November here.
MIDNIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture
def ten(app: Flask, time: Any) -> list[Phone]:
    """Ten phones of one person, whose exam gives one chance a day."""
    noon, tomorrow = time.now(), time.now() + timedelta(days=1)
    exam = make_exam(make_bank(at=noon), at=noon, chances=0, daily=1, closes_at=tomorrow)
    person = make_person(unit=make_unit())
    return [Phone(app.test_client(), exam, person) for _ in range(10)]


def _around_midnight(ten: list[Phone], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ten start and hand in together, five in the last second of a day and five in the first of the next;
    three rounds. How many sittings each day has."""
    here = threading.local()
    monkeypatch.setattr(clock, "now", lambda: here.at)

    def sit(phone: Phone, at: datetime) -> None:
        here.at = at
        started = phone.start()
        if started.status_code < 300:
            phone.submit(started.get_json()["sitting"])

    instants = [MIDNIGHT - timedelta(seconds=1), MIDNIGHT]
    for _ in range(3):
        at_once([lambda p=p, n=n: sit(p, instants[n % 2]) for n, p in enumerate(ten)])
    db.session.rollback()
    begun = list(db.session.scalars(select(Sitting.started_at)))
    return [sum(at < MIDNIGHT for at in begun), sum(at >= MIDNIGHT for at in begun)]


def test_ten_starts_around_midnight_give_one_sitting_a_day(
    ten: list[Phone], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = _around_midnight(ten, at_once, monkeypatch)
    # Once the new day has begun, the chance of the old one may go unused.
    assert (before <= 1, after) == (True, 1)


def test_without_counting_the_day_ten_starts_give_more(
    ten: list[Phone], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(admission, "check_chances", lambda **given: None)
    uncounted = {name: text.replace("e.daily = 0 OR", "1 = 1 OR") for name, text in services.HAND_OUT.items()}
    monkeypatch.setattr(services, "HAND_OUT", uncounted)
    assert sum(_around_midnight(ten, at_once, monkeypatch)) > 2


@pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_without_the_unique_keys_two_starts_make_two_sittings(
    phones: list[Phone], at_once: AtOnce, app: Flask
) -> None:
    """The control, where transactions run side by side; SQLite's writers take turns anyway."""
    with transaction():
        db.session.execute(text("DROP INDEX uq_sitting_open"))
        db.session.execute(text("ALTER TABLE sitting DROP CONSTRAINT uq_sitting_exam_id_person_id_number"))
        db.session.execute(text("ALTER TABLE paper DROP CONSTRAINT uq_paper_exam_id_person_id_number"))
    at_once([phone.start for phone in phones])
    assert sittings() > 1
