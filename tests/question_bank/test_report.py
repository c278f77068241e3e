import json

from question_bank.placed import Placed, question_out, row_of
from question_bank.question import Difficulty, Kind, Question
from question_bank.report import Change, Duplicate, LeftOut, Near, Original, Problem, Report

QUESTION = Question(
    kind=Kind.MULTIPLE,
    stem="下列说法正确的是？\n",
    options=("甲", "<b>乙</b>", "丙"),
    key=("A", "C"),
    explanation="见第三条",
    basis="第三条",
    chapter="总则",
    difficulty=Difficulty.HARD,
    points=2.5,
)


def full_report() -> Report:
    return Report(
        "题库.xlsx",
        [Placed("Sheet1", 2, QUESTION), Placed("Sheet1", 4, Question(Kind.SHORT, "简述。"))],
        [Problem("Sheet1", 3, "答案", "no-key", "error", "没有答案")],
        [Change("Sheet1", 2, "答案", "CA", "AC")],
        [Duplicate(4, 2, "Sheet1", "stem", "Sheet1")],
        [LeftOut("说明", "instructions")],
        [Placed("Sheet1", 3, Question(Kind.SINGLE, "没有答案的题", ("甲", "乙")))],
        [Original("Sheet1", 3, ("题干", "A", "B"), (("没有答案的题", "甲", "乙"),))],
        [Near("Sheet1", 4, "", 0, 17, 96, True)],
    )


def test_the_document_is_that_of_the_interface() -> None:
    assert full_report().document() == {
        "file": "题库.xlsx",
        "questions": 2,
        "by_kind": {"single": 0, "multiple": 1, "true_false": 0, "fill": 0, "short": 1},
        "problems": [
            {
                "sheet": "Sheet1",
                "row": 3,
                "column": "答案",
                "code": "no-key",
                "severity": "error",
                "message": "没有答案",
                "value": "",
            }
        ],
        "changed": [{"sheet": "Sheet1", "row": 2, "column": "答案", "from": "CA", "to": "AC"}],
        "duplicates": [{"row": 4, "of_row": 2, "sheet": "Sheet1", "same": "stem"}],
        "left_out": [{"sheet": "说明", "reason": "instructions"}],
    }


def test_a_report_survives_json_with_every_question() -> None:
    report = full_report()
    assert Report.from_json(report.to_json()) == report


def test_a_report_stored_with_an_object_for_each_question_is_still_read() -> None:
    report, stored = full_report(), json.loads(full_report().to_json())
    for name in ("questions", "unfit"):
        held = getattr(report, name)
        stored[name] = [{"sheet": p.sheet, "row": p.row, **question_out(p.question)} for p in held]
    del stored["marks"]
    found = Report.from_json(json.dumps(stored))
    assert found == report
    assert found.marks == report.marks == [placed.question.fingerprint for placed in report.questions]


def test_a_report_stored_before_questions_had_tags_is_still_read() -> None:
    report, stored = full_report(), json.loads(full_report().to_json())
    for row in (row_of, lambda placed: row_of(placed)[:-1]):
        # Rows, as they were stored before columns were.
        stored["questions"] = list(map(row, report.questions))
        assert Report.from_json(json.dumps(stored)) == report


def test_many_questions_under_one_stem_cost_no_quadratic_search() -> None:
    placed = [
        Placed("S", row, Question(Kind.SINGLE, "（有图）读出时延", ("红", str(row)), ("A",)))
        for row in range(5000)
    ]
    report = Report("题库.xlsx", placed)
    report.finish()
    assert len(report.duplicates) == 4999


def test_an_equal_question_is_found_behind_another_of_the_same_stem() -> None:
    one, other = (Question(Kind.SINGLE, "甲？", ("红", text), ("A",)) for text in ("绿", "蓝"))
    placed = [Placed("S", 2, one), Placed("S", 3, other), Placed("T", 2, other)]
    report = Report("题库.xlsx", placed)
    report.finish()
    assert report.duplicates == [Duplicate(3, 2, "S", "stem", "S"), Duplicate(2, 3, "T", "all", "S")]
