"""考场: a code that changes every minute, who sits where, and whose room it is. Plain values and a time.

The code shows on the proctor's screen only. It follows from the exam's secret, the room and the minute, so
nothing is stored and every process knows it. Who starts must give the present one or the one before it.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeVar

from quiz.errors import RuleBroken

#: Seconds for which a code is shown.
TURN = 60
_DIGITS = 6
MOST_SEATS, MOST_ROOMS = 500, 500
LONGEST_NAME, LONGEST_PLACE, LONGEST_NOTE = 20, 40, 200
#: How long after the end a proctor still finds the room: whoever was given more time may need it.
STAYS = timedelta(hours=2)

T = TypeVar("T")


class WrongRoomCode(RuleBroken):
    code = "wrong-room-code"
    message = "考场口令不对，或者已经换了。请看监考屏幕上现在的六位数字。"
    status = 403


class BadSeats(RuleBroken):
    code = "bad-seats"
    status = 422


class NoSeats(RuleBroken):
    code = "no-seats"


class How(StrEnum):
    """In which order seats are given."""

    APART = "apart"
    TOGETHER = "together"

    @property
    def chinese(self) -> str:
        return {"apart": "同单位分开坐", "together": "同单位坐在一起"}[self.value]


@dataclass(frozen=True)
class Shown:
    """The present code, and for how many seconds more it is shown."""

    code: str
    seconds: int


def shown(secret: str, *, at: datetime, room: int | None = None) -> Shown:
    seconds = int(at.timestamp())
    return Shown(_code(secret, room, seconds // TURN), TURN - seconds % TURN)


def _code(secret: str, room: int | None, turn: int) -> str:
    said = f"room:{turn}" if room is None else f"room:{room}:{turn}"
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**_DIGITS:0{_DIGITS}}"


def check(
    secret: str | None, given: str | None, *, at: datetime, room: int | None = None, where: str = ""
) -> None:
    """WrongRoomCode unless no code is asked for or it is the present one or the one before.

    ``room``, called ``where``: who has a seat gives the code of that room, and no other opens.
    """
    if secret is None:
        return
    digits = "".join(unicodedata.normalize("NFKC", given or "").split())
    turn = int(at.timestamp()) // TURN
    # Both are always compared, in constant time.
    right = [hmac.compare_digest(digits.encode(), _code(secret, room, t).encode()) for t in (turn, turn - 1)]
    if not any(right):
        raise WrongRoomCode(f"口令不对，或者已经换了。请看{where}的监考屏幕。" if where else None)


def check_room(*, name: str, place: str, seats: int, taken: int = 0) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadSeats(f"请填写考场名称，{LONGEST_NAME} 个字以内。")
    if len(place) > LONGEST_PLACE:
        raise BadSeats(f"地点最多 {LONGEST_PLACE} 个字。")
    check_seats(seats)
    if seats < taken:
        raise BadSeats(f"座位号已经排到 {taken}，座位数不能比它少。先把人调走。")


def check_seats(seats: int) -> None:
    if not 1 <= seats <= MOST_SEATS:
        raise BadSeats(f"每个考场填 1 至 {MOST_SEATS} 个座位。")


def clean_note(text: str | None) -> str:
    found = " ".join((text or "").split())
    if not 2 <= len(found) <= LONGEST_NOTE or not all(map(str.isprintable, found)):
        raise BadSeats(f"请写明情况，2 至 {LONGEST_NOTE} 个字。")
    return found


def on_the_day(*, opens_at: datetime, closes_at: datetime, at: datetime) -> bool:
    """Whether ``at`` is a day of the exam, or soon after it. All of them in the zone of the place."""
    return opens_at.date() <= at.date() and at.date() <= (closes_at + STAYS).date()


class Given(NamedTuple):
    """The place of one person: which of the rooms, and the seat."""

    room: int
    number: int


def seated(units: Sequence[Sequence[T]], free: Sequence[Sequence[int]], *, how: How) -> list[tuple[T, Given]]:
    """Everybody with a place; ``free`` are the seats of each room that nobody has. NoSeats."""
    wanted, there = sum(map(len, units)), sum(map(len, free))
    if wanted > there:
        raise NoSeats(f"座位不够：{wanted} 人要排，空座只有 {there} 个。请增加考场或座位数。")
    return _apart(units, free) if how is How.APART else _together(units, free)


def _together(units: Sequence[Sequence[T]], free: Sequence[Sequence[int]]) -> list[tuple[T, Given]]:
    """Each unit in the first room that holds all of it, the largest first; one that none holds is split."""
    left, found = [list(seats) for seats in free], []
    for unit in sorted(units, key=len, reverse=True):
        rest = list(unit)
        while rest:
            fits = (n for n, seats in enumerate(left) if len(seats) >= len(rest))
            room = next(fits, max(range(len(left)), key=lambda n: len(left[n])))
            here = left[room][: len(rest)]
            found += [(one, Given(room, number)) for one, number in zip(rest, here, strict=False)]
            rest, left[room] = rest[len(here) :], left[room][len(here) :]
    return found


def _apart(units: Sequence[Sequence[T]], free: Sequence[Sequence[int]]) -> list[tuple[T, Given]]:
    """Neighbours from different units as long as there are any; all rooms filled to the same part."""
    people = _alternating(units)
    there, begun, places = sum(map(len, free)), 0, []
    for room, seats in enumerate(free):
        before = begun * len(people) // there if there else 0
        begun += len(seats)
        share = begun * len(people) // there - before if there else 0
        places += [Given(room, number) for number in seats[:share]]
    return list(zip(people, places, strict=True))


def _alternating(units: Sequence[Sequence[T]]) -> list[T]:
    """One after the other, always of the unit with the most left that is not the last one's."""
    waiting = [(-len(unit), place) for place, unit in enumerate(units) if unit]
    heapify(waiting)
    found: list[T] = []
    held: tuple[int, int] | None = None
    while waiting:
        left, place = heappop(waiting)
        found.append(units[place][len(units[place]) + left])
        if held is not None:
            heappush(waiting, held)
        held = (left + 1, place) if left < -1 else None
    if held is not None:
        found += units[held[1]][len(units[held[1]]) + held[0] :]
    return found
