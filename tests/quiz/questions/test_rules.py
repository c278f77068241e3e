"""What an import says it will do, from a report made by hand."""

import pytest

from question_bank import Kind, Question
from question_bank.report import Change, Duplicate, LeftOut, Placed, Problem, Report
from quiz.questions import rules
from quiz.questions.rules import Finding, Outcome


def question(stem: str = "图书馆星期几闭馆？", key: str = "A") -> Question:
    return Question(Kind.SINGLE, stem, ("星期一", "星期三"), (key,))


def report(*questions: Question, sheet: str = "题目") -> Report:
    return Report("题库.xlsx", [Placed(sheet, row, q) for row, q in enumerate(questions, start=2)])


def test_figures_add_up() -> None:
    read = report(question("甲"), question("乙"), question("甲"), question("丙"))
    read.problems = [
        Problem("题目", 9, "答案", "no-key", "error", "没有答案"),
        Problem("题目", 9, "题干", "x", "error", "还有一处"),
        Problem("题目", 2, "难度", "y", "warning", "难度不认识"),
    ]
    outcome = Outcome(read, {question("丙").fingerprint})
    assert outcome.read == 5
    assert outcome.read == outcome.count("fresh") + len(outcome.faulty) + outcome.count("repeated")
    assert [placed.row for placed in outcome.fresh] == [2, 3]


def test_rows_with_errors_come_first_each_with_all_its_findings() -> None:
    read = report(question("甲"), question("乙"))
    read.problems = [
        Problem("题目", 2, "难度", "y", "warning", "难度不认识", "特难"),
        Problem("题目", 30, "答案", "no-key", "error", "没有答案"),
        Problem("题目", 4, "答案", "many", "error", "答案有 3 个", "ABD"),
        Problem("题目", 4, "题干", "z", "warning", "请核对"),
    ]
    lines = Outcome(read, set()).lines("problems")
    assert [line.row for line in lines] == [4, 30, 2]
    assert [finding.tone for finding in lines[0].findings] == ["error", "warning"]
    assert lines[0].findings[0] == Finding("error", "答案", "ABD", "答案有 3 个")
    assert (lines[0].question, lines[2].question) == (None, question("甲"))


def test_equal_questions_are_stored_once_and_named() -> None:
    outcome = Outcome(report(question(), question(), question("在库")), {question("在库").fingerprint})
    assert [line.findings[0].message for line in outcome.lines("repeated")] == [
        "与第 2 行完全相同，不重复入库",
        "题库里已有完全相同的题，不重复入库",
    ]


def test_the_same_stem_with_another_key_is_imported_but_named() -> None:
    read = report(question(), question(key="B"))
    read.duplicates = [Duplicate(3, 2, "题目", "stem", "题目")]
    outcome = Outcome(read, set())
    assert outcome.count("fresh") == 2
    [line] = outcome.lines("problems")
    assert line.row == 3
    assert line.findings[0].message.startswith("题干与第 2 行相同")


def test_rows_of_several_sheets_are_told_apart() -> None:
    read = report(question(), sheet="单选")
    read.questions.append(Placed("多选", 2, question()))
    [line] = Outcome(read, set()).lines("repeated")
    assert line.findings[0].message == "与“单选”第 2 行完全相同，不重复入库"


def test_changes_and_sheets_left_out_are_told() -> None:
    read = report(question())
    read.changed = [Change("题目", 2, "答案", "a", "A"), Change("题目", 2, "题干", "\u200b", "")]
    read.left_out = [LeftOut("说明", "instructions"), LeftOut("旧题", "hidden")]
    outcome = Outcome(read, set())
    assert [line.findings[0].message for line in outcome.lines("changed")] == ["改为“A”", "已清空"]
    assert outcome.left_out() == ["“说明”是说明", "“旧题”已隐藏"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("题库.xlsx", "题库.xlsx"),
        ("C:\\桌面\\题库.xlsx", "题库.xlsx"),
        ("../../etc/题库.xlsx", "题库.xlsx"),
        ("题\x00库\u202e.xlsx\n", "题库.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 100 + "…" + "长" * 14 + ".xlsx"),
    ],
)
def test_file_names_are_shown_without_tricks(given: str, shown: str) -> None:
    assert rules.clean_file_name(given) == shown


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "长" * 81])
def test_a_bank_needs_a_name(name: str) -> None:
    with pytest.raises(rules.BadBankName):
        rules.clean_bank_name(name)
