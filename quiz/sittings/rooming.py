"""考场模式: a code that changes every minute, and who sits where. Plain values and a time.

The code shows on the proctor's screen only. It follows from the exam's secret and the minute, so nothing is
stored and every process knows it. Who starts must give the present one or the one before it.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar

from quiz.errors import RuleBroken

#: Seconds for which a code is shown.
TURN = 60
_DIGITS = 6
FEWEST_SEATS, MOST_SEATS = 5, 200

T = TypeVar("T")


class WrongRoomCode(RuleBroken):
    code = "wrong-room-code"
    message = "考场口令不对，或者已经换了。请看监考屏幕上现在的六位数字。"
    status = 403


class BadSeats(RuleBroken):
    code = "bad-seats"
    message = f"每个考场填 {FEWEST_SEATS} 至 {MOST_SEATS} 个座位。"
    status = 422


@dataclass(frozen=True)
class Shown:
    """The present code, and for how many seconds more it is shown."""

    code: str
    seconds: int


def shown(secret: str, *, at: datetime) -> Shown:
    seconds = int(at.timestamp())
    return Shown(_code(secret, seconds // TURN), TURN - seconds % TURN)


def _code(secret: str, turn: int) -> str:
    digest = hmac.new(secret.encode(), f"room:{turn}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**_DIGITS:0{_DIGITS}}"


def check(secret: str | None, given: str | None, *, at: datetime) -> None:
    """WrongRoomCode unless no code is asked for or it is the present one or the one before."""
    if secret is None:
        return
    digits = "".join(unicodedata.normalize("NFKC", given or "").split())
    turn = int(at.timestamp()) // TURN
    # Both are always compared, in constant time.
    right = [hmac.compare_digest(digits.encode(), _code(secret, t).encode()) for t in (turn, turn - 1)]
    if not any(right):
        raise WrongRoomCode


def check_seats(seats: int) -> None:
    if not FEWEST_SEATS <= seats <= MOST_SEATS:
        raise BadSeats


def seated(units: Sequence[Sequence[T]], *, seats: int) -> list[list[T]]:
    """Rooms of at most ``seats`` people each, in order of their seats.

    One of each unit after the other, so that neighbours come from different units as long as there are any;
    the people are spread evenly over the rooms.
    """
    people = [one for row in zip_longest(*units, fillvalue=None) for one in row if one is not None]
    if not people:
        return []
    rooms = -(-len(people) // seats)
    sizes = [len(people) // rooms + (n < len(people) % rooms) for n in range(rooms)]
    found, begin = [], 0
    for size in sizes:
        found.append(people[begin : begin + size])
        begin += size
    return found
