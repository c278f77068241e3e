"""Sittings whose time is over are finalised without anybody coming back."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from conftest import NOON
from factories import Phone, make_bank, make_exam, make_person, make_unit

from quiz import closer
from quiz.exams.models import Paper
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.sittings import closing, queries, rules
from quiz.sittings.models import Sitting


@pytest.fixture
def started(client):
    """Three persons who have begun; returns their sitting ids."""
    exam, unit = make_exam(make_bank(at=NOON), at=NOON), make_unit()
    people = [make_person(f"安{n}", unit=unit, phone=f"1380000000{n}") for n in range(3)]
    return [Phone(client, exam, person).start().get_json()["sitting"] for person in people]


def open_ids():
    db.session.rollback()
    return [row.id for row in db.session.query(Sitting).filter(Sitting.submitted_at.is_(None))]


def test_nothing_is_closed_before_the_last_accepted_instant(started, time):
    at = time.move(hours=1, seconds=2) + rules.SETTLE
    assert (closer.close_due(at=at), len(open_ids())) == (0, 3)


def test_all_are_closed_within_five_seconds_of_it(started, time):
    at = time.move(hours=1, seconds=2 + 5 - 2 * closer.PAUSE)
    assert (closer.close_due(at=at), open_ids()) == (3, [])
    assert closer.close_due(at=at) == 0


def test_more_than_one_page_of_them(started, time, monkeypatch):
    pages = closer.queries.due_ids
    monkeypatch.setattr(closer.queries, "due_ids", lambda at: pages(at=at, limit=2))
    assert closer.close_due(at=time.move(hours=2)) == 3


def test_one_that_fails_keeps_no_other_open(started, time, monkeypatch):
    real = closing.finalise_if_due

    def failing(sitting_id, *, at):
        if sitting_id == started[0]:
            raise RuntimeError("broken row")
        return real(sitting_id, at=at)

    monkeypatch.setattr(closing, "finalise_if_due", failing)
    with pytest.raises(RuntimeError):
        closer.close_due(at=time.move(hours=2))
    assert open_ids() == [started[0]]


def test_a_look_survives_whatever_goes_wrong_and_the_next_one_works(app, started, time, monkeypatch, caplog):
    time.move(hours=2)
    thread = closer.Closer(app)
    with monkeypatch.context() as broken:
        broken.setattr(closer, "close_due", lambda at: 1 / 0)
        thread.look()
    assert "it will be tried again" in caplog.text
    thread.look()
    assert open_ids() == []


def papers():
    db.session.rollback()
    return db.session.query(Paper).count()


def test_papers_are_drawn_ahead_until_all_are_there(app, time):
    unit = make_unit()
    for number in range(3):
        make_person(f"安{number}", unit=unit, phone=f"1380000000{number}")
    bank = make_bank(at=NOON)
    make_exam(bank, at=NOON + timedelta(hours=1))
    make_exam(bank, at=NOON - timedelta(hours=9))
    make_exam(bank, at=NOON, mode=Mode.PRACTICE)
    closer.Closer(app).look()
    assert papers() == 3
    assert closer.draw_ahead(at=NOON) == 0


def test_a_start_at_the_same_moment_is_no_failure(app, started, time, monkeypatch, caplog):
    person = make_person("晚来", unit=make_unit("双桥镇"), phone="13800000009")
    both = [SimpleNamespace(id=number, rank="") for number in (1, person.id)]
    monkeypatch.setattr(queries, "persons_without_paper", lambda exam, limit: both)
    closer.Closer(app).look()
    assert (papers(), caplog.text) == (3, "")


def test_the_thread_looks_until_it_is_stopped(app, monkeypatch):
    looked = threading.Event()
    monkeypatch.setattr(closer, "close_due", lambda at: looked.set())
    thread = closer.Closer(app, pause=0.001)
    thread.start()
    assert looked.wait(10)
    thread.stop()
    assert "closer" not in [running.name for running in threading.enumerate()]


def test_no_application_starts_one_of_itself(app):
    assert "closer" not in [running.name for running in threading.enumerate()]
