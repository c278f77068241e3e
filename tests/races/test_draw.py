"""Two organisers press 开奖 at once: one draw."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from sqlalchemy import update

from quiz.draws import queries, services
from quiz.draws.models import Draw
from quiz.draws.rules import Eligible, State, Tier, WrongStep
from quiz.extensions import db, transaction

AtOnce = Callable[..., list[Any]]
TOGETHER = 6


@pytest.fixture
def code(app: Flask, time: Any) -> str:
    """A draw whose seed is agreed."""
    exam, unit, at = make_exam(make_bank(at=time.now()), at=time.now()), make_unit(), time.now()
    for n in range(5):
        make_result(exam, make_person(unit=unit, phone=f"1390000000{n}"), "90", at=at)
    wishes = services.Settings(title="奖", tiers=[Tier("奖", 2)], eligible=Eligible.PASSED)
    with transaction():
        draw = services.prepare(exam, settings=wishes, at=at, who="olga")
    with transaction():
        services.publish(draw, at=at, who="olga")
    with transaction():
        services.agree(draw, numbers=[("甲", "385027914")], witnesses="某", at=at, who="olga")
    found = draw.code
    db.session.remove()
    return found


def press(app: Flask, code: str, at: Any, number: int) -> str:
    with app.app_context():
        try:
            with transaction():
                services.hold(queries.draw(code), at=at, who=f"olga {number}")
        except WrongStep:
            return "refused"
        return "drawn"


def test_one_draw(app: Flask, code: str, time: Any, at_once: AtOnce) -> None:
    done = at_once([partial(press, app, code, time.now(), n) for n in range(TOGETHER)])
    assert sorted(done) == ["drawn", *["refused"] * (TOGETHER - 1)]
    draw = queries.draw(code)
    assert [step.what for step in queries.steps(draw)].count("drawn") == 1
    assert len(queries.winners(draw)) == 2


def test_without_the_guard_there_would_be_two(
    app: Flask, code: str, time: Any, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: move the state without asking where it was, and keep no winners to collide."""

    def careless(draw: Draw, to: State) -> None:
        db.session.execute(update(Draw).where(Draw.id == draw.id).values(state=to.value))

    monkeypatch.setattr(services, "_move", careless)
    monkeypatch.setattr(services.rules, "winners", lambda document, seed: [])
    done = at_once([partial(press, app, code, time.now(), n) for n in range(TOGETHER)])
    assert done.count("drawn") > 1
