"""Reads of exams and of their frozen pools."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Select, select

from question_bank import Difficulty, Kind, Question
from question_bank.marking import in_points
from question_bank.paper import Pool, Preset
from quiz.exams import rules
from quiz.exams.models import Exam, ExamPerson, PoolQuestion
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.models import Person
from quiz.people.rules import Scope

LONGEST_CODE = 12
PER_PAGE = 50


@dataclass(frozen=True)
class FrozenPool:
    """The questions of one exam as they were when it was made. ``ids[i]`` is the row of ``questions[i]``."""

    ids: tuple[int, ...]
    questions: tuple[Question, ...]

    @cached_property
    def by_id(self) -> dict[int, Question]:
        return dict(zip(self.ids, self.questions, strict=True))

    @cached_property
    def pool(self) -> Pool:
        return Pool(self.questions)


def exam_by_code(code: str) -> Exam:
    """The exam with this code in any case, or UnknownExam."""
    wanted = code.strip().upper()
    # Nothing else can be a code, and PostgreSQL takes no NUL in a text.
    plausible = wanted.isascii() and wanted.isalnum() and len(wanted) <= LONGEST_CODE
    found = db.session.scalar(select(Exam).where(Exam.code == wanted)) if plausible else None
    if found is None:
        raise rules.UnknownExam
    return found


def desk_exam(code: str, *, within: Scope) -> Exam:
    """The exam with this code, for a desk that sees the units ``within``; UnknownExam unless it has to do
    with any of them."""
    found = exam_by_code(code)
    if not _concerns(found, within):
        raise rules.UnknownExam
    return found


def _concerns(exam: Exam, within: Scope) -> bool:
    if within is None:
        return True
    if exam.unit_ids is not None and within.isdisjoint(exam.unit_ids):
        return False
    named = select(ExamPerson.person_id).join(Person, Person.id == ExamPerson.person_id)
    of_these = named.where(ExamPerson.exam_id == exam.id, Person.unit_id.in_(within))
    return bool(within) and (not exam.named or db.session.scalar(of_these.limit(1)) is not None)


@dataclass(frozen=True)
class Line:
    """An exam as one line of a list."""

    exam: Exam
    state: rules.State
    window: str
    words: str


def line(exam: Exam, *, at: datetime) -> Line:
    found = state(exam, at=at)
    words = {
        rules.State.SCHEDULED: "未开考",
        rules.State.OPEN: "进行中",
        rules.State.CLOSED: "已结束",
    }[found]
    return Line(exam=exam, state=found, window=window(exam), words=words)


def window(exam: Exam) -> str:
    """2026 年 11 月 24 日 9:00 至 11:30"""
    closes = rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    return rules.window(exam.opens_at.astimezone(zone()), closes.astimezone(zone()))


def recent(*, limit: int, within: Scope) -> list[Exam]:
    """The newest that are not archived."""
    return _newest(within, first=0, count=limit)


def page(number: int, *, within: Scope, archived: bool = False) -> tuple[list[Exam], bool]:
    """The exams of one page, newest first, and whether there are more."""
    found = _newest(within, first=(number - 1) * PER_PAGE, count=PER_PAGE + 1, archived=archived)
    return found[:PER_PAGE], len(found) > PER_PAGE


def _newest(within: Scope, *, first: int, count: int, archived: bool = False) -> list[Exam]:
    wanted = select(Exam).where(Exam.archived_at.is_not(None) if archived else Exam.archived_at.is_(None))
    wanted = wanted.order_by(Exam.id.desc())
    if within is None:
        return list(db.session.scalars(wanted.offset(first).limit(count)))
    # A list of units is JSON, which each database searches in its own way; a county has few exams.
    concerned = (exam for exam in db.session.scalars(wanted) if _concerns(exam, within))
    return list(islice(concerned, first, first + count))


def preset_card(preset: Preset) -> dict[str, Any]:
    """A preset as the page shows and its script compares it: needs per kind, points, minutes, pass mark."""
    needs: dict[str, int] = {}
    for one in preset.spec.lines:
        needs[one.kind.value] = needs.get(one.kind.value, 0) + one.count
    parts = [
        f"{line.kind.chinese.removesuffix('题')} {line.count}×{in_points(line.points)}"
        for line in preset.spec.lines
    ]
    return {
        "key": preset.key,
        "name": preset.name,
        "count": preset.spec.items,
        "full": in_points(preset.spec.full),
        "parts": " · ".join(parts),
        "needs": needs,
        "minutes": preset.minutes,
        "pass_mark": in_points(preset.pass_mark),
        "excellent_mark": in_points(preset.spec.full * 9 // 10),
        "chances": preset.chances,
        "counts": preset.counts,
    }


def state(exam: Exam, *, at: datetime) -> rules.State:
    return rules.state(
        opens_at=exam.opens_at,
        closes_at=exam.closes_at,
        ended_at=exam.ended_at,
        paused_at=exam.paused_at,
        at=at,
    )


def opening_sentence(exam: Exam, *, at: datetime) -> str:
    return rules.opening_sentence(exam.opens_at.astimezone(zone()), at=at)


def closing_sentence(exam: Exam) -> str:
    ended = rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    return f"本场已于 {rules.moment(ended.astimezone(zone()))} 结束。"


def zone() -> ZoneInfo:
    """The zone people here read times in."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def sections(exam: Exam) -> list[tuple[str, int, Decimal]]:
    """Kind in Chinese, number of items and points of each, one entry per line of the spec."""
    return [
        (Kind(line["kind"]).chinese, line["count"], Decimal(str(line["points"])))
        for line in exam.spec["lines"]
    ]


def rule_sentences(exam: Exam) -> list[str]:
    return rules.sentences(
        sections=sections(exam),
        minutes=exam.minutes,
        full=exam.full,
        pass_mark=exam.pass_mark,
        chances=exam.chances,
        counts=exam.counts,
        multiple_policy=exam.multiple_policy,
        review=exam.review,
    )


def frozen_pool(exam_id: int) -> FrozenPool:
    """Remembered without limit of age: these rows never change once the exam is made."""
    return memory().keep(("pool", exam_id), lambda: _load_pool(exam_id))


def _load_pool(exam_id: int) -> FrozenPool:
    rows = db.session.scalars(
        select(PoolQuestion).where(PoolQuestion.exam_id == exam_id).order_by(PoolQuestion.id)
    )
    pairs = [(row.id, frozen_question(row)) for row in rows]
    return FrozenPool(tuple(row_id for row_id, _ in pairs), tuple(question for _, question in pairs))


def frozen_question(row: PoolQuestion) -> Question:
    return Question(
        kind=Kind(row.kind),
        stem=row.stem,
        options=tuple(row.options),
        key=tuple(row.key),
        explanation=row.explanation,
        basis=row.basis,
        chapter=row.chapter,
        difficulty=Difficulty(row.difficulty),
    )


def only_invited(wanted: Select[Any], exam: Exam) -> Select[Any]:
    """``wanted``, a select over Person, with those who may sit the exam only."""
    if exam.named:
        named = select(ExamPerson.person_id).where(ExamPerson.exam_id == exam.id)
        wanted = wanted.where(Person.id.in_(named))
    return wanted if exam.unit_ids is None else wanted.where(Person.unit_id.in_(exam.unit_ids))


def named_persons(exam: Exam) -> list[int]:
    """Ids of the persons on the exam's own list."""
    wanted = select(ExamPerson.person_id).where(ExamPerson.exam_id == exam.id)
    return list(db.session.scalars(wanted.order_by(ExamPerson.person_id)))


def is_named(exam: Exam, person_id: int) -> bool:
    return db.session.get(ExamPerson, (exam.id, person_id)) is not None


def make_ups(exam: Exam) -> list[Exam]:
    """The exams that make up for this one, the newest first."""
    return list(
        db.session.scalars(select(Exam).where(Exam.make_up_of_id == exam.id).order_by(Exam.id.desc()))
    )
