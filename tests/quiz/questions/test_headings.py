"""What may be said about columns and codes."""

import pytest

from question_bank import Kind
from question_bank.report import Original, Problem, Report
from quiz.questions import headings


def test_codes_nobody_explained_are_asked_in_order() -> None:
    report = Report("题库.xlsx")
    for row, value in enumerate(("10", "2", "2.0", "1"), start=2):
        report.problems.append(Problem("表", row, "题型", "unknown-kind-code", "error", "代码", value))
    assert headings.unknown_codes(report) == ["1", "2", "10"]
    mark = headings.signature(report)
    report.originals.append(Original("表", 3, ("题型", "题干"), ()))
    assert headings.signature(report) != mark


def test_what_the_form_says_becomes_a_mapping() -> None:
    said = headings.said(["stem", "", "option1", "option2", "answer"], 2, {"1": "single"}, headed=False)
    mapping = headings.mapping(said)
    assert mapping.fields == {"stem": 0, "option1": 2, "option2": 3, "answer": 4}
    assert (mapping.first_row, mapping.codes) == (2, {"1": Kind.SINGLE})


def test_with_headings_only_codes_are_said() -> None:
    assert headings.said(["stem"], 5, {"1": "multiple"}, headed=True) == {
        "fields": {},
        "first_row": 1,
        "codes": {"1": "multiple"},
    }


@pytest.mark.parametrize(
    ("fields", "first_row", "codes", "words"),
    [
        (["", "answer"], 1, {}, "哪一列是题干"),
        (["stem", "stem"], 1, {}, "“题干”选了两列"),
        (["stem", "sql"], 1, {}, "重新选择"),
        (["stem"], 0, {}, "重新选择"),
        (["stem"], 1, {"1": ""}, "每个代码"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    fields: list[str], first_row: int, codes: dict[str, str], words: str
) -> None:
    with pytest.raises(headings.BadMapping, match=words):
        headings.said(fields, first_row, codes, headed=False)


def test_a_guess_is_offered_by_what_columns_look_like() -> None:
    looks = ["code", "long", "code", "short", "short", "letters", "empty"]
    assert headings.guess(looks) == {"stem": 1, "option1": 3, "option2": 4, "answer": 5}
