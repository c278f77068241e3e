"""Every writing of an answer in bank_formats §2, resolved through the options."""

import pytest

from question_bank.answers import Writing, choice_key, embedded, truth_key, writing

BOOKS = ("《诗经》", "《史记》", "《汉书》", "《论语》")
PLAIN = Writing()


@pytest.mark.parametrize(
    ("answer", "labels"),
    [
        ("B", "B"),
        ("ACD", "ACD"),
        ("A,B", "AB"),
        ("A、B", "AB"),
        ("A-C", "AC"),
        ("A.B", "AB"),
        ("A;B", "AB"),
        ("A；C", "AC"),
        ("A B", "AB"),
        ("A,B,C,", "ABC"),
        ("ADB", "ABD"),
        ("a", "A"),
        ("a,B", "AB"),
        ("Ａ", "A"),
        ("ＡＣ", "AC"),
        (" C", "C"),
        ("答案：B", "B"),
        ("（B）", "B"),
        ("《史记》", "B"),
        ("B、《史记》", "B"),
        ("B.《史记》", "B"),
        ("《诗经》&《论语》", "AD"),
        ("《诗经》、《论语》", "AD"),
        ("A 《诗经》、D 《论语》", "AD"),
        ("['《史记》  ']", "B"),
        ("['《史记》', '《论语》']", "BD"),
        ('["《史记》"]', "B"),
    ],
)
def test_choice_answers(answer: str, labels: str) -> None:
    found = choice_key(answer, BOOKS, PLAIN, single=False)
    assert found is not None
    assert "".join(found[0]) == labels


@pytest.mark.parametrize(
    "answer", ["《春秋》", "A、《史记》", "5", "0", "不知道", "['《春秋》']", "[", "x" * 9000]
)
def test_answers_that_point_nowhere_or_contradict_themselves(answer: str) -> None:
    assert choice_key(answer, BOOKS, PLAIN, single=True) is None


def test_letters_beyond_the_options_are_left_for_the_judge() -> None:
    assert choice_key("E", BOOKS, PLAIN, single=True) == (("E",), False)
    assert choice_key("ACF", BOOKS, PLAIN, single=False) == (("A", "C", "F"), False)


def test_a_text_that_is_also_letters_counts_as_the_option_of_a_single_choice() -> None:
    options = ("TCP", "AB", "UDP")
    assert choice_key("TCP", options, PLAIN, single=True) == (("A",), True)
    assert choice_key("AB", options, PLAIN, single=True) == (("B",), True)
    assert choice_key("AB", options, PLAIN, single=False) == (("A", "B"), False)


def test_options_that_differ_in_punctuation_alone_are_told_apart() -> None:
    assert choice_key("C++", ("C", "C++", "C#"), PLAIN, single=True) == (("B",), True)


def test_positions_are_taken_only_where_the_whole_table_writes_them() -> None:
    indexed = writing(["1", "4", "2,3"], [])
    assert indexed == Writing(indexed=True)
    assert choice_key("2,3", BOOKS, indexed, single=False) == (("B", "C"), True)
    assert choice_key("9", BOOKS, indexed, single=True) == (("I",), True)
    assert writing(["1", "B"], []) == PLAIN
    assert writing(["0", "1"], []) == PLAIN
    assert writing(["", ""], []) == PLAIN


def test_a_number_is_the_option_that_says_it_unless_answers_are_positions() -> None:
    options = ("4", "3", "2", "1")
    assert choice_key("2", options, PLAIN, single=True) == (("C",), True)
    assert choice_key("2", options, Writing(indexed=True), single=True) == (("B",), True)


@pytest.mark.parametrize(
    "right", ["正确", "对", "是", "√", "✓", "T", "t", "TRUE", "1", "Y", "（√）", "对。", "答案：对"]
)
def test_words_for_right(right: str) -> None:
    assert truth_key(right, (), PLAIN) == "T"


@pytest.mark.parametrize("wrong", ["错误", "错", "否", "×", "✗", "F", "false", "0", "N", "不正确"])
def test_words_for_wrong(wrong: str) -> None:
    assert truth_key(wrong, (), PLAIN) == "F"


@pytest.mark.parametrize("unclear", ["A", "B", "2", "大概", "正确答案见下", ""])
def test_words_that_decide_nothing(unclear: str) -> None:
    assert truth_key(unclear, (), PLAIN) is None


@pytest.mark.parametrize(
    ("answer", "options", "key"),
    [
        ("A", ("正确", "错误"), "T"),
        ("A", ("错误", "正确"), "F"),
        ("B", ("否", "是"), "T"),
        ("b", ("对", "错"), "F"),
        ("错误", ("正确", "错误"), "F"),
        ("错误", ("", "", "", "", "正确", "错误"), "F"),
        ("F", ("", "", "", "", "正确", "错误"), "F"),
        ("1", ("正确", "错误"), "T"),
        ("2", ("正确", "错误"), "F"),
        ("1", ("错误", "正确"), None),
        ("C", ("正确", "错误"), None),
        ("A", ("红", "绿"), None),
        ("正确", ("红", "绿"), None),
        ("['对']", ("对", "错"), "T"),
    ],
)
def test_a_judge_answer_means_what_its_option_says(
    answer: str, options: tuple[str, ...], key: str | None
) -> None:
    assert truth_key(answer, options, PLAIN) == key


def test_one_and_two_for_right_and_wrong() -> None:
    counted = writing([], ["1", "2", "2", ""])
    assert [truth_key(answer, (), counted) for answer in "123"] == ["T", "F", None]
    assert not writing([], ["1", "1"]).counted
    assert not writing([], ["1", "0", "2"]).counted


def test_answers_in_stems() -> None:
    assert embedded("原色有（ AB ）。") == ("AB", "原色有（　）。")
    assert embedded("水往低处流（√）") == ("√", "水往低处流（　）")
    assert embedded("（A）和（B）") is None
    assert embedded("认证机构（CFCA中心）") is None
    assert embedded("没有答案（  ）。") is None
