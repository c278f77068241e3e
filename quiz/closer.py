"""What happens without anybody asking: sittings whose time is over are closed, papers are drawn ahead.

The database decides who closes a sitting and who draws a paper: any number of workers and commands may do
this at once.
"""

import atexit
import random
import threading
import time
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quiz import clock, limits
from quiz.audit import chain
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode, State
from quiz.extensions import db, transaction
from quiz.privacy import queries as privacy
from quiz.privacy import services as tidying
from quiz.privacy.rules import NIGHT
from quiz.sittings import closing, flags, queries, services
from quiz.standings import freezing
from quiz.standings import queries as standing_queries
from quiz.standings import services as standings

#: Seconds between two looks. With sittings.rules.SETTLE this stays well under the promised five.
PAUSE = 1.0
#: Seconds until papers are looked for again once all are there.
REST = 3.0
#: Seconds between two seals of the ledger.
SEALS = 5.0
#: The same for sittings of contests to compare.
TRACE_REST = 30.0
#: The same for personal data that is due.
TIDY_REST = 600.0


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


def draw_ahead(*, at: datetime) -> int:
    """Draw some of the papers of exams that are open or will be; returns how many, 0 when all are ready.

    A few at a time once an exam is open: the phones that save wait for this as for any other writer.
    """
    drawn = 0
    for exam in db.session.scalars(select(Exam).where(Exam.mode == Mode.EXAM.value, Exam.closes_at > at)):
        state = exams.state(exam, at=at)
        if state is not State.CLOSED:
            with transaction():
                drawn += services.make_papers(exam, limit=200 if state is State.SCHEDULED else 50)
    return drawn


def freeze_due(*, at: datetime) -> int:
    """Freeze the standings whose instant has come; returns how many."""
    frozen = 0
    for exam in standing_queries.waiting_to_freeze(at=at):
        with transaction():
            frozen += freezing.freeze(exam, at=at)
    return frozen


def mind_clock(*, at: datetime) -> bool:
    """Take over a step of the server's clock once it changes nothing for anybody; whether it did."""
    jump = timedelta(seconds=clock.jump())
    if not jump or not queries.nobody_minds(*sorted((at, at + jump))):
        return False
    clock.accept()
    return True


def keep_heads(*, at: datetime) -> int:
    """Keep 应参人数 of exams that have just opened; returns of how many."""
    kept = 0
    for exam in standing_queries.waiting_for_heads(at=at):
        with transaction():
            kept += standings.keep_heads(exam, at=at)
    return kept


def trace_more(*, at: datetime) -> int:
    """Compare some of the sittings handed in to contests (复核队列); returns how many, 0 when all are."""
    rows = flags.trace_more(at=at)
    if rows:
        with transaction():
            flags.keep_traces(rows)
    return len(rows)


def tidy_at_night(*, at: datetime) -> int:
    """Remove some of the personal data that is due, where that is switched on; returns of how many."""
    night = at.astimezone(exams.zone()).hour in NIGHT
    if not (night and privacy.keeping().nightly):
        return 0
    with transaction():
        gone = tidying.tidy(at=at, who="到期自动")
    tidying.forget_on_disk()
    return gone


class Closer:
    """A thread that calls close_due() and draw_ahead() about once a second until it is stopped."""

    def __init__(self, app: Flask, *, pause: float = PAUSE) -> None:
        self._app, self._pause = app, pause
        self._stopping = threading.Event()
        self._rests_until = self._seals_at = self._traces_from = self._tidies_from = 0.0
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
                at = clock.now()
                close_due(at=at)
                keep_heads(at=at)
                freeze_due(at=at)
                self._draw_ahead(at)
                self._seal(at)
                mind_clock(at=at)
                self._trace_more(at)
                self._tidy(at)
            except Exception:
                self._app.logger.exception("closing sittings failed; it will be tried again")
            finally:
                db.session.remove()

    def _draw_ahead(self, at: datetime) -> None:
        """Rests for a while when all are drawn: then only somebody new on the roster is without a paper."""
        if time.monotonic() < self._rests_until:
            return
        try:
            if not draw_ahead(at=at):
                self._rests_until = time.monotonic() + REST
        except IntegrityError:
            # Somebody of these pressed start at this very moment and has a paper now.
            db.session.rollback()

    def _seal(self, at: datetime) -> None:
        if time.monotonic() >= self._seals_at:
            chain.seal(at=at)
            self._seals_at = time.monotonic() + SEALS

    def _tidy(self, at: datetime) -> None:
        if time.monotonic() >= self._tidies_from and not tidy_at_night(at=at):
            self._tidies_from = time.monotonic() + TIDY_REST

    def _trace_more(self, at: datetime) -> None:
        if time.monotonic() >= self._traces_from and not trace_more(at=at):
            self._traces_from = time.monotonic() + TRACE_REST
            with transaction():
                limits.forget_old(at=at)
