"""What is worth a look, as tables of cases."""

import time

import pytest

from quiz.sittings.flagging import (
    Entrant,
    grouped,
    in_a_row,
    look_alike,
    pace_mark,
    same_phone,
    skeleton,
    wrong_mark,
)


def entrants(*rows: tuple[str, str | None, int]) -> list[Entrant]:
    return [Entrant(n, name, name, phone, unit) for n, (name, phone, unit) in enumerate(rows, 1)]


def test_one_phone_with_several_names():
    found = entrants(
        ("王芳", "13800000001", 1), ("李四", "13800000001", 2), ("赵六", None, 1), ("钱七", None, 1)
    )
    assert same_phone(found) == [(1, 2)]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["王芳", "王芳2", "李四"], [(1, 2)]),
        (["王芳", "王芳a", "王·芳"], [(1, 2, 3)]),
        (["王芳", "王芳"], []),  # namesakes
        (["王芳", "王芳", "王芳"], [(1, 2, 3)]),
        (["a1", "a2"], []),  # nothing is left to compare
    ],
)
def test_names_that_are_nearly_one(names: list[str], found: list[tuple[int, ...]]):
    assert look_alike(entrants(*((name, None, 1) for name in names))) == found
    assert look_alike(entrants(*((name, None, unit) for unit, name in enumerate(names)))) == []


def test_what_a_name_is_without_additions():
    assert [skeleton(name) for name in ("王芳2", "王芳", "王", "x1")] == ["王芳", "王芳", "王", "x1"]


@pytest.mark.parametrize(
    ("tails", "found"),
    [((1, 2, 3), [(1, 2, 3)]), ((3, 1, 2, 9), [(1, 2, 3)]), ((1, 2, 4, 5), []), ((1, 2), [])],
)
def test_numbers_in_a_row(tails: tuple[int, ...], found: list[tuple[int, ...]]):
    rows = [("人", f"1380000{tail:04}", 1) for tail in tails]
    assert in_a_row(entrants(*rows)) == found
    assert in_a_row(entrants(*((name, phone, n) for n, (name, phone, _) in enumerate(rows)))) == []


def test_equal_wrong_answers_have_one_mark_whatever_their_order():
    wrong = dict.fromkeys(range(5), "B")
    assert wrong_mark(wrong) == wrong_mark(dict(reversed(wrong.items())))
    assert wrong_mark(wrong | {9: "C"}) != wrong_mark(wrong)
    assert wrong_mark(dict.fromkeys(range(4), "B")) is None


def test_equal_intervals_have_one_mark_whenever_they_began():
    steps = [7.0 * n for n in range(10)]
    assert pace_mark(steps) == pace_mark([900.3 + step for step in steps])
    assert pace_mark(steps) != pace_mark([*steps[:-1], 64.0])
    assert pace_mark(steps[:9]) is None
    # All at once, as after a time without network.
    assert pace_mark([0.01 * n for n in range(20)]) is None


def test_a_hundred_thousand_are_gone_through_once():
    many = [Entrant(n, f"人{n}", f"人{n}", f"{13000000000 + 7 * n}", n % 60) for n in range(100_000)]
    began = time.process_time()
    assert (same_phone(many), in_a_row(many)) == ([], [])
    assert grouped(((one.unit, one.person) for one in many), least=2)[0][:2] == (0, 60)
    assert time.process_time() - began < 8
