"""Several save one question at once: one of them is stored, the others are told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from factories import make_bank, make_questions
from flask import Flask
from sqlalchemy import func, select

from quiz.extensions import db, transaction
from quiz.questions import catalogue, editing
from quiz.questions.models import QuestionVersion
from quiz.questions.wording import Stale, Wording

AtOnce = Callable[..., list[Any]]


def saving(app: Flask, at: Any, who: str) -> Callable[[], str]:
    def save() -> str:
        with app.app_context():
            try:
                with transaction():
                    row = catalogue.question(1)
                    wanted = replace(row.as_bank_question(), stem=f"{who} 的题干")
                    editing.edit(row, seen=1, given=Wording(wanted), at=at, who=who)
            except Stale:
                return "refused"
            finally:
                db.session.remove()
            return "saved"

    return save


@pytest.fixture
def savers(app: Flask, time: Any) -> list[Callable[[], str]]:
    make_bank(make_questions(single=1, multiple=0, true_false=0), at=time.now())
    return [saving(app, time.now(), f"第{n}人") for n in range(8)]


def test_one_of_many_saves_is_stored(savers: list[Callable[[], str]], at_once: AtOnce):
    told = at_once(savers)
    assert sorted(told) == ["refused"] * 7 + ["saved"]
    db.session.rollback()
    assert catalogue.question(1).version == 2
    assert db.session.scalar(select(func.count()).select_from(QuestionVersion)) == 2


def test_without_the_version_later_saves_run_over_earlier_ones(
    savers: list[Callable[[], str]], at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
):
    """The control: what the comparison of versions prevents."""
    monkeypatch.setattr(editing, "_hold", lambda number, seen: catalogue.locked([number])[0])
    assert at_once(savers) == ["saved"] * 8
    db.session.rollback()
    assert catalogue.question(1).version == 9
