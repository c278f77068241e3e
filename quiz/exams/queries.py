"""Reads of exams and of their frozen pools."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, Select, or_, select

from question_bank import Difficulty, Kind, Question
from question_bank.marking import in_points
from question_bank.paper import PaperSpec, Pool, Preset
from quiz.exams import admission, counting, rules, wording
from quiz.exams.admission import Window
from quiz.exams.models import Enrolment, Exam, ExamPerson, ExamWindow, PoolQuestion
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope

LONGEST_CODE = 12
PER_PAGE = 50


@dataclass(frozen=True)
class FrozenPool:
    """The questions of one exam as they were when it was made. ``ids[i]`` is the row of ``questions[i]``."""

    ids: tuple[int, ...]
    questions: tuple[Question, ...]
    #: Of the bank.
    question_ids: tuple[int, ...]

    @cached_property
    def by_id(self) -> dict[int, Question]:
        return dict(zip(self.ids, self.questions, strict=True))

    @cached_property
    def pool(self) -> Pool:
        return Pool(self.questions)


def lock(exam: Exam) -> None:
    """Wait for whoever is starting, drawing or marking, and keep others from it until the commit."""
    db.session.execute(select(Exam.id).where(Exam.id == exam.id).with_for_update())
    db.session.refresh(exam)


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
    return window_words(whole(exam))


def window_words(window: Window) -> str:
    return rules.window(*local(window))


def local(window: Window) -> Window:
    """In the zone here."""
    return Window(*(instant.astimezone(zone()) for instant in window))


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


def whole(exam: Exam) -> Window:
    """From the opening to the end, an earlier one by the organiser included."""
    return Window(exam.opens_at, rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at))


def stretch(exam: Exam, window: Window, *, at: datetime) -> Window:
    """The part of ``window`` that is open at ``at`` or opens next, where it is open some hours of a day."""
    return admission.stretch(window, exam.hours, at=at.astimezone(zone())) if exam.hours else window


def days(exam: Exam) -> int:
    """How many days of the calendar here it touches."""
    first, last = (instant.astimezone(zone()).date() for instant in (exam.opens_at, exam.closes_at - _MOMENT))
    return max(1, (last - first).days + 1)


_MOMENT = timedelta(milliseconds=1)


def reach(exam: Exam) -> Decimal:
    """The most one person can reach over all sittings."""
    limits = {"chances": exam.chances, "daily": exam.daily, "days": days(exam)}
    return counting.reach(counts=exam.counts, full=exam.full, **limits)


def opening_sentence(exam: Exam, window: Window, *, at: datetime) -> str:
    """``window``: a stretch, which opens again and again where it is one of some hours."""
    again = exam.hours is not None and at >= exam.opens_at
    word = "开放" if again else "开考"
    return rules.opening_sentence(window.opens_at.astimezone(zone()), at=at, word=word)


def closing_sentence(window: Window) -> str:
    return f"本场已于 {rules.moment(window.closes_at.astimezone(zone()))} 结束。"


def zone() -> ZoneInfo:
    """The zone people here read times in."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def groups_of(exam: Exam) -> list[rules.Group]:
    return [rules.Group.from_json(one) for one in exam.groups]


def group_for(exam: Exam, rank: str) -> str | None:
    """Name of the group whose paper somebody of this 职级 sits."""
    group = rules.group_of(groups_of(exam), rank) if exam.groups else None
    return group and group.name


def spec_of_group(exam: Exam, name: str | None) -> PaperSpec:
    """What the group is asked by; what everybody else is for None."""
    found = next((group.spec for group in groups_of(exam) if group.name == name), None)
    return found or PaperSpec.from_json(exam.spec)


def spec_for(exam: Exam, rank: str = "") -> PaperSpec:
    """What somebody of this 职级 is asked by."""
    return spec_of_group(exam, group_for(exam, rank))


def specs_of(exam: Exam) -> list[PaperSpec]:
    """By which any paper of the exam is drawn: what everybody is asked first."""
    return [PaperSpec.from_json(exam.spec), *(group.spec for group in groups_of(exam))]


def sections(exam: Exam, rank: str = "") -> list[tuple[str, int, Decimal]]:
    """Kind in Chinese, number of items and points of each, one entry for each kind and points."""
    return _sections(spec_for(exam, rank))


def _sections(spec: PaperSpec) -> list[tuple[str, int, Decimal]]:
    counts: dict[tuple[Kind, int], int] = {}
    for one in spec.lines:
        counts[one.kind, one.points] = counts.get((one.kind, one.points), 0) + one.count
    order = list(Kind)
    return [
        (kind.chinese, counts[kind, points], Decimal(points) / 100)
        for kind, points in sorted(counts, key=lambda place: (order.index(place[0]), place[1]))
    ]


def rule_sentences(exam: Exam, rank: str | None = None) -> list[str]:
    """The rules for somebody of this 职级; for everybody, every paper named, when it is None."""
    papers = [("", sections(exam, rank or ""))]
    if rank is None and exam.groups:
        papers = [(group.name, _sections(group.spec)) for group in groups_of(exam)]
        papers.append(("其他人员", sections(exam)))
    return wording.sentences(
        papers=papers,
        minutes=exam.minutes,
        full=exam.full,
        pass_mark=exam.pass_mark,
        chances=exam.chances,
        counts=exam.counts,
        multiple_policy=exam.multiple_policy,
        score_release=exam.score_release,
        answers_release=exam.answers_release,
        review=exam.review,
        late_minutes=exam.late_minutes,
        daily=exam.daily,
        hours=exam.hours,
        least_seconds=exam.least_seconds if exam.ranked else 0,
    )


def frozen_pool(exam_id: int) -> FrozenPool:
    """Of an exam that has opened: remembered without limit of age, these rows do not change any more."""
    return memory().keep(("pool", exam_id), lambda: _load_pool(exam_id))


def pool_to_draw(exam: Exam) -> FrozenPool:
    """The same at any time: freezing anew comes with a new seed."""
    return memory().keep(("draw from", exam.id, exam.seed), lambda: _load_pool(exam.id))


def _load_pool(exam_id: int) -> FrozenPool:
    rows = db.session.scalars(
        select(PoolQuestion).where(PoolQuestion.exam_id == exam_id).order_by(PoolQuestion.id)
    )
    found = [(row.id, frozen_question(row), row.question_id) for row in rows]
    ids, asked, of_bank = zip(*found, strict=True) if found else ((), (), ())
    return FrozenPool(ids, asked, of_bank)


def question_ids(exam_id: int) -> dict[int, int]:
    """Of an exam that has opened: row of the pool → question of the bank."""
    wanted = select(PoolQuestion.id, PoolQuestion.question_id).where(PoolQuestion.exam_id == exam_id)
    key = ("question ids", exam_id)
    return memory().keep(key, lambda: dict(db.session.execute(wanted).all()))  # type: ignore[arg-type]


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


def windows(exam: Exam) -> dict[int, Window]:
    """Unit → its own window."""
    found = db.session.scalars(select(ExamWindow).where(ExamWindow.exam_id == exam.id))
    return {row.unit_id: Window(row.opens_at, row.closes_at) for row in found}


def window_for(exam: Exam, unit_id: int) -> Window:
    """When the persons of this unit may sit, an earlier end by the organiser included."""
    own = db.session.get(ExamWindow, (exam.id, unit_id))
    opens, closes = (own.opens_at, own.closes_at) if own else (exam.opens_at, exam.closes_at)
    return Window(opens, rules.closing(closes_at=closes, ended_at=exam.ended_at))


def state_for(exam: Exam, unit_id: int, *, at: datetime) -> rules.State:
    return state_in(exam, stretch(exam, window_for(exam, unit_id), at=at), at=at)


def state_in(exam: Exam, window: Window, *, at: datetime) -> rules.State:
    """The state for whoever may sit in this window."""
    return rules.state(
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        ended_at=exam.ended_at,
        paused_at=exam.paused_at,
        at=at,
    )


def today(at: datetime) -> datetime:
    """The first instant of the day here."""
    return admission.midnight(at.astimezone(zone()))


def only_invited(wanted: Select[Any], exam: Exam) -> Select[Any]:
    """``wanted``, a select over Person, with those who may sit the exam only.

    Whoever came by joining contests may sit those only that they joined.
    """
    if exam.named:
        named = select(ExamPerson.person_id).where(ExamPerson.exam_id == exam.id)
        wanted = wanted.where(Person.id.in_(named))
    else:
        own = select(Enrolment.person_id).where(Enrolment.exam_id == exam.id)
        wanted = wanted.where(or_(~Person.joined, Person.id.in_(own)))
    if exam.identities is not None:
        wanted = wanted.where(Person.identity.in_(exam.identities))
    return wanted if exam.unit_ids is None else wanted.where(Person.unit_id.in_(exam.unit_ids))


def named_persons(exam: Exam) -> list[int]:
    """Ids of the persons on the exam's own list."""
    wanted = select(ExamPerson.person_id).where(ExamPerson.exam_id == exam.id)
    return list(db.session.scalars(wanted.order_by(ExamPerson.person_id)))


def named_rows(exam: Exam) -> Sequence[Row[Any]]:
    """(name, number, unit) of the exam's own list, by unit. For the desk only."""
    wanted = select(Person.name, Person.number, Unit.name.label("unit")).join(Unit, Unit.id == Person.unit_id)
    wanted = wanted.join(ExamPerson, ExamPerson.person_id == Person.id).where(ExamPerson.exam_id == exam.id)
    return db.session.execute(wanted.order_by(Unit.pinyin, Unit.id, Person.id)).all()


def is_named(exam: Exam, person_id: int) -> bool:
    return db.session.get(ExamPerson, (exam.id, person_id)) is not None


def make_ups(exam: Exam) -> list[Exam]:
    """The exams that make up for this one, the newest first."""
    return list(
        db.session.scalars(select(Exam).where(Exam.make_up_of_id == exam.id).order_by(Exam.id.desc()))
    )
