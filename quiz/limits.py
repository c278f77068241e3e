"""Limits on guessing. Counted per name tried, never per address: a whole hall shares one address."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from quiz.errors import RuleBroken

#: Wrong tries for one phone, number or account within a quarter of an hour (promises D10).
TRIES: RateLimitItem = RateLimitItemPerMinute(10, 15)


class TooManyTries(RuleBroken):
    code = "too-many-tries"
    message = "试的次数太多，请 15 分钟后再试，或找本单位联络员。"
    status = 429


def init_app(app: Flask) -> None:
    # Counted by Redis when there are several machines, by this process otherwise.
    storage = storage_from_string(app.config["REDIS_URL"] or "memory://")
    app.extensions["mingshi_limits"] = MovingWindowRateLimiter(storage)


@contextmanager
def limited(what: str, subject: str, *, only: type[RuleBroken] = RuleBroken) -> Iterator[None]:
    """Refuse after too many tries that ended in a refusal; a try that succeeds is not counted.

    ``only``: the refusal that is a wrong guess, where others may come that are none.
    """
    limiter: MovingWindowRateLimiter = current_app.extensions["mingshi_limits"]
    if not limiter.test(TRIES, what, subject):
        raise TooManyTries(retry_after=15 * 60)
    try:
        yield
    except only:
        limiter.hit(TRIES, what, subject)
        raise
