import pytest

from question_bank.option_order import movable_runs

PLAIN = ("县级", "市级", "省级")


def test_options_about_the_matter_all_move() -> None:
    assert movable_runs(("一个以上", "两个以上", "三个以上", "三年以上七年以下")) == ((0, 4),)
    assert movable_runs(("正确", "错误")) == ((0, 2),)
    assert movable_runs(("A类火灾", "B超", "CPU", "A股")) == ((0, 4),)
    assert movable_runs(()) == ()


@pytest.mark.parametrize(
    "option",
    [
        "以上都对",
        "以上皆是。",
        "以上都不对",
        "以上选项都正确",
        "以上 均 不 正确",
        "（以上都是）",
        "全部正确",
        "都不对",
        "二者皆可",
        "两者都不是",
        "以上情况都有可能",
        "上述说法都错误",
        "没有正确答案",
        "其他",
        "All of the above",
        "None of the above.",
    ],
)
def test_all_or_none_of_the_others_keeps_its_place(option: str) -> None:
    assert movable_runs((*PLAIN, option)) == ((0, 3),)


def test_no_option_crosses_one_that_means_those_above_it() -> None:
    assert movable_runs((*PLAIN, "以上都对", "国家级", "乡级")) == ((0, 3), (4, 6))
    assert movable_runs((*PLAIN, "以上都对", "以上都不对")) == ((0, 3),)
    assert movable_runs(("以上都对", *PLAIN)) == ((1, 4),)


@pytest.mark.parametrize(
    "option",
    [
        "A和B",
        "A 和 B 都对",
        "Ａ、Ｂ、Ｃ",
        "ABC",
        "AB均正确",
        "选项A和选项B",
        "除A外都对",
        "仅A正确",
        "A对B错",
        "以上A、B都对",
        "a和b",
        "Both A and B",
        "前两项都对",
        "第一项和第三项",
    ],
)
def test_naming_options_by_letter_or_place_freezes_them_all(option: str) -> None:
    assert movable_runs((*PLAIN, option)) == ()


def test_letters_that_are_no_labels_here_freeze_nothing() -> None:
    assert movable_runs((*PLAIN, "X和Y")) == ((0, 4),)


def test_an_ambiguous_text_does_not_take_long() -> None:
    assert movable_runs((*PLAIN, "以上" + "可能" * 18 + "甲")) == ((0, 4),)
    assert movable_runs((*PLAIN, "以上" + "可能" * 100_000 + "甲")) == ((0, 4),)
