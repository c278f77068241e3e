"""Guesses at once in two workers on one database: together no more are told than the limit allows."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from quiz import create_app
from quiz.errors import RuleBroken
from quiz.extensions import db, saver
from quiz.limits import DatabaseStorage, TooManyTries, limited

AtOnce = Callable[..., list[Any]]
TOGETHER = 16


def told(app: Flask, settings: dict[str, object], at_once: AtOnce) -> list[str]:
    """What each of the guesses was answered; all of them were looked at before the first was counted."""
    other = create_app(settings | {"TESTING": True})
    meeting = threading.Barrier(TOGETHER)

    def guess(worker: Flask) -> str:
        with worker.app_context():
            try:
                with limited("phone", "13800000001"):
                    meeting.wait(timeout=30)
                    raise RuleBroken
            except TooManyTries:
                return "too many"
            except RuleBroken:
                return "wrong"
            finally:
                db.session.remove()
        return ""

    try:
        return sorted(at_once([partial(guess, (app, other)[n % 2]) for n in range(TOGETHER)]))
    finally:
        with other.app_context():
            saver().close()
            db.engine.dispose()


def test_ten_in_all(app: Flask, settings: dict[str, object], at_once: AtOnce) -> None:
    assert told(app, settings, at_once) == [*["too many"] * 6, *["wrong"] * 10]


def test_a_statement_without_its_guard_tells_more(
    app: Flask, settings: dict[str, object], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    unguarded = DatabaseStorage._TAKE.replace("WHERE counted.at <= :since", "")
    monkeypatch.setattr(DatabaseStorage, "_TAKE", unguarded)
    assert told(app, settings, at_once).count("wrong") > 10
