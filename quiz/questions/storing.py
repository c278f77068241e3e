"""Questions on their way into the table: by the thousand, so as tuples in one statement.

What can be worked out is worked out before (``values``), for SQLite lets nobody else write meanwhile.
"""

import sqlite3
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from question_bank.placed import BEHIND, Questions, texts_of
from quiz.extensions import db
from quiz.questions import catalogue, law
from quiz.questions.models import APPROVED, DRAFT, Bank

#: The columns of a question that ``values`` gives, and those all questions of one file share.
_OWN = (
    *("kind", "stem", "options", "key", "explanation", "basis", "chapter"),
    *("difficulty", "points", "source_row", "fingerprint", "article_id", "tags"),
)
_SHARED = ("bank_id", "import_id", "created_at", "state", "author")
Values = tuple[Any, ...]
_BEHIND, _COMMA = encode_basestring_ascii(BEHIND)[1:-1], '", "'


def values(questions: Questions, marks: Sequence[str], *, on: date) -> list[Values]:
    """What the table holds of questions with these fingerprints."""
    column, editions = questions.column, catalogue.editions()
    bases = column("basis")
    articles = {basis: law.article_of(basis, editions, on=on) for basis in dict.fromkeys(bases) if basis}
    found = zip(
        *(
            map(str, column("kind")),
            column("stem"),
            map(_listed, column("options")),
            map(_listed, column("key")),
        ),
        *(column("explanation"), bases, column("chapter"), map(int, column("difficulty"))),
        *(map(_hundredths, column("points")), column("row"), marks, map(articles.get, bases)),
        map(_listed, column("tags")),
        strict=True,
    )
    return list(found)


def mark_of(values: Values) -> str:
    return str(values[_OWN.index("fingerprint")])


def _hundredths(points: float | None) -> int | None:
    return None if points is None else int(Decimal(str(points)) * 100)


def _listed(listed: str | Sequence[str]) -> str:
    """Options or a key as the JSON that the columns keep."""
    if isinstance(listed, str) and "\\" not in listed:
        # All at once: the mark behind each text becomes what JSON has between two.
        return f"[{encode_basestring_ascii(listed[:-1]).replace(_BEHIND, _COMMA)}]" if listed else "[]"
    return "[" + ", ".join(map(encode_basestring_ascii, texts_of(listed))) + "]"


class Staged:
    """Rows laid ready in a table of the connection's own, where filling it keeps nobody waiting.

    One statement then takes them over. Whatever happens before its commit, nothing of them is stored.
    """

    def __init__(self, rows: Sequence[Values]) -> None:
        self.rows, self.there = rows, False

    def __call__(self, connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE IF EXISTS temp.staged")
        connection.execute(f"CREATE TEMP TABLE staged ({', '.join(_OWN)})")
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO staged VALUES ({', '.join('?' for _ in _OWN)})", self.rows)
        connection.execute("COMMIT")
        self.there = True


def insert(
    bank: Bank, rows: Sequence[Values] | Staged, *, created_at: int, import_id: int | None, who: str
) -> int:
    """Store the questions that the bank does not have yet, approved at once or as drafts; returns how many.

    The fingerprint decides what is new, in the database itself. ``created_at`` is in milliseconds.
    """
    db.session.flush()
    staged = isinstance(rows, Staged) and rows.there
    given = rows.rows if isinstance(rows, Staged) else rows
    if not given:
        return 0
    connection = db.session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    # Numbers and a word of ours: written once, they need not be given 20,000 times.
    shared = (bank.id, import_id or "NULL", created_at, f"'{DRAFT if bank.reviewed else APPROVED}'", mark)
    fixed, own = ", ".join(map(str, shared)), ", ".join(_OWN)
    # Without a condition SQLite takes ON CONFLICT for the ON of a join.
    rest = f"SELECT {fixed}, {own} FROM temp.staged WHERE true"
    if not staged:
        rest = f"VALUES ({fixed}, {', '.join(mark for _ in _OWN)})"
    statement = (
        f"INSERT INTO question ({', '.join(_SHARED)}, {own}) {rest} "
        "ON CONFLICT (bank_id, fingerprint, copy) DO NOTHING"
    )
    several: Any = (who,) if staged else [(who, *row) for row in given]
    added = connection.exec_driver_sql(statement, several).rowcount
    if staged:
        connection.exec_driver_sql("DROP TABLE temp.staged")
    return added
