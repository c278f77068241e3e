"""Deeds of a review: ask for one, answer it. The score itself changes only by a correction."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from quiz.audit.services import record
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.sittings import appealing
from quiz.sittings.appealing import Decision
from quiz.sittings.models import Appeal, Sitting


def of_sitting(sitting: Sitting) -> Appeal | None:
    return db.session.scalar(select(Appeal).where(Appeal.sitting_id == sitting.id))


def until(exam: Exam) -> datetime:
    """Until when a review may be asked for."""
    closing = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    return appealing.until(closing.astimezone(exams.zone()), days=exam.appeal_days)


def days(exam: Exam) -> int:
    """Of asking; nobody reviews practice, nor a score that is never shown."""
    hidden = exam.score_release == exam_rules.Release.NEVER
    return 0 if hidden or not exam.ranked else exam.appeal_days


def check(sitting: Sitting, *, at: datetime) -> None:
    """Whether a review of this sitting may be asked for now. NoAppeal, AlreadyAppealed, TooLateToAppeal."""
    # Without a score it still waits for its markers; nobody disputes one that is not shown yet.
    state = exams.state(sitting.exam, at=at)
    shown = exam_rules.is_released(sitting.exam.score_release, submitted=True, state=state)
    submitted, asked = sitting.score is not None and shown, of_sitting(sitting) is not None
    last = until(sitting.exam)
    appealing.check(days=days(sitting.exam), submitted=submitted, asked=asked, until=last, at=at)


def ask(sitting: Sitting, *, reason: str | None, at: datetime, who: str | None = None) -> Appeal:
    """``who``: the account that asks on the person's behalf. Raises what check() raises, and BadAppeal."""
    check(sitting, at=at)
    cleaned = appealing.clean(reason, what="理由")
    made = Appeal(
        sitting_id=sitting.id,
        reason=cleaned,
        asked_by=who,
        asked_at=at,
        before=sitting.score or Decimal(0),
    )
    db.session.add(made)
    asker = who or f"person:{sitting.person_id}"
    record(who=asker, what="appeal.ask", subject=f"exam:{sitting.exam.code}", at=at, sitting=sitting.id)
    return made


def decide(appeal: Appeal, *, decision: Decision, answer: str | None, at: datetime, who: str) -> None:
    """Answer a review. Raises AlreadyDecided, NothingCorrected or BadAppeal."""
    db.session.refresh(appeal, with_for_update=True)
    sitting = appeal.sitting
    after = sitting.score or Decimal(0)
    decided = appeal.decided_at is not None
    appealing.check_decision(decision, decided=decided, before=appeal.before, after=after)
    appeal.answer = appealing.clean(answer, what="答复")
    appeal.decision, appeal.after, appeal.decided_at, appeal.decided_by = decision.value, after, at, who
    said = {"sitting": sitting.id, "decision": decision.value, "score": str(after)}
    record(who=who, what="appeal.decide", subject=f"exam:{sitting.exam.code}", at=at, **said)
