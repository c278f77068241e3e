"""Rows and documents: few statements, true sums, 实考 + 缺考 = 应考, no full names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.questions.models import Bank
from quiz.sittings.models import Result, UnitTotal
from quiz.sittings.services import rebuild_totals
from quiz.standings import documents, queries, rules
from quiz.standings.tables import Board, Table


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SELECTs sent meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def board(exam: Exam, at: datetime) -> Board:
    return Board(exam, table=Table.JURY, at=at)


@pytest.fixture
def exam(app: Flask, time) -> Exam:
    return make_exam(make_bank(at=time.at), at=time.at)


def people(unit: Unit, count: int, *, first: int) -> list[Person]:
    return [
        make_person(f"欧阳{unit.name[0]}{n}", unit=unit, phone=f"1380000{first + n:04}") for n in range(count)
    ]


def sit_some(exam: Exam, at: datetime, units: int) -> None:
    for number in range(units):
        unit = make_unit(f"{'甲乙丙'[number]}单位")
        for person in people(unit, 3, first=100 * number)[:2]:
            make_result(exam, person, "80", at=at)


def statements(exam: Exam, at: datetime) -> tuple[int, int, int]:
    found = []
    for read in (
        lambda: documents.units_document(board(exam, at)),
        lambda: queries.live(exam, at=at, within=None),
        lambda: board(exam, at).persons(),
    ):
        with counted() as sent:
            read()
        found.append(len(sent))
    return tuple(found)  # type: ignore[return-value]


@pytest.mark.parametrize("units", [1, 3])
def test_few_statements_however_many_units(exam: Exam, time, units: int) -> None:
    sit_some(exam, time.at, units)
    assert exam.title
    assert statements(exam, time.at) == (9, 4, 2)


def test_a_submit_from_a_phone_moves_the_unit(exam: Exam, client: FlaskClient, time) -> None:
    unit = make_unit("青石镇")
    ann, _ = people(unit, 2, first=0)
    phone = Phone(client, exam, ann)
    sitting = phone.start().get_json()["sitting"]
    [row] = queries.unit_rows(exam)
    assert (row.expected, row.took_part, row.sitting, row.not_started) == (2, 0, 1, 1)
    assert documents.units_document(board(exam, time.at))["sitting"] == 1
    phone.submit(sitting)
    db.session.rollback()
    [row] = queries.unit_rows(exam)
    assert (row.took_part, row.sitting, row.voided, row.not_started) == (1, 0, 0, 1)
    document = documents.units_document(board(exam, time.at))
    assert (document["sitting"], document["expected"], document["took_part"]) == (0, 2, 1)
    assert document["rows"][0] | {"score": 0, "mean": 0} == {
        "rank": 1,
        "unit": "青石镇",
        "score": 0,
        "expected": 2,
        "took_part": 1,
        "rate": 0.5,
        "mean": 0,
        "passed": 0,
        "excellent": 0,
        "score_shown": "25.0",
        "rate_shown": "50%",
        "group": "",
        "why": "",
    }


def test_an_open_sitting_past_its_end_is_not_answering_now(exam: Exam, client: FlaskClient, time) -> None:
    [ann] = people(make_unit(), 1, first=0)
    Phone(client, exam, ann).start()
    late = time.at + timedelta(hours=2, seconds=3)
    assert queries.sitting_now(exam, at=late) == 0


def test_only_units_that_may_sit_are_counted(app: Flask, time) -> None:
    inside, outside, empty = make_unit("内"), make_unit("外"), make_unit("空")
    people(inside, 2, first=0), people(outside, 2, first=10)
    exam = make_exam(make_bank(at=time.at), at=time.at, unit_ids=[inside.id, empty.id])
    rows = {row.unit: row for row in queries.unit_rows(exam)}
    assert {name: row.expected for name, row in rows.items()} == {"内": 2, "空": 0}
    assert {unit for _, unit in queries.absent(exam, within=None)} == {"内"}
    document = documents.units_document(board(exam, time.at))
    assert [(row["unit"], row["rank"], row["rate"]) for row in document["rows"]] == [
        ("内", 1, 0.0),
        ("空", None, None),
    ]
    json.dumps(document, allow_nan=False)


def test_who_moves_or_leaves_after_the_exam_stays_where_the_score_is(exam: Exam, time) -> None:
    old, new = make_unit("旧单位"), make_unit("新单位")
    mover, leaver, idle = people(old, 3, first=0)
    make_result(exam, mover, "90", at=time.at)
    make_result(exam, leaver, "80", at=time.at)
    with transaction():
        db.session.get(Person, mover.id).unit_id = new.id
        db.session.get(Person, leaver.id).active = False
        db.session.get(Person, idle.id).active = False
    [row] = queries.unit_rows(exam)
    assert (row.unit, row.expected, row.took_part, row.not_started) == ("旧单位", 2, 2, 0)
    assert queries.absent_rows(exam, within=None) == []


def test_persons_are_masked_and_ranked_like_the_rule_says(exam: Exam, time) -> None:
    unit = make_unit("青石镇")
    scores = [("90", 30), ("95", 40), ("95", 30), ("95", 30), ("60", 5)]
    for person, (score, minutes) in zip(people(unit, 5, first=0), scores, strict=True):
        make_result(exam, person, score, at=time.at, minutes=minutes)
    document = documents.persons_document(board(exam, time.at))
    assert [row["rank"] for row in document["rows"]] == [1, 1, 3, 4, 5]
    assert all(row["name"].startswith("欧") and "*" in row["name"] for row in document["rows"])
    assert document["total"] == 5
    some = documents.persons_document(board(exam, time.at), limit=2, offset=3)["rows"]
    assert [row["rank"] for row in some] == [4, 5]
    results = [row.Result for row in board(exam, time.at).persons()]
    ranked = rules.rank_persons(
        results, lambda one: (one.score, one.millis, int(one.submitted_at.timestamp() * 1000))
    )
    assert [(rank, one.id) for rank, one in ranked] == [
        (row.rank, row.Result.id) for row in board(exam, time.at).persons()
    ]


def test_the_live_page_puts_problems_first_and_can_list_who_is_missing(exam: Exam, time) -> None:
    good, bad = make_unit("先进单位"), make_unit("落后单位")
    for person in people(good, 2, first=0):
        make_result(exam, person, "90", at=time.at)
    people(bad, 3, first=10)
    live = queries.live(exam, at=time.at, within=None)
    assert [row.unit for row in live.rows] == ["落后单位", "先进单位"]
    assert (live.whole.expected, live.whole.took_part, live.whole.not_started) == (5, 2, 3)
    assert live.seconds_left == 7200
    first = queries.first_absent(exam, live.rows, count=2)
    assert first == [("欧阳落0", "落后单位"), ("欧阳落1", "落后单位")]
    text = queries.absent_text(exam, at=time.at, within=None)
    assert "落后单位（3 人）：欧阳落0、欧阳落1、欧阳落2" in text
    assert "共 3 人" in text
    assert "1380000" not in text


def test_the_window_is_a_sentence(exam: Exam, time) -> None:
    assert queries.window_sentence(exam, at=time.at) == "今日 14:00 截止"
    assert queries.window_sentence(exam, at=time.at - timedelta(days=1)) == "11 月 24 日 12:00 开考"
    assert queries.window_sentence(exam, at=time.at + timedelta(hours=3)) == "今日 14:00 已结束"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10000)), max_size=8))
def test_totals_kept_by_submits_equal_totals_rebuilt_and_counted_by_hand(
    app: Flask, time, runs: list[tuple[int, int]]
) -> None:
    cast = people_of_two_units()
    exam = make_exam(the_bank(time.at), at=time.at, chances=0)
    for number, (place, hundredths) in enumerate(runs, 1):
        score = str(Decimal(hundredths) / 100)
        make_result(exam, cast[place], score, at=time.at, number=number)
    kept = documents.units_document(board(exam, time.at))
    results = db.session.scalars(select(Result).where(Result.exam_id == exam.id)).all()
    for total in db.session.scalars(select(UnitTotal).where(UnitTotal.exam_id == exam.id)):
        own = [result for result in results if result.unit_id == total.unit_id]
        assert total.score_sum == sum(result.score for result in own)
        assert total.took_part == len(own)
    with transaction():
        rebuild_totals(exam)
    assert documents.units_document(board(exam, time.at)) == kept


def people_of_two_units() -> list[Person]:
    """The same six persons for every example."""
    found = list(db.session.scalars(select(Person).order_by(Person.id)))
    if found:
        return found
    units = make_unit("甲单位"), make_unit("乙单位")
    return [person for place, unit in enumerate(units) for person in people(unit, 3, first=10 * place)]


def the_bank(at: datetime) -> Bank:
    return db.session.scalars(select(Bank)).first() or make_bank(at=at)
