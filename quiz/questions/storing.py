"""Questions on their way into the table: by the thousand, so as tuples in one statement.

What can be worked out is worked out before (``values``), for SQLite lets nobody else write meanwhile.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from question_bank.report import Row
from quiz.extensions import db
from quiz.questions import catalogue, law
from quiz.questions.models import APPROVED, DRAFT, Bank

#: The columns of a question that ``values`` gives, and those all questions of one file share.
_OWN = (
    *("kind", "stem", "options", "key", "explanation", "basis", "chapter"),
    *("difficulty", "points", "source_row", "fingerprint", "article_id", "tags"),
)
_SHARED = ("bank_id", "import_id", "state", "author", "created_at")
Values = tuple[Any, ...]


def values(rows: Iterable[tuple[Row, str]], *, on: date) -> list[Values]:
    """What the table holds of questions given as rows of a report with their fingerprints."""
    editions = catalogue.editions()
    articles: dict[str, int | None] = {}
    found = []
    for row, mark in rows:
        _, number, kind, stem, options, key, explanation, basis, chapter, difficulty, points, tags = row
        if basis and basis not in articles:
            articles[basis] = law.article_of(basis, editions, on=on)
        texts = f"{kind}", stem, _listed(options), _listed(key), explanation, basis, chapter
        hundredths = None if points is None else int(Decimal(str(points)) * 100)
        found.append((*texts, int(difficulty), hundredths, number, mark, articles.get(basis), _listed(tags)))
    return found


def mark_of(values: Values) -> str:
    return str(values[_OWN.index("fingerprint")])


def _listed(texts: Sequence[str]) -> str:
    """The texts as the JSON that the columns keep."""
    return "[" + ", ".join(map(encode_basestring_ascii, texts)) + "]"


def insert(bank: Bank, rows: Sequence[Values], *, created_at: int, import_id: int | None, who: str) -> int:
    """Store the questions that the bank does not have yet, approved at once or as drafts; returns how many.

    The fingerprint decides what is new, in the database itself. ``created_at`` is in milliseconds.
    """
    db.session.flush()
    shared = (bank.id, import_id, DRAFT if bank.reviewed else APPROVED, who, created_at)
    connection = db.session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = (*_OWN, *_SHARED)
    statement = (
        f"INSERT INTO question ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)}) "
        "ON CONFLICT (bank_id, fingerprint, copy) DO NOTHING"
    )
    if not rows:
        return 0
    return connection.exec_driver_sql(statement, [(*row, *shared) for row in rows]).rowcount
