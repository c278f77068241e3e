import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.marking import MultiplePolicy, hundredths, in_points, mark, needs_marker
from question_bank.question import Kind

STRICT, HALF, PER_OPTION, PROPORTIONAL, PENALTY = MultiplePolicy


def multiple(chosen: str, policy: MultiplePolicy, key: str = "ABD", points: int = 200, unit: int = 50) -> int:
    return mark(Kind.MULTIPLE, tuple(key), list(chosen), points=points, policy=policy, unit=unit)


# domain §4.3: A = ABD, p = 2, u = 0.5
@pytest.mark.parametrize(
    ("chosen", "policy", "earned"),
    [
        ("AB", STRICT, 0),
        ("AB", HALF, 100),
        ("AB", PER_OPTION, 100),
        ("AB", PROPORTIONAL, 133),
        ("AB", PENALTY, 100),
        ("ABC", STRICT, 0),
        ("ABC", HALF, 0),
        ("ABC", PER_OPTION, 0),
        ("ABC", PROPORTIONAL, 0),
        ("ABC", PENALTY, 50),
        ("ABD", STRICT, 200),
        ("ABD", HALF, 200),
        ("ABD", PER_OPTION, 200),
        ("ABD", PROPORTIONAL, 200),
        ("ABD", PENALTY, 150),
        ("ABCD", STRICT, 0),
        ("ABCD", HALF, 0),
        ("ABCD", PER_OPTION, 0),
        ("ABCD", PROPORTIONAL, 0),
        ("ABCD", PENALTY, 100),
        ("C", PENALTY, 0),
        ("C", HALF, 0),
        *[("", policy, 0) for policy in MultiplePolicy],
    ],
)
def test_a_multiple_item_earns_what_its_policy_says(chosen: str, policy: MultiplePolicy, earned: int) -> None:
    assert multiple(chosen, policy) == earned


def test_shares_are_rounded_half_up_to_a_hundredth() -> None:
    assert multiple("AB", PROPORTIONAL, points=100) == 67
    assert multiple("A", PROPORTIONAL, points=100) == 33
    assert multiple("A", PROPORTIONAL, key="AB", points=125) == 63
    assert multiple("A", HALF, points=125) == 63
    assert multiple("A", HALF, points=100) == 50


def test_a_unit_above_the_points_earns_no_more_than_the_points() -> None:
    assert multiple("AB", PER_OPTION, points=50, unit=100) == 50
    assert multiple("ABD", PENALTY, points=50, unit=100) == 50


labels = st.lists(st.sampled_from("ABCDEF"), unique=True)


@given(
    labels.filter(bool), labels, st.sampled_from(MultiplePolicy), st.integers(1, 1000), st.integers(0, 300)
)
def test_a_mark_is_between_zero_and_the_points_in_whatever_order(
    key: list[str], answer: list[str], policy: MultiplePolicy, points: int, unit: int
) -> None:
    earned = mark(Kind.MULTIPLE, key, answer, points=points, policy=policy, unit=unit)
    assert isinstance(earned, int)
    assert 0 <= earned <= points
    assert earned == mark(Kind.MULTIPLE, key[::-1], answer[::-1], points=points, policy=policy, unit=unit)
    if policy != PENALTY:
        assert (earned == points) >= (set(answer) == set(key))


def test_every_order_of_the_same_labels_earns_the_same() -> None:
    for answer in itertools.permutations("ABD"):
        assert multiple("".join(answer), STRICT) == 200


def test_a_label_given_twice_counts_once() -> None:
    assert multiple("AAB", PENALTY) == 100
    assert multiple("ABBD", STRICT) == 200


@pytest.mark.parametrize(
    ("kind", "key", "answer", "earned"),
    [
        (Kind.SINGLE, ("B",), ["B"], 100),
        (Kind.SINGLE, ("B",), ["A"], 0),
        (Kind.SINGLE, ("B",), ["A", "B"], 0),
        (Kind.SINGLE, ("B",), [], 0),
        (Kind.TRUE_FALSE, ("F",), ["F"], 100),
        (Kind.TRUE_FALSE, ("F",), ["T"], 0),
        (Kind.TRUE_FALSE, ("F",), ["T", "F"], 0),
        (Kind.SHORT, ("依法受理",), ["依法受理"], 0),
    ],
)
def test_the_other_kinds_are_right_or_wrong(
    kind: Kind, key: tuple[str, ...], answer: list[str], earned: int
) -> None:
    for policy in MultiplePolicy:
        assert mark(kind, key, answer, points=100, policy=policy) == earned


@pytest.mark.parametrize(
    ("accepted", "given_text"),
    [
        ("县级", "县级"),
        ("县级", " 县 级　"),
        ("县级", "“县级”。"),
        ("信访工作条例", "《信访工作条例》"),
        ("60", "６０"),
        ("ACL", "acl"),
        ("访问控制列表|||ACL", "Ａｃｌ"),
        ("县级|||县", "县"),
        ("五|||5", "5"),
        ("5%", "５％"),
        ("、", "、"),
    ],
)
def test_a_blank_is_right_when_only_its_writing_differs(accepted: str, given_text: str) -> None:
    assert mark(Kind.FILL, (accepted,), [given_text], points=100) == 100


@pytest.mark.parametrize(
    ("accepted", "given_text"),
    [
        ("县级", "市级"),
        ("县级", ""),
        ("县级", "  "),
        ("县级", "。"),
        ("五", "5"),
        ("5", "-5"),
        ("5", "5%"),
        ("3.5", "35"),
        ("县级|||县", "县级|||县"),
        ("县级|||", ""),
    ],
)
def test_a_blank_is_wrong_when_it_says_something_else(accepted: str, given_text: str) -> None:
    assert mark(Kind.FILL, (accepted,), [given_text], points=100) == 0


@pytest.mark.parametrize(
    ("answer", "earned"),
    [
        (["属地", "分级", "谁主管"], 200),
        (["属地"], 66),
        (["属地", "", ""], 66),
        (["", "", "谁主管"], 68),
        (["分级", "属地", "谁主管"], 68),
        (["属地", "分级", "谁主管", "多出来的"], 200),
        (["不对", "不对", "不对", "属地"], 0),
        ([], 0),
    ],
)
def test_blanks_share_the_points_and_the_last_takes_the_rest(answer: list[str], earned: int) -> None:
    assert mark(Kind.FILL, ("属地", "分级", "谁主管"), answer, points=200) == earned


def test_a_fill_without_a_key_earns_nothing() -> None:
    assert mark(Kind.FILL, (), ["属地"], points=200) == 0


def test_only_short_items_need_a_marker() -> None:
    assert [kind for kind in Kind if needs_marker(kind)] == [Kind.SHORT]


def test_the_policies_are_named_and_explained() -> None:
    assert [policy.value for policy in MultiplePolicy] == [
        "strict",
        "half",
        "per_option",
        "proportional",
        "penalty",
    ]
    assert STRICT.sentence == "少选、多选、错选均不得分"
    assert len({policy.sentence for policy in MultiplePolicy}) == 5
    assert "每选对一项得 0.5 分，" in PENALTY.sentence
    assert "每选错一项扣 1 分，" in PENALTY.sentence_for(100)


@pytest.mark.parametrize(("points", "value"), [(1, 100), (1.5, 150), (0.01, 1), (2.0, 200), (33.33, 3333)])
def test_points_and_hundredths_translate_both_ways(points: float, value: int) -> None:
    assert hundredths(points) == value
    assert in_points(value) == points


@pytest.mark.parametrize("bad", [0.005, float("nan"), float("inf"), True, "1", None])
def test_what_is_no_number_of_points_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="分值"):
        hundredths(bad)  # type: ignore[arg-type]
