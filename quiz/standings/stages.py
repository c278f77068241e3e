"""Series of stages: reads, totals over the Boards they are given, and the deeds of the organiser."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import batching, freezing
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.sittings import changing
from quiz.standings import rules, staging, tables
from quiz.standings.models import Admission, Series, Stage
from quiz.standings.staging import BadStages, CannotAdmit, Total
from quiz.standings.tables import Board

PERSONS, UNITS = "persons", "units"
_CHINESE = {PERSONS: "人", UNITS: "家"}
LONGEST_NAME = 12


@dataclass(frozen=True)
class Line:
    """One rank of a table over all stages; ``unit`` is empty where the line is a unit."""

    rank: int
    name: str
    unit: str
    total: Total


def all_series() -> list[Series]:
    return list(db.session.scalars(select(Series).order_by(Series.id.desc())))


def series_by_code(code: str) -> Series:
    wanted = code.strip().upper()
    plausible = wanted.isascii() and wanted.isalnum() and len(wanted) <= 12
    found = db.session.scalar(select(Series).where(Series.code == wanted)) if plausible else None
    if found is None:
        raise NotFound("没有这个竞赛。")
    return found


def stages_of(series: Series) -> list[Stage]:
    return list(db.session.scalars(select(Stage).where(Stage.series_id == series.id).order_by(Stage.place)))


def stage_of(exam: Exam) -> Stage | None:
    """The stage this exam is."""
    return db.session.get(Stage, exam.id)


def admission_to(exam: Exam) -> Admission | None:
    return db.session.scalar(select(Admission).where(Admission.to_id == exam.id))


def said(found: Admission) -> str:
    """前 50 名晋级，…"""
    ranks = [entry[0] for entry in found.entries]
    return staging.cut_sentence(wanted=found.wanted, ranks=ranks, of=_CHINESE[found.kind])


def free_exams() -> list[Exam]:
    """Exams that could become a stage, the newest first."""
    wanted = select(Exam).where(Exam.id.not_in(select(Stage.exam_id)), Exam.archived_at.is_(None))
    wanted = wanted.where(Exam.rehearsal.is_(False), Exam.mode != exam_rules.Mode.PRACTICE.value)
    return list(db.session.scalars(wanted.order_by(Exam.id.desc()).limit(100)))


def unit_lines(stages: Sequence[Stage], boards: Sequence[Board]) -> list[Line]:
    """Units by what their stages gave, each by its own formula."""
    names: dict[int, str] = {}
    given: list[Mapping[int, tuple[Decimal, int]]] = []
    for board in boards:
        # Of whom nobody came stands nowhere.
        ranked = [entry for entry in board.ranked if entry.rank is not None and entry.row.took_part]
        names |= {entry.row.unit_id: entry.row.unit for entry in ranked}
        given.append({one.row.unit_id: (one.score, 0) for one in ranked if one.score is not None})
    found = staging.totals(given, [stage.weight for stage in stages], by_time=False)
    return [Line(rank, names[one.key], "", one) for rank, one in found]


def person_lines(stages: Sequence[Stage], boards: Sequence[Board]) -> list[Line]:
    """Persons by what their results of the stages come to. Names are whole: public pages mask them."""
    names: dict[int, tuple[str, str]] = {}
    given: list[Mapping[int, tuple[Decimal, int]]] = []
    for board in boards:
        rows = board.persons()
        names |= {row.Result.person_id: (row.name, row.unit) for row in rows}
        given.append({row.Result.person_id: (row.Result.score, row.Result.millis) for row in rows})
    found = staging.totals(given, [stage.weight for stage in stages], by_time=True)
    return [Line(rank, *names[one.key], one) for rank, one in found]


def make(*, title: str, at: datetime, who: str) -> Series:
    """A series without stages."""
    made = Series(code=secrets.token_hex(3).upper(), title=staging.clean_title(title), created_at=at)
    db.session.add(made)
    db.session.flush()
    record(who=who, what="series.create", subject=f"series:{made.code}", at=at, title=made.title)
    return made


def add(series: Series, exam: Exam, *, name: str, weight: int | None, at: datetime, who: str) -> None:
    """Let the exam be the last stage. BadStages."""
    if stage_of(exam) is not None:
        raise BadStages("这一场已经是一个阶段。")
    if not exam.ranked:
        raise BadStages("练习和试考不能作为一个阶段。")
    earlier = stages_of(series)
    if earlier and exam.opens_at < earlier[-1].exam.opens_at:
        raise BadStages("后一阶段的开始时间应当不早于前一阶段。")
    called = staging.clean_title(name, longest=LONGEST_NAME)
    made = Stage(
        exam_id=exam.id,
        series_id=series.id,
        place=1 + (earlier[-1].place if earlier else 0),
        name=called,
        weight=staging.check_weight(weight),
    )
    db.session.add(made)
    _record(series, made, what="series.add", at=at, who=who)


def weigh(series: Series, exam: Exam, *, weight: int | None, at: datetime, who: str) -> None:
    """What the stage is worth in the total."""
    found = _own(series, exam)
    found.weight = staging.check_weight(weight)
    _record(series, found, what="series.weigh", at=at, who=who)


def drop(series: Series, exam: Exam, *, at: datetime, who: str) -> None:
    """The exam stands for itself again; who was admitted to it stays."""
    found = _own(series, exam)
    _record(series, found, what="series.drop", at=at, who=who)
    db.session.delete(found)


def _own(series: Series, exam: Exam) -> Stage:
    found = stage_of(exam)
    if found is None or found.series_id != series.id:
        raise NotFound
    return found


def _record(series: Series, stage: Stage, *, what: str, at: datetime, who: str) -> None:
    said = {"title": stage.name, "of": stage.exam.code if stage.exam else "", "weight": stage.weight}
    record(who=who, what=what, subject=f"series:{series.code}", at=at, **said)


def admit(board: Board, to: Exam, *, kind: str, wanted: int | None, at: datetime, who: str) -> Admission:
    """Let the first of a stage that is over sit the stage ``to``, and nobody else. CannotAdmit.

    ``board`` is the jury's. Whoever shares the last place is admitted too. The list is fixed: a correction of
    the earlier stage changes it only when it is decided anew.
    """
    _check(board.exam, to, at=at)
    most = staging.check_cut(wanted)
    entries = _entries(board, kind, most)
    if not entries:
        raise CannotAdmit("还没有人有名次，不能定晋级名单。")
    _let_sit(board, to, kind, entries, at=at)
    db.session.execute(delete(Admission).where(Admission.to_id == to.id))
    lines = ("\t".join(str(part) for part in entry if part != "") for entry in entries)
    made = Admission(
        from_id=board.exam.id,
        to_id=to.id,
        kind=kind,
        wanted=most,
        entries=entries,
        fingerprint=staging.fingerprint(lines),
        who=who,
        at=at,
    )
    db.session.add(made)
    told = {"first": board.exam.code, "count": len(entries), "sha256": made.fingerprint}
    record(who=who, what="series.admit", subject=f"exam:{to.code}", at=at, by=_CHINESE[kind], **told)
    return made


def _check(first: Exam, to: Exam, *, at: datetime) -> None:
    before, after = stage_of(first), stage_of(to)
    if before is None or after is None or before.series_id != after.series_id or before.place >= after.place:
        raise CannotAdmit("只能从前一阶段晋级到后一阶段。")
    if not changing.is_over(first, at=at):
        raise CannotAdmit("前一阶段结束、全部交卷以后才能定晋级名单。")
    if tables.is_frozen(tables.ranking(first), at=at):
        raise CannotAdmit("前一阶段还在封榜。先公布名次，再定晋级名单。")
    if changing.has_opened(to, at=at):
        raise CannotAdmit("后一阶段已经开考，晋级名单不能再改。")


def _entries(board: Board, kind: str, wanted: int) -> list[list[Any]]:
    if kind == PERSONS:
        rows = [(row.rank, row) for row in board.persons()]
        return [
            [rank, row.Result.person_id, row.name, row.unit, exam_rules.plain(row.Result.score)]
            for rank, row in staging.admitted(rows, wanted=wanted)
        ]
    if kind != UNITS:
        raise CannotAdmit("请选按人还是按单位晋级。")
    found = []
    for group in dict.fromkeys(entry.group for entry in board.ranked):
        ranked = [(one.rank, one) for one in board.ranked if one.group == group and one.rank is not None]
        found += [
            [rank, one.row.unit_id, one.row.unit, one.group, rules.shown(one.score)]
            for rank, one in staging.admitted(ranked, wanted=wanted)
        ]
    return found


def _let_sit(board: Board, to: Exam, kind: str, entries: Sequence[Sequence[Any]], *, at: datetime) -> None:
    exams.lock(to)
    if kind == PERSONS:
        batching.replace_list(to, {entry[1] for entry in entries})
        return
    shown = {entry[2] for entry in entries}
    to.unit_ids = sorted(unit for unit, name in board.shown_as.items() if name in shown)
    freezing.discard_papers(to)


def count_stages(series: Sequence[Series]) -> dict[int, int]:
    wanted = select(Stage.series_id, func.count()).where(Stage.series_id.in_([one.id for one in series]))
    return dict(db.session.execute(wanted.group_by(Stage.series_id)).all())  # type: ignore[arg-type]
