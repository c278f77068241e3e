from pathlib import Path

from question_bank.question import Kind, Question
from question_bank.reading import aiken, read
from question_bank.report import Report


def take(folder: Path, text: str) -> Report:
    path = folder / "题库.txt"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_questions(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "谁负责 <img>？\r\nA) 甲\r\nB) 乙\r\nANSWER: B\r\n\r\n第二题\n还有一行\n\nA.红\nB.绿\nANSWER: a\n",
    )
    assert report.problems == []
    assert [placed.question for placed in report.questions] == [
        Question(Kind.SINGLE, "谁负责 <img>？", ("甲", "乙"), ("B",)),
        Question(Kind.SINGLE, "第二题\n还有一行", ("红", "绿"), ("A",)),
    ]
    assert [placed.row for placed in report.questions] == [1, 6]


def test_several_letters_are_several_right_answers(tmp_path: Path) -> None:
    report = take(tmp_path, "选\nA. 红\nB. 绿\nC. 蓝\nANSWER: A, C\n")
    assert report.questions[0].question == Question(Kind.MULTIPLE, "选", ("红", "绿", "蓝"), ("A", "C"))


def test_each_error_has_its_line(tmp_path: Path) -> None:
    text = (
        "太少\nA) 一个\nANSWER: A\n\n"
        "ANSWER: A\n\n"
        "没写完\nA) 红\nB) 绿\n\n"
        "跳字母\nA) 红\nC) 绿\nANSWER: A\n\n"
        "不是字母\nA) 红\nB) 绿\nANSWER: Green\n\n"
        "超出\nA) 红\nB) 绿\nANSWER: D\n\n"
        "好题\nA) 红\nB) 绿\nANSWER: A\n"
    )
    report = take(tmp_path, text)
    assert [placed.question.stem for placed in report.questions] == ["好题"]
    assert [(problem.row, problem.code) for problem in report.problems] == [
        (1, "too-few-options"),
        (5, "no-stem"),
        (7, "no-key"),
        (11, "letters-out-of-order"),
        (19, "unknown-key"),
        (21, "key-beyond-options"),
    ]


def test_what_looks_like_aiken() -> None:
    assert aiken.looks_like("甲\nA) 红\nB) 绿\n\nANSWER: A\n")
    assert not aiken.looks_like("甲\nA. 红\nB. 绿\n答案：A\n")
    assert not aiken.looks_like("ANSWER: A\n")


def test_real_files(shared: Path) -> None:
    banks = shared / "banks"
    good = read(banks / "sergeinack3_PowerEduc__questions.aiken.txt")
    assert [placed.question.key for placed in good.questions] == [("B",), ("A",)]
    assert '<html class="cool"> &' in good.questions[1].question.stem
    bad = read(banks / "sergeinack3_PowerEduc__aiken_errors.txt")
    assert [placed.question.key for placed in bad.questions] == [("A",), ("B",), ("A",)]
    assert bad.questions[2].question.options[0] == "Correct (< > &)"
    assert sorted({problem.row for problem in bad.errors}) == [1, 7, 14]
    other = read(banks / "LucasWolfgang_QAS-Editor__aiken_1.txt")
    assert len(other.questions) == 4
    assert {problem.code for problem in other.errors} == {"identical-options"}
