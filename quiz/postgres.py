"""Short writes on PostgreSQL by the thousand: statements prepared once a connection, through libpq itself.

psycopg's cursor plans, adapts and loads for every case there is; these few statements have three types. What
both take is in benchmarks/RESULTS.md. The connection stays psycopg's, and so do the errors that are raised.
"""

import select
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from psycopg import Connection

T = TypeVar("T")
Statement: TypeAlias = tuple[str, Mapping[str, Any]]

#: What a value is sent as; text is left to PostgreSQL to infer.
_OIDS = {int: 20, bool: 16}
_WRITERS: dict[type, Callable[[Any], bytes | None]] = {
    int: b"%d".__mod__,
    bool: lambda value: b"t" if value else b"f",
    str: str.encode,
    type(None): lambda value: None,
}
_READERS: dict[int, Callable[[bytes], Any]] = {16: b"t".__eq__, 20: int, 21: int, 23: int}
_BEGIN: Statement = ("BEGIN", {})
_COMMIT: Statement = ("COMMIT", {})
#: Where a result keeps its SQLSTATE: PG_DIAG_SQLSTATE.
_SQLSTATE = ord("C")


class Lane:
    """Runs statements on one connection, which must be in autocommit and used by nobody else meanwhile.

    Within work() a journey to the server and back takes what is known by then: BEGIN goes with the first
    statements, what was left for later with COMMIT.
    """

    def __init__(self, connection: "Connection[Any]", errors: Any) -> None:
        self._libpq, self._errors = connection.pgconn, errors
        self._prepared: dict[str, _Prepared] = {}
        self._later: list[Statement] = []
        self._begun = False
        self._ready = select.poll()
        self._ready.register(self._libpq.socket, select.POLLIN)

    @property
    def usable(self) -> bool:
        """Whether the next caller may have this connection: alive and idle."""
        return not (self._libpq.status or self._libpq.transaction_status or self._libpq.pipeline_status)

    def run(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        """Rows of one statement, a transaction of its own; ``:name`` for each value, JSON comes as text."""
        known = self._known(sql, values)
        return known.rows(self._checked(self._libpq.exec_prepared(known.name, known.given(values))))

    def work(self, deed: "Callable[[Lane], T]") -> T:
        """What ``deed`` returns; its statements are one transaction."""
        self._later, self._begun = [], False
        try:
            result = deed(self)
            if self._begun or self._later:
                self.together(_COMMIT)
        except BaseException:
            # Of a connection that is beyond this, ``usable`` tells.
            if self._libpq.transaction_status and not (self._libpq.status or self._libpq.pipeline_status):
                self._libpq.exec_(b"ROLLBACK")
            raise
        return result

    def __call__(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        return self.together((sql, values))[0]

    def together(self, *statements: Statement) -> list[list[Any]]:
        """The rows of each, sent at once: none may need what another gives."""
        before = [*([] if self._begun else [_BEGIN]), *self._later]
        self._later, self._begun = [], True
        return self._journey([*before, *statements])[len(before) :]

    def later(self, sql: str, values: Mapping[str, Any]) -> None:
        """To be done before the commit; nobody reads what it gives."""
        self._later.append((sql, values))

    def _journey(self, statements: Sequence[Statement]) -> list[list[Any]]:
        """One pipeline: the server does these in order, and none after one that failed."""
        every = [self._known(*statement) for statement in statements]
        self._libpq.enter_pipeline_mode()
        for known, (_, values) in zip(every, statements, strict=True):
            self._libpq.send_query_prepared(known.name, known.given(values))
        self._libpq.pipeline_sync()
        results = []
        for _ in every:
            results.append(self._next())
            # Nothing: the end of what this statement gives.
            self._next()
        self._next()
        self._libpq.exit_pipeline_mode()
        return [known.rows(self._checked(result)) for known, result in zip(every, results, strict=True)]

    def _next(self) -> Any:
        """The next result under way. Waits without holding up other threads, as get_result() would."""
        while self._libpq.is_busy():
            self._ready.poll()
            self._libpq.consume_input()
        return self._libpq.get_result()

    def _known(self, sql: str, values: Mapping[str, Any]) -> "_Prepared":
        if sql not in self._prepared:
            text, names = numbered(sql)
            made = _Prepared(b"mingshi_%d" % len(self._prepared), names)
            types = [_OIDS.get(type(values[name]), 0) for name in names]
            self._checked(self._libpq.prepare(made.name, text.encode(), types))
            self._prepared[sql] = made
        return self._prepared[sql]

    def _checked(self, result: Any) -> Any:
        """``result``, or the error of psycopg that it stands for; OperationalError when the line is dead."""
        if not result.error_message:
            return result
        message = result.error_message.decode(errors="replace")
        if self._libpq.status:
            raise self._errors.OperationalError(message)
        state = (result.error_field(_SQLSTATE) or b"").decode()
        try:
            kind = self._errors.lookup(state)
        except KeyError:
            kind = self._errors.DatabaseError
        raise kind(message)


def _text(value: Any) -> bytes:
    return str(value).encode()


class _Prepared:
    """A statement on one connection. How to read its columns follows from its first result."""

    __slots__ = ("_names", "_readers", "name")

    def __init__(self, name: bytes, names: Sequence[str]) -> None:
        self.name, self._names = name, names
        self._readers: list[tuple[int, Callable[[bytes], Any]]] | None = None

    def given(self, values: Mapping[str, Any]) -> list[bytes | None]:
        return [_WRITERS.get(type(value := values[name]), _text)(value) for name in self._names]

    def rows(self, result: Any) -> list[Any]:
        if self._readers is None:
            kinds = [result.ftype(column) for column in range(result.nfields)]
            self._readers = [(column, _READERS.get(kind, bytes.decode)) for column, kind in enumerate(kinds)]
        value, readers = result.get_value, self._readers
        return [
            tuple(None if (raw := value(row, column)) is None else read(raw) for column, read in readers)
            for row in range(result.ntuples)
        ]


_NUMBERED: dict[str, tuple[str, list[str]]] = {}


def numbered(sql: str) -> tuple[str, list[str]]:
    """With $1, $2 … for each ``:name``, and the names in that order.

    >>> numbered("SELECT :b, :a, :b")
    ('SELECT $1, $2, $1', ['b', 'a'])
    """
    if sql not in _NUMBERED:
        names: list[str] = []
        out, *words = sql.split(":")
        for word in words:
            size = next((i for i, c in enumerate(word) if not (c.isalnum() or c == "_")), len(word))
            if word[:size] not in names:
                names.append(word[:size])
            out += f"${names.index(word[:size]) + 1}{word[size:]}"
        _NUMBERED[sql] = out, names
    return _NUMBERED[sql]
