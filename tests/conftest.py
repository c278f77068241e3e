"""Fixtures of the whole suite: the application on each database, a clock that stands, and the cast.

MINGSHI_TEST_REQUIRE=postgres,redis,browser turns a missing service from a skip into a failure.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from quiz import clock, config, create_app
from quiz.extensions import db, saver

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


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """Name of a migrated, empty PostgreSQL database to copy from; removed at the end."""
    pytest.importorskip("psycopg")
    name = f"mingshi_test_{uuid.uuid4().hex[:12]}"
    try:
        _postgres(f"CREATE DATABASE {name}")
    except Exception as error:  # the driver's own error class differs by driver
        skip_or_fail("postgres", f"no server answered ({type(error).__name__})")
    try:
        app = create_app(_postgres_settings(name))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        yield name
    finally:
        _postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _postgres(statement: str) -> None:
    engine = create_engine(_driver_url(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _driver_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_settings(name: str) -> dict[str, object]:
    url = POSTGRES.rpartition("/")[0] + "/" + name
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
    template = request.getfixturevalue("postgres_template")
    name = f"{template}_{uuid.uuid4().hex[:8]}"
    _postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _postgres_settings(name) | {"DATA": tmp_path}
    finally:
        _postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class FreshClient(FlaskClient):
    """A client whose requests read anew: here they share the test's own context, its session and its g."""

    def open(self, *args: Any, **more: Any) -> Any:
        if has_app_context():
            db.session.rollback()
            # Whoever signed in with another client is not whoever asks with this one.
            g.pop("_login_user", None)
        return super().open(*args, **more)


@pytest.fixture
def app(settings: dict[str, object], time: Clock) -> Iterator[Flask]:
    """The application on a fresh database, inside its context."""
    made = create_app(settings | {"TESTING": True, "WTF_CSRF_ENABLED": False, "IDLE_MINUTES": 10**6})
    made.test_client_class = FreshClient
    with made.app_context():
        yield made
        db.session.remove()
        saver().close()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
