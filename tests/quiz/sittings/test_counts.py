"""Which of several sittings counts: one rule, and what it decides reaches standings and the phone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from sqlalchemy import select

from quiz.extensions import db
from quiz.sittings import rules
from quiz.sittings.models import Result, UnitTotal

#: (score, minutes used) in the order of handing in; what counts by each setting.
CASES = [
    ([("70", 30), ("90", 40), ("80", 20)], {"first": "70", "last": "80", "best": "90", "mean": "80"}),
    ([("60", 30)], {"first": "60", "last": "60", "best": "60", "mean": "60"}),
    ([("80", 40), ("80", 30)], {"first": "80", "last": "80", "best": "80", "mean": "80"}),
    ([("50", 30), ("50.01", 30)], {"first": "50", "last": "50.01", "best": "50.01", "mean": "50.01"}),
    ([("0", 30), ("100", 30), ("100", 30)], {"first": "0", "last": "100", "best": "100", "mean": "66.67"}),
]


@pytest.mark.parametrize(("runs", "expected"), CASES)
def test_what_counts(runs: list[tuple[str, int]], expected: dict[str, str], time: Any) -> None:
    made = [
        rules.Run(Decimal(score), minutes * 60_000, time.now() + timedelta(hours=n))
        for n, (score, minutes) in enumerate(runs)
    ]
    for counts, score in expected.items():
        assert rules.counted(made, counts=counts).score == Decimal(score), counts
    best = rules.counted(made, counts="best")
    assert best.millis == min(run.millis for run in made if run.score == best.score)


@pytest.mark.parametrize("counts", ["first", "last", "best", "mean"])
def test_it_reaches_the_result_the_units_and_the_phone(app: Flask, time: Any, counts: str) -> None:
    runs, expected = CASES[0]
    exam = make_exam(make_bank(at=time.now()), at=time.now(), chances=4, counts=counts, hours=5)
    person = make_person(unit=make_unit())
    for number, (score, minutes) in enumerate(runs, 1):
        at = time.now() + timedelta(hours=number)
        sitting = make_result(exam, person, score, at=at, minutes=minutes, number=number)
    time.move(hours=4)
    wanted = Decimal(expected[counts])
    assert db.session.scalars(select(Result.score)).one() == wanted
    assert db.session.scalars(select(UnitTotal.score_sum)).one() == wanted
    phone = Phone(app.test_client(), exam, person)
    page = phone.client.get(f"/s/{sitting.id}/result").get_data(as_text=True)
    assert f"的成绩：{expected[counts]} 分" in page
