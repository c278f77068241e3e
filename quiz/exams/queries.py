"""Reads of exams and of their frozen pools."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from question_bank import Difficulty, Kind, Question
from question_bank.paper import Pool
from quiz.exams import rules
from quiz.exams.models import Exam, PoolQuestion
from quiz.extensions import db
from quiz.memory import memory


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
    found = db.session.scalar(select(Exam).where(Exam.code == code.strip().upper()))
    if found is None:
        raise rules.UnknownExam
    return found


def state(exam: Exam, *, at: datetime) -> rules.State:
    return rules.state(opens_at=exam.opens_at, closes_at=exam.closes_at, ended_at=exam.ended_at, at=at)


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
    pairs = [(row.id, _question(row)) for row in rows]
    return FrozenPool(tuple(row_id for row_id, _ in pairs), tuple(question for _, question in pairs))


def _question(row: PoolQuestion) -> Question:
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
