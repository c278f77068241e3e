"""Rows of the workbooks: the same figures as on the screens, from the same reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.people.rules import Scope, mask_phone
from quiz.standings import make_up, rules
from quiz.standings import queries as standings
from quiz.standings.rules import Formula, Ranked

_UNIT_HEADINGS = ("名次", "单位", "应考", "实考", "缺考", "参考率", "平均分", "合格率", "优秀率")

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Sheet:
    """A sheet to write: ``widths`` in characters, one for each heading; ``note`` stands under the title."""

    name: str
    title: str
    note: str
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: list[tuple[Cell, ...]]


def scores_sheets(exam: Exam, *, at: datetime, within: Scope) -> list[Sheet]:
    """单位排名 (not for a practice), 成绩, 缺考."""
    note = _note(exam, at=at)
    sheets = [_sat_sheet(exam, note, within), _absent_sheet(exam, note, within)]
    ranked = exam.mode != exam_rules.Mode.PRACTICE
    return ([units_sheet(exam, at=at, within=within)] if ranked else []) + sheets


def units_sheet(exam: Exam, *, at: datetime, within: Scope) -> Sheet:
    """The units ``within``, with the ranks they have among all."""
    formula = Formula(exam.formula)
    ranked = [r for r in standings.ranked_units(exam) if within is None or r.row.unit_id in within]
    return Sheet(
        name="单位排名",
        title=f"{exam.title}单位排名",
        note=f"{_note(exam, at=at)}{formula.sentence}{rules.TIES}",
        headings=(*_UNIT_HEADINGS, f"得分（{formula.chinese}）"),
        widths=(7, 30, 8, 8, 8, 12, 10, 12, 12, 18),
        rows=[_unit_row(entry) for entry in ranked] + _sum_row(ranked),
    )


def _unit_row(entry: Ranked) -> tuple[Cell, ...]:
    row = entry.row
    return (
        rules.NOTHING if entry.rank is None else entry.rank,
        row.unit,
        row.expected,
        row.took_part,
        row.absent,
        rules.of(row.took_part, row.expected),
        _number(row.mean),
        rules.of(row.passed, row.took_part),
        rules.of(row.excellent, row.took_part),
        _number(entry.score),
    )


def _sum_row(ranked: list[Ranked]) -> list[tuple[Cell, ...]]:
    whole = standings.summed([entry.row for entry in ranked])
    figures = _unit_row(Ranked(None, whole, None))
    return [("", "合计", *figures[2:9], "")]


def _sat_sheet(exam: Exam, note: str, within: Scope) -> Sheet:
    zone = exams.zone()
    rows: list[tuple[Cell, ...]] = [
        (
            row.unit,
            row.name,
            row.number or "",
            mask_phone(row.phone),
            row.Result.score,
            rules.used(row.Result.millis),
            "合格" if row.Result.passed else "不合格",
            row.Result.sittings,
            f"{row.Result.submitted_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "补考" if exam.make_up_of_id else "实考",
        )
        for row in standings.person_rows(exam, within=within)
    ]
    return Sheet(
        name="成绩",
        title=f"{exam.title}成绩",
        note=f"{note}实考 {len(rows)} 人，按成绩从高到低。{rules.PERSON_TIES}",
        headings=("单位", "姓名", "工号", "手机号", "成绩", "用时", "合格", "次数", "交卷时间", "状态"),
        widths=(30, 14, 14, 14, 9, 14, 9, 7, 21, 8),
        rows=rows,
    )


def _absent_sheet(exam: Exam, note: str, within: Scope) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (row.unit, row.name, row.number or "", mask_phone(row.phone), "缺考")
        for row in standings.absent_rows(exam, within=within)
    ]
    return Sheet(
        name="缺考",
        title=f"{exam.title}缺考名单",
        note=f"{note}缺考 {len(rows)} 人。",
        headings=("单位", "姓名", "工号", "手机号", "状态"),
        widths=(30, 14, 14, 14, 8),
        rows=rows,
    )


def _note(exam: Exam, *, at: datetime) -> str:
    when = exam_rules.moment(at.astimezone(exams.zone()))
    running = "考试还没有结束，" if exams.state(exam, at=at) is exam_rules.State.OPEN else ""
    return f"场次码 {exam.code}，{running}截至 {when}。"


def _number(value: Decimal | None) -> Cell:
    return rules.NOTHING if value is None else Decimal(rules.shown(value))


def make_up_sheets(exam: Exam, *, at: datetime, within: Scope) -> list[Sheet]:
    """缺考, 不合格, 补考名单: the first score stands, the make-up's stands beside it."""
    rows = make_up.candidates(exam, within=within)
    kinds = {make_up.ABSENT: "缺考", make_up.FAILED: "不合格"}
    sheets = [
        _make_up_sheet(exam, name, [row for row in rows if row.why == why], at=at)
        for why, name in kinds.items()
    ]
    return [*sheets, _make_up_sheet(exam, "补考名单", rows, at=at)]


def _make_up_sheet(exam: Exam, name: str, rows: Sequence[make_up.Candidate], *, at: datetime) -> Sheet:
    return Sheet(
        name=name,
        title=f"{exam.title}{name if name.endswith('名单') else name + '名单'}",
        note=f"{_note(exam, at=at)}{len(rows)} 人。",
        headings=("单位", "姓名", "工号", "手机号", "原因", "成绩", "补考成绩"),
        widths=(30, 14, 14, 14, 10, 9, 10),
        rows=[
            (
                row.unit,
                row.name,
                row.number or "",
                mask_phone(row.phone),
                row.why,
                rules.NOTHING if row.score is None else row.score,
                rules.NOTHING if row.again is None else row.again,
            )
            for row in rows
        ],
    )
