"""Limits on guessing: counted in the database, or by Redis while it answers."""

from datetime import timedelta
from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz import limits
from quiz.errors import RuleBroken
from quiz.extensions import db, transaction
from quiz.limits import Counted, TooManyTries, limited


def guess(subject: str = "13800000001") -> None:
    with limited("phone", subject):
        raise RuleBroken


def wrong(times: int, subject: str = "13800000001") -> None:
    for _ in range(times):
        with pytest.raises(RuleBroken) as caught:
            guess(subject)
        assert caught.type is RuleBroken


def test_ten_wrong_tries_in_a_quarter_of_an_hour_for_each_subject(app: Flask, time: Any) -> None:
    wrong(9)
    with limited("phone", "13800000001"):
        pass  # a right one counts for nothing
    wrong(1)
    for _ in range(3):
        with pytest.raises(TooManyTries):
            guess()
    wrong(1, subject="13800000002")
    assert not any("1380000000" in row.key for row in db.session.scalars(db.select(Counted)))
    time.move(minutes=15)
    wrong(10)
    with transaction():
        limits.forget_old(at=time.now() + timedelta(hours=2))
    assert db.session.scalar(db.select(db.func.count()).select_from(Counted)) == 0


def test_a_count_inside_a_transaction_is_an_error(app: Flask) -> None:
    with pytest.raises(AssertionError, match="around"), transaction():
        guess()


def test_without_redis_the_database_counts_and_reading_goes_on(
    app: Flask, client: FlaskClient, time: Any
) -> None:
    pytest.importorskip("redis")
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    limits.init_app(app)
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    make_person(unit=make_unit())
    body = {"exam": exam.code, "name": "别人", "phone": "13800000001"}
    answers = [client.post("/api/v1/sign-in", json=body).status_code for _ in range(11)]
    assert answers == [*[401] * 10, 429]
    assert client.get(f"/e/{exam.code}").status_code == 200
    assert client.get(f"/api/v1/exams/{exam.code}").status_code == 200
