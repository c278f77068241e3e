"""Deeds on answers that came after the end: take them down, and let the organiser accept or reject them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from question_bank.marking import MultiplePolicy, needs_marker
from question_bank.paper import Item
from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams.models import Exam
from quiz.extensions import Execute, db, saver, session_execute, to_millis
from quiz.sittings import appealing, closing, correcting, queries, rules, sealing
from quiz.sittings.models import Event, LateAnswer, Response, Sitting
from quiz.sittings.sealing import Sealed
from quiz.tokens import Candidate, is_carried

# Only what is newer than what is stored: the rest did arrive in time, or was changed since.
_KEEP = """
INSERT INTO late_answer (sitting_id, position, answer, revision, left_millis, arrived_at, phone)
SELECT s.id, :position, :answer, :revision, CAST(:left AS bigint), :at, :phone FROM sitting s
 WHERE s.id = :sitting AND s.submitted_at IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM response r
                    WHERE r.sitting_id = s.id AND r.position = :position AND r.revision >= :revision)
ON CONFLICT (sitting_id, position, revision) DO NOTHING
RETURNING position
"""


@dataclass(frozen=True)
class Judged:
    """A late answer nobody has decided on, and what speaks against it."""

    row: LateAnswer
    against: str


def take_down(sitting: Sitting, candidate: Candidate, told: object, *, at: datetime) -> int:
    """Keep what a phone could not send in time; returns how many came. BadRequest, NotFound.

    While the sitting is open nothing is late: a phone saves as it always does.
    """
    sealed = sealing.clean(told)
    over = sitting.submitted_at is not None
    if not sealing.is_taken(over=over, deadline=sitting.deadline, at=at):
        return 0
    shape = queries.shape_of(sitting.id)
    values = [_values(sitting.id, candidate, entry, shape=shape, at=at) for entry in sealed]

    def deed(execute: Execute) -> int:
        for row in values:
            execute(_KEEP, row)
        return len(values)

    return saver().work(deed)


def _values(
    sitting_id: int, candidate: Candidate, entry: Sealed, *, shape: str, at: datetime
) -> dict[str, object]:
    cleaned = rules.clean_answer(entry.answer, shape=shape, position=entry.position)
    return {
        "sitting": sitting_id,
        "position": entry.position,
        "answer": json.dumps(cleaned, ensure_ascii=False),
        "revision": rules.clean_revision(entry.revision),
        "left": None if entry.left is None else entry.left // timedelta(milliseconds=1),
        "at": to_millis(at),
        "phone": candidate.phone,
    }


def bring(sitting: Sitting, text: str, *, secret: str, at: datetime, who: str) -> int:
    """Keep what a phone without network wrote out and somebody brought; returns how many are new.

    It is as late as if the phone had sent it now. Raises BadCode, CannotAccept or BadRequest.
    """
    db.session.refresh(sitting, with_for_update=True)
    brought = sealing.read_code(text)
    signed = {"sitting": brought.sitting, "phone": brought.phone}
    sealing.check_brought(
        own=brought.sitting == sitting.id,
        genuine=is_carried(secret, brought.body, brought.mac, **signed),
        voided=sitting.voided_at is not None,
        over=sitting.submitted_at is not None,
        deadline=sitting.deadline,
        at=at,
    )
    candidate = Candidate(sitting.person_id, sitting.exam_id, brought.phone)
    # Not queries.shape_of, which ends the transaction it reads in.
    shape = sitting.paper.shape
    values = [_values(sitting.id, candidate, entry, shape=shape, at=at) for entry in brought.answers]
    kept = [row["position"] for row in values if session_execute(_KEEP, row)]
    if not kept:
        raise sealing.CannotAccept("这份答案码里的答案都已经收到过，没有重复登记。")
    subject = f"exam:{sitting.exam.code}"
    record(who=who, what="late.bring", subject=subject, at=at, sitting=sitting.id, positions=sorted(kept))
    return len(kept)


def of_sitting(sitting: Sitting) -> Sequence[LateAnswer]:
    wanted = select(LateAnswer).where(LateAnswer.sitting_id == sitting.id)
    return db.session.scalars(wanted.order_by(LateAnswer.position, LateAnswer.revision)).all()


def waiting(sitting: Sitting) -> list[LateAnswer]:
    """What nobody has decided on, but for what a newer answer that counts has replaced since."""
    stored = {place: revision for place, (_, revision) in queries.responses_of(sitting.id).items()}
    undecided = [row for row in of_sitting(sitting) if row.decided_at is None]
    return [row for row in undecided if row.revision > stored.get(row.position, 0)]


def pending(sitting: Sitting) -> list[Judged]:
    """The newest late answer of each item that nobody has decided on."""
    newest = {row.position: row for row in waiting(sitting)}
    heard, items = _last_heard(sitting), queries.items_of(sitting.paper)
    return [Judged(row, _against(sitting, row, items[row.position - 1], heard)) for row in newest.values()]


def _against(sitting: Sitting, row: LateAnswer, item: Item, heard: datetime | None) -> str:
    return sealing.against(
        by_hand=needs_marker(item.question.kind),
        closed_by=sitting.closed_by,
        same_phone=row.phone == sitting.phone,
        left=None if row.left_millis is None else timedelta(milliseconds=row.left_millis),
        deadline=sitting.deadline,
        last_heard=heard,
    )


def _last_heard(sitting: Sitting) -> datetime | None:
    """The last save or event of the sitting: what can be known of when its phone still had a network."""
    rows = db.session.execute(
        select(Response.saved_at, Response.history).where(Response.sitting_id == sitting.id)
    )
    told = db.session.scalar(select(func.max(Event.at)).where(Event.sitting_id == sitting.id))
    heard = [told] if told is not None else []
    for saved, history in rows:
        # A late answer that was accepted has hidden when the one before it came; the history has not.
        heard += [saved, *(entry.at for entry in queries.entries(history))]
    return max((instant for instant in heard if instant <= sitting.accept_until), default=None)


def accept(sitting: Sitting, *, reason: str | None, at: datetime, who: str) -> int:
    """Count what nothing speaks against, and mark the sitting anew; returns how many.

    Raises CannotAccept or BadAppeal.
    """
    _alone(sitting)
    acceptable = [one.row for one in pending(sitting) if not one.against]
    sealing.check_accept(allowed=sitting.exam.takes_late, acceptable=len(acceptable))
    why, before = appealing.clean(reason, what="理由"), sitting.score
    for row in acceptable:
        _store(row)
        _decide(row, accepted=True, reason=why, at=at, who=who)
    _mark_anew(sitting)
    said = {
        "positions": [row.position for row in acceptable],
        "before": str(before),
        "after": str(sitting.score),
    }
    subject = f"exam:{sitting.exam.code}"
    record(who=who, what="late.accept", subject=subject, at=at, sitting=sitting.id, reason=why, **said)
    return len(acceptable)


def reject(sitting: Sitting, *, reason: str | None, at: datetime, who: str) -> int:
    """Leave everything undecided uncounted; returns how many. CannotAccept, BadAppeal."""
    _alone(sitting)
    undecided = waiting(sitting)
    if not undecided:
        raise sealing.CannotAccept
    why = appealing.clean(reason, what="理由")
    for row in undecided:
        _decide(row, accepted=False, reason=why, at=at, who=who)
    said = {"positions": sorted({row.position for row in undecided}), "reason": why}
    subject = f"exam:{sitting.exam.code}"
    record(who=who, what="late.reject", subject=subject, at=at, sitting=sitting.id, **said)
    return len(said["positions"])


def _alone(sitting: Sitting) -> None:
    """The sitting's row, then the exam's shared: the order in which whoever closes a sitting takes them."""
    db.session.refresh(sitting, with_for_update=True)
    db.session.execute(select(Exam.id).where(Exam.id == sitting.exam_id).with_for_update(read=True))
    db.session.refresh(sitting.exam)
    if sitting.submitted_at is None:
        raise NotFound


def _decide(row: LateAnswer, *, accepted: bool, reason: str, at: datetime, who: str) -> None:
    row.accepted, row.reason, row.decided_at, row.decided_by = accepted, reason, at, who


def _store(row: LateAnswer) -> None:
    stored = db.session.get(Response, (row.sitting_id, row.position))
    if stored is None:
        stored = Response(sitting_id=row.sitting_id, position=row.position)
        db.session.add(stored)
    stored.answer, stored.revision, stored.saved_at = row.answer, row.revision, row.arrived_at


def _mark_anew(sitting: Sitting) -> None:
    db.session.flush()
    if sitting.score is None:
        # It still waits for its markers, whose last mark will count everything that is stored.
        return
    exam, hand = sitting.exam, queries.hand_marks([sitting.id]).get(sitting.id)
    answers = {place: answer for place, (answer, _) in queries.responses_of(sitting.id).items()}
    policy, items = MultiplePolicy(exam.multiple_policy), queries.items_of(sitting.paper)
    score = Decimal(correcting.score(items, answers, policy, queries.amendments_of(exam), hand)) / 100
    sitting.score, sitting.passed = score, score >= exam.pass_mark
    db.session.flush()
    closing.keep_result(exam, sitting.person_id)


def sentence(sitting: Sitting) -> str:
    """What the person is told of what came late; empty when nothing did."""
    rows, undecided = of_sitting(sitting), {row.position for row in waiting(sitting)}
    accepted = {row.position for row in rows if row.accepted}
    rejected = {row.position for row in rows if row.accepted is False}
    return sealing.sentence(
        pending=len(undecided),
        accepted=len(accepted),
        rejected=len(rejected - accepted),
        allowed=sitting.exam.takes_late,
    )
