import pytest

from question_bank.errors import CannotWrite
from question_bank.question import Kind, Question
from question_bank.writing import Format, aiken, written


def test_the_file_and_what_it_could_not_take(bank: list[Question]) -> None:
    body, losses = written(bank, Format.AIKEN)
    assert body.decode() == (
        "信访事项应当自受理之日起多少日内办结？\nA. 三十日\nB. 六十日\nC. 九十日\nD. 一年\nANSWER: B\n"
    )
    assert [loss.number for loss in losses] == [1, 2, 3, 4, 5, 6]
    assert losses[0].message == "没有写出解析、依据、章节、分值"
    assert losses[1].message == "没有写出：这种格式只写单选题，这是多选题"


@pytest.mark.parametrize(
    ("stem", "option"),
    [
        ("甲\n\n乙", "红"),
        ("A. 甲", "红"),
        ("甲\nANSWER: B", "红"),
        ("答案：甲", "红"),
        ("甲", "红\n绿"),
        ("甲\n 乙", "红"),
    ],
)
def test_texts_that_would_be_taken_for_something_else(stem: str, option: str) -> None:
    question = Question(Kind.SINGLE, stem, (option, "蓝"), ("A",))
    assert aiken.why_not(question)
    with pytest.raises(CannotWrite):
        written([question], Format.AIKEN)
