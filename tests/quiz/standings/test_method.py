"""Groups, least numbers, keys for equal scores, roll-up, and the sentences that say so."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from quiz.standings import method as methods
from quiz.standings import rules
from quiz.standings.method import Grouping, Method, Tie
from quiz.standings.rules import Formula, UnitRow

FULL = Decimal(100)


def unit(number: int, name: str, expected: int, took_part: int, total: str, **more: Any) -> UnitRow:
    figures = {"sitting": 0, "passed": 0, "excellent": 0} | more
    return UnitRow(
        unit_id=number, unit=name, expected=expected, took_part=took_part, total=Decimal(total), **figures
    )


A = unit(1, "A", 200, 160, "13600")
B = unit(2, "B", 8, 8, "672")
C = unit(3, "C", 5, 1, "100")


def ranked(method: Method, *rows: UnitRow) -> list[tuple[str, int | None, str]]:
    found = methods.rank_units(rows, method=method, full=FULL)
    return [(entry.group, entry.rank, entry.row.unit) for entry in found]


@pytest.mark.parametrize(("weight", "order"), [(100, "BAC"), (50, "BAC"), (0, "CAB")])
def test_the_weights_are_free(weight: int, order: str) -> None:
    found = methods.rank_units((A, B, C), method=Method(weight=weight), full=FULL)
    assert "".join(entry.row.unit for entry in found) == order


def test_weighted_vectors() -> None:
    """70·参与率 + 30·平均分 of the worked example: A 56 + 25.5, B 70 + 25.2, C 14 + 30."""
    found = methods.rank_units((A, B, C), method=Method(weight=70), full=FULL)
    assert {entry.row.unit: entry.score for entry in found} == {
        "A": Decimal("81.5"),
        "B": Decimal("95.2"),
        "C": Decimal(44),
    }


def test_top_counts_empty_places_as_nothing_but_no_more_places_than_heads() -> None:
    best = (Decimal(100), Decimal(80))
    for expected, score in ((10, "60"), (3, "60"), (2, "90"), (0, "90")):
        assert rules.best_mean(best, top=3, expected=expected) == Decimal(score)
    assert rules.best_mean((), top=3, expected=0) is None
    assert rules.best_mean((), top=3, expected=5) == 0


def test_shrunk_goes_from_the_overall_mean_to_the_own() -> None:
    """n=1 with 100 beside an overall mean of 80, k=10: (100 + 800) / 11."""
    one = rules.shrunk_mean(Decimal(100), 1, overall=Decimal(80), shrink=10)
    assert rules.shown(one) == "81.82"
    assert rules.shown(rules.shrunk_mean(Decimal(9000), 90, overall=Decimal(80), shrink=10)) == "98.00"
    assert rules.shrunk_mean(Decimal(0), 0, overall=Decimal(80), shrink=10) is None


def test_groups_by_size_have_ranks_of_their_own() -> None:
    method = Method(grouping=Grouping.SIZE, sizes=(100, 8))
    assert ranked(method, A, B, C) == [("甲组", 1, "A"), ("乙组", 1, "B"), ("丙组", 1, "C")]
    assert ranked(replace(method, sizes=(8, 0)), A, B, C) == [
        ("甲组", 1, "B"),
        ("甲组", 2, "A"),
        ("乙组", 1, "C"),
    ]


def test_groups_by_kind_put_the_largest_first_and_name_the_rest() -> None:
    towns = [replace(A, kind="镇"), replace(B, kind="镇"), C]
    method = Method(grouping=Grouping.KIND)
    assert ranked(method, *towns) == [("镇", 1, "B"), ("镇", 2, "A"), ("其他", 1, "C")]


def test_who_is_too_few_is_shown_and_not_ranked() -> None:
    method = Method(formula=Formula.MEAN, least_took_part=3, least_expected=9)
    found = methods.rank_units((A, B, C), method=method, full=FULL)
    assert [(entry.rank, entry.row.unit, entry.why) for entry in found] == [
        (1, "A", ""),
        (None, "B", methods.LEFT_OUT),
        (None, "C", methods.LEFT_OUT),
    ]


def test_equal_scores_are_decided_by_the_stated_keys_in_their_order() -> None:
    small, large = unit(1, "小", 2, 2, "180", excellent=2), unit(2, "大", 4, 3, "270", excellent=1)
    mean = Method(formula=Formula.MEAN, ties=(Tie.RATE,))
    assert ranked(mean, large, small) == [("", 1, "小"), ("", 2, "大")]
    assert ranked(replace(mean, ties=(Tie.TOOK_PART, Tie.RATE)), small, large)[0][2] == "大"
    assert ranked(replace(mean, ties=(Tie.EXCELLENT,)), large, small)[0][2] == "小"
    assert [rank for _, rank, _ in ranked(replace(mean, ties=()), small, large)] == [1, 1]


def test_figures_below_are_added_to_who_stands_above() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: 4, 5: None}
    rows = [unit(number, f"第{number}", 2, 1, "80", best=(Decimal(80),)) for number in (2, 3, 4, 5)]
    names = {number: unit(number, f"第{number}", 0, 0, "0") for number in parents}
    one = {row.unit: row for row in methods.rolled_up(rows, parents, depth=1, names=names)}
    assert {name: (row.expected, row.took_part, row.total) for name, row in one.items()} == {
        "第1": (4, 2, 160),
        "第4": (2, 1, 80),
        "第5": (2, 1, 80),
    }
    assert one["第1"].best == (80, 80)
    two = {row.unit: row.expected for row in methods.rolled_up(rows, parents, depth=2, names=names)}
    assert two == {"第2": 4, "第4": 2, "第5": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": 101},
        {"weight": -1},
        {"top": 0},
        {"shrink": 0},
        {"ties": (Tie.RATE, Tie.RATE)},
        {"grouping": Grouping.SIZE, "sizes": (10, 10)},
        {"least_took_part": -1},
        {"depth": 9},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(methods.BadMethod):
        methods.check(Method(**wrong))


def test_a_method_survives_being_stored() -> None:
    method = Method(formula=Formula.TOP, top=5, ties=(Tie.MEAN,), grouping=Grouping.SIZE, sizes=(50, 0))
    assert methods.from_document(method.document()) == method


def test_the_sentences_name_the_figures() -> None:
    assert Method(weight=60).sentence == "综合分：参与率占 60 分，平均分占 40 分。"
    assert Method().ties_sentence == "同分先看参与率，再看平均分，都相同就并列。"
    assert Method(ties=()).ties_sentence == "同分并列。"
    method = Method(
        formula=Formula.TOP, top=5, grouping=Grouping.SIZE, sizes=(50, 10), least_took_part=3, depth=2
    )
    for words in ("前 5 名平均分", "甲组 50 人以上", "乙组 10 至 49 人", "参加不足 3 人", "第 2 级单位"):
        assert words in method.sentences
