"""Promises of PROMISES.md that have no better home."""

import threading
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from quiz.extensions import Instant, db, from_millis, saver, transaction
from quiz.sittings.models import Response, Sitting

SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


class Table:
    """One person at a paper of an hour."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.phone = Phone(app.test_client(), self.exam, make_person(unit=make_unit()))
        self.sitting = self.phone.start().get_json()["sitting"]

    def stored(self) -> dict[int, str]:
        db.session.rollback()
        return {row.position: row.answer for row in db.session.scalars(select(Response))}


@pytest.fixture
def table(app: Flask, time: Any) -> Table:
    return Table(app, time)


def test_every_connection_waits_for_the_disk(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        wanted = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}
        own = saver()._connection(db.engine)
        found = [{name: own.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}]
        found.append({name: db.session.scalar(text(f"PRAGMA {name}")) for name in wanted})
        assert found == [wanted, wanted]
    else:
        for name in ("synchronous_commit", "fsync", "full_page_writes"):
            assert saver().run(f"SHOW {name}", {}) == [("on",)]


@SQLITE
def test_a_disk_that_cannot_be_written_acknowledges_nothing_and_heals(app: Flask, table: Table) -> None:
    app.testing = False
    app.logger.disabled = True
    own = saver()._connection(db.engine)
    own.execute("PRAGMA query_only=ON")
    refused = table.phone.save(table.sitting, 1, ["A"])
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert table.phone.submit(table.sitting).status_code == 503
    assert table.stored() == {}
    own.execute("PRAGMA query_only=OFF")
    assert table.phone.save(table.sitting, 1, ["A"]).status_code == 200
    assert table.stored() == {1: '["A"]'}
    app.logger.disabled = False


def test_what_arrived_in_time_counts_however_long_it_waits(table: Table, time: Any) -> None:
    time.move(hours=1, seconds=2)
    replies: list[int] = []
    save = threading.Thread(
        target=lambda: replies.append(table.phone.save(table.sitting, 1, ["A"]).status_code)
    )
    with transaction():
        db.session.execute(select(Sitting.id).with_for_update())
        save.start()
        save.join(timeout=1)
        assert save.is_alive(), "it waits for the row or the lock"
        time.move(seconds=30)
    save.join(timeout=20)
    assert replies == [200]
    assert table.stored() == {1: '["A"]'}
    assert table.phone.save(table.sitting, 2, ["A"]).status_code == 409, "what arrives now is too late"


@given(millis=st.integers(0, 2**42), micros=st.integers(0, 999), hours=st.sampled_from([-11, 0, 5.5, 8, 14]))
def test_instants_come_back_to_the_millisecond_in_utc(millis: int, micros: int, hours: float) -> None:
    given = from_millis(millis).astimezone(timezone(timedelta(hours=hours))) + timedelta(microseconds=micros)
    kept = Instant().process_result_value(Instant().process_bind_param(given, None), None)
    assert kept == from_millis(millis)
    assert kept.tzinfo is UTC


def test_fields_nobody_asked_for_change_nothing(table: Table, time: Any) -> None:
    path, extra = f"/api/v1/sittings/{table.sitting}", {"score": 100, "passed": True, "person_id": 9}
    extra |= {"accept_until": 2**60, "deadline": 2**60, "saved_at": 1, "submitted_at": 1, "sitting_id": 9}
    headers = {"X-CSRF-Token": table.phone.csrf}
    before = db.session.get(Sitting, table.sitting)
    kept = (before.deadline, before.accept_until, before.person_id)
    body = {"answer": ["A"], "revision": 1, **extra}
    assert table.phone.client.put(f"{path}/responses/1", json=body, headers=headers).status_code == 200
    db.session.rollback()
    after = db.session.get(Sitting, table.sitting)
    assert (after.deadline, after.accept_until, after.person_id) == kept
    assert (after.score, after.submitted_at) == (None, None)
    assert db.session.scalars(select(Response.saved_at)).one() == time.now()
    scored = table.phone.client.post(f"{path}/submit", json=extra, headers=headers).get_json()
    assert scored["score"] < 100


def test_motion_is_still_for_who_asks_for_it(app: Flask, client: Any) -> None:
    reply = client.get("/static/css/base.css")
    assert "prefers-reduced-motion:reduce" in reply.get_data(as_text=True)
    reply.close()
