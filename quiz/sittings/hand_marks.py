"""Marking by people: who marks what next, what they gave, and counting it once all is marked (阅卷)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from question_bank.marking import MultiplePolicy
from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Account, Person
from quiz.sittings import blind, closing, correcting, queries
from quiz.sittings.models import HandMark, Response, ShortAnswer, Sitting


def next_for(exam: Exam, account_id: int) -> ShortAnswer | None:
    """An answer that still needs a mark and has none of this account: question by question, oldest first."""
    mine = select(HandMark.short_answer_id).where(HandMark.account_id == account_id)
    given = select(func.count(HandMark.id)).where(HandMark.short_answer_id == ShortAnswer.id)
    wanted = _to_mark(exam).where(
        ShortAnswer.id.not_in(mine), given.scalar_subquery() < ShortAnswer.wanted, ShortAnswer.mark.is_(None)
    )
    return db.session.scalar(wanted.order_by(ShortAnswer.pool_question_id, ShortAnswer.id).limit(1))


def _to_mark(exam: Exam) -> Any:
    decided = blind.left_out(queries.amendments_of(exam))
    wanted = select(ShortAnswer).join(Sitting, Sitting.id == ShortAnswer.sitting_id)
    return wanted.where(
        ShortAnswer.exam_id == exam.id,
        ShortAnswer.pool_question_id.not_in(decided),
        Sitting.voided_at.is_(None),
    )


def exams_for(account_id: int) -> Sequence[Any]:
    """Exams with answers for this account, and how many: those handed in last first."""
    mine = select(HandMark.short_answer_id).where(HandMark.account_id == account_id)
    given = select(func.count(HandMark.id)).where(HandMark.short_answer_id == ShortAnswer.id)
    wanted = (
        select(Exam, func.count().label("answers"))
        .join(ShortAnswer, ShortAnswer.exam_id == Exam.id)
        .join(Sitting, Sitting.id == ShortAnswer.sitting_id)
        .where(Sitting.voided_at.is_(None), ShortAnswer.mark.is_(None), ShortAnswer.id.not_in(mine))
        .where(given.scalar_subquery() < ShortAnswer.wanted)
    )
    return db.session.execute(wanted.group_by(Exam.id).order_by(Exam.id.desc())).all()


def to_mark(exam: Exam, answer_id: int, account_id: int) -> ShortAnswer:
    """An answer this account may mark now or has marked and may still change; NotFound or AlreadyMarked."""
    found = db.session.scalar(_to_mark(exam).where(ShortAnswer.id == answer_id))
    if found is None:
        raise NotFound
    own = any(mark.account_id == account_id for mark in found.marks)
    if found.counted_at is not None or not (own or len(found.marks) < found.wanted):
        raise blind.AlreadyMarked
    return found


def give(exam: Exam, answer_id: int, *, account_id: int, mark: int, at: datetime) -> ShortAnswer:
    """Keep a mark in hundredths, or change one's own. Raises NotFound, BadMark or AlreadyMarked."""
    lock(answer_id)
    answer = to_mark(exam, answer_id, account_id)
    points = _hundredths(answer.points)
    blind.check_mark(mark, points=points)
    own = next((one for one in answer.marks if one.account_id == account_id), None)
    if own is None:
        own = HandMark(short_answer_id=answer.id, place=len(answer.marks) + 1, account_id=account_id)
        answer.marks.append(own)
    own.mark, own.at = Decimal(mark) / 100, at
    given = [_hundredths(one.mark) for one in answer.marks]
    answer.wanted = blind.wanted(given, points=points, markers=exam.markers)
    settled = blind.settle(given, points=points, markers=exam.markers)
    answer.mark = None if settled is None else Decimal(settled) / 100
    return answer


def lock(answer_id: int) -> None:
    """Markers of one answer take turns: the place of a mark and what they come to follow from the others."""
    db.session.execute(select(ShortAnswer.id).where(ShortAnswer.id == answer_id).with_for_update())


def choose_markers(exam: Exam, *, markers: int, at: datetime, who: str) -> None:
    """One marker or two, before the first mark is given; CannotChoose afterwards."""
    if begun(exam):
        raise blind.CannotChoose
    exam.markers = markers
    db.session.execute(update(ShortAnswer).where(ShortAnswer.exam_id == exam.id).values(wanted=markers))
    record(who=who, what="marking.markers", subject=f"exam:{exam.code}", at=at, markers=markers)


def begun(exam: Exam) -> bool:
    """Whether anybody has given a mark."""
    wanted = select(HandMark.id).join(ShortAnswer, ShortAnswer.id == HandMark.short_answer_id)
    return db.session.scalar(wanted.where(ShortAnswer.exam_id == exam.id).limit(1)) is not None


def count_in(exam: Exam, *, at: datetime, who: str) -> int:
    """Score every sitting whose answers are all marked; returns how many. Raises NothingToCount."""
    exams.lock(exam)
    ready = _ready(exam)
    if not ready:
        raise blind.NothingToCount
    people = set()
    for sitting in _sittings(ready):
        _score(exam, sitting)
        people.add(sitting.person_id)
    marked = ShortAnswer.sitting_id.in_(ready), ShortAnswer.counted_at.is_(None)
    db.session.execute(update(ShortAnswer).where(*marked).values(counted_at=at))
    closing.keep_results(exam, sorted(people))
    record(who=who, what="marking.count", subject=f"exam:{exam.code}", at=at, sittings=len(ready))
    return len(ready)


def _ready(exam: Exam) -> list[int]:
    """Sittings that wait for a score and lack no mark."""
    open_ = _to_mark(exam).where(ShortAnswer.mark.is_(None)).with_only_columns(ShortAnswer.sitting_id)
    waiting = (
        select(Sitting.id)
        .join(ShortAnswer, ShortAnswer.sitting_id == Sitting.id)
        .where(Sitting.exam_id == exam.id, Sitting.score.is_(None), Sitting.voided_at.is_(None))
        .where(Sitting.id.not_in(open_))
    )
    return list(db.session.scalars(waiting.distinct().order_by(Sitting.id)))


def _sittings(ids: Sequence[int]) -> Sequence[Sitting]:
    wanted = select(Sitting).where(Sitting.id.in_(ids)).options(joinedload(Sitting.paper))
    return db.session.scalars(wanted.order_by(Sitting.id)).all()


def _score(exam: Exam, sitting: Sitting) -> None:
    answers = {position: answer for position, (answer, _) in queries.responses_of(sitting.id).items()}
    hand = queries.hand_marks([sitting.id]).get(sitting.id, {})
    policy = MultiplePolicy(exam.multiple_policy)
    items = queries.items_of(sitting.paper)
    found = correcting.score(items, answers, policy, queries.amendments_of(exam), hand)
    sitting.score = Decimal(found) / 100
    sitting.passed = sitting.score >= exam.pass_mark


def decide(
    exam: Exam, answer_id: int, *, mark: int, reason: str, at: datetime, who: str
) -> tuple[Decimal, Decimal]:
    """Change a mark that was counted, with a reason; the score of the sitting before and after."""
    exams.lock(exam)
    answer = _counted(exam, answer_id)
    blind.check_mark(mark, points=_hundredths(answer.points))
    blind.check_reason(reason)
    sitting, before, was = answer.sitting, answer.sitting.score or Decimal(0), answer.mark
    answer.mark = Decimal(mark) / 100
    db.session.flush()
    _score(exam, sitting)
    closing.keep_results(exam, [sitting.person_id])
    said = {"answer": answer.id, "position": answer.position, "reason": reason.strip()}
    said |= {"mark_before": str(was), "mark": str(Decimal(mark) / 100)}
    said |= {"before": str(before), "after": str(sitting.score)}
    record(who=who, what="marking.decide", subject=f"sitting:{sitting.id}", at=at, **said)
    return before, sitting.score or Decimal(0)


def _counted(exam: Exam, answer_id: int) -> ShortAnswer:
    found = db.session.get(ShortAnswer, answer_id)
    if found is None or found.exam_id != exam.id or found.counted_at is None:
        raise NotFound
    return found


class Progress(NamedTuple):
    """How far a question is: answers handed in, marked, and those two marked too far apart."""

    question: Any
    answers: int
    marked: int
    apart: int


def progress(exam: Exam) -> list[Progress]:
    rows = db.session.scalars(_to_mark(exam).options(joinedload(ShortAnswer.question))).unique().all()
    found: dict[int, list[ShortAnswer]] = {}
    for row in rows:
        found.setdefault(row.pool_question_id, []).append(row)
    return [
        Progress(
            group[0].question,
            len(group),
            sum(row.mark is not None for row in group),
            sum(row.mark is None and row.wanted == 3 for row in group),
        )
        for _, group in sorted(found.items())
    ]


def ready_count(exam: Exam) -> int:
    return len(_ready(exam))


def by_marker(exam: Exam) -> Mapping[str, int]:
    """Name of the account → answers marked."""
    wanted = (
        select(Account.name, func.count())
        .join(HandMark, HandMark.account_id == Account.id)
        .join(ShortAnswer, ShortAnswer.id == HandMark.short_answer_id)
        .where(ShortAnswer.exam_id == exam.id)
    )
    return {
        row[0]: row[1] for row in db.session.execute(wanted.group_by(Account.name).order_by(Account.name))
    }


#: Counted answers listed at once; the others are found by name.
FIRST_COUNTED = 50


def counted(exam: Exam, *, text: str = "") -> Sequence[ShortAnswer]:
    """Answers whose marks are part of a score, of persons whose name has ``text`` in it."""
    wanted = (
        select(ShortAnswer)
        .join(Sitting, Sitting.id == ShortAnswer.sitting_id)
        .join(Person, Person.id == Sitting.person_id)
        .where(ShortAnswer.exam_id == exam.id, ShortAnswer.counted_at.is_not(None))
        .where(Person.name.contains(text, autoescape=True))
    )
    wanted = wanted.options(joinedload(ShortAnswer.question), joinedload(ShortAnswer.sitting))
    return db.session.scalars(wanted.order_by(Person.name, ShortAnswer.id).limit(FIRST_COUNTED)).all()


def latest_of(exam: Exam, account_id: int, *, limit: int = 5) -> Sequence[HandMark]:
    """What this account marked last and may still change."""
    wanted = (
        select(HandMark)
        .join(ShortAnswer, ShortAnswer.id == HandMark.short_answer_id)
        .where(
            ShortAnswer.exam_id == exam.id,
            HandMark.account_id == account_id,
            ShortAnswer.counted_at.is_(None),
        )
    )
    return db.session.scalars(wanted.order_by(HandMark.at.desc(), HandMark.id.desc()).limit(limit)).all()


def text_of(answer: ShortAnswer) -> str:
    """What was written, without who wrote it."""
    key = {"sitting_id": answer.sitting_id, "position": answer.position}
    given = db.session.get(Response, key)
    return "\n".join(json.loads(given.answer)) if given is not None else ""


def _hundredths(points: Decimal) -> int:
    return int(points * 100)
