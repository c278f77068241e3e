"""Which of several sittings counts: one rule, and what it decides reaches standings and the phone."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from sqlalchemy import select

from quiz.exams import counting
from quiz.exams.rules import BadSettings
from quiz.extensions import db
from quiz.sittings import hints, rules
from quiz.sittings.models import Result, UnitTotal
from quiz.standings.tables import Board, Table

FULL = Decimal(100)
EVENING, STEP = datetime(2026, 11, 24, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai")), timedelta(minutes=45)

#: (score, minutes used) in the order of handing in, 45 minutes apart from 21:00 here: the fifth of five is on
#: the next day. What counts by each setting.
CASES = [
    (
        [("70", 30), ("90", 40), ("80", 20)],
        {"first": "70", "last": "80", "best": "90", "mean": "80", "sum": "240", "daily": "90", "days": "0"},
    ),
    (
        [("100", 30), ("60", 20), ("100", 25), ("0", 1), ("100", 40)],
        {"first": "100", "best": "100", "mean": "72", "sum": "360", "daily": "200", "days": "2"},
    ),
    (
        [("99.99", 30), ("99", 20), ("98", 25), ("0", 1), ("100", 40), ("50", 10)],
        {"best": "100", "sum": "446.99", "daily": "199.99", "days": "1"},
    ),
    ([("60", 30)], {"first": "60", "last": "60", "best": "60", "mean": "60"}),
    ([("80", 40), ("80", 30)], {"first": "80", "last": "80", "best": "80", "mean": "80"}),
    ([("50", 30), ("50.01", 30)], {"first": "50", "last": "50.01", "best": "50.01", "mean": "50.01"}),
    ([("0", 30), ("100", 30), ("100", 30)], {"first": "0", "last": "100", "best": "100", "mean": "66.67"}),
]


@pytest.mark.parametrize(("runs", "expected"), CASES)
def test_what_counts(runs: list[tuple[str, int]], expected: dict[str, str], time: Any) -> None:
    made = [
        rules.Run(Decimal(score), minutes * 60_000, EVENING + n * STEP, (EVENING + n * STEP).date())
        for n, (score, minutes) in enumerate(runs)
    ]
    for counts, score in expected.items():
        assert rules.counted(made, counts=counts, full=FULL).score == Decimal(score), counts
    best = rules.counted(made, counts="best", full=FULL)
    assert best.millis == min(run.millis for run in made if run.score == best.score)


def test_time_and_instant_are_those_of_what_counts() -> None:
    at = [EVENING + n * STEP for n in range(5)]
    minutes = [30, 20, 25, 1, 40]
    runs = [
        rules.Run(Decimal(score), used * 60_000, instant, instant.date())
        for score, used, instant in zip((100, 60, 100, 0, 100), minutes, at, strict=True)
    ]
    found = {
        counts: (one.millis // 60_000, at.index(one.submitted_at))
        for counts in ("best", "sum", "daily", "days")
        for one in [rules.counted(runs, counts=counts, full=FULL)]
    }
    # Of two days all correct on the first the faster one; a day without counts nothing, its time neither.
    assert found == {"best": (25, 2), "sum": (116, 4), "daily": (65, 4), "days": (65, 4)}
    nothing = rules.counted(runs[1:2], counts="days", full=FULL)
    assert (nothing.score, nothing.millis, nothing.submitted_at) == (0, 0, at[1])


@pytest.mark.parametrize(
    ("counts", "score"), [("best", 100), ("last", 100), ("mean", 72), ("sum", 100), ("daily", 100)]
)
def test_what_passes_or_fails_is_never_a_sum(counts: str, score: int) -> None:
    scores = (100, 60, 100, 0, 100)
    runs = [rules.Run(Decimal(n), 60_000, EVENING, EVENING.date()) for n in scores]
    assert rules.graded(runs, counts=counts, full=FULL) == score


@pytest.mark.parametrize(
    ("counts", "chances", "daily", "days", "most"),
    [
        ("best", 3, 0, 10, 100),
        ("mean", 0, 1, 10, 100),
        ("sum", 3, 0, 10, 300),
        ("sum", 0, 2, 10, 2000),
        ("sum", 5, 2, 10, 500),
        ("sum", 50, 2, 10, 2000),
        ("daily", 0, 3, 10, 1000),
        ("daily", 4, 0, 10, 400),
        ("days", 0, 1, 30, 30),
        ("days", 7, 1, 30, 7),
    ],
)
def test_the_most_one_person_can_reach(counts: str, chances: int, daily: int, days: int, most: int) -> None:
    limits = {"chances": chances, "daily": daily, "days": days}
    assert counting.reach(counts=counts, full=FULL, **limits) == most


def test_added_up_without_limit_is_refused() -> None:
    with pytest.raises(BadSettings, match="限定"):
        counting.check_counts(counts="sum", chances=0, daily=0)
    counting.check_counts(counts="sum", chances=0, daily=1)
    counting.check_counts(counts="days", chances=0, daily=0)


def test_less_time_than_can_be_is_ranked_as_the_least_and_hinted_at(app: Flask, time: Any) -> None:
    exam = make_exam(make_bank(at=time.now()), at=time.now(), preset="monthly", least_seconds=3)
    unit = make_unit()
    used = {"快": 0.4, "也快": 0.9, "正好": 1, "慢": 1.1}
    for place, (name, minutes) in enumerate(used.items()):
        person = make_person(name, unit=unit, phone=f"1380000000{place}")
        make_result(exam, person, "100", at=time.now(), minutes=minutes)
    rows = db.session.execute(select(Result.person_id, Result.millis).order_by(Result.person_id)).all()
    assert [millis for _, millis in rows] == [60_000, 60_000, 60_000, 66_000]
    ranked = Board(exam, table=Table.JURY, at=time.now()).persons()
    assert [row.rank for row in ranked] == [1, 1, 1, 4]
    assert [(one.person.name, seconds) for one, seconds in hints.of_exam(exam).quick] == [
        ("快", 24),
        ("也快", 54),
    ]


@pytest.mark.parametrize("counts", ["first", "last", "best", "mean", "sum", "daily", "days"])
def test_it_reaches_the_result_the_units_and_the_phone(app: Flask, time: Any, counts: str) -> None:
    runs, expected = CASES[0]
    expected = expected | {"days": "0 天"}
    exam = make_exam(make_bank(at=time.now()), at=time.now(), chances=4, counts=counts, hours=5)
    person = make_person(unit=make_unit())
    for number, (score, minutes) in enumerate(runs, 1):
        at = time.now() + timedelta(hours=number)
        sitting = make_result(exam, person, score, at=at, minutes=minutes, number=number)
    time.move(hours=4)
    wanted = Decimal(expected[counts].split()[0])
    assert db.session.scalars(select(Result.score)).one() == wanted
    assert db.session.scalars(select(UnitTotal.score_sum)).one() == wanted
    phone = Phone(app.test_client(), exam, person)
    page = phone.client.get(f"/s/{sitting.id}/result").get_data(as_text=True)
    words = expected[counts] if counts == "days" else f"{expected[counts]} 分"
    assert f"{counting.Counts(counts).chinese}：{words}" in page
