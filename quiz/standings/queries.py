"""Reads of attendance: who is expected, answering, absent; the organiser's live figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from question_bank import Kind
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, PoolQuestion
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope
from quiz.questions.models import APPROVED, Question
from quiz.sittings.models import Result, Sitting, UnitTotal
from quiz.standings import rules
from quiz.standings.models import Leave, Ranking
from quiz.standings.rules import UnitRow

NOBODY = UnitRow(
    unit_id=0, unit="", expected=0, took_part=0, sitting=0, total=Decimal(0), passed=0, excellent=0
)


def ranked_exam(code: str) -> Exam:
    """The exam with this code; UnknownExam, or NotRanked when it is a practice."""
    found = exams.exam_by_code(code)
    if not found.ranked:
        raise rules.NotRanked
    return found


def ranked_codes() -> dict[str, int]:
    """Code → id of every exam that is ranked."""
    ranked = select(Exam.code, Exam.id).where(
        Exam.mode != exam_rules.Mode.PRACTICE.value, Exam.rehearsal.is_(False)
    )
    return dict(db.session.execute(ranked).all())


def waiting_for_heads(*, at: datetime) -> list[Exam]:
    """Exams that have opened, are not over, and whose head counts were not kept yet."""
    wanted = select(Exam).outerjoin(Ranking, Ranking.exam_id == Exam.id)
    running = (Exam.opens_at <= at) & (Exam.closes_at > at) & Exam.rehearsal.is_(False)
    ranked = Exam.mode != exam_rules.Mode.PRACTICE.value
    return list(db.session.scalars(wanted.where(running, ranked, Ranking.heads_kept_at.is_(None))))


def waiting_to_freeze(*, at: datetime) -> list[Exam]:
    """Exams whose freeze has come and was not made yet."""
    due = (Ranking.freezes_at <= at) & Ranking.frozen_at.is_(None) & Ranking.published_at.is_(None)
    return list(db.session.scalars(select(Exam).join(Ranking, Ranking.exam_id == Exam.id).where(due)))


def question_of_the_day(exam: Exam, *, at: datetime, day: int) -> Question | None:
    """One question anybody may practise, another each day; none that this or an exam under way asks."""
    sitting = select(Sitting.exam_id).where(Sitting.submitted_at.is_(None))
    asking = or_(Exam.id == exam.id, Exam.closes_at > at, Exam.id.in_(sitting))
    asked = select(PoolQuestion.question_id).join(Exam, Exam.id == PoolQuestion.exam_id)
    twin = aliased(Question)
    alike = select(twin.fingerprint).where(twin.id.in_(asked.where(asking, Exam.mode != "practice")))
    kinds = (Kind.SINGLE.value, Kind.TRUE_FALSE.value)
    free = and_(
        Question.practisable,
        Question.state == APPROVED,
        Question.kind.in_(kinds),
        Question.fingerprint.not_in(alike),
    )
    count = db.session.scalar(select(func.count()).select_from(Question).where(free)) or 0
    wanted = select(Question).where(free).order_by(Question.id).offset(day % count if count else 0)
    return db.session.scalar(wanted.limit(1))


def unit_rows(exam: Exam, *, within: Scope = None) -> list[UnitRow]:
    """Every unit ``within`` that may sit, by pinyin, from four statements however many there are.

    ``expected`` counts who took part for the unit and whoever of its roster has not yet: somebody who
    moved or left after the exam stays where the score is. Once it is over 实考 + 违纪 + 请假 + 缺考 = 应考.
    """
    units = select(Unit.id, Unit.name).order_by(Unit.pinyin, Unit.id)
    if exam.unit_ids is not None:
        units = units.where(Unit.id.in_(exam.unit_ids))
    if within is not None:
        units = units.where(Unit.id.in_(within))
    totals = {total.unit_id: total for total in db.session.scalars(_totals(exam))}
    absent = {row[0]: row for row in db.session.execute(_absent_counts(exam))}
    voided = dict(db.session.execute(_voided_counts(exam)).all())
    rows = []
    for unit_id, name in db.session.execute(units):
        total = totals.get(unit_id)
        _, missing, sitting, on_leave = absent.get(unit_id, (unit_id, 0, 0, 0))
        took_part, void = total.took_part if total else 0, voided.get(unit_id, 0)
        row = replace(
            NOBODY,
            unit_id=unit_id,
            unit=name,
            expected=took_part + void + missing,
            took_part=took_part,
            voided=void,
            sitting=sitting,
            on_leave=on_leave,
        )
        if total is not None:
            row = replace(row, total=total.score_sum, passed=total.passed, excellent=total.excellent)
        if row.expected or exam.unit_ids is not None:
            rows.append(row)
    return rows


def _totals(exam: Exam) -> Select[tuple[UnitTotal]]:
    return select(UnitTotal).where(UnitTotal.exam_id == exam.id, UnitTotal.took_part > 0)


def _absent_counts(exam: Exam) -> Select[tuple[int, int, int, int]]:
    """Unit, persons of its roster with neither a result nor 违纪, those of them without a score yet, those
    who are on leave instead."""
    away = func.count(case((Sitting.id.is_(None), Leave.id)))
    counted = select(Person.unit_id, func.count(), func.count(Sitting.id), away)
    counted = counted.select_from(Person).outerjoin(Sitting, open_of(exam)).outerjoin(Leave, _leave_of(exam))
    return _without_result(counted, exam).group_by(Person.unit_id)


def _leave_of(exam: Exam) -> ColumnElement[bool]:
    """At most one row for a person: the database keeps one request that stands."""
    return and_(Leave.person_id == Person.id, Leave.exam_id == exam.id, Leave.state == "approved")


def _without_result(wanted: Select[Any], exam: Exam) -> Select[Any]:
    own = and_(Result.person_id == Person.id, Result.exam_id == exam.id)
    wanted = wanted.outerjoin(Result, own).where(Person.active, Result.id.is_(None))
    return exams.only_invited(wanted.where(Person.id.not_in(voided_ids(exam))), exam)


def leave_ids(exam: Exam) -> Select[tuple[int]]:
    """Of the persons whose leave was approved."""
    return select(Leave.person_id).where(Leave.exam_id == exam.id, Leave.state == "approved")


def _voided(exam: Exam, *columns: ColumnElement[Any]) -> Select[Any]:
    """One row a person whose newest sitting was voided and for whom nothing else counts."""
    again, own = aliased(Sitting), and_(Result.person_id == Sitting.person_id, Result.exam_id == exam.id)
    later = and_(
        again.exam_id == exam.id, again.person_id == Sitting.person_id, again.number > Sitting.number
    )
    return (
        select(*(columns or (Sitting.person_id,)))
        .select_from(Sitting)
        .outerjoin(Result, own)
        .outerjoin(again, later)
        .where(Sitting.exam_id == exam.id, Sitting.voided_at.is_not(None))
        .where(Result.id.is_(None), again.id.is_(None))
    )


def voided_ids(exam: Exam) -> Select[tuple[int]]:
    """Of the persons who are 违纪."""
    return _voided(exam)


def _voided_counts(exam: Exam) -> Select[tuple[int, int]]:
    """Unit at the start of the sitting, and how many of it: like a score, it stays where it was."""
    return _voided(exam, Sitting.unit_id, func.count()).group_by(Sitting.unit_id)


def voided_rows(exam: Exam, *, within: Scope = None) -> Sequence[Row[Any]]:
    """(name, number, phone, unit, sitting) of everybody who is 违纪, by unit."""
    person = Person.name, Person.number, Person.phone, Person.id.label("person_id")
    wanted = _voided(exam, *person, Unit.name.label("unit"), Sitting)
    wanted = wanted.join(Person, Person.id == Sitting.person_id).join(Unit, Unit.id == Sitting.unit_id)
    if within is not None:
        wanted = wanted.where(Sitting.unit_id.in_(within))
    return db.session.execute(wanted.order_by(Unit.pinyin, Unit.id, Person.id)).all()


def open_of(exam: Exam) -> ColumnElement[bool]:
    """The person's newest sitting if it has no score yet: still answering, or waiting for the markers."""
    newest = aliased(Sitting)
    number = select(func.max(newest.number)).where(
        newest.exam_id == exam.id, newest.person_id == Sitting.person_id
    )
    own = and_(Sitting.person_id == Person.id, Sitting.exam_id == exam.id)
    return and_(
        own,
        Sitting.score.is_(None),
        Sitting.voided_at.is_(None),
        Sitting.number == number.scalar_subquery(),
    )


def summed(rows: Sequence[UnitRow]) -> UnitRow:
    """The figures of all ``rows`` as one."""
    return replace(
        NOBODY,
        expected=sum(row.expected for row in rows),
        took_part=sum(row.took_part for row in rows),
        sitting=sum(row.sitting for row in rows),
        on_leave=sum(row.on_leave for row in rows),
        voided=sum(row.voided for row in rows),
        total=sum((row.total for row in rows), Decimal(0)),
        passed=sum(row.passed for row in rows),
        excellent=sum(row.excellent for row in rows),
    )


def sitting_now(exam: Exam, *, at: datetime) -> int:
    """How many are answering at ``at``, second tries included."""
    now = (
        (Sitting.exam_id == exam.id)
        & Sitting.submitted_at.is_(None)
        & ((Sitting.accept_until >= at) | Sitting.paused_at.is_not(None))
    )
    return db.session.scalar(select(func.count()).select_from(Sitting).where(now)) or 0


def window_sentence(exam: Exam, *, at: datetime) -> str:
    """今日 21:00 截止, in the local zone."""
    found = exams.state(exam, at=at)
    if found is exam_rules.State.SCHEDULED:
        return f"{_moment(exam.opens_at, at)} 开考"
    ends = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    return f"{_moment(ends, at)} {'截止' if found is exam_rules.State.OPEN else '已结束'}"


def _moment(when: datetime, at: datetime) -> str:
    local, today = when.astimezone(exams.zone()), at.astimezone(exams.zone())
    if local.date() == today.date():
        return f"今日 {local.hour}:{local.minute:02}"
    return exam_rules.moment(local)


@dataclass(frozen=True)
class Live:
    """What the organiser watches: rows with the lowest 参考率 first, their sum, the state of the exam."""

    rows: list[UnitRow]
    state: exam_rules.State
    window: str
    seconds_left: int

    @cached_property
    def whole(self) -> UnitRow:
        return summed(self.rows)


def live(exam: Exam, *, at: datetime, within: Scope) -> Live:
    """Attendance by unit; while it runs, those answering count as present."""
    ends = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    rows = sorted(unit_rows(exam, within=within), key=lambda row: (_present(row), -row.not_started))
    return Live(
        rows=rows,
        state=exams.state(exam, at=at),
        window=window_sentence(exam, at=at),
        seconds_left=max(0, int((ends - at).total_seconds())),
    )


def _present(row: UnitRow) -> float:
    return row.present / row.expected if row.expected else 2


def absent(exam: Exam, *, within: Collection[int] | None) -> list[tuple[str, str]]:
    """Name and unit of who has no result, no open sitting and no leave, by unit. For the desk only."""
    wanted = (
        _without_result(select(Person.name, Unit.name).join(Unit, Unit.id == Person.unit_id), exam)
        .outerjoin(Sitting, open_of(exam))
        .outerjoin(Leave, _leave_of(exam))
        .where(Sitting.id.is_(None), Leave.id.is_(None))
        .order_by(Unit.pinyin, Unit.id, Person.id)
    )
    if within is not None:
        wanted = wanted.where(Person.unit_id.in_(within))
    return [(name, unit) for name, unit in db.session.execute(wanted)]


def first_absent(exam: Exam, rows: Sequence[UnitRow], *, count: int) -> list[tuple[str, str]]:
    """The first ``count`` of absent() in the order of ``rows``, loading no more units than that takes."""
    names: list[str] = []
    unit_ids: list[int] = []
    seen = 0
    for row in rows:
        if row.not_started and seen < count:
            unit_ids.append(row.unit_id)
            names.append(row.unit)
            seen += row.not_started
    found = sorted(absent(exam, within=unit_ids), key=lambda pair: names.index(pair[1]))
    return found[:count]


def absent_text(exam: Exam, *, at: datetime, within: Scope) -> str:
    """催考名单: one line a unit, names only, ready to paste into a group chat."""
    by_unit: dict[str, list[str]] = {}
    for name, unit in absent(exam, within=within):
        by_unit.setdefault(unit, []).append(name)
    count = sum(map(len, by_unit.values()))
    when = exam_rules.moment(at.astimezone(exams.zone()))
    lines = [f"{unit}（{len(names)} 人）：{'、'.join(names)}" for unit, names in by_unit.items()]
    return "\n".join([f"{exam.title} 未参加名单，{when}，共 {count} 人", *lines]) + "\n"


def absent_rows(exam: Exam, *, within: Scope) -> Sequence[Row[Any]]:
    """(name, number, phone, unit, answering, waiting for the markers, on_leave) of everybody expected with
    neither a result nor 违纪.
    """
    answering = and_(Sitting.id.is_not(None), Sitting.submitted_at.is_(None)).label("answering")
    waiting = Sitting.submitted_at.is_not(None).label("waiting")
    away = and_(Sitting.id.is_(None), Leave.id.is_not(None)).label("on_leave")
    columns = Person.name, Person.number, Person.phone, Unit.name.label("unit")
    wanted = select(*columns, answering, waiting, away).select_from(Person)
    wanted = _without_result(wanted.join(Unit, Unit.id == Person.unit_id), exam)
    wanted = wanted.outerjoin(Sitting, open_of(exam)).outerjoin(Leave, _leave_of(exam))
    if within is not None:
        wanted = wanted.where(Person.unit_id.in_(within))
    return db.session.execute(wanted.order_by(Unit.pinyin, Unit.id, Person.id)).all()
