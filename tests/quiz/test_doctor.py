"""What the doctor finds."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from conftest import NOON
from factories import make_bank, make_exam
from sqlalchemy import text

from quiz import doctor, schema, serving
from quiz.extensions import db

Usage = namedtuple("Usage", "total used free")


def states(at=NOON):
    return {finding.name: finding.state for finding in doctor.examine(at=at)}


def test_a_good_machine(app, monkeypatch):
    monkeypatch.setattr(serving, "wal_is_safe", lambda: True)
    assert set(states().values()) == {"good"}


def test_sqlite_with_the_wal_reset_bug_is_a_warning(app, monkeypatch):
    monkeypatch.setattr(serving, "wal_is_safe", lambda: False)
    assert states().get("sqlite", "warning") == "warning"


def test_a_postgresql_that_answers_before_it_syncs_is_bad_and_not_served(app):
    serving.check_durable()
    if db.engine.dialect.name != "postgresql":
        return
    db.session.execute(text("SET synchronous_commit TO off"))
    assert states()["postgres"] == "bad"
    with pytest.raises(serving.CannotServe, match="synchronous_commit"):
        serving.check_durable()


def test_little_space_is_bad(app, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 99, 2**20))
    assert states()["space"] == "bad"


def test_a_database_that_is_behind_is_bad(app, monkeypatch):
    monkeypatch.setattr(schema, "is_current", lambda: False)
    assert states()["schema"] == "bad"


@pytest.mark.parametrize(("shift", "state"), [(-120, "bad"), (-30, "good"), (3600, "good")])
def test_a_clock_behind_the_ledger_is_bad(app, shift, state):
    make_exam(make_bank(at=NOON), at=NOON)
    assert states(NOON + timedelta(seconds=shift))["clock"] == state


def test_a_clock_that_lost_its_battery_is_bad(app):
    assert states(NOON - timedelta(days=3650))["clock"] == "bad"


def test_no_redis_where_one_is_named_is_bad(app):
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert states()["redis"] == "bad"


def test_a_database_that_does_not_answer_is_bad_and_the_rest_is_still_looked_at(app, monkeypatch):
    def refuse():
        raise OSError("gone")

    monkeypatch.setattr(db.engine, "connect", refuse)
    found = states()
    assert (found["database"], found["python"], "schema" in found) == ("bad", "good", False)
