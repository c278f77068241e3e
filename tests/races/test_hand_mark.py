"""Several mark the last open place of an answer at once: it gets as many marks as it needs, no more."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import func, select, text

from question_bank import Kind, Question
from question_bank.paper import PRESETS, PaperSpec
from question_bank.spec import Preset, SpecLine
from quiz.access import Role
from quiz.extensions import db, transaction
from quiz.sittings import blind, hand_marks
from quiz.sittings.models import HandMark, ShortAnswer

AtOnce = Callable[..., list[Any]]
MARKERS = 6


@pytest.fixture
def deeds(app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], int]]:
    """Six markers who all look at the one answer of the exam, ready to send the same mark."""
    spec = PaperSpec((SpecLine(Kind.SHORT, 1, 1000),))
    monkeypatch.setitem(PRESETS, "short", Preset("short", "简答", spec, minutes=60, pass_mark=600))
    bank = make_bank([Question(Kind.SHORT, "简答", (), ("参考",))], at=time.now())
    exam = make_exam(bank, at=time.now(), preset="short")
    phone = Phone(app.test_client(), exam, make_person(unit=make_unit()))
    sitting = phone.start().get_json()["sitting"]
    phone.save(sitting, 1, ["写了一段"])
    phone.submit(sitting)
    path = f"/admin/exams/{exam.code}/marking/answers/{db.session.scalar(select(ShortAnswer.id))}"
    desks = []
    for number in range(MARKERS):
        make_account(f"评{number}", role=Role.MARKER, at=time.now())
        client = app.test_client()
        client.post("/admin/sign-in", data={"name": f"评{number}", "password": PASSWORD})
        desks.append(client)
    db.session.rollback()
    return [lambda desk=desk: desk.post(path, data={"mark": "7"}).status_code for desk in desks]


def marks() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(HandMark)) or 0


def test_an_answer_gets_the_marks_it_needs(deeds: list[Callable[[], int]], at_once: AtOnce) -> None:
    assert set(at_once(deeds)) == {303}
    assert marks() == 2
    assert db.session.scalar(select(ShortAnswer.mark)) == 7


@pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_without_the_lock_and_the_key_it_gets_more(
    deeds: list[Callable[[], int]], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, where transactions run side by side; SQLite's writers take turns anyway."""
    monkeypatch.setattr(hand_marks, "lock", lambda answer_id: None)
    # All have looked before the first one writes.
    looked = threading.Barrier(MARKERS)
    monkeypatch.setattr(blind, "check_mark", lambda mark, points: looked.wait(timeout=10))
    with transaction():
        db.session.execute(text("ALTER TABLE hand_mark DROP CONSTRAINT uq_hand_mark_short_answer_id_place"))
    at_once(deeds)
    assert marks() == MARKERS
