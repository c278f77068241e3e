"""Commands run in this process, on each database, with the clock of the tests."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from quiz.cli import cli

Mingshi = Callable[..., Result]


@pytest.fixture
def mingshi(app: Any, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Mingshi:
    """``mingshi("bank", "import", …)`` on the database of ``app``."""
    monkeypatch.setenv("MINGSHI_DATA", str(settings["DATA"]))
    monkeypatch.setenv("SECRET_KEY", str(settings["SECRET_KEY"]))
    monkeypatch.setenv("DATABASE_URL", str(settings["SQLALCHEMY_DATABASE_URI"]))
    monkeypatch.delenv("REDIS_URL", raising=False)
    return lambda *words, **more: CliRunner().invoke(cli, [str(word) for word in words], **more)


@pytest.fixture
def document(mingshi: Mingshi) -> Callable[..., Any]:
    """What ``mingshi … --json`` prints; fails when it is anything but one JSON document."""
    return lambda *words, **more: json.loads(mingshi(*words, "--json", **more).stdout)
