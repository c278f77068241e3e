"""The changing code and the seats, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from quiz.sittings import rooming

AT = datetime(2026, 11, 24, 4, 0, 0, tzinfo=UTC)
SECRET = "a" * 32


def code(seconds: float, secret: str = SECRET) -> str:
    return rooming.shown(secret, at=AT + timedelta(seconds=seconds)).code


def test_the_code_changes_every_minute_and_is_the_same_everywhere() -> None:
    assert code(0) == code(59.9) != code(60)
    assert code(0) != code(0, "b" * 32)
    assert [rooming.shown(SECRET, at=AT + timedelta(seconds=s)).seconds for s in (0, 1, 59, 60)] == [
        60,
        59,
        1,
        60,
    ]
    assert all(len(code(60 * n)) == 6 and code(60 * n).isdigit() for n in range(50))


@pytest.mark.parametrize(
    ("given", "later", "right"),
    [
        (code(0), 0, True),
        (code(0), 59, True),
        (code(0), 119.9, True),  # the one before is good for a minute more
        (code(0), 120, False),
        (code(60), 0, False),  # not yet shown
        (f"{code(0)[:3]} {code(0)[3:]}", 0, True),
        ("".join(chr(ord(digit) + 0xFEE0) for digit in code(0)), 0, True),  # typed full width
        ("", 0, False),
        (None, 0, False),
        (code(0)[:5], 0, False),
        ("口令", 0, False),
    ],
)
def test_which_code_opens(given: str | None, later: float, right: bool) -> None:
    def start() -> None:
        rooming.check(SECRET, given, at=AT + timedelta(seconds=later))

    if right:
        start()
        return
    with pytest.raises(rooming.WrongRoomCode):
        start()


def test_without_a_secret_nothing_is_asked() -> None:
    rooming.check(None, None, at=AT)


@pytest.mark.parametrize(
    ("units", "seats", "rooms"),
    [
        ([], 30, []),
        ([["a1"]], 30, [["a1"]]),
        ([["a1", "a2", "a3"], ["b1"]], 30, [["a1", "b1", "a2", "a3"]]),
        ([["a1", "a2"], ["b1", "b2"], ["c1"]], 3, [["a1", "b1", "c1"], ["a2", "b2"]]),
        # Eleven in rooms of ten: six and five, not ten and one.
        ([[f"a{n}" for n in range(11)]], 10, [[f"a{n}" for n in range(6)], [f"a{n}" for n in range(6, 11)]]),
    ],
)
def test_seats(units: list[list[str]], seats: int, rooms: list[list[str]]) -> None:
    assert rooming.seated(units, seats=seats) == rooms


@pytest.mark.parametrize(("seats", "good"), [(4, False), (5, True), (200, True), (201, False), (0, False)])
def test_how_many_seats(seats: int, good: bool) -> None:
    if good:
        rooming.check_seats(seats)
        return
    with pytest.raises(rooming.BadSeats):
        rooming.check_seats(seats)
