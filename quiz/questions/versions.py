"""Keeps what a question was as a QuestionVersion, one for every change; none for merely being imported.

The first version of an imported question costs no row until something changes: the question itself and its
import say all there is to say about it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from quiz.extensions import db
from quiz.questions.models import Question, QuestionVersion


def document(row: Question) -> dict[str, Any]:
    """A question as QuestionVersion.document keeps it: every field of wording.FIELDS."""
    plain = ("kind", "stem", "explanation", "basis", "chapter", "difficulty", "practisable", "state")
    return {name: getattr(row, name) for name in plain} | {
        "options": list(row.options),
        "key": list(row.key),
        "tags": list(row.tags),
        "points": None if row.points is None else f"{row.points.normalize():f}",
    }


def change(
    rows: Sequence[Question],
    deed: str,
    how: Callable[[Question], None],
    *,
    at: datetime,
    who: str,
    notes: Mapping[int, str] | None = None,
) -> None:
    """Change rows that are held, as one new version each; ``notes`` are sentences by question id."""
    baseline(rows)
    with db.session.no_autoflush:
        for row in rows:
            how(row)
            row.version += 1
    db.session.flush()
    keep(rows, deed, at=at, who=who, notes=notes)


def keep(
    rows: Sequence[Question],
    deed: str,
    *,
    at: datetime,
    who: str,
    notes: Mapping[int, str] | None = None,
) -> None:
    """Store what rows are now as their current version."""
    versions = [_version(row, deed, at, who) for row in rows]
    for version in versions if notes else ():
        version["document"]["note"] = (notes or {}).get(version["question_id"], "")
    _insert(versions)


def _insert(versions: list[dict[str, Any]]) -> None:
    if versions:
        db.session.execute(insert(QuestionVersion), versions)


def _version(row: Question, deed: str, at: datetime, who: str) -> dict[str, Any]:
    plain = {"question_id": row.id, "number": row.version, "document": document(row)}
    return plain | {"who": who, "deed": deed, "at": at}


def baseline(rows: Sequence[Question]) -> dict[int, dict[str, Any]]:
    """The documents of rows about to change; kept first where the last deed kept none, as imports do."""
    now = {row.id: document(row) for row in rows}
    listed = select(QuestionVersion.question_id, QuestionVersion.number, QuestionVersion.document)
    listed = listed.where(QuestionVersion.question_id.in_(now)).order_by(QuestionVersion.number)
    last = {number: (version, kept) for number, version, kept in db.session.execute(listed)}
    unkept = []
    for row in rows:
        version, kept = last.get(row.id, (0, {}))
        if {name: value for name, value in kept.items() if name != "note"} != now[row.id]:
            row.version = max(row.version, version + 1)
            unkept.append(_version(row, "import", row.created_at, row.author))
    _insert(unkept)
    return now
