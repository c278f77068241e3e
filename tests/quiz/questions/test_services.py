"""Deeds on banks, without HTTP."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from factories import make_bank
from flask import Flask

from question_bank import Kind, Question
from question_bank.placed import Placed
from question_bank.report import Problem, Report
from quiz.extensions import db, transaction
from quiz.questions import queries, rules, services
from quiz.questions.models import Bank
from quiz.questions.models import Question as StoredQuestion


def make_report(*, errors: int = 0, questions: int = 3) -> Report:
    made = [Question(Kind.TRUE_FALSE, f"第 {n} 句。", (), ("T",)) for n in range(questions)]
    problems = [Problem("题目", 90 + n, "答案", "no-key", "error", "没有答案") for n in range(errors)]
    return Report("题库.xlsx", [Placed("题目", row, q) for row, q in enumerate(made, start=2)], problems)


def stored() -> int:
    return db.session.query(StoredQuestion).count()


@pytest.fixture
def bank(app: Flask, time: Any) -> Bank:
    return make_bank([], at=time.now())


def import_(bank: Bank, report: Report, *, accept: bool, at: Any) -> int:
    with transaction():
        return services.import_report(bank, report=report, accept=accept, at=at, who="cli")


def test_a_report_with_errors_is_imported_only_when_accepted(bank: Bank, time: Any) -> None:
    assert import_(bank, make_report(errors=1), accept=False, at=time.now()) == 0
    assert stored() == 0
    assert import_(bank, make_report(errors=1), accept=True, at=time.now()) == 3
    assert import_(bank, make_report(), accept=False, at=time.now()) == 0
    assert stored() == 3


def test_each_question_knows_its_row(bank: Bank, time: Any) -> None:
    import_(bank, make_report(), accept=False, at=time.now())
    assert [question.source_row for question in queries.approved(bank.id)] == [2, 3, 4]


def test_what_a_killed_process_left_behind_is_removed(app: Flask, time: Any, tmp_path: Path) -> None:
    old, young = tmp_path / "old", tmp_path / "young"
    for path, hours in ((old, 2), (young, 0)):
        path.write_bytes(b"x")
        os.utime(path, (time.now().timestamp() - hours * 3600,) * 2)
    with pytest.raises(rules.FileRefused):
        services.read_upload(io.BytesIO(b""), name="空.xlsx", folder=tmp_path, at=time.now())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [young]
