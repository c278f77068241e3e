"""Formulas with the vectors of reference/domain.md §3.4, ranks against a naive ranker."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.standings import method as methods
from quiz.standings import rules
from quiz.standings.method import Method
from quiz.standings.rules import Formula, UnitRow

FULL = Decimal(100)
A = {"expected": 200, "took_part": 160, "total": Decimal(13600)}
B = {"expected": 8, "took_part": 8, "total": Decimal(672)}
C = {"expected": 5, "took_part": 1, "total": Decimal(100)}


def unit(name: str = "甲", **more: Any) -> UnitRow:
    figures = {
        "expected": 10,
        "took_part": 5,
        "sitting": 0,
        "total": Decimal(400),
        "passed": 0,
        "excellent": 0,
    }
    return UnitRow(unit_id=len(name), unit=name, **(figures | more))


@pytest.mark.parametrize(
    ("formula", "a", "b", "c", "order"),
    [
        ("sum", "13600", "672", "100", "ABC"),
        ("count", "160", "8", "1", "ABC"),
        ("mean", "85", "84", "100", "CAB"),
        ("rate", "80", "100", "20", "BAC"),
        ("r50m50", "82.5", "92", "60", "BAC"),
        ("percap", "68", "84", "20", "BAC"),
    ],
)
def test_the_published_vectors(formula: str, a: str, b: str, c: str, order: str) -> None:
    scores = [rules.score(Formula(formula), full=FULL, **figures) for figures in (A, B, C)]
    assert scores == [Decimal(a), Decimal(b), Decimal(c)]
    rows = [unit("A", **A), unit("B", **B), unit("C", **C)]
    ranked = methods.rank_units(rows, method=Method(formula=Formula(formula)), full=FULL)
    assert "".join(entry.row.unit for entry in ranked) == order


def test_a_paper_of_another_full_mark_weighs_the_same() -> None:
    of_hundred = rules.score(Formula.R50M50, expected=8, took_part=8, total=Decimal(672), full=FULL)
    of_fifty = rules.score(Formula.R50M50, expected=8, took_part=8, total=Decimal(336), full=Decimal(50))
    assert of_hundred == of_fifty == 92


def test_more_participants_than_expected_count_as_all() -> None:
    figures = {"expected": 4, "took_part": 6, "total": Decimal(600), "full": FULL}
    assert rules.score(Formula.RATE, **figures) == 100
    assert rules.score(Formula.R50M50, **figures) == 100


@pytest.mark.parametrize("formula", list(Formula))
def test_nobody_expected_and_nobody_there_divides_by_nothing(formula: Formula) -> None:
    score = rules.score(formula, expected=0, took_part=0, total=Decimal(0), full=FULL)
    assert score == (0 if formula in (Formula.SUM, Formula.COUNT) else None)


@pytest.mark.parametrize("formula", list(Formula))
def test_every_formula_says_what_it_is(formula: Formula) -> None:
    assert formula.sentence.startswith(formula.chinese)
    assert formula.sentence.endswith("。")
    assert not any(character.isascii() and character.isalpha() for character in formula.sentence)


def test_a_unit_without_a_score_comes_last_and_unranked() -> None:
    rows = [unit("空", took_part=0, total=Decimal(0)), unit("有")]
    ranked = methods.rank_units(rows, method=Method(formula=Formula.MEAN), full=FULL)
    assert [(entry.rank, entry.row.unit) for entry in ranked] == [(1, "有"), (None, "空")]


def test_equal_scores_are_decided_by_rate_then_mean_and_else_shared() -> None:
    rows = [
        unit("甲", expected=20, took_part=10, total=Decimal(900)),
        unit("乙", expected=10, took_part=10, total=Decimal(900)),
        unit("丙", expected=10, took_part=10, total=Decimal(900)),
        unit("丁", expected=10, took_part=9, total=Decimal(900)),
        unit("戊", expected=10, took_part=1, total=Decimal(10)),
    ]
    ranked = methods.rank_units(rows, method=Method(formula=Formula.SUM), full=FULL)
    assert [(entry.rank, entry.row.unit) for entry in ranked] == [
        (1, "乙"),
        (1, "丙"),
        (3, "丁"),
        (4, "甲"),
        (5, "戊"),
    ]


def test_equal_fractions_are_equal_scores() -> None:
    """1/3 and 33/99: a sum of roundings would tell them apart."""
    one = rules.score(Formula.PERCAP, expected=3, took_part=1, total=Decimal(1), full=FULL)
    other = rules.score(Formula.PERCAP, expected=99, took_part=33, total=Decimal(33), full=FULL)
    assert one == other


units = st.builds(
    lambda expected, part, sums: unit(
        "某单位",
        expected=expected,
        took_part=min(part, expected),
        total=Decimal(sums if part and expected else 0) / 100,
    ),
    st.integers(0, 6),
    st.integers(0, 6),
    st.sampled_from([0, 100, 5000, 10000, 20000]),
)


@given(st.lists(units, max_size=12), st.sampled_from(list(Formula)))
def test_a_naive_ranker_agrees(rows: list[UnitRow], formula: Formula) -> None:
    ranked = methods.rank_units(rows, method=Method(formula=formula), full=FULL)
    assert sorted(id(entry.row) for entry in ranked) == sorted(map(id, rows))
    scored = [entry for entry in ranked if entry.score is not None]
    for entry in scored:
        assert entry.rank == 1 + sum(better(other, entry) for other in scored)
    assert all(entry.rank is None for entry in ranked[len(scored) :])


def better(one: rules.Ranked, other: rules.Ranked) -> bool:
    """By the words of the rule, one comparison after the other."""
    for left, right in (
        (one.score, other.score),
        (one.row.rate, other.row.rate),
        (one.row.mean, other.row.mean),
    ):
        if left != right:
            return (-1 if left is None else left) > (-1 if right is None else right)
    return False


#: 修正平均分 compares with the mean of everybody, which a newcomer moves.
STEADY = [formula for formula in Formula if formula is not Formula.SHRUNK]


@given(st.lists(units, max_size=10), units, st.sampled_from(STEADY), st.randoms())
def test_a_newcomer_swaps_nobody_and_the_order_of_reading_does_not_matter(
    rows: list[UnitRow], newcomer: UnitRow, formula: Formula, chance: random.Random
) -> None:
    before = methods.rank_units(rows, method=Method(formula=formula), full=FULL)
    mixed = [*rows, newcomer]
    chance.shuffle(mixed)
    after = methods.rank_units(mixed, method=Method(formula=formula), full=FULL)
    place = {id(entry.row): entry.rank for entry in after}
    for one in before:
        for other in before:
            if one.rank is not None and other.rank is not None:
                assert (one.rank < other.rank) == (place[id(one.row)] < place[id(other.row)])


persons = st.tuples(st.sampled_from([0, 8000, 10000]), st.integers(0, 3), st.integers(0, 3))


@given(st.lists(persons, max_size=15))
def test_persons_rank_by_score_then_time_then_submission(rows: list[tuple[int, int, int]]) -> None:
    ranked = rules.rank_persons(rows, lambda row: (Decimal(row[0]), row[1], row[2]))
    for rank, row in ranked:
        naive = sorted(rows, key=lambda r: (-r[0], r[1], r[2]))
        assert rank == 1 + naive.index(row)


def test_ranks_run_1_2_2_4() -> None:
    assert [rank for rank, _ in rules.rank([5, 9, 5, 1], lambda number: number)] == [1, 2, 2, 4]
    assert rules.rank([], lambda number: number) == []


def test_what_is_shown_is_rounded_once_and_nothing_is_a_dash() -> None:
    assert rules.shown(Decimal("82.445")) == "82.45"
    assert rules.shown(Decimal("82.449"), 1) == "82.4"
    assert rules.shown(None) == rules.percent(0, 0) == rules.of(0, 0) == "—"
    assert rules.percent(299, 300) == "99%"
    assert rules.percent(300, 300) == "100%"
    assert rules.of(2, 3) == "2/3"
    assert rules.used(1_925_999) == "32 分 05 秒"
    assert rules.wall_score(Formula.COUNT, Decimal(672)) == "672"
    assert rules.wall_score(Formula.MEAN, Decimal("84")) == "84.0"


def test_far_behind_is_about_the_few_worst() -> None:
    whole = unit(expected=100, took_part=80)
    assert rules.far_behind(unit(expected=10, took_part=4), whole)
    assert not rules.far_behind(unit(expected=10, took_part=5), whole)
    assert not rules.far_behind(unit(expected=10, took_part=4, sitting=6), whole)
