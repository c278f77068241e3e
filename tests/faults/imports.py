"""Kill the process that imports a bank, or undoes that, at every point where half of it could be left.

A round forks a process that kills itself there; the parent then looks at what is stored, and goes on as a
server that was started again would. ``careless`` is the control: rows committed as they come.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import event, func, select

from question_bank import Kind, Question
from question_bank.placed import Placed, Questions
from question_bank.report import Report
from quiz import config, create_app
from quiz.extensions import db, transaction
from quiz.people.models import Account
from quiz.questions import importing, queries, storing
from quiz.questions.models import BankImport
from quiz.questions.models import Question as Stored

ROWS = 300
AT = datetime(2026, 11, 22, tzinfo=UTC)
Point = int | str


@dataclass(frozen=True)
class Left:
    """What a killed process left: how many questions, and whether the import counts as done, as undone."""

    questions: int
    imported: bool
    undone: bool


NOTHING, ALL, UNDONE = Left(0, False, False), Left(ROWS, True, False), Left(0, True, True)


@contextmanager
def prepared() -> Iterator[int]:
    """An application with one file that was read; gives the number of its import."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({"MINGSHI_DATA": folder, "SECRET_KEY": "faults"}))
        with app.app_context():
            upgrade()
            asked = [Question(Kind.TRUE_FALSE, f"第 {n} 句。", (), ("T",)) for n in range(ROWS)]
            report = Report(
                "题库.xlsx", Questions(Placed("题", n, one) for n, one in enumerate(asked, start=1))
            )
            with transaction():
                account = Account(name="b", role="owner", password_hash="", created_at=AT)
                db.session.add(account)
                found = importing.keep_preview(report=report, bank_name="题库", account=account, at=AT)
                number = found.id
            yield number
            _close()


def press(number: int, *, at_the_end: Callable[[], None] = lambda: None) -> None:
    """What the page does."""
    ready = importing.plan(queries.bank_import(number), at=AT)
    with transaction(ahead=ready.ahead):
        importing.import_preview(queries.bank_import(number), at=AT, who="b", ready=ready)
        at_the_end()


def undo(number: int, *, at_the_end: Callable[[], None] = lambda: None) -> None:
    with transaction():
        importing.undo(queries.bank_import(number), at=AT, who="b")
        at_the_end()


def killed(deed: Callable[..., None], number: int, point: Point, *, careless: bool = False) -> Left:
    """What is there after ``deed`` was killed: at a row, or "staged", at its "end", "after" the commit."""
    _close()
    child = os.fork()
    if child == 0:
        try:
            _die_at(point, careless=careless)
            deed(number, at_the_end=_die if point == "end" else lambda: None)
            if point == "after":
                _die()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"not killed at {point}"
    return left(number)


def left(number: int) -> Left:
    found = db.session.get_one(BankImport, number, populate_existing=True)
    count = db.session.scalar(select(func.count()).select_from(Stored))
    state = Left(count, found.imported_at is not None, found.undone_at is not None)
    assert db.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    _close()
    return state


def _close() -> None:
    db.session.remove()
    db.engine.dispose()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(point: Point, *, careless: bool) -> None:
    patched = pytest.MonkeyPatch()
    if careless:
        patched.setattr(storing, "insert", _insert_carelessly(storing.insert))
    if point == "staged":
        stage = storing.Staged.__call__
        patched.setattr(storing.Staged, "__call__", lambda *given: (stage(*given), _die()))
    if not isinstance(point, int):
        return

    @event.listens_for(db.engine, "connect")
    def _trap(raw: Any, record: Any) -> None:
        raw.create_function("die", 0, _die)
        for deed, row in (("INSERT", "new"), ("DELETE", "old")):
            raw.execute(
                f"CREATE TEMP TRIGGER on_{deed} AFTER {deed} ON main.question "
                f"WHEN {row}.source_row = {point} BEGIN SELECT die(); END"
            )


def _insert_carelessly(insert: Callable[..., int]) -> Callable[..., int]:
    """Ten rows in a transaction."""

    def some(bank: Any, rows: Any, **told: Any) -> int:
        added = 0
        for start in range(0, len(rows.rows), 10):
            added += insert(bank, rows.rows[start : start + 10], **told)
            db.session.commit()
        return added

    return some
