"""What the phone is told when it saves: in time, late, twice, out of order, by the wrong person."""

import sqlite3
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.extensions import Saver, db
from quiz.sittings.models import Sitting


class Table:
    """An open sitting of Ann's at noon: items 1–40 single, 41–60 multiple, 61–80 true_false."""

    def __init__(self, client: FlaskClient, time: Any) -> None:
        self.unit = make_unit()
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.phone = Phone(client, self.exam, make_person(unit=self.unit))
        self.sitting = self.phone.start().get_json()["sitting"]

    def save(self, position: int, answer: Any, revision: Any = 1) -> tuple[int, Any]:
        reply = self.phone.save(self.sitting, position, answer, revision)
        return reply.status_code, reply.get_json()

    def stored(self) -> dict[str, Any]:
        return self.phone.show(self.sitting).get_json()["responses"]


@pytest.fixture
def table(client: FlaskClient, time: Any) -> Table:
    return Table(client, time)


def code(reply: tuple[int, Any]) -> tuple[int, str]:
    return reply[0], reply[1]["error"]["code"]


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3600, 200), (3602, 200), (3602.001, 409)])
def test_the_server_clock_decides_to_the_millisecond(
    table: Table, time: Any, seconds: float, status: int
) -> None:
    time.move(seconds=seconds)
    reply = table.save(1, ["A"])
    assert reply[0] == status
    if status == 409:
        assert code(reply) == (409, "time-over")
        assert reply[1]["error"]["message"] == "时间已到，这一处改动没有计入。此前保存的答案都有效。"


def test_seconds_left_never_go_below_zero_in_the_grace(table: Table, time: Any) -> None:
    time.move(seconds=3601)
    assert table.save(1, ["A"])[1]["seconds_left"] == 0.0


def test_a_repeat_is_harmless_even_after_the_end(table: Table, time: Any) -> None:
    first = table.save(1, ["B"], 2)
    time.move(hours=2)
    again = table.save(1, ["B"], 2)
    assert (first[0], again[0]) == (200, 200)
    assert again[1] == {"kept": True, "revision": 2, "seconds_left": 0.0}


def test_an_older_answer_that_arrives_late_changes_nothing(table: Table) -> None:
    table.save(1, ["B"], 5)
    assert table.save(1, ["A"], 4) == (200, {"kept": False, "revision": 5, "seconds_left": 3600.0})
    assert table.stored() == {"1": {"answer": ["B"], "revision": 5}}


def test_one_revision_cannot_hold_two_answers(table: Table) -> None:
    table.save(1, ["B"], 5)
    assert code(table.save(1, ["A"], 5)) == (409, "revision-taken")
    assert table.stored() == {"1": {"answer": ["B"], "revision": 5}}


def test_an_answer_can_be_taken_back(table: Table) -> None:
    table.save(41, ["C", "A"], 1)
    assert table.stored() == {"41": {"answer": ["A", "C"], "revision": 1}}
    table.save(41, [], 2)
    assert table.stored() == {"41": {"answer": [], "revision": 2}}


@pytest.mark.parametrize(
    ("position", "answer", "revision"),
    [
        (1, ["E"], 1),
        (1, ["A", "B"], 1),
        (1, ["a"], 1),
        (1, ["AB"], 1),
        (1, [""], 1),
        (1, "A", 1),
        (1, None, 1),
        (1, [None], 1),
        (1, [["A"]], 1),
        (41, ["A", "A"], 1),
        (61, ["A"], 1),
        (61, ["T", "F"], 1),
        (1, ["A"], 0),
        (1, ["A"], -1),
        (1, ["A"], 2**31),
        (1, ["A"], True),
        (1, ["A"], 1.5),
        (1, ["A"], "1"),
        (1, ["A"], None),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    table: Table, position: int, answer: Any, revision: Any
) -> None:
    assert code(table.save(position, answer, revision)) == (400, "bad-request")
    assert table.stored() == {}


@pytest.mark.parametrize("position", [0, 81, 10**6, 10**30])
def test_a_position_beyond_the_paper_is_not_found(table: Table, position: int) -> None:
    assert code(table.save(position, ["A"])) == (404, "not-found")


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"5", b'{"answer": ["A"], "answer": ["B"], "revision": 1}', b"[" * 100_000,
     b'{"answer": ["A"], "revision": NaN}', b"\xff\xfe", b'{"answer": ["\\ud800"], "revision": 1}'],
)  # fmt: skip
def test_bodies_that_are_no_answer_are_refused(table: Table, body: bytes) -> None:
    path = f"/api/v1/sittings/{table.sitting}/responses/1"
    headers = {"X-CSRF-Token": table.phone.csrf, "Content-Type": "application/json"}
    reply = table.phone.client.put(path, data=body, headers=headers)
    assert (reply.status_code, reply.get_json()["error"]["code"]) == (400, "bad-request")


def test_a_save_needs_the_token_that_belongs_to_the_cookie(table: Table) -> None:
    table.phone.csrf = "another"
    assert code(table.save(1, ["A"])) == (400, "csrf")


def test_nobody_else_can_save_or_see(table: Table, app: Flask) -> None:
    bo = make_person("薄暮", unit=table.unit, phone="13800000002")
    phone = Phone(app.test_client(), table.exam, bo)
    assert phone.save(table.sitting, 1, ["A"]).status_code == 404
    assert phone.show(table.sitting).status_code == 404
    assert phone.submit(table.sitting).status_code == 404
    assert table.stored() == {}


def test_after_submitting_nothing_changes(table: Table) -> None:
    table.save(61, ["T"], 1)
    table.phone.submit(table.sitting)
    assert code(table.save(61, ["F"], 2)) == (409, "sitting-closed")
    assert table.phone.show(table.sitting).get_json()["score"] == 1.0


def test_a_sitting_nobody_touches_ends_at_its_deadline(table: Table, time: Any) -> None:
    table.save(61, ["T"], 1)
    began = time.now()
    time.move(hours=1, seconds=4)
    shown = table.phone.show(table.sitting).get_json()
    assert (shown["state"], shown["score"]) == ("submitted", 1.0)
    db.session.rollback()
    sitting = db.session.get(Sitting, table.sitting)
    assert ((sitting.submitted_at - began).total_seconds(), sitting.closed_by) == (3600.0, "deadline")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_save_is_one_statement_and_two_the_first_time(
    table: Table, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    real = Saver._connection

    def traced(self: Saver, engine: Any) -> sqlite3.Connection:
        connection = real(self, engine)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(Saver, "_connection", traced)
    table.save(1, ["A"], 1)
    statements.clear()
    table.save(2, ["A"], 1)
    assert [statement.split()[0] for statement in statements] == ["BEGIN", "INSERT", "COMMIT"]
