import io
from pathlib import Path

import openpyxl
import pytest

from question_bank.errors import CannotWrite
from question_bank.question import Kind, Question
from question_bank.reading import read
from question_bank.writing import table, workbook, write

HEADINGS = [
    "题型",
    "题干",
    "选项A",
    "选项B",
    "选项C",
    "选项D",
    "答案",
    "解析",
    "依据",
    "章节",
    "难度",
    "分值",
    "标签",
]


def rows(data: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_organisers_headings(bank: list[Question]) -> None:
    written = rows(workbook.document(bank))
    assert written[0] == HEADINGS
    assert written[1] == [
        "单选题",
        "信访事项应当自受理之日起多少日内办结？",
        "三十日",
        "六十日",
        "九十日",
        "一年",
        "B",
        "办理期限为六十日。",
        "《信访工作条例》（示例）",
        "第四章 / 第二节",
        "易",
        2,
        None,
    ]
    assert written[4][6] == "有权机关|||机关；60|||六十"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_nothing_becomes_a_formula(tmp_path: Path, sign: str) -> None:
    text = sign + 'cmd|"/c calc"!A1'
    bank = [Question(Kind.SINGLE, text, (text + "1", text + "2"), ("A",), text, text, text)]
    book = openpyxl.load_workbook(io.BytesIO(workbook.document(bank)))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    for name in ("题库.xlsx", "题库.csv"):
        write(bank, tmp_path / name)
        assert [placed.question for placed in read(tmp_path / name).questions] == bank


def test_control_characters_go(tmp_path: Path) -> None:
    bank = [Question(Kind.SHORT, "甲\x0b乙\ud800\x00丙\u200b", (), ("丁\x07",))]
    write(bank, tmp_path / "题库.xlsx")
    assert read(tmp_path / "题库.xlsx").questions[0].question == Question(Kind.SHORT, "甲\n乙丙", (), ("丁",))


def test_a_text_too_long_for_a_cell_is_refused() -> None:
    workbook.document([Question(Kind.SHORT, "字" * 32_767)])
    with pytest.raises(CannotWrite, match="第 2 题的解析"):
        workbook.document([Question(Kind.SHORT, "甲"), Question(Kind.SHORT, "乙", explanation="字" * 32_768)])
    with pytest.raises(CannotWrite):
        workbook.document([Question(Kind.SHORT, "🙂" * 16_384)])


@pytest.mark.parametrize(
    "question",
    [
        Question(Kind.SHORT, "1、第一条写的是什么？"),
        Question(Kind.SHORT, "(1) 第一条写的是什么？"),
        Question(Kind.SINGLE, "甲？", ("A. 红", "B. 绿"), ("A",)),
        Question(Kind.TRUE_FALSE, "下面的话\nA. 红\nB. 绿\n都对。", (), ("T",)),
    ],
)
def test_texts_that_look_like_numbering_are_marked_as_they_stand(tmp_path: Path, question: Question) -> None:
    bank = [question, question]
    assert table.headings(bank)[1] == "题干（原样）"
    for name in ("题库.xlsx", "题库.csv"):
        write(bank, tmp_path / name)
        assert [placed.question for placed in read(tmp_path / name).questions] == bank


@pytest.mark.parametrize(
    ("stem", "key", "cell"),
    [
        ("____ 与 ____", ("甲", "乙"), "甲；乙"),
        ("____ 与 ____", ("甲；丙", "乙"), "甲；丙\n乙"),
        ("没有空", ("甲", "乙"), '["甲", "乙"]'),
        ("____（　）", ("甲 乙",), '["甲 乙"]'),
        ("____", ("['甲']",), "[\"['甲']\"]"),
    ],
)
def test_several_blanks_in_one_cell(tmp_path: Path, stem: str, key: tuple[str, ...], cell: str) -> None:
    question = Question(Kind.FILL, stem, (), key)
    assert table.key_text(question) == cell
    write([question], tmp_path / "题库.xlsx")
    assert read(tmp_path / "题库.xlsx").questions[0].question.key == key


def test_a_stem_that_reads_like_a_heading_is_a_question(tmp_path: Path) -> None:
    bank = [
        Question(Kind.SINGLE, "题干", ("答案", "解析"), ("A",)),
        Question(Kind.SHORT, "题目", (), ("答案",)),
    ]
    for name in ("题库.xlsx", "题库.csv"):
        write(bank, tmp_path / name)
        assert [placed.question for placed in read(tmp_path / name).questions] == bank
