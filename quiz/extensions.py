"""The extensions, and the only two places that commit: ``transaction()`` and ``Saver``."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar, cast

from flask import current_app
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import BigInteger, Engine, Integer, MetaData, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from quiz.postgres import Lane, Statement

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

T = TypeVar("T")


class _Session(Session):
    """Ends though the database went away after the last statement: there is nothing left to take back."""

    def close(self) -> None:
        try:
            super().close()
        except DBAPIError:
            # By now the connection is known to be gone, and asked for nothing.
            super().close()


db = SQLAlchemy(metadata=MetaData(naming_convention=_NAMES), session_options={"class_": _Session})
migrate = Migrate(render_as_batch=True)
login = LoginManager()
csrf = CSRFProtect()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_millis(at: datetime) -> int:
    """Whole milliseconds since 1970 in UTC, the form every instant is stored in."""
    return (at - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    return _EPOCH + millis * _MILLISECOND


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime kept as milliseconds: SQLite would drop its zone, and integers compare alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_millis(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_millis(value)


class Points(TypeDecorator[Decimal]):
    """Points as Decimal, kept as whole hundredths: sums are exact and never depend on their order."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int(value * 100)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


@contextmanager
def transaction(*, ahead: Callable[[sqlite3.Connection], None] | None = None) -> Iterator[None]:
    """One unit of writing: commits at the end, rolls back on any exception.

    What was read before is read anew inside, so a rule decides on what is true now. On SQLite the
    write lock is taken at the start: a later upgrade from reading would fail without waiting. There
    ``ahead`` is done first, on the same connection, while everybody else may still write.
    """
    session = db.session
    session.rollback()
    session.connection(execution_options={"mingshi_write": True, "mingshi_ahead": ahead})
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        _set_pragmas(connection)


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        options = connection.get_execution_options()
        if options.get("mingshi_ahead"):
            options["mingshi_ahead"](connection.connection.driver_connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("mingshi_write") else "BEGIN")


def _set_pragmas(connection: sqlite3.Connection) -> None:
    # Python's own implicit BEGIN comes too late, at the first write; _begin_sqlite does it instead.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    # FULL: the commit returns after the sync, so what was acknowledged survives a power cut.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA foreign_keys=ON")


class Execute(Protocol):
    """Runs one statement, with ``:name`` for each value, and returns the rows it gives."""

    def __call__(self, sql: str, values: Mapping[str, Any]) -> list[Any]: ...

    def together(self, *statements: Statement) -> list[list[Any]]:
        """The rows of each; none may need what another gives. Over a network, one journey."""

    def later(self, sql: str, values: Mapping[str, Any]) -> None:
        """To be done before the transaction ends; nobody reads what it gives."""


class OneByOne:
    """Execute where a statement is no journey: at once, each by itself."""

    def __init__(self, run: Callable[[str, Mapping[str, Any]], list[Any]]) -> None:
        self._run = run

    def __call__(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        return self._run(sql, values)

    def together(self, *statements: Statement) -> list[list[Any]]:
        return [self._run(*statement) for statement in statements]

    def later(self, sql: str, values: Mapping[str, Any]) -> None:
        self._run(sql, values)


Deed = Callable[[Execute], T]


@dataclass(slots=True)
class _Job:
    deed: Callable[[Execute], Any]
    alone: bool
    result: Any = None
    error: Exception | None = None
    done: bool = False


class Saver:
    """Runs short guarded writes and returns after the commit.

    Without the ORM, for the few deeds that come by the thousand. On SQLite, where one writer works at a
    time, callers that wait together share a commit: whoever gets the lock serves all who queue behind it.
    A deed that fails is undone alone, and nobody is answered before the commit.
    On PostgreSQL each deed is its own transaction on a pooled connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._connections: dict[str, sqlite3.Connection] = {}
        self._pool: Engine | None = None

    def run(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        """The rows of one statement. Raises what the database raises."""
        return self._do(_Job(lambda execute: execute(sql, values), alone=False))

    def work(self, deed: Deed[T]) -> T:
        """What ``deed`` returns; all its statements stand or fall together. It must be quick."""
        return cast(T, self._do(_Job(deed, alone=True)))

    def _do(self, job: _Job) -> Any:
        engine = db.engine
        if engine.dialect.name != "sqlite":
            return _run_pooled(self._autocommitting(engine), job)
        self._waiting.append(job)
        with self._lock:
            if not job.done:
                self._serve(engine)
        if job.error:
            raise job.error
        return job.result

    def close(self) -> None:
        with self._lock:
            while self._connections:
                self._connections.popitem()[1].close()
            if self._pool is not None:
                self._pool.dispose()
                self._pool = None

    def _autocommitting(self, engine: Engine) -> Engine:
        """A pool of its own: one guarded statement is a transaction already and needs no BEGIN and COMMIT."""
        if self._pool is None:
            with self._lock:
                options = current_app.config["SQLALCHEMY_ENGINE_OPTIONS"]
                self._pool = self._pool or create_engine(
                    engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options
                )
        return self._pool

    def _serve(self, engine: Engine) -> None:
        jobs = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            connection = self._connection(engine)
            connection.execute("BEGIN IMMEDIATE")
            try:
                for job in jobs:
                    _run_job(connection, job)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except Exception as error:
            for job in jobs:
                job.error = job.error or error
        finally:
            for job in jobs:
                job.done = True

    def _connection(self, engine: Engine) -> sqlite3.Connection:
        path = engine.url.database or ""
        if path not in self._connections:
            connection = sqlite3.connect(path, check_same_thread=False, cached_statements=64)
            _set_pragmas(connection)
            self._connections[path] = connection
        return self._connections[path]


def _run_job(connection: sqlite3.Connection, job: _Job) -> None:
    execute = OneByOne(lambda sql, values: connection.execute(sql, values).fetchall())
    # A single statement that fails is undone by SQLite itself; several need a savepoint.
    if job.alone:
        connection.execute("SAVEPOINT deed")
    try:
        job.result = job.deed(execute)
    except Exception as error:
        if not connection.in_transaction:
            raise
        job.error = error
        if job.alone:
            connection.execute("ROLLBACK TO deed")
    if job.alone:
        connection.execute("RELEASE deed")


def _run_pooled(engine: Engine, job: _Job) -> Any:
    connection = engine.raw_connection()
    # As long as the connection lives: what is prepared on it is known again.
    lane = connection.info.get("lane")
    try:
        if lane is None:
            errors = engine.dialect.loaded_dbapi.errors
            lane = connection.info["lane"] = Lane(connection.driver_connection, errors)  # type: ignore[arg-type]
        return lane.work(job.deed) if job.alone else job.deed(OneByOne(lane.run))
    finally:
        if lane is None or not lane.usable:
            # The server went away: the next caller must get a new connection, not this one.
            connection.invalidate()
        connection.close()


def _in_session(sql: str, values: Mapping[str, Any]) -> list[Any]:
    connection = db.session.connection()
    given = sql if connection.dialect.name == "sqlite" else _pyformat(sql)
    found = connection.exec_driver_sql(given, dict(values))
    return list(found) if found.returns_rows else []


#: Execute within the transaction of the session, for deeds that are part of a larger one.
session_execute = OneByOne(_in_session)

_PYFORMAT: dict[str, str] = {}


def _pyformat(sql: str) -> str:
    if sql not in _PYFORMAT:
        _PYFORMAT[sql] = _named_to_pyformat(sql)
    return _PYFORMAT[sql]


def _named_to_pyformat(sql: str) -> str:
    words = sql.replace("%", "%%").split(":")
    out = words[0]
    for word in words[1:]:
        size = next((i for i, c in enumerate(word) if not (c.isalnum() or c == "_")), len(word))
        out += f"%({word[:size]})s{word[size:]}"
    return out


def saver() -> Saver:
    """The Saver of the running application."""
    return current_app.extensions["mingshi_saver"]
