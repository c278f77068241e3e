"""Finalises sittings whose time is over, so that nobody has to come back for their score to count.

The database decides who closes a sitting: any number of workers and commands may do this at once.
"""

import atexit
import random
import threading
from datetime import datetime

from flask import Flask

from quiz import clock
from quiz.extensions import db, transaction
from quiz.sittings import closing, queries

#: Seconds between two looks. With sittings.rules.SETTLE this stays well under the promised five.
PAUSE = 1.0


def close_due(*, at: datetime) -> int:
    """Finalise every sitting whose last accepted instant has passed; returns how many this call closed.

    Each in its own transaction: one that fails keeps no other open, and is raised after the rest.
    """
    closed, failure = 0, None
    ids = queries.due_ids(at=at)
    while ids:
        for sitting_id in ids:
            try:
                with transaction():
                    closed += closing.finalise_if_due(sitting_id, at=at)
            except Exception as error:  # whatever it was, the next person's score must not wait for it
                failure = error
        ids = [] if failure else queries.due_ids(at=at)
    if failure is not None:
        raise failure
    return closed


class Closer:
    """A thread that calls close_due() about once a second until it is stopped."""

    def __init__(self, app: Flask, *, pause: float = PAUSE) -> None:
        self._app, self._pause = app, pause
        self._stopping = threading.Event()
        # A daemon: a database that does not answer must not keep the server from stopping.
        self._thread = threading.Thread(target=self._run, name="closer", daemon=True)

    def start(self) -> None:
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ask the thread to end and wait for the sitting it is working on, at most three seconds."""
        self._stopping.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        # Unequal pauses: several workers that started together must not knock together for ever.
        while not self._stopping.wait(self._pause * random.uniform(0.8, 1.2)):
            self.look()

    def look(self) -> None:
        """One look; whatever goes wrong is logged and tried again at the next."""
        with self._app.app_context():
            try:
                close_due(at=clock.now())
            except Exception:
                self._app.logger.exception("closing sittings failed; it will be tried again")
            finally:
                db.session.remove()
