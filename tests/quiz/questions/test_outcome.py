"""What an import says it will do, from a report made by hand."""

from dataclasses import replace
from typing import Any

from question_bank import Kind, Question
from question_bank.placed import Placed, question_of
from question_bank.report import Change, LeftOut, Near, Problem, Report
from quiz.questions import outcome as outcomes
from quiz.questions.outcome import Finding, Outcome, Reading
from quiz.questions.settling import Decisions, Held


def question(stem: str = "图书馆星期几闭馆？", key: str = "A") -> Question:
    return Question(Kind.SINGLE, stem, ("星期一", "星期三"), (key,))


def look(read: Report, known: Any = (), **decided: Any) -> Outcome:
    held = {mark: Held(number) for number, mark in enumerate(known, start=7)}
    return Outcome(Reading(read), held, Decisions(**decided))


def report(*questions: Question, sheet: str = "题目") -> Report:
    return Report("题库.xlsx", [Placed(sheet, row, q) for row, q in enumerate(questions, start=2)])


def test_figures_add_up() -> None:
    read = report(question("甲"), question("乙"), question("甲"), question("丙"))
    read.problems = [
        Problem("题目", 9, "答案", "no-key", "error", "没有答案"),
        Problem("题目", 9, "题干", "x", "error", "还有一处"),
        Problem("题目", 2, "难度", "y", "warning", "难度不认识"),
    ]
    outcome = look(read, {question("丙").fingerprint})
    assert outcome.read == 5
    assert outcome.read == outcome.count("fresh") + outcome.state_count("faulty") + outcome.count("repeated")
    assert [row for _, row in outcome.fresh] == [2, 3]


def test_rows_with_errors_come_first_each_with_all_its_findings() -> None:
    read = report(question("甲"), question("乙"))
    read.problems = [
        Problem("题目", 2, "难度", "y", "warning", "难度不认识", "特难"),
        Problem("题目", 30, "答案", "no-key", "error", "没有答案"),
        Problem("题目", 4, "答案", "many", "error", "答案有 3 个", "ABD"),
        Problem("题目", 4, "题干", "z", "warning", "请核对"),
    ]
    lines = look(read).lines("problems")
    assert [line.row for line in lines] == [4, 30, 2]
    assert [finding.tone for finding in lines[0].findings] == ["error", "warning"]
    assert lines[0].findings[0] == Finding("error", "答案", "ABD", "答案有 3 个", "many")
    assert (lines[0].question, lines[2].question) == (None, question("甲"))


def test_equal_questions_are_stored_once_and_named() -> None:
    outcome = look(report(question(), question(), question("在库")), {question("在库").fingerprint})
    assert [line.findings[0].message for line in outcome.lines("repeated")] == [
        "与第 2 行完全相同，不重复入库",
        "题库里已有完全相同的题，不重复入库",
    ]


def test_the_same_stem_with_another_key_is_imported_but_named() -> None:
    read = report(question(), question(key="B"))
    read.near = [Near("题目", 3, "题目", 2, None, 100, False, "stem")]
    outcome = look(read)
    assert outcome.count("fresh") == 2
    [line] = outcome.lines("problems")
    assert line.row == 3
    assert line.findings[0].message.startswith("题干与第 2 行相同")


def test_rows_of_several_sheets_are_told_apart() -> None:
    read = report(question(), sheet="单选")
    read.questions.append(Placed("多选", 2, question()))
    [line] = look(read).lines("repeated")
    assert line.findings[0].message == "与“单选”第 2 行完全相同，不重复入库"


def test_changes_and_sheets_left_out_are_told() -> None:
    read = report(question())
    read.changed = [Change("题目", 2, "答案", "a", "A"), Change("题目", 2, "题干", "\u200b", "")]
    read.left_out = [LeftOut("说明", "instructions"), LeftOut("旧题", "hidden")]
    outcome = look(read)
    assert [line.findings[0].message for line in outcome.lines("changed")] == ["改为“A”", "已清空"]
    assert outcome.left_out() == ["“说明”是说明", "“旧题”已隐藏"]


BROKEN = Question(Kind.SINGLE, "两个字母", ("甲", "乙", "丙"), ("A", "B"))


def broken(rows: int = 3) -> Report:
    """``rows`` singles with two letters, from row 10."""
    read = report(question("好的"))
    for row in range(10, 10 + rows):
        read.unfit.append(Placed("题目", row, replace(BROKEN, stem=f"两个字母 {row}")))
        message = "题型写的是单选，答案有 2 个"
        read.problems.append(Problem("题目", row, "答案", "many-keys-for-single", "error", message, "AB"))
    return read


def test_a_corrected_row_is_judged_by_the_same_rules() -> None:
    fixed, worse = replace(BROKEN, kind=Kind.MULTIPLE), replace(BROKEN, options=("甲", "甲"))
    outcome = look(broken(), rows={("题目", 10): fixed, ("题目", 11): worse})
    assert [question_of(outcome.row(place)) for place in outcome.fresh] == [question("好的"), fixed]
    second, third, *_ = outcome.lines("problems")
    assert [finding.code for finding in second.findings] == ["identical-options", "many-keys-for-single"]
    assert (second.corrected, third.corrected) == (True, False)


def test_rows_alike_are_offered_one_fix_with_their_number() -> None:
    outcome = look(broken())
    [group] = outcome.alike()
    assert (group.code, group.fix.code, group.count) == ("many-keys-for-single", "to-multiple", 3)
    assert outcome.rows_alike(group.code, group.fix.code) == [("题目", 10), ("题目", 11), ("题目", 12)]
    assert look(broken(rows=1)).alike() == []


def test_a_key_is_never_set_for_many_rows() -> None:
    assert look(broken()).rows_alike("no-key", "key-true") == []
    assert not any(fix.startswith("key-") for _, fix in outcomes._ALIKE)


def test_every_row_is_in_one_state_and_what_waits_is_counted() -> None:
    read = report(question("甲"), question("乙"), question("丙甲"), question("丙乙"))
    read.near = [Near("题目", 5, "题目", 4, None, 98, True)]
    outcome = look(read, done={("题目", 2)}, rows={("题目", 3): None})
    states = {place[1]: state for place, state in outcome.states.items()}
    assert states == {2: "done", 3: "skipped", 4: "fresh", 5: "near"}
    assert outcome.left == 2


def near_report() -> Report:
    read = report(question("第一个问法"), question("第二个问法"))
    read.near = [Near("题目", 3, "题目", 2, None, 96, False)]
    return read


def test_a_question_much_like_another_waits_for_a_choice() -> None:
    [line] = look(near_report()).lines("near")
    assert line.findings[0].message == "与第 2 行近似 96%，答案不同"
    results = {}
    for choice in ("skip", "replace", "keep"):
        outcome = look(near_report(), near={("题目", 3): choice})
        assert outcome.count("near") == 0
        results[choice] = [row for _, row in outcome.fresh]
    assert results == {"skip": [2], "replace": [3], "keep": [2, 3]}


def test_a_question_is_like_nothing_when_the_other_is_left_out_or_itself_rewritten() -> None:
    assert look(near_report(), rows={("题目", 2): None}).count("near") == 0
    assert look(near_report(), rows={("题目", 3): question("全新的问法")}).count("near") == 0


def test_two_rows_corrected_into_one_question_are_stored_once() -> None:
    fixed = replace(BROKEN, kind=Kind.MULTIPLE)
    outcome = look(broken(), rows={("题目", 10): fixed, ("题目", 12): fixed})
    assert outcome.count("repeated") == 1
    assert len(outcome.fresh) == 2


def test_decisions_survive_json() -> None:
    decided = Decisions(
        {("表!一", 3): BROKEN, ("表", 4): None},
        {("表", 5): "keep"},
        {("表", 6), ("乙", 2)},
        {"new": 2},
        {7: (1, 2)},
        3,
        True,
    )
    assert Decisions.of(decided.document()) == decided
    assert Decisions.of({}) == Decisions()
