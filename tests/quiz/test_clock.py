"""The server's clock is stepped while people answer (promises C8)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz import clock, closer
from quiz.clock import Steady
from quiz.extensions import db
from quiz.sittings.models import Sitting

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Machine:
    """Its wall clock, which anybody may set, and its ticks, which nobody can."""

    def __init__(self) -> None:
        self.wall, self.ticks = NOON.timestamp(), 1000.0
        self.steady = Steady(lambda: self.wall, lambda: self.ticks)

    def now(self) -> datetime:
        return self.steady.now()

    def passes(self, seconds: float) -> None:
        self.wall, self.ticks = self.wall + seconds, self.ticks + seconds


@pytest.mark.parametrize(
    ("step", "after", "least", "most"),
    [
        # In the hour after a step of five minutes time leans by less than two seconds.
        (300, 3600, 3600, 3601.9),
        (-300, 3600, 3598.1, 3600),
        (30, 3600, 3600, 3601.9),
        # What NTP does all day is followed.
        (0.2, 3600, 3600.2, 3600.2),
        (-0.2, 3600, 3599.8, 3599.8),
        (0, 3600, 3600, 3600),
        # Nobody's exam: a clock that had lost its battery is set.
        (86400, 10, 86410, 86410),
        (-86400, 10, -86390, -86390),
    ],
)
def test_an_hour_with_a_step_in_it(step: float, after: float, least: float, most: float) -> None:
    machine = Machine()
    assert machine.now() == NOON
    machine.wall += step
    machine.passes(after)
    passed = (machine.now() - NOON).total_seconds()
    assert least - 0.001 <= passed <= most + 0.001


@pytest.mark.parametrize("step", [300, -300, 4, -4])
def test_time_never_goes_back(step: float) -> None:
    machine, before = Machine(), NOON
    for second in range(100):
        machine.wall += step if second == 50 else 0
        machine.passes(1)
        assert before < machine.now() <= before + timedelta(seconds=1.01)
        before = machine.now()


def test_a_step_is_told_until_it_is_taken_over(caplog: Any) -> None:
    machine = Machine()
    machine.wall -= 300
    machine.now()
    assert (round(machine.steady.jump), "stepped by -300 s" in caplog.text) == (-300, True)
    machine.steady.accept()
    assert (machine.now(), machine.steady.jump) == (NOON - timedelta(minutes=5), 0)


def test_a_worker_made_anew_agrees_with_the_others() -> None:
    machine = Machine()
    offset = machine.steady.offset
    machine.wall += 300
    machine.passes(60)
    fresh = Steady(lambda: machine.wall, lambda: machine.ticks)
    assert fresh.now() - machine.now() > timedelta(minutes=4), "the control: of itself it would not"
    fresh.anchor(offset)
    assert abs(fresh.now() - machine.now()) < timedelta(milliseconds=100)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [300, -300])
def test_a_step_shortens_no_sitting_and_opens_none_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    machine = Machine()
    monkeypatch.setattr(clock, "now", machine.now)
    monkeypatch.setattr(clock, "jump", lambda: machine.steady.jump)
    monkeypatch.setattr(clock, "accept", machine.steady.accept)
    exam, person = make_exam(make_bank(at=NOON), at=NOON), make_person(unit=make_unit())
    phone = Phone(app.test_client(), exam, person)
    sitting = phone.start().get_json()["sitting"]
    left = phone.show(sitting).get_json()["seconds_left"]
    machine.wall += step
    machine.passes(10)
    assert abs(phone.show(sitting).get_json()["seconds_left"] - (left - 10)) <= 1
    assert not closer.mind_clock(at=clock.now()), "somebody is answering"
    assert phone.save(sitting, 1, ["A"]).status_code == 200
    machine.passes(left - 11)
    assert phone.save(sitting, 1, ["B"], revision=2).status_code == 200
    machine.passes(8)
    assert closer.close_due(at=clock.now()) == 1
    assert phone.save(sitting, 1, ["C"], revision=3).status_code == 409
    assert closer.mind_clock(at=clock.now()), "nobody answers: by the wall from now on"
    assert abs(clock.now().timestamp() - machine.wall) < 1
    assert phone.save(sitting, 1, ["C"], revision=3).status_code == 409, "closed stays closed"
    assert db.session.get(Sitting, sitting).submitted_at is not None
