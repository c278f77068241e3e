import pytest

from question_bank.cells import clean, repaired, truths


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\xa0 2020年\u3000", "2020年"),
        ("张\u200b三\ufeff", "张三"),
        ("第一行\r\n第二行_x000D_\n第三行\x0b第四行", "第一行\n第二行\n第三行\n第四行"),
        ("⼯程师的⼀⽤⼾⻓", "工程师的一用户长"),
        ("a\x00b\x1fc\ud800d", "abcd"),
        ("\u202e反转\u202c", "反转"),
        ("<img src=x> & ①½", "<img src=x> & ①½"),
        ("空（　　）格", "空（　　）格"),
        ("A\tB", "A\tB"),
        ("𠮷·阿依古丽", "𠮷·阿依古丽"),
        (" \u200b ", ""),
    ],
)
def test_what_nobody_typed_goes_and_the_rest_stays(typed: str, meant: str) -> None:
    assert clean(typed) == meant
    assert clean(meant) == meant


def test_padding_is_not_worth_a_line_in_the_list_of_changes() -> None:
    assert not repaired(" B\xa0", "B")
    assert not repaired("a\r\nb", "a\nb")
    assert repaired("张\u200b三", "张三")
    assert repaired("⼯", "工")


def test_a_pair_of_right_and_wrong_keeps_its_places() -> None:
    assert truths(("错误", "正确")) == ("F", "T")
    assert truths(("", "对", "错")) == (None, "T", "F")
    assert truths(("正确", "错误", "不知道")) is None
    assert truths(("正确", "对")) is None
