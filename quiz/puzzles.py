"""A small puzzle for a browser that does what few honest ones do; never for an ordinary sign-in.

Suspicious is one browser, known by its own cookie, never an address. The puzzle is a picture of four digits
or, for whoever does not see it, a sum in words; either answer is right. Nothing of it is stored: what is
asked follows from a signed token, and that each is used once is counted where limits are.
"""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, request, session
from flask.typing import ResponseReturnValue
from limits import RateLimitItem, RateLimitItemPerMinute

from quiz import clock, limits, tokens
from quiz.errors import NotFound, RuleBroken

blueprint = Blueprint("puzzles", __name__)

#: So many persons, or wrong tries, on one browser within ten minutes are usual.
PERSONS: RateLimitItem = RateLimitItemPerMinute(3, 10)
WRONG: RateLimitItem = RateLimitItemPerMinute(5, 10)
_ONCE: RateLimitItem = RateLimitItemPerMinute(1, 30)
LASTS = 10 * 60


class PuzzleNeeded(RuleBroken):
    code = "puzzle-needed"
    message = "请先答对下面的核对题。这台设备刚才连着报了几个人，或者输错了几次。"
    status = 422


def _browser() -> str:
    """A random name of this browser, kept in the session of its pages."""
    return session.setdefault("browser", tokens.new_name())


def suspicious() -> bool:
    browser = _browser()
    return not all(
        limits.has_room(item, what, browser) for item, what in ((PERSONS, "persons"), (WRONG, "wrong"))
    )


def check() -> None:
    """PuzzleNeeded unless nothing is suspicious or the form brings the answer to a fresh puzzle."""
    if suspicious() and not _answered(request.form.get("puzzle", ""), request.form.get("puzzle_answer", "")):
        raise PuzzleNeeded


def _answered(token: str, answer: str) -> bool:
    found = tokens.read_puzzle(current_app.config["SECRET_KEY"], token, now=clock.now().timestamp())
    # Used up by a wrong answer too.
    if found is None or not limits.count(_ONCE, "puzzle", token):
        return False
    return answer.strip() in (found.digits, str(found.first + found.second))


def entered(person_id: int) -> None:
    """Somebody identified on this browser; the same person again is nobody new."""
    if session.get("entered") != person_id:
        limits.count(PERSONS, "persons", _browser())
        session["entered"] = person_id


def missed() -> None:
    """Somebody was not who they said."""
    limits.count(WRONG, "wrong", _browser())


def fresh() -> dict[str, str] | None:
    """What the page asks: token and words; None when nothing is suspicious."""
    if not suspicious():
        return None
    secret = current_app.config["SECRET_KEY"]
    token = tokens.sign_puzzle(secret, until=int(clock.now().timestamp()) + LASTS)
    found = tokens.read_puzzle(secret, token, now=0)
    assert found is not None
    return {"token": token, "words": f"{_CHINESE[found.first]}加{_CHINESE[found.second]}等于几"}


_CHINESE = dict(enumerate("零一二三四五六七八九"))


@blueprint.get("/puzzle/<token>.png")
def picture(token: str) -> ResponseReturnValue:
    secret = current_app.config["SECRET_KEY"]
    found = tokens.read_puzzle(secret, token, now=clock.now().timestamp())
    if found is None:
        raise NotFound
    return Response(_painter().generate(found.digits).getvalue(), mimetype="image/png")


@lru_cache(maxsize=1)
def _painter() -> Any:
    # Only here: it loads a picture library of some megabytes that most runs never need.
    from captcha.image import ImageCaptcha  # noqa: PLC0415

    return ImageCaptcha(width=180, height=64)
