"""The control of test_kill.py: a server that acknowledges first and writes twenty answers later."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

import quiz
from quiz import clock
from quiz.extensions import Saver, to_millis
from quiz.sittings.saving import SAVE


class BufferedSaver(Saver):
    def __init__(self) -> None:
        super().__init__()
        self._buffer: list[tuple[str, Mapping[str, Any]]] = []

    def run(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        if sql != SAVE["sqlite"]:
            return super().run(sql, values)
        self._buffer.append((sql, values))
        if len(self._buffer) >= 20:
            pending, self._buffer = self._buffer, []
            for one, given in pending:
                super().run(one, given)
        # The deadline, and the phone that holds the sitting: none.
        return [(to_millis(clock.now()), None)]


def create_app() -> Flask:
    app = quiz.create_app()
    app.extensions["mingshi_saver"] = BufferedSaver()
    return app
