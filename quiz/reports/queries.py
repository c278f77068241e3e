"""Rows of the workbooks: the same figures as on the screens, from the same reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.people.rules import Scope, mask_phone
from quiz.sittings.rules import VOIDED
from quiz.standings import documents, make_up, rules
from quiz.standings import queries as standings
from quiz.standings.rules import Ranked, UnitRow
from quiz.standings.tables import Board

Cell = str | int | Decimal | None
#: A phone as the reader may see it: mask_phone, or unmasked() for who gave a reason.
Shown = Callable[[str | None], str]


def unmasked(phone: str | None) -> str:
    return phone or ""


@dataclass(frozen=True)
class Sheet:
    """A sheet to write: ``widths`` in characters, one for each heading; ``note`` stands under the title."""

    name: str
    title: str
    note: str
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: list[tuple[Cell, ...]]


def scores_sheets(board: Board, *, within: Scope, phone: Shown = mask_phone) -> list[Sheet]:
    """单位排名 (not for a practice), 成绩, and 缺考 or, while somebody may still sit, 未交卷."""
    exam, at = board.exam, board.at
    note = _note(exam, at=at)
    sheets = [_sat_sheet(board, note, within, phone), _absent_sheet(exam, note, within, phone, at=at)]
    ranked = exam.ranked
    return ([units_sheet(board, within=within)] if ranked else []) + sheets


def units_sheet(board: Board, *, within: Scope) -> Sheet:
    """The units ``within``, with the ranks they have among all."""
    exam, method, at = board.exam, board.method, board.at
    ranked = [_attended(r, board) for r in board.ranked if within is None or r.row.unit_id in within]
    whole = standings.summed([entry.row for entry in ranked])
    heads = _heads(exam, whole, at=at)
    group = ["组别"] if any(entry.group for entry in ranked) else []
    body = [(*_unit_row(entry, heads), *(entry.group for _ in group)) for entry in ranked]
    body.append(("", "合计", *_unit_row(Ranked(None, whole, None), heads)[2:-1], "", *("" for _ in group)))
    rates = ("参考率", "平均分", "合格率", "优秀率", f"得分（{method.name}）")
    return Sheet(
        name="单位排名",
        title=f"{exam.title}单位排名",
        note=f"{_note(exam, at=at)}{method.sentences}{documents.footnotes(exam)}",
        headings=("名次", "单位", *heads, *rates, *group),
        widths=(7, 30, *(8 for _ in heads), 12, 10, 12, 12, 18, *(12 for _ in group)),
        rows=body,
    )


#: Heading → how many: together they make up 应考.
_HEADS: dict[str, Callable[[UnitRow], int]] = {
    "应考": lambda row: row.expected,
    "实考": lambda row: row.took_part,
    VOIDED: lambda row: row.voided,
    "请假": lambda row: row.on_leave,
    "答题中": lambda row: row.sitting,
    "未参加": lambda row: row.not_started,
    "缺考": lambda row: row.not_started,
}


def _heads(exam: Exam, whole: UnitRow, *, at: datetime) -> list[str]:
    """缺考 only once it is over; 违纪, 请假 and 答题中 where there is anybody."""
    left = "缺考" if _is_over(exam, at=at) else "未参加"
    some = {VOIDED: whole.voided, "请假": whole.on_leave, "答题中": whole.sitting}
    return ["应考", "实考", *(head for head, count in some.items() if count), left]


def _unit_row(entry: Ranked, heads: Sequence[str]) -> tuple[Cell, ...]:
    row = entry.row
    return (
        entry.why or rules.NOTHING if entry.rank is None else entry.rank,
        row.unit,
        *(_HEADS[head](row) for head in heads),
        rules.of(row.took_part, row.expected),
        _number(row.mean),
        rules.of(row.passed, row.took_part),
        rules.of(row.excellent, row.took_part),
        _number(entry.score),
    )


def _attended(entry: Ranked, board: Board) -> Ranked:
    """With who is answering and whose sitting was voided, where the row is one unit's and up to date."""
    found = None if board.frozen or board.method.depth else board.attendance.get(entry.row.unit_id)
    if found is None:
        return entry
    return replace(
        entry, row=replace(entry.row, sitting=found.sitting, voided=found.voided, on_leave=found.on_leave)
    )


def _sat_sheet(board: Board, note: str, within: Scope, phone: Shown) -> Sheet:
    exam = board.exam
    zone = exams.zone()
    rows: list[tuple[Cell, ...]] = [
        (
            row.unit,
            row.name,
            row.number or "",
            phone(row.phone),
            row.Result.score,
            rules.used(row.Result.millis),
            "合格" if row.Result.passed else "不合格",
            row.Result.sittings,
            f"{row.Result.submitted_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "补考" if exam.make_up_of_id else "实考",
        )
        for row in board.persons(within=within)
    ]
    voided = [_voided_row(row, phone) for row in standings.voided_rows(exam, within=within)]
    void = f"另有{VOIDED} {len(voided)} 人，成绩无效，不排名，列在最后。" if voided else ""
    return Sheet(
        name="成绩",
        title=f"{exam.title}成绩",
        note=f"{note}实考 {len(rows)} 人，按成绩从高到低。{rules.PERSON_TIES}{void}",
        headings=("单位", "姓名", "工号", "手机号", "成绩", "用时", "合格", "次数", "交卷时间", "情况"),
        widths=(30, 14, 14, 14, 9, 14, 9, 7, 21, 50 if voided else 8),
        rows=rows + voided,
    )


def _voided_row(row: Row[Any], phone: Shown) -> tuple[Cell, ...]:
    """A person whose score counts for nothing: when, by whom and why instead of a mark."""
    zone, sitting = exams.zone(), row.Sitting
    when = f"{sitting.voided_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return (
        row.unit,
        row.name,
        row.number or "",
        phone(row.phone),
        *(rules.NOTHING,) * 3,
        sitting.number,
        f"{sitting.submitted_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        f"{VOIDED}，成绩无效：{sitting.void_reason}（{sitting.voided_by}，{when}）",
    )


def _absent_sheet(exam: Exam, note: str, within: Scope, phone: Shown, *, at: datetime) -> Sheet:
    """缺考 once it is over; until then who is answering says so and the others are 未参加."""
    found = standings.absent_rows(exam, within=within)
    missing = "缺考" if _is_over(exam, at=at) else "未参加"
    rows: list[tuple[Cell, ...]] = [
        (row.unit, row.name, row.number or "", phone(row.phone), _progress(row) or missing) for row in found
    ]
    answering, waiting = sum(row.answering for row in found), sum(row.waiting for row in found)
    away = sum(row.on_leave for row in found)
    name = "未交卷" if answering or missing == "未参加" else "缺考和待阅卷" if waiting else "缺考"
    now = f"答题中 {answering} 人，" if answering else ""
    now += (f"待阅卷 {waiting} 人，" if waiting else "") + (f"请假 {away} 人，" if away else "")
    return Sheet(
        name=name,
        title=f"{exam.title}{name}名单",
        note=f"{note}{now}{missing} {len(rows) - answering - waiting - away} 人。",
        headings=("单位", "姓名", "工号", "手机号", "情况"),
        widths=(30, 14, 14, 14, 10),
        rows=rows,
    )


def _progress(row: Row[Any]) -> str:
    if row.on_leave:
        return "请假"
    return "答题中" if row.answering else "待阅卷" if row.waiting else ""


def _is_over(exam: Exam, *, at: datetime) -> bool:
    return exams.state(exam, at=at) is exam_rules.State.CLOSED


def _note(exam: Exam, *, at: datetime) -> str:
    when = exam_rules.moment(at.astimezone(exams.zone()))
    running = "考试还没有结束，" if exams.state(exam, at=at) is exam_rules.State.OPEN else ""
    return f"场次码 {exam.code}，{running}截至 {when}。"


def _number(value: Decimal | None) -> Cell:
    return rules.NOTHING if value is None else Decimal(rules.shown(value))


def make_up_sheets(exam: Exam, *, at: datetime, within: Scope, phone: Shown = mask_phone) -> list[Sheet]:
    """缺考, 不合格, 请假 if any, 补考名单: the first score stands, the make-up's beside it."""
    rows = make_up.candidates(exam, within=within)
    void = len(standings.voided_rows(exam, within=within))
    kinds = [make_up.ABSENT, make_up.FAILED]
    kinds += [make_up.LEAVE] if any(row.why == make_up.LEAVE for row in rows) else []
    sheets = [
        _make_up_sheet(exam, why, [row for row in rows if row.why == why], phone, at=at) for why in kinds
    ]
    whole = _make_up_sheet(exam, "补考名单", rows, phone, at=at)
    less = f"{VOIDED} {void} 人不安排补考，不在内。" if void else ""
    return [*sheets, replace(whole, note=whole.note + less)]


def _make_up_sheet(
    exam: Exam, name: str, rows: Sequence[make_up.Candidate], phone: Shown, *, at: datetime
) -> Sheet:
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
                phone(row.phone),
                row.why,
                rules.NOTHING if row.score is None else row.score,
                rules.NOTHING if row.again is None else row.again,
            )
            for row in rows
        ],
    )
