"""Deeds on time and standing while an exam runs: extend, pause, extra time set beforehand, void.

Whoever closes a sitting holds its row and then shares the exam's (closing._ANSWERS), so these take rows in
the same order: open sittings by id, then the exam.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, update

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import batching
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, Room, Seat
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.sittings import closing, queries, rooms, rules
from quiz.sittings.models import Accommodation, Extension, Pause, Sitting

_NOTHING = timedelta(0)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Whom:
    """One person, one unit, one room, or, with none of these, everybody."""

    person: Person | None = None
    unit: Unit | None = None
    room: Room | None = None

    @property
    def everybody(self) -> bool:
        return self.person is None and self.unit is None and self.room is None

    @property
    def keys(self) -> dict[str, int]:
        """The column of Extension that says who, and its value."""
        there = {"person_id": self.person, "unit_id": self.unit, "room_id": self.room}
        return {name: row.id for name, row in there.items() if row is not None}

    @property
    def named(self) -> dict[str, int | str]:
        """The same for the ledger; rooms have names there, as they can be removed."""
        if self.room is not None:
            return {"room": self.room.name}
        return {name.removesuffix("_id"): number for name, number in self.keys.items()}


def extend(
    exam: Exam,
    whom: Whom,
    *,
    minutes: int | None,
    reason: str | None,
    once: str,
    seen: int,
    at: datetime,
    who: str,
) -> int:
    """Give minutes to open sittings, beyond the end of the window too; returns how many were moved.

    For everybody the end of the window moves with them, so who starts later has the same. The same ``once``
    again gives nothing more; ``seen`` is latest_extension() as the page was shown. Raises BadChange,
    TooLateToExtend where nobody is answering, or ChangedMeanwhile when somebody else was faster.
    """
    span, why = timedelta(minutes=rules.check_extension(minutes)), rules.clean_reason(reason)
    which = [*_still_open(exam, at=at), *_of(whom)]
    moved = _hold_open(exam, which, alone=whom.everybody)
    # Only now: whoever gave the same people time at this very moment has committed.
    earlier = db.session.scalar(select(Extension).where(Extension.once == once))
    if earlier is not None:
        return earlier.sittings
    _check_seen(exam, whom, seen=seen)
    window = whom.everybody and exams.state(exam, at=at) is exam_rules.State.OPEN
    if not moved and not window:
        raise rules.TooLateToExtend
    if window:
        exam.closes_at += span
        batching.shift(exam, by=span, after=at)
    _change(which, later=span)
    given = {"minutes": minutes, "reason": why, "sittings": moved}
    db.session.add(Extension(exam_id=exam.id, **whom.keys, **given, who=who, at=at, once=once))
    record(who=who, what="sitting.extend", subject=f"exam:{exam.code}", at=at, **given, **whom.named)
    return moved


def latest_extension(exam: Exam) -> int:
    """What a form carries as ``seen``, so that two organisers do not give the same minutes twice."""
    return db.session.scalar(select(func.max(Extension.id)).where(Extension.exam_id == exam.id)) or 0


def latest_pause(exam: Exam) -> int:
    return db.session.scalar(select(func.max(Pause.id)).where(Pause.exam_id == exam.id)) or 0


def _check_seen(exam: Exam, whom: Whom, *, seen: int) -> None:
    """ChangedMeanwhile when all of ``whom`` were given time since; one person's own concerns only them."""
    wider = Extension.person_id.is_(None)
    if whom.unit is not None:
        # Who of a room is of the unit is not asked: better to look once too often.
        wider &= Extension.unit_id.is_(None) | (Extension.unit_id == whom.unit.id)
    elif whom.room is not None:
        wider &= Extension.room_id.is_(None) | (Extension.room_id == whom.room.id)
    elif whom.person is not None:
        seat = rooms.seat_of(exam.id, whom.person.id)
        wider &= Extension.unit_id.is_(None) | (Extension.unit_id == whom.person.unit_id)
        wider &= Extension.room_id.is_(None) | (Extension.room_id == (seat.room_id if seat else None))
        wider |= Extension.person_id == whom.person.id
    wanted = select(Extension).where(Extension.exam_id == exam.id, Extension.id > seen, wider)
    row = db.session.scalar(wanted.order_by(Extension.id.desc()).limit(1))
    if row is not None:
        said = f"{row.who} {_clock(row.at)} 已经延长 {row.minutes} 分钟（{row.reason}）"
        raise rules.ChangedMeanwhile(f"{said}。还要再延长，请再按一次。")


def _clock(instant: datetime) -> str:
    """9:05, in the local zone."""
    return f"{instant.astimezone(exams.zone()):%H:%M}".removeprefix("0")


def pause(exam: Exam, *, reason: str | None, seen: int, at: datetime, who: str) -> int:
    """Stop everybody's time; returns for how many. Answers are kept.

    ``seen`` is latest_pause() as the page was shown. Raises BadChange, CannotPause or ChangedMeanwhile.
    """
    why = rules.clean_reason(reason)
    which = _still_open(exam, at=at)
    moved = _hold_open(exam, which, alone=True)
    if exam.paused_at is not None or exams.state(exam, at=at) is not exam_rules.State.OPEN:
        raise rules.CannotPause
    last = db.session.get(Pause, latest_pause(exam))
    if last is not None and last.id > seen:
        raise rules.ChangedMeanwhile(
            f"{last.who} {_clock(last.began_at)} 暂停过，已经继续。还要再暂停，请再按一次。"
        )
    exam.paused_at = at
    db.session.add(Pause(exam_id=exam.id, began_at=at, reason=why, who=who))
    record(who=who, what="exam.pause", subject=f"exam:{exam.code}", at=at, reason=why, sittings=moved)
    _change(which, paused_at=at)
    return moved


def resume(exam: Exam, *, seen: int, at: datetime, who: str) -> timedelta:
    """Let time go on and give back exactly what the pause took; returns that.

    Raises NotPaused, or ChangedMeanwhile when it is another pause than the one that was ``seen``.
    """
    which = [Sitting.exam_id == exam.id, Sitting.paused_at.is_not(None)]
    moved = _hold_open(exam, which, alone=True)
    if exam.paused_at is None:
        raise rules.NotPaused
    own = (Pause.exam_id == exam.id) & Pause.ended_at.is_(None)
    running = db.session.scalars(select(Pause).where(own)).one()
    if running.id != seen:
        words = f"{running.who} {_clock(running.began_at)} 又暂停了（{running.reason}）。要继续，请再按一次。"
        raise rules.ChangedMeanwhile(words)
    taken = max(at - exam.paused_at, _NOTHING)
    batching.shift(exam, by=taken, after=exam.paused_at)
    exam.paused_at, exam.closes_at = None, exam.closes_at + taken
    running.ended_at, running.ended_by = at, who
    said = {"seconds": taken.total_seconds(), "sittings": moved}
    record(who=who, what="exam.resume", subject=f"exam:{exam.code}", at=at, **said)
    back = Sitting.paused_millis + taken // _MILLISECOND
    _change(which, later=taken, paused_at=None, paused_millis=back)
    return taken


def _of(whom: Whom) -> list[ColumnElement[bool]]:
    if whom.person is not None:
        return [Sitting.person_id == whom.person.id]
    if whom.room is not None:
        here = select(Seat.person_id).where(Seat.room_id == whom.room.id)
        return [Sitting.person_id.in_(here)]
    return [] if whom.unit is None else [Sitting.unit_id == whom.unit.id]


def _still_open(exam: Exam, *, at: datetime) -> list[ColumnElement[bool]]:
    """Which sittings accept answers; what was open when the pause began is open until it ends."""
    in_time = (Sitting.accept_until >= at) | Sitting.paused_at.is_not(None)
    return [Sitting.exam_id == exam.id, Sitting.submitted_at.is_(None), in_time]


def _hold_open(exam: Exam, which: Sequence[ColumnElement[bool]], *, alone: bool) -> int:
    """Lock these sittings; returns how many. With ``alone`` nobody can start until the commit."""
    wanted = select(Sitting.id).where(*which).order_by(Sitting.id).with_for_update()
    found = db.session.scalars(wanted).all()
    if alone:
        db.session.refresh(exam, with_for_update={"key_share": True})
        # And who started in between.
        found = db.session.scalars(wanted).all()
    return len(found)


def _change(which: Sequence[ColumnElement[bool]], *, later: timedelta = _NOTHING, **values: Any) -> None:
    millis = literal(later // _MILLISECOND, BigInteger)
    moved = {"deadline": Sitting.deadline + millis, "accept_until": Sitting.accept_until + millis}
    statement = update(Sitting).where(*which).values(**moved, **values)
    db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.flush()
    db.session.expire_all()


def set_extra(
    exam: Exam, person: Person, *, percent: int, minutes: int, reason: str | None, at: datetime, who: str
) -> None:
    """Extra time for one person before they start; 100 percent and 0 minutes take it back.

    Raises BadChange, or AlreadyBegun: somebody who is answering is extended instead.
    """
    rules.check_extra(percent=percent, minutes=minutes)
    why = rules.clean_reason(reason)
    # Whoever starts shares the exam's row: they have this extra time, or are seen here.
    db.session.refresh(exam, with_for_update={"key_share": True})
    if any(sitting.submitted_at is None for sitting in queries.sittings_of(exam.id, person.id)):
        raise rules.AlreadyBegun
    row = db.session.get(Accommodation, (exam.id, person.id))
    before = {"percent": row.percent, "minutes": row.minutes} if row else {}
    values = {"percent": percent, "minutes": minutes, "reason": why, "who": who, "at": at}
    db.session.merge(Accommodation(exam_id=exam.id, person_id=person.id, **values))
    said = {"person": person.id, "percent": percent, "minutes": minutes, "before": before, "reason": why}
    record(who=who, what="sitting.extra_time", subject=f"exam:{exam.code}", at=at, **said)


def void(sitting: Sitting, *, reason: str | None, at: datetime, who: str) -> None:
    """违纪，成绩无效: close the sitting if it is open; its score stays on record and counts for nothing.

    Raises BadChange or NotVoidable.
    """
    why = rules.clean_reason(reason)
    _hold(sitting)
    if sitting.voided_at is not None:
        raise rules.NotVoidable
    if sitting.submitted_at is None:
        closing.submit(sitting, at=at)
        sitting.closed_by = "void"
    sitting.voided_at, sitting.void_reason, sitting.voided_by = at, why, who
    _recount(sitting, what="sitting.void", reason=why, at=at, who=who)


def restore(sitting: Sitting, *, reason: str | None, at: datetime, who: str) -> None:
    """Let a voided sitting count again. Raises BadChange or NotVoided."""
    why = rules.clean_reason(reason)
    _hold(sitting)
    if sitting.voided_at is None:
        raise rules.NotVoided
    sitting.voided_at = sitting.void_reason = sitting.voided_by = None
    _recount(sitting, what="sitting.restore", reason=why, at=at, who=who)


def _hold(sitting: Sitting) -> None:
    """All sittings of the person in this exam: what counts follows from them together."""
    own = (Sitting.exam_id == sitting.exam_id) & (Sitting.person_id == sitting.person_id)
    db.session.execute(select(Sitting.id).where(own).order_by(Sitting.id).with_for_update())
    db.session.refresh(sitting)


def _recount(sitting: Sitting, *, what: str, reason: str, at: datetime, who: str) -> None:
    exam, score = sitting.exam, str(sitting.score)
    said = {"sitting": sitting.id, "person": sitting.person_id, "score": score, "reason": reason}
    record(who=who, what=what, subject=f"exam:{exam.code}", at=at, **said)
    closing.keep_result(exam, sitting.person_id)


def sitting_of(exam: Exam, sitting_id: int) -> Sitting:
    """A sitting of this exam, for the desk; NotFound."""
    found = db.session.get(Sitting, sitting_id)
    if found is None or found.exam_id != exam.id:
        raise NotFound
    return found


def person_of(exam: Exam, person_id: int) -> Person:
    """Somebody who may sit this exam or has; NotFound."""
    invited = exams.only_invited(select(Person).where(Person.id == person_id), exam)
    found = db.session.scalar(invited)
    if found is None and queries.sittings_of(exam.id, person_id):
        found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound
    return found
