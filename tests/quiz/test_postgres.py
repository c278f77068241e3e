"""The lane to PostgreSQL: values come back as they went, failed deeds leave nothing, dead lines are left."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from quiz import closer
from quiz.errors import NotFound
from quiz.extensions import db, saver
from quiz.postgres import numbered

psycopg = pytest.importorskip("psycopg")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("settings", ["postgres"], indirect=True),
]
ADD = "INSERT INTO unit (name, pinyin, kind) VALUES (:name, :name, '') RETURNING id, name"
NAMES = "SELECT name FROM unit ORDER BY id"


def names() -> list[str]:
    db.session.rollback()
    return [row[0] for row in saver().run(NAMES, {})]


def test_values_come_back_as_they_went(app: Flask) -> None:
    sql = "SELECT CAST(:whole AS bigint), CAST(:yes AS boolean), CAST(:text AS text), CAST(:none AS integer)"
    for whole, yes, said in ((0, True, ""), (-(2**62), False, "'; :x $1 %s 㐀\n")):
        values = {"whole": whole, "yes": yes, "text": said, "none": None}
        assert saver().run(sql, values) == [(whole, yes, said, None)]
    assert saver().run("SELECT CAST('[1, \"a\"]' AS json)", {}) == [('[1, "a"]',)]


def test_a_deed_is_one_transaction_and_what_is_left_for_later_goes_with_its_end(app: Flask) -> None:
    def deed(execute: Any) -> list[Any]:
        first = execute(ADD, {"name": "甲"})
        both = execute.together((ADD, {"name": "乙"}), (NAMES, {}))
        execute.later(ADD, {"name": "丙"})
        return [*first, *both]

    (_, first), [(_, second)], seen = saver().work(deed)
    assert (first, second, seen) == ("甲", "乙", [("甲",), ("乙",)])
    assert names() == ["甲", "乙", "丙"]


def refuse(execute: Any) -> None:
    execute(ADD, {"name": "甲"})
    raise NotFound


def fail_at_once(execute: Any) -> None:
    execute.together((ADD, {"name": "甲"}), ("SELECT 1 / CAST(:x AS integer)", {"x": 0}), (NAMES, {}))


def fail_at_the_end(execute: Any) -> None:
    execute(ADD, {"name": "甲"})
    execute.later("SELECT 1 / CAST(:x AS integer)", {"x": 0})


@pytest.mark.parametrize("deed", [refuse, fail_at_once, fail_at_the_end])
def test_a_deed_that_fails_leaves_nothing_and_the_next_works(app: Flask, deed: Any) -> None:
    for _ in range(3):
        with pytest.raises(NotFound if deed is refuse else psycopg.errors.DivisionByZero):
            saver().work(deed)
        assert names() == []
    assert saver().work(lambda execute: execute(ADD, {"name": "乙"}))[0][1] == "乙"


def test_errors_are_the_drivers_own(app: Flask) -> None:
    saver().run(ADD, {"name": "甲"})
    with pytest.raises(psycopg.errors.UniqueViolation, match="uq_unit_name"):
        saver().run(ADD, {"name": "甲"})
    with pytest.raises(psycopg.errors.UndefinedTable):
        saver().run("SELECT 1 FROM nowhere", {})


@pytest.mark.parametrize("alone", [False, True])
def test_a_line_that_is_cut_is_left_for_a_new_one(app: Flask, alone: bool) -> None:
    own = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(psycopg.OperationalError):
        saver().work(lambda execute: execute(own, {})) if alone else saver().run(own, {})
    assert names() == []


def cut_own_line() -> None:
    """As when the server goes away after the last statement of a page: the session hears of it at its end."""
    own = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})


def test_a_line_cut_after_the_answer_was_made_spoils_nothing(app: Flask) -> None:
    cut_own_line()
    db.session.remove()
    assert names() == []


def test_a_line_that_is_cut_ends_no_closer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closer, "mind_clock", lambda at: cut_own_line())
    monkeypatch.setattr(closer.Closer, "_trace_more", lambda self, at: None)
    closer.Closer(app).look()
    assert names() == []


def test_names_are_numbered_once(settings: object) -> None:
    assert numbered("SELECT :b, :a1, :b") == ("SELECT $1, $2, $1", ["b", "a1"])
