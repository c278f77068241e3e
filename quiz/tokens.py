"""Signed tokens for the phone: who this is and for which exam, checked without the database.

Practising has a token and a cookie of its own: it opens no exam, and does not end one that is under way.

Flask's own session costs a third of a save (reference/performance.md §2); this one costs a dictionary
look-up after its first use. What can change while a token lives (is the sitting still open, is it this
person's) is not in the token but in the statement that saves.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import NamedTuple

COOKIE = "mingshi"
PRACTICE_COOKIE = "mingshi_practice"
#: In browsers an account has signed in from: its wrong tries are counted apart from everybody else's.
DEVICE_COOKIE = "mingshi_device"


class Candidate(NamedTuple):
    """A person who has identified for one exam, and a random name of the phone it was done on."""

    person: int
    exam: int
    phone: str
    #: Seconds since 1970; 0 in tokens from before this was told.
    issued: int = 0


class Practiser(NamedTuple):
    person: int
    #: As of Candidate.
    issued: int


def sign(secret: str, *, person: int, exam: int, phone: str | None = None, issued: int = 0) -> str:
    """A token; ``phone`` is the name an earlier token gave to the same phone, a new one is made without."""
    body = f"{person}.{exam}.{phone or secrets.token_urlsafe(9)}.{issued}"
    return f"{body}.{_mac(secret, 'candidate', body)}"


@lru_cache(maxsize=20_000)
def verify(secret: str, token: str) -> Candidate | None:
    """The candidate a token names, or None if it was not signed with ``secret``."""
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret, "candidate", body).encode()):
        return None
    person, exam, phone, *issued = body.split(".")
    return Candidate(int(person), int(exam), phone, int(issued[0]) if issued else 0)


def sign_practice(secret: str, *, person: int, issued: int = 0) -> str:
    body = f"{person}.{secrets.token_urlsafe(9)}.{issued}"
    return f"{body}.{_mac(secret, 'practice', body)}"


def verify_practice(secret: str, token: str) -> Practiser | None:
    """Who practises with this token, or None if it was not signed with ``secret`` for that."""
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret, "practice", body).encode()):
        return None
    person, _, *issued = body.split(".")
    return Practiser(int(person), int(issued[0]) if issued else 0)


def sign_device(secret: str, *, account: int) -> str:
    body = f"{account}.{secrets.token_urlsafe(9)}"
    return f"{body}.{_mac(secret, 'device', body)}"


def verify_device(secret: str, token: str) -> tuple[int, str] | None:
    """The account that signed in from this browser and the browser's own mark, or None if not signed."""
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret, "device", body).encode()):
        return None
    account, _, mark = body.partition(".")
    return int(account), mark


def new_name() -> str:
    """For a browser: random, and nothing else."""
    return secrets.token_urlsafe(9)


class Puzzle(NamedTuple):
    """What a token of a puzzle asks: digits in a picture, or a sum of two numbers from 2 to 9."""

    digits: str
    first: int
    second: int


def sign_puzzle(secret: str, *, until: int) -> str:
    body = f"{secrets.token_urlsafe(9)}.{until}"
    return f"{body}.{_mac(secret, 'puzzle', body)}"


def read_puzzle(secret: str, token: str, *, now: float) -> Puzzle | None:
    """What is asked, or None if this secret asked nothing by this token or it is too late."""
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret, "puzzle", body).encode()):
        return None
    if float(body.rpartition(".")[2]) < now:
        return None
    drawn = hmac.new(secret.encode(), f"asked:{body}".encode(), hashlib.sha256).digest()
    return Puzzle("".join(str(byte % 10) for byte in drawn[:4]), 2 + drawn[4] % 8, 2 + drawn[5] % 8)


def sign_wall(secret: str, *, exam: int) -> str:
    """What a wall's address carries: whoever has it may show this exam's standings without signing in."""
    return _mac(secret, "wall", str(exam))[:16]


def opens_wall(secret: str, key: str, *, exam: int) -> bool:
    return hmac.compare_digest(key.encode(), sign_wall(secret, exam=exam).encode())


def carry_key(secret: str, *, sitting: int, phone: str) -> str:
    """With what a phone signs answers of this sitting that somebody else brings; it opens nothing."""
    return _mac(secret, "carry", f"{sitting}.{phone}")


def is_carried(secret: str, body: str, mac: str, *, sitting: int, phone: str) -> bool:
    """Whether the phone of this name signed ``body`` for this sitting."""
    if not phone.isascii():
        return False
    wanted = _mac(carry_key(secret, sitting=sitting, phone=phone), "carried", body)
    return hmac.compare_digest(mac.encode(), wanted.encode())


@lru_cache(maxsize=20_000)
def csrf(secret: str, token: str) -> str:
    """What the page must send as X-CSRF-Token beside this token's cookie."""
    return _mac(secret, "csrf", token)


def _mac(secret: str, purpose: str, text: str) -> str:
    digest = hmac.new(secret.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
