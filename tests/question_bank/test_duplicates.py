from dataclasses import replace

import pytest

from question_bank import Kind, Question
from question_bank.duplicates import differing, near
from question_bank.placed import Placed
from question_bank.report import Near

STEM = "信访事项应当自受理之日起多久内办结？"
ONE = Question(Kind.SINGLE, STEM, ("六个月以内", "两个月以内", "随时都可以", "没有规定"), ("B",))


def compare(*questions: Question, bank: tuple[Question, ...] = ()) -> list[Near]:
    placed = [Placed("题目", row, question) for row, question in enumerate(questions, start=2)]
    return near(placed, [(number, question) for number, question in enumerate(bank, start=7)])


def test_the_same_options_in_another_order_are_the_same_to_a_reader() -> None:
    turned = replace(ONE, options=ONE.options[::-1], key=("C",))
    assert compare(ONE, turned) == [Near("题目", 3, "题目", 2, None, 100, True)]


def test_another_key_is_said() -> None:
    [found] = compare(ONE, replace(ONE, key=("A",)))
    assert (found.likeness, found.same_key) == (100, False)


def test_one_character_off_is_near() -> None:
    [found] = compare(replace(ONE, stem=STEM.replace("应当", "应该")), bank=(ONE,))
    assert (found.of_question, found.row) == (7, 2)
    assert 94 <= found.likeness < 100


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        replace(ONE, stem="复查请求应当在多长时间内提出？"),
        replace(ONE, options=("三个月以内", *ONE.options[1:])),
        replace(ONE, options=("县委", "县政府", "镇政府", "村委会")),
    ],
    ids=["equal in all", "another stem", "another number", "other options under one stem"],
)
def test_these_are_not_near(other: Question) -> None:
    assert [found for found in compare(ONE, other) if found.same == "near"] == []


def test_short_texts_are_never_near() -> None:
    assert (
        compare(Question(Kind.TRUE_FALSE, "甲乙丙丁", (), ("T",)), Question(Kind.FILL, "甲乙丙", (), ("x",)))
        == []
    )


def test_the_likest_is_named() -> None:
    far, close = replace(ONE, stem=STEM + "请你选"), replace(ONE, stem=STEM + "请选出")
    assert compare(replace(close, key=("A",)), bank=(far, close))[0].of_question == 8


def test_thousands_from_one_pattern_cost_no_quadratic_search() -> None:
    many = [Question(Kind.TRUE_FALSE, f"条例的第 {n} 句话对不对。", (), ("T",)) for n in range(5000)]
    assert compare(*many) == []


def test_what_differs_is_told_piece_by_piece() -> None:
    assert differing("应当办结", "应该办结") == [("应", False), ("当", True), ("办结", False)]
    assert "".join(piece for piece, _ in differing("甲乙丙", "乙丙丁")) == "甲乙丙"
    assert differing("", "甲") == []
