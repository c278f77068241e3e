from dataclasses import replace

import pytest

from question_bank import Kind, Question, fixes
from question_bank.question import faults

CHOICE = Question(Kind.SINGLE, "星期几闭馆？", ("星期一", "星期三", "星期五"), ("A", "C"))


def codes(question: Question) -> list[str]:
    return [fault.code for fault in faults(question)]


@pytest.mark.parametrize(
    ("question", "problem", "fix"),
    [
        (CHOICE, "many-keys-for-single", "to-multiple"),
        (replace(CHOICE, kind=Kind.MULTIPLE, key=("A", "A")), "repeated-key", "distinct-key"),
        (replace(CHOICE, options=("甲", " ", "乙"), key=("C",)), "empty-option", "drop-empty"),
        (Question(Kind.TRUE_FALSE, "周一闭馆。"), "no-key", "key-true"),
        (Question(Kind.TRUE_FALSE, "周一闭馆。"), "no-key", "key-false"),
    ],
)
def test_a_fix_that_was_offered_and_chosen_makes_the_question_fit(
    question: Question, problem: str, fix: str
) -> None:
    assert codes(question) == [problem]
    assert fix in [offered.code for offered in fixes.fixes(problem, question)]
    assert codes(fixes.apply(fix, question)) == []


def test_letters_follow_their_options_when_empty_ones_go() -> None:
    gap = replace(CHOICE, options=("甲", "", "乙", "丙"), key=("C",))
    assert fixes.apply("drop-empty", gap).key == ("B",)
    lost = fixes.apply("drop-empty", replace(gap, key=("B",)))
    assert codes(lost) == ["key-beyond-options"]


def test_no_offered_fix_makes_up_a_key() -> None:
    for problem in ("no-key", "key-beyond-options", "unknown-key", "identical-options", "no-stem"):
        assert all(fix.field for fix in fixes.fixes(problem, CHOICE))


def test_what_is_offered_either_applies_or_names_a_field() -> None:
    problems = [*fixes._OFFERED, "no-such-problem"]
    for question in (CHOICE, Question(Kind.TRUE_FALSE, "甲。"), Question(Kind.MULTIPLE, "乙", ("", ""))):
        for problem in problems:
            for fix in fixes.fixes(problem, question):
                assert fix.field or fixes.apply(fix.code, question)


def test_edits_are_not_applied_and_nothing_is_offered_without_a_question() -> None:
    assert fixes.fixes("no-key", None) == ()
    with pytest.raises(ValueError, match="edit-key"):
        fixes.apply("edit-key", CHOICE)
