"""The downloads: read back by the project's own reader and by openpyxl."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from question_bank import Difficulty, Kind, Question
from question_bank.report import Original
from question_bank.writing import workbook
from quiz.questions import services, workbooks
from quiz.questions.outcome import Finding, Line


def cells(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).active.iter_rows())


def read_back(content: bytes, folder: Path) -> list[Question]:
    path = folder / "bank.xlsx"
    path.write_bytes(content)
    report = services.read_file(path)
    assert report.errors == []
    return [placed.question for placed in report.questions]


def test_the_template_has_no_questions_and_its_examples_are_good(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(workbooks.template()))
    assert book.sheetnames == ["题目", "示例", "填写说明"]
    assert [cell.value for cell in book["题目"][1]][:3] == ["题型", "题干", "选项A"]
    assert len(book["题目"].data_validations.dataValidation) == 2
    assert read_back(workbooks.template(), tmp_path) == []

    for row in book["示例"].iter_rows(min_row=2, values_only=True):
        book["题目"].append(row)
    book.save(tmp_path / "filled.xlsx")
    report = services.read_file(tmp_path / "filled.xlsx")
    assert report.by_kind() == dict.fromkeys(("single", "multiple", "true_false", "fill", "short"), 3)
    assert (report.problems, report.changed) == ([], [])
    assert [placed.question for placed in report.questions] == list(workbooks.EXAMPLES)


@pytest.mark.parametrize(
    "question",
    [
        Question(
            Kind.SINGLE, "=1+1 等于几？", ("=2", "＋3", "@4", "-5"), ("A",), "=HYPERLINK(1)", "+86", "@章"
        ),
        Question(Kind.SINGLE, "001 是几位数？", ("1", "2", "3", "1/2"), ("C",), points=1.5),
        Question(Kind.MULTIPLE, "很多选项", tuple(f"选项文字{n}" for n in range(10)), ("A", "J")),
        Question(Kind.TRUE_FALSE, "第一行\n第二行。", (), ("F",), difficulty=Difficulty.HARD),
        Question(Kind.FILL, "____ 和 ____。", (), ("甲|||乙", "丙；丁")),
        Question(Kind.FILL, "只有一个 ____。", (), ("坚持、完善",)),
        Question(Kind.SINGLE, "12、信访工作的原则是？", ("A. 甲", "B类", "C++", "D"), ("B",)),
        Question(Kind.SHORT, "简述意义。", (), ("第一；第二。\n第三。",)),
    ],
    ids=lambda question: question.stem,
)
def test_an_exported_question_comes_back_the_same(question: Question, tmp_path: Path) -> None:
    assert read_back(workbook.document([question], options=8), tmp_path) == [question]


def test_problem_rows_are_the_rows_of_the_file_with_the_reason_behind() -> None:
    wrong = (
        Finding("error", "答案", "ABD", "题型写的是单选，答案有 3 个"),
        Finding("warning", "", "", "请核对"),
    )
    kept = {
        ("单选", 23): Original(
            "单选", 23, ("编号", "题干", "答案"), (("001", "几点？", "ABD"), ("", "后半截"))
        )
    }
    content = workbooks.problem_rows([Line("单选", 23, None, wrong), Line("多选", 4, None, wrong[1:])], kept)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["单选", "多选"]
    rows = [[cell.value for cell in row] for row in book["单选"].iter_rows()]
    assert rows == [
        ["编号", "题干", "答案", "原因"],
        ["001", "几点？", "ABD", "题型写的是单选，答案有 3 个；请核对"],
        [None, "后半截", None, None],
    ]
    assert book["多选"][1][-1].value == "原因"


def test_a_row_without_kept_cells_is_written_in_the_columns_of_the_template(tmp_path: Path) -> None:
    question = Question(Kind.SINGLE, "没有答案的题", ("甲", "乙"), ("B",))
    line = Line("gift", 3, question, (Finding("error", "", "", "没有答案"),))
    assert read_back(workbooks.problem_rows([line], {}), tmp_path) == [question]


@pytest.mark.parametrize("name", ["长" * 40, "a/b:c*d", "'", "History", ""])
def test_any_sheet_name_can_be_written(name: str) -> None:
    lines = [Line(name, 2, None, (Finding("error", "", "", "空"),)), Line(name + "?", 2, None, ())]
    kept = {line.place: Original(*line.place, ("题",), (("甲",),)) for line in lines}
    assert len(load_workbook(io.BytesIO(workbooks.problem_rows(lines, kept))).sheetnames) == 2


def test_a_row_that_needs_a_hand_is_cut_to_what_a_cell_holds() -> None:
    whole = "长" * 40_000
    line = Line("题库", 2, None, (Finding("error", "题干", "", "没有答案"),))
    kept = {line.place: Original("题库", 2, ("题干",), ((whole,),))}
    assert cells(workbooks.problem_rows([line], kept))[1][0].value == whole[:32_767]
