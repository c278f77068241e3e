import pytest

from quiz.questions import verdicts


@pytest.mark.parametrize(
    ("label", "answer", "several", "said"),
    [
        ("A", ["A"], False, ("good", "你选对了")),
        ("A", ["B"], False, ("good", "正确答案")),
        ("B", ["B"], False, ("bad", "你的答案")),
        ("C", ["B"], False, ("", "")),
        ("A", ["C"], True, ("good", "漏选")),
        ("A", [], True, ("good", "正确答案")),
        ("C", ["A", "C"], True, ("bad", "多选了")),
    ],
)
def test_an_option_beside_key_a(label: str, answer: list[str], several: bool, said: tuple[str, str]) -> None:
    found = verdicts.option(label, key=["A"], answer=answer, several=several)
    assert (found["tone"], found["words"]) == said


def test_blanks_are_told_one_by_one_also_when_some_were_left() -> None:
    told = verdicts.blanks(["60|||六十", "30"], ["60"])
    assert [(one["given"], one["key"]) for one in told] == [("60", "60 或 六十"), ("", "30")]
