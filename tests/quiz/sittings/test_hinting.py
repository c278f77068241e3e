"""Hints, case by case: far beyond chance is hinted at, knowing little together is not."""

import random
from math import comb

import pytest

from quiz.sittings import hinting
from quiz.sittings.hinting import Wrong


def crowd(rng: random.Random, *, people: int, questions: int = 80, share: float = 0.3) -> list[Wrong]:
    """Innocent people of one unit; of three wrong answers to each question one is twice as tempting."""
    return [
        Wrong(n, 1, {q: rng.choice("BBCD") for q in range(questions) if rng.random() < share})
        for n in range(people)
    ]


def test_chance_is_exact() -> None:
    fair = [0.5] * 10
    for equal in range(11):
        expected = sum(comb(10, k) for k in range(equal, 11)) / 2**10
        assert hinting.at_least(equal, fair) == pytest.approx(expected)
    assert hinting.at_least(2, [1.0, 0.0, 1.0]) == 1
    assert hinting.at_least(1, []) == 0


def test_a_question_with_one_wrong_answer_tells_nothing() -> None:
    everybody = [Wrong(n, 1, {7: "F"}) for n in range(50)]
    assert hinting.agreements(everybody)[7] > 0.95
    assert hinting.alike([Wrong(n, 1, dict.fromkeys(range(30), "F")) for n in range(20)]) == []


@pytest.mark.parametrize("seed", range(5))
def test_innocent_people_are_not_hinted_at(seed: int) -> None:
    assert hinting.alike(crowd(random.Random(seed), people=40)) == []


@pytest.mark.parametrize("seed", range(5))
def test_who_copied_is(seed: int) -> None:
    people = crowd(random.Random(seed), people=40)
    copied = Wrong(99, 1, dict(list(people[3].answers.items())[:-2]))
    [pair] = hinting.alike([*people, copied])
    assert {pair.first, pair.second} == {3, 99}
    assert pair.equal == pair.shared == len(copied.answers)
    assert pair.expected < pair.equal


def test_only_within_a_unit_and_never_for_a_few() -> None:
    people = crowd(random.Random(1), people=40)
    elsewhere = Wrong(99, 2, people[3].answers)
    assert hinting.alike([*people, elsewhere]) == []
    few = dict(list(people[3].answers.items())[: hinting.LEAST_EQUAL - 1])
    assert hinting.alike([*people, Wrong(98, 1, few)]) == []


@pytest.mark.parametrize(("size", "seconds"), [(0, 1.0), (25, 1.0), (50, 2.0), (200, 8.0)])
def test_the_least_time_to_read(size: int, seconds: float) -> None:
    assert hinting.plausible_seconds(size) == seconds


def steps(gaps: list[float], size: int = 50) -> list[tuple[float, int]]:
    """Answers with these gaps before them, after a first one at 0."""
    found, at = [(0.0, size)], 0.0
    for gap in gaps:
        at += gap
        found.append((at, size))
    return found


@pytest.mark.parametrize(
    ("gaps", "found"),
    [
        ([1.9] * 30, 30),
        ([2.0] * 30, 0),  # exactly the time it takes
        ([1.9] * 10 + [20.0] * 20, 10),
        ([1.9] * 9 + [20.0] * 5, 0),  # too few
        ([1.9] * 10 + [20.0] * 40, 0),  # too small a share
        ([], 0),
    ],
)
def test_fast(gaps: list[float], found: int) -> None:
    assert hinting.fast(steps(gaps)) == found
