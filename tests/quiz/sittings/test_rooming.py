"""The changing code and the seats, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from quiz.sittings import rooming
from quiz.sittings.rooming import How

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


def test_every_room_has_a_code_of_its_own() -> None:
    def there(room: int | None) -> str:
        return rooming.shown(SECRET, at=AT, room=room).code

    assert len({there(room) for room in (None, 1, 2, 3)}) == 4
    rooming.check(SECRET, there(2), at=AT, room=2, where="第 2 考场")
    for given in (there(1), there(None)):
        with pytest.raises(rooming.WrongRoomCode, match="第 2 考场的监考屏幕"):
            rooming.check(SECRET, given, at=AT, room=2, where="第 2 考场")


def people(*sizes: int) -> list[list[str]]:
    return [[f"{chr(97 + unit)}{n}" for n in range(size)] for unit, size in enumerate(sizes)]


def placed(sizes: tuple[int, ...], free: list[int], how: How) -> list[str]:
    """Each room as the units of its seats in order: aab."""
    given = rooming.seated(people(*sizes), [range(1, seats + 1) for seats in free], how=how)
    rooms = [
        sorted((place.number, one[0]) for one, place in given if place.room == n) for n in range(len(free))
    ]
    return ["".join(unit for _, unit in room) for room in rooms]


@pytest.mark.parametrize(
    ("sizes", "free", "how", "rooms"),
    [
        ((), [30], How.APART, [""]),
        ((1,), [30], How.APART, ["a"]),
        ((2, 2), [4], How.APART, ["abab"]),
        # As long as anybody else is left, neighbours are from different units.
        ((3, 1, 1), [5], How.APART, ["abaca"]),
        ((4, 1), [5], How.APART, ["abaaa"]),
        # All rooms are filled to the same part, whatever their size.
        ((3, 3), [8, 4], How.APART, ["abab", "ab"]),
        ((2, 3), [4, 4], How.TOGETHER, ["bbb", "aa"]),
        # The largest first, each in the first room that holds it.
        ((1, 3, 2), [3, 3], How.TOGETHER, ["bbb", "cca"]),
        # A unit that no room holds is split.
        ((5,), [3, 3], How.TOGETHER, ["aaa", "aa"]),
        ((3, 3), [6], How.TOGETHER, ["aaabbb"]),
    ],
)
def test_who_sits_where(sizes: tuple[int, ...], free: list[int], how: How, rooms: list[str]) -> None:
    assert placed(sizes, free, how) == rooms


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("sizes", [(17, 5, 5, 1), (1, 2, 3, 4, 5, 6), (40,), (10,) * 7])
def test_everybody_has_one_seat_and_every_seat_one_person(sizes: tuple[int, ...], how: How) -> None:
    free = [[2, 4, 9], list(range(1, 31)), [], list(range(5, 60))]
    given = rooming.seated(people(*sizes), free, how=how)
    assert sorted(one for one, _ in given) == sorted(one for unit in people(*sizes) for one in unit)
    places = [place for _, place in given]
    assert len(set(places)) == len(places)
    assert all(place.number in free[place.room] for place in places)


def test_too_few_seats_are_said_and_nobody_is_seated() -> None:
    with pytest.raises(rooming.NoSeats, match="5 人要排，空座只有 4 个"):
        rooming.seated(people(3, 2), [[1, 2], [1, 2]], how=How.APART)


@pytest.mark.parametrize(("seats", "good"), [(0, False), (1, True), (500, True), (501, False), (-1, False)])
def test_how_many_seats(seats: int, good: bool) -> None:
    if good:
        rooming.check_seats(seats)
        return
    with pytest.raises(rooming.BadSeats):
        rooming.check_seats(seats)


@pytest.mark.parametrize(
    ("name", "place", "seats", "taken", "good"),
    [
        ("第 1 考场", "", 30, 0, True),
        ("", "三楼", 30, 0, False),
        ("场" * 21, "", 30, 0, False),
        ("一", "楼" * 41, 30, 0, False),
        ("一", "", 10, 10, True),
        ("一", "", 9, 10, False),
    ],
)
def test_what_a_room_may_be(name: str, place: str, seats: int, taken: int, good: bool) -> None:
    if good:
        rooming.check_room(name=name, place=place, seats=seats, taken=taken)
        return
    with pytest.raises(rooming.BadSeats):
        rooming.check_room(name=name, place=place, seats=seats, taken=taken)


@pytest.mark.parametrize(
    ("opens", "closes", "at", "open_"),
    [
        ((24, 9, 0), (24, 11, 0), (24, 0, 0), True),
        ((24, 9, 0), (24, 11, 0), (24, 23, 59), True),
        ((24, 9, 0), (24, 11, 0), (23, 23, 59), False),
        ((24, 9, 0), (24, 11, 0), (25, 0, 0), False),
        # Whoever was given more time at midnight is still watched.
        ((24, 20, 0), (24, 23, 0), (25, 0, 30), True),
        ((24, 9, 0), (26, 11, 0), (25, 3, 0), True),
    ],
)
def test_the_day_of_a_proctor(
    opens: tuple[int, int, int], closes: tuple[int, int, int], at: tuple[int, int, int], open_: bool
) -> None:
    times = [datetime(2026, 11, *one, tzinfo=UTC) for one in (opens, closes, at)]
    assert rooming.on_the_day(opens_at=times[0], closes_at=times[1], at=times[2]) is open_
