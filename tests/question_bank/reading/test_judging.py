"""What becomes of one row: its kind, its key, and the reasons that keep it from being a question."""

from typing import Any

import openpyxl
import pytest

from question_bank.columns import ColumnMapping
from question_bank.question import Difficulty, Kind
from question_bank.report import Problem, Report

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案"]


def only(report: Report) -> Any:
    assert [problem for problem in report.problems if problem.severity == "error"] == []
    (placed,) = report.questions
    return placed.question


def errors(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.errors]


def test_the_kind_column_is_judged_by_its_values(bank: Any) -> None:
    report = bank(
        [
            ["类型", "你的答案", "题干", "A", "B", "答案"],
            ["安全", "单选题", "甲？", "红", "绿", "A"],
            ["消防", "多选题", "乙？", "红", "绿", "AB"],
        ]
    )
    assert [placed.question.kind for placed in report.questions] == [Kind.SINGLE, Kind.MULTIPLE]
    assert [placed.question.chapter for placed in report.questions] == ["安全", "消防"]


@pytest.mark.parametrize(
    ("sheet", "file"), [("判断题", "题库.xlsx"), ("Sheet1", "安全生产判断题.xlsx")], ids=["sheet", "file"]
)
def test_the_kind_by_the_name_of_sheet_or_file(bank: Any, sheet: str, file: str) -> None:
    report = bank(name=file, **{sheet: [["题干", "答案"], ["水往低处流。", "对"]]})
    assert only(report).kind is Kind.TRUE_FALSE


def test_the_kind_by_the_answer_alone(bank: Any) -> None:
    report = bank(
        [
            ["题干", "A", "B", "C", "答案"],
            ["甲？", "红", "绿", "蓝", "A"],
            ["乙？", "红", "绿", "蓝", "AC"],
            ["丙。", "正确", "错误", None, "B"],
            ["丁。", None, None, None, "×"],
            ["戊是____。", None, None, None, "水"],
            ["简述己。", None, None, None, "己就是己。"],
        ]
    )
    assert [placed.question.kind.value for placed in report.questions] == [
        "single",
        "multiple",
        "true_false",
        "true_false",
        "fill",
        "short",
    ]


def test_letters_without_options_are_no_question(bank: Any) -> None:
    report = bank([["题干", "答案"], ["选项丢了？", "B"], ["也丢了？", "ABD"]])
    assert report.questions == []
    assert {code for _, _, code in errors(report)} == {"too-few-options"}


def test_codes_are_deduced_from_the_answers(bank: Any) -> None:
    rows = [["题型", "题干", "A", "B", "C", "答案"]]
    rows += [["0", f"单{n}？", "红", "绿", "蓝", "B"] for n in range(5)]
    rows += [["1", f"判{n}。", "正确", "错误", None, "A"] for n in range(3)]
    rows += [["2", f"多{n}？", "红", "绿", "蓝", "AC"] for n in range(3)]
    assert bank(rows).by_kind() == {"single": 5, "multiple": 3, "true_false": 3, "fill": 0, "short": 0}


def test_judge_answers_counted_from_one_under_codes(bank: Any) -> None:
    rows = [["题型", "题目", "A", "B", "C", "答案"]]
    rows += [[1, f"判{n}。", None, None, None, 1 + n % 2] for n in range(4)]
    rows += [[2, f"单{n}？", "红", "绿", "蓝", "B"] for n in range(3)]
    rows += [[3, f"多{n}？", "红", "绿", "蓝", "A,C"] for n in range(3)]
    report = bank(rows)
    assert [placed.question.key for placed in report.questions][:4] == [("T",), ("F",)] * 2
    assert [problem.code for problem in report.problems] == ["counted-answers"]


def test_codes_that_the_answers_do_not_settle_are_asked_about(bank: Any) -> None:
    rows = [
        ["题型", "题干", "A", "B", "C", "答案"],
        [1, "甲？", "红", "绿", "蓝", "B"],
        [1, "乙？", "红", "绿", "蓝", "AB"],
    ]
    report = bank(rows)
    assert report.questions == []
    assert errors(report) == [(2, "题型", "unknown-kind-code"), (3, "题型", "unknown-kind-code")]
    told = bank(rows, mapping=ColumnMapping(codes={"1": Kind.MULTIPLE}))
    assert told.by_kind()["multiple"] == 2


def test_codes_explained_by_the_file_itself(bank: Any) -> None:
    note = "2.试题类型只能是1-4,1单选题2多选题3判断题4简答题；"
    rows = [
        [note],
        ["试题类型", "题干", "A", "B", "答案"],
        [2, "甲？", "红", "绿", "A"],
        [4, "乙？", None, None, None],
    ]
    assert [placed.question.kind for placed in bank(rows).questions] == [Kind.MULTIPLE, Kind.SHORT]


def test_blanks_in_columns_of_their_own(bank: Any) -> None:
    report = bank(填空题=[["题干", "空 1", "空 2", "单空分数"], ["____和____是原色。", "红\n赤", "黄", 2]])
    question = only(report)
    assert (question.kind, question.key, question.points) == (Kind.FILL, ("红|||赤", "黄"), 2.0)


def test_blanks_in_option_columns_with_an_empty_answer(bank: Any) -> None:
    report = bank([HEADINGS, ["填空题", "原色有____、____、____。", "红", "黄", "蓝", None, None]])
    assert only(report).key == ("红", "黄", "蓝")


def test_a_fill_answer_in_the_first_option_column_with_letter_a(bank: Any) -> None:
    report = bank(
        [
            HEADINGS,
            ["填空题", "（）是原色。", "红", None, None, None, "A"],
            ["简答题", "简述。", "长", None, None, None, "A"],
        ]
    )
    assert [placed.question.key for placed in report.questions] == [("红",), ("长",)]


def test_a_fill_answer_given_twice_is_a_contradiction(bank: Any) -> None:
    report = bank([HEADINGS, ["填空题", "____是原色。", None, None, "红", None, "本题考查颜色"]])
    assert errors(report) == [(2, "答案", "answer-twice")]


@pytest.mark.parametrize(
    ("stem", "answer", "key"),
    [
        ("____、____、____。", "统一指挥、逐级指挥、属地指挥", ("统一指挥", "逐级指挥", "属地指挥")),
        ("方针是（  ）。", "预防为主、防消结合", ("预防为主、防消结合",)),
        ("[填空(1)]和[填空(2)]", "职教中心\\云课堂", ("职教中心", "云课堂")),
        ("＿＿＿与( )", "甲；乙", ("甲", "乙")),
        ("一____二____", "明文|||原文|密文", ("明文|||原文", "密文")),
        ("是____的", "修复|||隔离", ("修复|||隔离",)),
        ("是____的", 15, ("15",)),
    ],
)
def test_fill_answers_split_only_where_the_stem_agrees(
    bank: Any, stem: str, answer: object, key: tuple[str, ...]
) -> None:
    assert only(bank([["题型", "题干", "答案"], ["填空题", stem, answer]])).key == key


def test_a_fill_answer_with_other_pieces_than_blanks_is_kept_whole_and_shown(bank: Any) -> None:
    report = bank([["题型", "题干", "答案"], ["填空题", "____、____、____", "甲、乙"]])
    assert only(report).key == ("甲、乙",)
    assert [problem.code for problem in report.problems] == ["blanks-differ"]


def test_option_letters_are_stripped_only_where_they_are_the_options_own(bank: Any) -> None:
    rows = [HEADINGS, ["单选题", "甲？", "地热", "静压力", "C.  时间", "D．动压力", "A"]]
    report = bank(rows)
    assert only(report).options == ("地热", "静压力", "时间", "动压力")
    assert [(change.column, change.from_, change.to) for change in report.changed] == [
        ("选项C", "C.  时间", "时间"),
        ("选项D", "D．动压力", "动压力"),
    ]


def test_words_that_begin_with_a_letter_stay_whole(bank: Any) -> None:
    words = ["A类火灾", "B超", "C++", "C:\\windows"]
    assert only(bank([HEADINGS, ["单选题", "甲？", *words, "A"]])).options == tuple(words)


def test_letters_with_a_space_are_stripped_when_all_options_have_them(bank: Any) -> None:
    assert only(
        bank([HEADINGS, ["单选题", "甲？", "A  10，1", "B 10，2", "C\u300015", "D、2", "A"]])
    ).options == (
        "10，1",
        "10，2",
        "15",
        "2",
    )


def test_numbers_in_front_of_stems_are_stripped_as_a_habit_or_when_their_own(bank: Any) -> None:
    report = bank(
        [
            ["序号", "题干", "答案"],
            [1, "1、水往低处流。", "√"],
            [2, "2．火往上升。", "√"],
            [3, "3.5亿是多少？", "很多"],
        ]
    )
    assert [placed.question.stem for placed in report.questions] == [
        "水往低处流。",
        "火往上升。",
        "3.5亿是多少？",
    ]
    assert report.changed[0].from_ == "1、水往低处流。"
    lone = bank([["题干", "答案"], ["12、13号楼着火了。", "√"], ["水往低处流。", "√"], ["火往上升。", "√"]])
    assert lone.questions[0].question.stem == "12、13号楼着火了。"


def test_an_answer_in_the_stem_is_taken_only_when_it_fits(bank: Any) -> None:
    report = bank(
        [
            HEADINGS[:-1],
            ["多选题", "原色有（AB）。", "红", "黄", "黑", None],
            ["判断题", "水往低处流。（√）", None, None, None, None],
            ["单选题", "认证机构（CFCA）是？", "甲", "乙", None, None],
        ]
    )
    assert [(placed.question.stem, placed.question.key) for placed in report.questions] == [
        ("原色有（　）。", ("A", "B")),
        ("水往低处流。（　）", ("T",)),
    ]
    assert errors(report) == [(4, "", "no-key")]


def test_merged_kinds_hold_for_every_row(bank: Any) -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book["Sheet1"].merge_cells("A2:A3")

    rows = [
        ["题型", "题干", "A", "B", "答案"],
        ["多选题", "甲？", "红", "绿", "AB"],
        [None, "乙？", "红", "绿", "A"],
    ]
    assert [placed.question.kind for placed in bank(rows, prepare=merge).questions] == [Kind.MULTIPLE] * 2


def test_rows_of_a_template_with_numbers_and_kinds_only_are_nobodys(bank: Any) -> None:
    report = bank(
        [["序号", *HEADINGS], [1, "单选题", "甲？", "红", "绿", None, None, "A"], [2, "单选题"], [3]]
    )
    assert len(report.questions) == 1
    assert report.problems == []


def test_side_fields(bank: Any) -> None:
    head = [*HEADINGS, "解析", "法律依据", "页码", "归属章", "归属节", "难度", "分值"]
    row = [
        "单选题",
        "甲？",
        "红",
        "绿",
        None,
        None,
        "A",
        "因为",
        "第三条",
        "p36",
        "总则",
        "第一节",
        "困难",
        "2分",
    ]
    question = only(bank([head, row]))
    assert (question.explanation, question.basis, question.chapter) == ("因为", "第三条 p36", "总则 / 第一节")
    assert (question.difficulty, question.points) == (Difficulty.HARD, 2.0)


def test_unknown_difficulty_and_points_are_said_once_and_do_not_keep_a_question_out(bank: Any) -> None:
    head = [*HEADINGS, "难度", "分值"]
    rows = [["单选题", f"甲{n}？", "红", "绿", None, None, "A", "必须掌握", 0] for n in range(3)]
    report = bank([head, *rows])
    assert len(report.questions) == 3
    assert [problem.code for problem in report.problems].count("unknown-difficulty") == 1


def test_the_report_on_a_contradicting_row_names_cell_and_reason(bank: Any) -> None:
    report = bank([HEADINGS, ["单选题", "甲？", "红", "绿", "蓝", "紫", "ABD"]])
    assert report.problems == [
        Problem("Sheet1", 2, "答案", "many-keys-for-single", "error", "题型写的是单选，答案有 3 个", "ABD")
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["单选题", None, "红", "绿", None, None, "A"], ("题干", "no-stem")),
        (["单选题", "甲？", "红", "绿", None, None, None], ("答案", "no-key")),
        (["单选题", "甲？", "红", "绿", None, None, "C"], ("答案", "key-beyond-options")),
        (["单选题", "甲？", "红", None, None, None, "A"], ("选项A", "too-few-options")),
        (["多选题", "甲？", "红", None, "蓝", None, "AC"], ("选项B", "empty-option")),
        (["单选题", "甲？", "红", "绿", "红", None, "B"], ("选项C", "identical-options")),
        (["单选题", "甲？", "红", "绿", None, None, "紫"], ("答案", "unknown-key")),
        (["多选题", "甲？", "红", "绿", None, None, "AAB"], ("答案", "repeated-key")),
        (["判断题", "甲。", None, None, None, None, "A"], ("答案", "unknown-key")),
        (["判断题", "甲。", None, None, None, None, "大概"], ("答案", "unknown-key")),
        (["填空题", "____。", None, None, None, None, None], ("答案", "no-key")),
    ],
)
def test_rows_that_are_no_questions(bank: Any, row: list[str | None], expected: tuple[str, str]) -> None:
    report = bank([HEADINGS, row])
    assert report.questions == []
    assert errors(report) == [(2, *expected)]


def test_a_kind_nobody_knows(bank: Any) -> None:
    known = ["判断题", "水往低处流。", None, None, None, None, "对"]
    report = bank([HEADINGS, known, known, ["抢答题", "甲。", None, None, None, None, "对"]])
    assert errors(report) == [(4, "题型", "unknown-kind")]


def test_duplicates_are_listed_and_kept(bank: Any) -> None:
    rows = [
        ["单选题", "甲 是？", "红", "绿", None, None, "A"],
        ["单选题", "甲是", "红", "绿", None, None, "A"],
        ["单选题", "甲是？", "红", "蓝", None, None, "A"],
    ]
    report = bank([HEADINGS, *rows])
    assert len(report.questions) == 3
    assert report.document()["duplicates"] == [
        {"row": 3, "of_row": 2, "sheet": "Sheet1", "same": "all"},
        {"row": 4, "of_row": 2, "sheet": "Sheet1", "same": "stem"},
    ]


@pytest.mark.parametrize(
    ("row", "kind", "key"),
    [
        (["单选题", "两个字母", "甲", "乙", "AB"], Kind.SINGLE, ("A", "B")),
        (["多选题", "没有答案", "甲", "乙", ""], Kind.MULTIPLE, ()),
        (["单选题", "说不清的答案", "甲", "乙", "不知道"], Kind.SINGLE, ()),
        (["7", "说不清的题型", "甲", "乙", "B"], Kind.SINGLE, ("B",)),
    ],
)
def test_a_row_with_an_error_is_kept_as_far_as_it_was_read(
    bank: Any, row: list[str], kind: Kind, key: tuple[str, ...]
) -> None:
    headings = ["题型", "题干", "A", "B", "答案"]
    report = bank([headings, row, ["单选题", "好的", "甲", "乙", "A"]])
    assert len(report.questions) == 1
    [placed] = report.unfit
    assert (placed.row, placed.question.kind, placed.question.stem) == (2, kind, row[1])
    assert (placed.question.options, placed.question.key) == (("甲", "乙"), key)
    [kept] = report.originals
    assert (kept.row, kept.headings, kept.lines) == (2, tuple(headings), (tuple(row),))
