"""The documents of the API and the wall. What they say comes from the Board they are given."""

from decimal import Decimal
from typing import Any

from question_bank import Kind
from question_bank.question import LABELS, TRUE
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.people.rules import mask_name
from quiz.standings import programme, queries, rules, tables
from quiz.standings.method import Method
from quiz.standings.programme import Scene
from quiz.standings.rules import Ranked
from quiz.standings.tables import Board


def units_document(board: Board) -> dict[str, Any]:
    """INTERFACE, GET …/standings/units, with every row; the extra keys are what the wall shows."""
    exam, method, at = board.exam, board.method, board.at
    whole = queries.summed(board.rows)
    return {
        "as_of": board.as_of.isoformat(),
        "frozen": board.frozen,
        "formula": method.formula.value,
        "formula_name": method.name,
        "formula_sentence": method.sentences,
        "footnotes": footnotes(exam),
        "full": float(exams.reach(exam)),
        "state": exams.state(exam, at=at).value,
        "window": queries.window_sentence(exam, at=at),
        "expected": whole.expected,
        "took_part": whole.took_part,
        # While frozen, how many are answering is news as well.
        "sitting": 0 if board.frozen else queries.sitting_now(exam, at=at),
        "total": len(board.ranked),
        "rows": [_unit_document(entry, method) for entry in board.ranked],
    }


def _unit_document(entry: Ranked, method: Method) -> dict[str, Any]:
    row = entry.row
    return {
        "rank": entry.rank,
        "unit": row.unit,
        "score": _number(entry.score),
        "expected": row.expected,
        "took_part": row.took_part,
        "rate": _number(row.rate, 4),
        "mean": _number(row.mean),
        "passed": row.passed,
        "excellent": row.excellent,
        "score_shown": rules.wall_score(method.formula, entry.score),
        "rate_shown": rules.percent(row.took_part, row.expected),
        "group": entry.group,
        "why": entry.why,
    }


#: Persons on the wall: one screen of them.
_WALL_PERSONS = 8


def wall_document(board: Board) -> dict[str, Any]:
    """What a wall shows besides the ranks of units: its scenes, slogans, persons, question of the day."""
    shown = programme.from_document(board.ranking.wall)
    persons = persons_document(board, limit=_WALL_PERSONS)["rows"] if Scene.PERSONS in shown.scenes else []
    question = _question(board) if Scene.QUESTION in shown.scenes else None
    return {**shown.document(), "persons": persons, "question": question}


def _question(board: Board) -> dict[str, Any] | None:
    """Never one that this or a running exam asks: the wall shows its key as well."""
    day = board.at.astimezone(exams.zone()).date().toordinal()
    found = queries.question_of_the_day(board.exam, at=board.at, day=day)
    if found is None:
        return None
    options = [f"{label}. {text}" for label, text in zip(LABELS, found.options, strict=False)]
    if found.kind == Kind.TRUE_FALSE:
        return {"stem": found.stem, "options": [], "key": "正确" if found.key == [TRUE] else "错误"}
    return {"stem": found.stem, "options": options, "key": "、".join(found.key)}


def footnotes(exam: Exam) -> str:
    """What was changed after the opening and why, for the foot of whatever prints ranks."""
    found = []
    for change, unit in tables.changes(exam):
        day = exam_rules.moment(change.at.astimezone(exams.zone()))
        what = f"{unit}应参人数由 {change.before} 改为 {change.after}" if unit else "计分办法有修改"
        found.append(f"注：{day} {what}，原因：{change.reason.rstrip('。')}。")
    return "".join(found)


def _number(value: Decimal | None, places: int = 2) -> float | None:
    """Rounded once from the exact value; None stays null, NaN cannot come about."""
    return None if value is None else float(rules.shown(value, places))


def persons_document(board: Board, *, limit: int | None = None, offset: int = 0) -> dict[str, Any]:
    """GET …/standings/persons: names masked whoever asks, no phones and no numbers at all."""
    rows = board.persons(limit=limit, offset=offset)
    return {
        "as_of": board.as_of.isoformat(),
        "frozen": board.frozen,
        "full": float(exams.reach(board.exam)),
        "total": board.count_persons(),
        "rows": [
            {
                "rank": row.rank,
                "name": mask_name(row.name),
                "unit": row.unit,
                "score": float(row.Result.score),
                "seconds": row.Result.millis // 100 / 10,
                "passed": row.Result.passed,
                "submitted_at": row.Result.submitted_at.isoformat(),
            }
            for row in rows
        ],
    }
