"""Fixtures of the whole suite: the application on each database, a clock that stands, and the cast.

MINGSHI_TEST_REQUIRE=postgres,redis,browser turns a missing service from a skip into a failure.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from argon2 import PasswordHasher
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from quiz import clock, config, create_app
from quiz.extensions import db, saver
from quiz.people import services as people

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
POSTGRES = os.environ.get("MINGSHI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
SHARED = Path(__file__).resolve().parents[2] / "shared"


def required(what: str) -> bool:
    return what in os.environ.get("MINGSHI_TEST_REQUIRE", "").split(",")


def skip_or_fail(what: str, reason: str) -> None:
    if required(what):
        pytest.fail(f"{what} is required here but {reason}")
    pytest.skip(f"{what}: {reason}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files; tests that want it are skipped where it is not."""
    if not SHARED.is_dir():
        pytest.skip("shared: the folder of real files is not beside the project")
    return SHARED


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock(NOON)
    monkeypatch.setattr(clock, "now", standing.now)
    return standing


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy: migrating once is enough."""
    folder = tmp_path_factory.mktemp("empty")
    app = create_app(config.load({}, data=folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return folder / "mingshi.db"


class PostgresDatabase:
    """One migrated database for all tests of this process.

    It is emptied before each test, and made anew after one that changed its tables.
    """

    def __init__(self, name: str) -> None:
        self.template, self.name = name, f"{name}_work"
        _postgres(f"CREATE DATABASE {self.template}")
        app = create_app(_postgres_settings(self.template))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        self._copy()

    def _copy(self) -> None:
        _postgres(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        _postgres(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        self.shape = _postgres(_SHAPE, self.name)

    def emptied(self) -> str:
        """The name of the database, without a row in it."""
        _postgres(_ALONE, self.name)
        if _postgres(_SHAPE, self.name) == self.shape:
            _postgres(_EMPTY, self.name)
        else:
            self._copy()
        return self.name

    def remove(self) -> None:
        for name in (self.name, self.template):
            _postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[PostgresDatabase]:
    pytest.importorskip("psycopg")
    try:
        _postgres("SELECT 1")
    except Exception as error:  # the driver's own error class differs by driver
        skip_or_fail("postgres", f"no server answered ({type(error).__name__})")
    made = PostgresDatabase(f"mingshi_test_{uuid.uuid4().hex[:12]}")
    yield made
    made.remove()


_ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE = """
SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_constraint),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_attribute),
       (SELECT max(version_num) FROM alembic_version)
"""
#: Deletes every row and begins every number at one: milliseconds, where a new database or TRUNCATE takes a
#: tenth of a second and more. As a replica no trigger and no foreign key stands in the way.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP PERFORM setval(format('%I', name)::regclass, 1, false); END LOOP;
END $$
"""


def _postgres(statement: str, name: str = "") -> list[Any]:
    """Run one statement in the database of that name, and give its rows."""
    url = _postgres_url(name) if name else POSTGRES
    engine = create_engine(_driver_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        done = connection.execute(text(statement))
        rows = list(done) if done.returns_rows else []
    engine.dispose()
    return rows


def _driver_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_url(name: str) -> str:
    return POSTGRES.rpartition("/")[0] + "/" + name


def _postgres_settings(name: str) -> dict[str, object]:
    url = _postgres_url(name)
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / name
    settings = config.load({"DATABASE_URL": url, "SECRET_KEY": "for tests only"}, data=folder)
    shutil.rmtree(folder, ignore_errors=True)
    return settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, object]]:
    """Settings of a fresh, migrated database; every test that takes ``app`` runs on both."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "mingshi.db")
        yield config.load({}, data=tmp_path)
        return
    name = request.getfixturevalue("postgres_database").emptied()
    yield _postgres_settings(name) | {"DATA": tmp_path}


class RememberedRule(Rule):
    """A route compiled once in the suite: two hundred of them for each app are a third of a test's time."""

    _builders: ClassVar[dict[tuple[str, str, str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, repr(self._trace), repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


class RememberedTemplates(BytecodeCache):
    """Templates compiled once in the suite, not once a test."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = RememberedTemplates()
#: Hashing a password is slow on purpose; nearly every test of the desk signs in.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class FreshClient(FlaskClient):
    """A client whose requests read anew: here they share the test's own context, its session and its g."""

    def open(self, *args: Any, **more: Any) -> Any:
        if has_app_context():
            db.session.rollback()
            # Whoever signed in with another client is not whoever asks with this one.
            g.pop("_login_user", None)
        return super().open(*args, **more)


@pytest.fixture
def app(settings: dict[str, object], time: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on a fresh database, inside its context."""
    monkeypatch.setattr(Flask, "url_rule_class", RememberedRule)
    monkeypatch.setattr(people, "_hasher", QUICK_HASHER)
    made = create_app(settings | {"TESTING": True, "WTF_CSRF_ENABLED": False, "IDLE_MINUTES": 10**6})
    made.test_client_class = FreshClient
    made.jinja_env.bytecode_cache = TEMPLATES
    with made.app_context():
        yield made
        db.session.remove()
        saver().close()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
