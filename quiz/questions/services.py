"""Deeds on banks: make one, import questions into it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from question_bank import Question as BankQuestion
from quiz.extensions import db
from quiz.questions import queries
from quiz.questions.models import APPROVED, Bank, Question

#: Rows of one statement: below SQLite's limit on values, large enough for twenty thousand rows a second.
_BATCH = 500


def find_or_make_bank(*, name: str, at: datetime) -> Bank:
    found = queries.bank_by_name(name)
    if found is None:
        found = Bank(name=name.strip(), created_at=at)
        db.session.add(found)
        db.session.flush()
    return found


def add_questions(
    bank: Bank,
    *,
    questions: Iterable[tuple[BankQuestion, int | None]],
    at: datetime,
    import_id: int | None = None,
) -> int:
    """Store the questions (each with the row it came from) that the bank does not have yet; returns how many.

    The fingerprint decides what is new, in the database itself: importing a file twice adds nothing.
    """
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    rows = [_row(bank.id, question, source_row, import_id, at) for question, source_row in questions]
    statement = insert(Question).on_conflict_do_nothing(index_elements=["bank_id", "fingerprint"])
    added = 0
    for first in range(0, len(rows), _BATCH):
        returned = statement.values(rows[first : first + _BATCH]).returning(Question.id)
        added += len(db.session.execute(returned).all())
    return added


def _row(
    bank_id: int, question: BankQuestion, source_row: int | None, import_id: int | None, at: datetime
) -> dict[str, Any]:
    return {
        "bank_id": bank_id,
        "kind": question.kind.value,
        "stem": question.stem,
        "options": list(question.options),
        "key": list(question.key),
        "explanation": question.explanation,
        "basis": question.basis,
        "chapter": question.chapter,
        "difficulty": int(question.difficulty),
        "points": None if question.points is None else Decimal(str(question.points)),
        "fingerprint": question.fingerprint,
        "state": APPROVED,
        "import_id": import_id,
        "source_row": source_row,
        "created_at": at,
    }
