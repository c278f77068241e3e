"""Limits on guessing, shared by every worker.

Counted per name tried, never per address: a whole hall shares one.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MovingWindowSupport, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete
from sqlalchemy.orm import Mapped, mapped_column

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import Instant, db, from_millis, saver, to_millis

#: Wrong tries for one phone, number or account within a quarter of an hour (promises D10).
TRIES: RateLimitItem = RateLimitItemPerMinute(10, 15)
#: No item counts longer.
LONGEST = timedelta(hours=1)


class TooManyTries(RuleBroken):
    code = "too-many-tries"
    message = "试的次数太多，请 15 分钟后再试，或找本单位联络员。"
    status = 429


class Counted(db.Model):
    """One counted event. ``key`` is a digest; there are as many slots as the limit allows."""

    key: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant, index=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class DatabaseStorage(Storage, MovingWindowSupport):
    """Counts in the application's database: one more place for the library to count in.

    A free slot is taken by one guarded statement, and two that want the same one get one of them.
    """

    STORAGE_SCHEME = None
    _TAKE = """
INSERT INTO counted (key, slot, at) VALUES (:key, :slot, :at)
ON CONFLICT (key, slot) DO UPDATE SET at = excluded.at WHERE counted.at <= :since
RETURNING slot
"""
    _FRESH = "SELECT slot, at FROM counted WHERE key = :key AND at > :since"

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        values = {"key": key, "at": to_millis(clock.now()), "since": to_millis(_since(expiry))}
        free = set(range(limit)) - self._fresh(key, expiry).keys()
        return any(saver().run(self._TAKE, values | {"slot": slot}) for slot in sorted(free))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        fresh = self._fresh(key, expiry)
        return min(fresh.values(), default=clock.now()).timestamp(), len(fresh)

    def _fresh(self, key: str, expiry: int) -> dict[int, datetime]:
        """By the saver: a session would show what was true when it began to read, and a second connection
        from its pool may never come when every thread holds one already."""
        _outside_transactions()
        values = {"key": key, "since": to_millis(_since(expiry))}
        return {slot: from_millis(at) for slot, at in saver().run(self._FRESH, values)}

    # What the library asks of every storage and the moving window never uses.
    base_exceptions = ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError

    get = get_expiry = clear = incr  # type: ignore[assignment]

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        raise NotImplementedError


def _since(expiry: int) -> datetime:
    return clock.now() - timedelta(seconds=expiry)


def _outside_transactions() -> None:
    """What is counted must stay though the deed is rolled back, and on SQLite would wait for it for ever."""
    session = db.session()
    if session.in_transaction() and session.connection().get_execution_options().get("mingshi_write"):
        raise AssertionError("limited() belongs around transaction(), not into it")


def init_app(app: Flask) -> None:
    url = app.config["REDIS_URL"]
    soon = {"socket_connect_timeout": 1, "socket_timeout": 1, "wrap_exceptions": True} if url else {}
    storages = [storage_from_string(url, **soon)] if url else []
    storages.append(DatabaseStorage())
    app.extensions["mingshi_limits"] = [MovingWindowRateLimiter(storage) for storage in storages]


def _ask(question: Callable[[MovingWindowRateLimiter], bool]) -> bool:
    """By Redis where there is one; while it is away the database counts, so that no guess is free (B11)."""
    *others, database = current_app.extensions["mingshi_limits"]
    for limiter in others:
        try:
            return question(limiter)
        except StorageError as error:
            current_app.logger.warning("Redis does not answer, the database counts: %s", error)
    return question(database)


def _digest(subject: str) -> str:
    """Phones and names are told apart and not kept."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"counted:" + subject.encode(), hashlib.sha256).hexdigest()[:24]


def count(item: RateLimitItem, what: str, subject: str) -> bool:
    """Count one; False when that is one too many, which is not counted."""
    key = _digest(subject)
    return _ask(lambda limiter: limiter.hit(item, what, key))


def has_room(item: RateLimitItem, what: str, subject: str) -> bool:
    key = _digest(subject)
    return _ask(lambda limiter: limiter.test(item, what, key))


@contextmanager
def limited(what: str, subject: str, *, only: type[RuleBroken] = RuleBroken) -> Iterator[None]:
    """Refuse after too many tries that ended in a refusal; a try that succeeds is not counted.

    ``only``: the refusal that is a wrong guess, where others may come that are none. Of tries made at once
    no more are told right from wrong than the limit allows: the others are refused whatever they were.
    """
    _check(what, subject)
    try:
        yield
    except only:
        if not count(TRIES, what, subject):
            raise TooManyTries(retry_after=15 * 60) from None
        raise
    _check(what, subject)


def _check(what: str, subject: str) -> None:
    if not has_room(TRIES, what, subject):
        raise TooManyTries(retry_after=15 * 60)


def forget_old(*, at: datetime) -> None:
    """What no limit counts any more."""
    db.session.execute(delete(Counted).where(Counted.at < at - LONGEST))
