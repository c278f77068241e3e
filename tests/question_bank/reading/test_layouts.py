"""Each way in which real banks lay out columns and rows (bank_formats §§1–5)."""

from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from question_bank.columns import ColumnMapping
from question_bank.errors import CannotRead
from question_bank.question import Kind
from question_bank.report import Report

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案"]


def only(report: Report) -> Any:
    assert [problem for problem in report.problems if problem.severity == "error"] == []
    (placed,) = report.questions
    return placed.question


def errors(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.errors]


def test_headings_may_stand_below_titles_and_instructions(bank: Any) -> None:
    report = bank(
        [
            ["某县法规知识题库"],
            ["填写须知：\n1、答案请填写大写字母"],
            [],
            [" * 题 型", "*题干（试题正文)", "选项 A", "选项2（B）", "正确答案（多选用英文逗号分隔）"],
            [],
            ["单选题", "宪法日是哪天？", "12月4日", "10月1日", "A"],
        ]
    )
    question = only(report)
    assert (question.kind, question.key, question.options) == (Kind.SINGLE, ("A",), ("12月4日", "10月1日"))
    assert report.questions[0].row == 6


@pytest.mark.parametrize(
    "headings",
    [
        ["答案", "题目", "A", "B", "C"],
        ["正确选项", "问题内容*", "A选项", "B选项", "C项目"],
        ["Correct", "Question", "Answer1", "Answer2", "Answer3"],
        ["Correct answer(s) - choose one", "Question - max 120", "Answer 1 - max 75", "Answer 2", "Answer 3"],
        ["qTrue", "qstem", "qA", "qB", "qC"],
        ["参考答案", "试题内容", "选项一内容", "选项二内容", "选项三内容"],
        ["试题答案", "content", "OptionA", "OptionB", "OptionC"],
        ["答案(只能输入ABC否则报错)", "题干内容", "选项a", "选项b", "选项C"],
    ],
)
def test_headings_of_every_school(bank: Any, headings: list[str]) -> None:
    question = only(bank([headings, ["C", "三原色不含？", "红", "蓝", "灰"]]))
    assert (question.options, question.key) == (("红", "蓝", "灰"), ("C",))


def test_two_texts_above_the_headings_take_no_question_away(bank: Any) -> None:
    report = bank([["信访局", "2026 年"], ["题干", "A", "B", "答案"], ["甲？", "红", "绿", "A"]])
    assert [placed.question.stem for placed in report.questions] == ["甲？"]


def test_bare_letters_are_options_of_somebody_and_no_headings(bank: Any) -> None:
    report = bank(
        [
            HEADINGS,
            ["单选题", "最硬的铅笔是？", "HB", "2B", "H", "6H", "D"],
            ["多选", "x", "A", "B", "C", "D", "AB"],
        ]
    )
    assert len(report.questions) == 2


def test_headings_repeated_titles_and_section_rows(bank: Any) -> None:
    head = ["序号", "题干", "A", "B", "答案"]
    report = bank(
        [
            ["题库第一版"],
            ["一、单项选择题（每题2分，共2分）"],
            head,
            [1, "甲？", "对对", "错错", "A"],
            ["题库第一版"],
            head,
            [2, "乙？", "红", "绿", "B"],
            ["二、多选题"],
            [3, "丙？", "红", "绿", "A"],
            ["三、判断题"],
            [4, "丁。", "", "", "√"],
        ]
    )
    assert [placed.question.kind.value for placed in report.questions] == [
        "single",
        "single",
        "multiple",
        "true_false",
    ]
    assert [problem.code for problem in report.problems] == ["one-key-for-multiple"]


def test_a_second_table_lower_in_the_sheet(bank: Any) -> None:
    report = bank(
        [
            ["题目", "A", "B", "答案"],
            ["甲？", "红", "绿", "B"],
            [],
            ["问答题"],
            ["序号", "问题", "参考答案"],
            [1, "什么是法治？", "依法治理。"],
        ]
    )
    assert [(placed.question.kind, placed.question.key) for placed in report.questions] == [
        (Kind.SINGLE, ("B",)),
        (Kind.SHORT, ("依法治理。",)),
    ]


def test_headings_in_two_lines(bank: Any) -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book["Sheet1"].merge_cells("B1:C1")

    rows = [["题干", "选项", None, "答案"], [None, "A", "B", None], ["甲？", "红", "绿", "B"]]
    assert only(bank(rows, prepare=merge)).options == ("红", "绿")


@pytest.mark.parametrize(
    "cell",
    [
        "红$;$绿$;$蓝",
        "红\n绿\n蓝",
        "A. 红 | B. 绿 | C. 蓝",
        "A．红      B. 绿  C、蓝",
        "A:红 B:绿 C:蓝",
        "(A)红(B)绿(C)蓝",
        "['红', '绿', '蓝']",
        '[{"optionContent": "红"}, {"optionContent": "绿"}, {"optionContent": "蓝"}]',
        "红；绿；蓝",
        "红&绿&蓝",
        "红   绿   蓝",
        "红,绿,蓝",
        "A红色  B绿色  C蓝色",
    ],
)
def test_all_options_in_one_cell(bank: Any, cell: str) -> None:
    options = only(bank([["题目", "选项", "答案"], ["甲？", cell, "C"]])).options
    assert [option.removesuffix("色") for option in options] == ["红", "绿", "蓝"]


def test_options_inside_the_stem_cell(bank: Any) -> None:
    question = only(bank([["题目", "答案"], ["甲是什么颜色？\nA. 红\nB. 绿", "B"]]))
    assert (question.stem, question.options) == ("甲是什么颜色？", ("红", "绿"))


@pytest.mark.parametrize("lettered", [True, False])
def test_options_on_the_following_rows(bank: Any, lettered: bool) -> None:
    marks = ("A.", "B．", "C、") if lettered else ("", "", "")
    rows: list[Sequence[Any]] = [["题型", "答案", "问题"]]
    rows += [
        ["单选题", "C", "甲？"],
        *((None, None, mark + text) for mark, text in zip(marks, "红绿蓝", strict=True)),
    ]
    rows += [["判断题", "√", "乙。"]]
    report = bank(rows)
    assert [placed.question.options for placed in report.questions] == [("红", "绿", "蓝"), ()]


def test_several_options_on_the_next_row(bank: Any) -> None:
    rows = [["题型", "答案", "问题"], ["多选题", "AC", "甲？"], [None, None, "(A)红 (B)绿 (C)蓝"]]
    assert only(bank(rows)).options == ("红", "绿", "蓝")


def test_further_options_under_the_first(bank: Any) -> None:
    rows = [
        ["题目", "选项", "答案"],
        ["甲？", "A. 红", "C"],
        [None, "B. 绿"],
        [None, "C. 蓝"],
        ["乙。", None, "√"],
    ]
    assert [placed.question.options for placed in bank(rows).questions] == [("红", "绿", "蓝"), ()]


def test_one_row_per_option(bank: Any) -> None:
    head = ["题目序号", "题目类型", "题目内容", "整体解析", "是否正确项", "选项内容"]
    rows = [
        ["试题"],
        head,
        [1, 1, "甲？", "因为", 0, "红"],
        [1, None, None, None, 1, "绿"],
        [1, None, None, None, 0, 80],
        [2, 2, "乙？", None, 1, "红"],
        [2, None, None, None, 1, "绿"],
        [3, 3, "丙。", None, 0, "正确"],
        [3, None, None, None, 1, "错误"],
    ]
    report = bank(rows)
    assert [(placed.question.kind.value, placed.question.key, placed.row) for placed in report.questions] == [
        ("single", ("B",), 3),
        ("multiple", ("A", "B"), 6),
        ("true_false", ("F",), 8),
    ]
    assert report.questions[0].question.options == ("红", "绿", "80")


def test_flags_beside_the_options(bank: Any) -> None:
    head = ["题干", "选项一内容", "选项二内容", "选项一是否正确", "选项二是否正确"]
    report = bank(
        [head, ["甲？", "红", "绿", 0, 1], ["乙？", "红", "绿", 1, None], ["丙？", "红", "绿", 1, "也许"]]
    )
    assert [placed.question.key for placed in report.questions] == [("B",)]
    assert errors(report) == [(3, "选项二是否正确", "unknown-flag"), (4, "选项二是否正确", "unknown-flag")]


def test_the_rest_of_a_cell_broken_at_the_end_of_a_page_is_joined(bank: Any) -> None:
    head = ["序号", "题干", "选项A", "选项B", "答案"]
    rows = [
        head,
        [1, "甲的前半截", "红", "绿色的", "A"],
        ["题库"],
        head,
        [None, None, None, "后半截"],
        [None, "和后半截？"],
    ]
    report = bank([["题库"], *rows, [2, "乙？", "红", "绿", "B"]])
    assert [(placed.question.stem, placed.question.options) for placed in report.questions] == [
        ("甲的前半截和后半截？", ("红", "绿色的后半截")),
        ("乙？", ("红", "绿")),
    ]
    assert [(problem.row, problem.code) for problem in report.problems] == [
        (6, "joined-row"),
        (7, "joined-row"),
    ]


def test_chapter_rows(bank: Any) -> None:
    rows = [["题干", "答案"], ["第一章 总则"], ["甲。", "√"], ["第二章 附则"], ["乙。", "×"]]
    assert [placed.question.chapter for placed in bank(rows).questions] == ["第一章 总则", "第二章 附则"]


def test_sheets_that_are_not_read_are_named_with_the_reason(bank: Any) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["旧题"].sheet_state = "hidden"

    good = [HEADINGS, ["单选题", "甲？", "红", "绿", None, None, "A"]]
    report = bank(
        good,
        prepare=hide,
        导入说明=[["请仔细阅读填写说明，避免导入失败，增加不必要的工作量"]],
        字典=[["单选题", "简单"], ["多选题", "困难"]],
        旧题=good,
        空表=[],
        示例=good,
    )
    assert {left.sheet: left.reason for left in report.left_out} == {
        "导入说明": "instructions",
        "字典": "lookup",
        "旧题": "hidden",
        "空表": "empty",
        "示例": "example",
    }
    assert len(report.questions) == 1


def test_a_table_without_headings_asks_for_a_mapping(bank: Any) -> None:
    rows = [["中华人民共和国宪法日是哪一天？", "12月4日", "10月1日", "A"]] * 3
    with pytest.raises(CannotRead) as refused:
        bank(rows)
    assert refused.value.code == "no-headings"
    mapping = ColumnMapping({"stem": 0, "option1": 1, "option2": 2, "answer": 3})
    report = bank(rows, mapping=mapping)
    assert [placed.question.key for placed in report.questions] == [("A",)] * 3
    with pytest.raises(CannotRead, match="指定的列"):
        bank(rows, mapping=ColumnMapping({"stem": 9}))


def test_empty_tables_notes_and_hidden_rows_are_said(bank: Any) -> None:
    assert [problem.code for problem in bank([HEADINGS]).problems] == ["no-rows"]

    def hide(book: openpyxl.Workbook) -> None:
        book["Sheet1"].row_dimensions[2].hidden = True

    rows = [["题干", "答案"], ["水往低处流。", "√"], ["火往上升。", "√"], ["合计：2 题"], ["制表人：张三"]]
    report = bank(rows, prepare=hide)
    assert len(report.questions) == 2
    assert sorted((problem.row, problem.code) for problem in report.problems) == [
        (2, "hidden-rows"),
        (4, "note-row"),
        (5, "note-row"),
    ]
