"""A real server on a free port and a headless Chromium, with phones made to order."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import skip_or_fail
from factories import make_bank, make_exam, make_person, make_unit
from flask import Flask
from werkzeug.serving import make_server

from quiz import config, create_app
from quiz.extensions import db, saver, transaction
from quiz.sittings import queries
from quiz.sittings.models import LateAnswer, Sitting

try:
    from playwright import sync_api
except ImportError:
    sync_api = None  # type: ignore[assignment]

CHROMIUM = os.environ.get("MINGSHI_TEST_CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Hall:
    """An exam being held on a real server: the address, its code, and what is stored."""

    def __init__(self, app: Flask, address: str, code: str) -> None:
        self.app, self.address, self.code = app, address, code

    def stored(self) -> dict[int, list[str]]:
        """Position → answer of the only sitting."""
        with self.app.app_context():
            sitting = db.session.scalars(db.select(Sitting)).one()
            return {position: given for position, (given, _) in queries.responses_of(sitting.id).items()}

    def sitting(self) -> Sitting:
        with self.app.app_context():
            found = db.session.scalars(db.select(Sitting)).one()
            db.session.expunge_all()
            return found

    def late(self) -> list[LateAnswer]:
        """What arrived after the end."""
        with self.app.app_context():
            found = list(db.session.scalars(db.select(LateAnswer)))
            db.session.expunge_all()
            return found

    def begun_earlier(self, *, minutes: float) -> None:
        """Let every sitting have begun that long ago; its end stays."""
        with self.app.app_context(), transaction():
            for sitting in db.session.scalars(db.select(Sitting)):
                sitting.started_at = datetime.now(UTC) - timedelta(minutes=minutes)

    def give_time(self, seconds: float) -> None:
        """Set what is left of every open sitting."""
        with self.app.app_context(), transaction():
            for sitting in db.session.scalars(db.select(Sitting)):
                sitting.deadline = datetime.now(UTC) + timedelta(seconds=seconds)
                sitting.accept_until = sitting.deadline + timedelta(seconds=2)


@pytest.fixture
def served() -> Iterator[Callable[[Flask], str]]:
    """Put an application on a real server until the test is over; gives its address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(_serving(app))


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    running.join()
    server.server_close()
    with app.app_context():
        saver().close()
        db.engine.dispose()


@pytest.fixture
def hall(served: Callable[[Flask], str], empty_sqlite: Path, tmp_path: Path) -> Hall:
    """Ann of 青石镇 may sit an exam of 80 items that is open now."""
    shutil.copy(empty_sqlite, tmp_path / "mingshi.db")
    app = create_app(config.load({}, data=tmp_path))
    with app.app_context():
        now = datetime.now(UTC)
        exam = make_exam(make_bank(at=now), at=now)
        make_person(unit=make_unit())
        code = exam.code
    return Hall(app, served(app), code)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if sync_api is None:
        skip_or_fail("browser", "playwright is not installed")
    if CHROMIUM is None:
        skip_or_fail("browser", "chromium was not found")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Any, hall: Hall) -> Iterator[Callable[..., Any]]:
    """Makes a phone: its page, not yet on any address. Any error of a script fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def make(width: int = 390, height: int = 844, script: str = "") -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=hall.address)
        context.set_default_timeout(10_000)
        if script:
            context.add_init_script(script)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors
