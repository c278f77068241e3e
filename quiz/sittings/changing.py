"""Deeds on an exam once it is made: change its settings, delete it, put it away.

The rules freeze at the opening (exams.amending.open_to_change); what changes afterwards has a reason in the
audit log.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update

from quiz.audit.models import Deed
from quiz.audit.services import record
from quiz.exams import amending, counting, freezing
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.admission import Window, check_hours, check_window
from quiz.exams.models import Exam, ExamPerson, ExamWindow, Room, RoomNote, RoomProctor, Seat
from quiz.exams.rules import State
from quiz.extensions import db
from quiz.sittings import closing, drawing
from quiz.sittings.models import Accommodation, Extension, Pause, Result, Sitting

#: Papers drawn within a deed; the closer draws the rest, and a start its own.
_PAPERS_AT_ONCE = 200
#: Whoever may sit, or on what: papers made ready before such a change are drawn anew.
_DRAWN_FOR = frozenset({"unit_ids", "identities"})


def change(exam: Exam, *, values: Mapping[str, Any], reason: str, at: datetime, who: str) -> list[str]:
    """Set the exam's columns to ``values``; returns the names of those that changed.

    Raises SettingFrozen, or BadSettings with what to correct.
    """
    exams.lock(exam)
    if exam.rehearsal and "title" in values:
        values = {**values, "title": exam_rules.title_of_rehearsal(values["title"])}
    before = {name: getattr(exam, name) for name in values}
    changed = [name for name in values if name in differing(exam, values)]
    opened, over = has_opened(exam, at=at), is_over(exam, at=at)
    amending.check_change(changed=changed, opened=opened, over=over, reason=reason.strip())
    _check(exam, values, changed, at=at if opened else None)
    for name in changed:
        setattr(exam, name, values[name])
    if _DRAWN_FOR & set(changed):
        freezing.discard_papers(exam)
    db.session.flush()
    if opened and amending.DECIDING & set(changed):
        _recount(exam)
    if changed:
        said = {name: [plain(before[name]), plain(values[name])] for name in changed}
        subject = f"exam:{exam.code}"
        record(who=who, what="exam.change", subject=subject, at=at, changed=said, reason=reason.strip())
    return changed


def differing(exam: Exam, values: Mapping[str, Any]) -> set[str]:
    """The names of the settings that are not as in ``values``."""
    return {name for name, value in values.items() if value != getattr(exam, name)}


def add_units(exam: Exam, *, unit_ids: Collection[int], reason: str, at: datetime, who: str) -> list[int]:
    """Let more units sit an exam that has opened; returns which are new. Papers stand: theirs are drawn too.

    Raises SettingFrozen or BadSettings.
    """
    exams.lock(exam)
    before = set(exam.unit_ids or ())
    new = sorted(set(unit_ids) - before)
    amending.check_more_units(
        everybody=exam.unit_ids is None,
        chosen=len(new),
        named=exam.named,
        over=exams.state(exam, at=at) is State.CLOSED,
        reason=reason.strip(),
    )
    exam.unit_ids = sorted(before | set(new))
    db.session.flush()
    drawing.make_papers(exam, limit=_PAPERS_AT_ONCE)
    said = {"units": new, "reason": reason.strip()}
    record(who=who, what="exam.units", subject=f"exam:{exam.code}", at=at, **said)
    return new


def has_opened(exam: Exam, *, at: datetime) -> bool:
    return exams.state(exam, at=at) is not State.SCHEDULED or any_sitting(exam)


def is_over(exam: Exam, *, at: datetime) -> bool:
    """Whether nobody can begin any more and everybody has handed in."""
    still = select(Sitting.id).where(Sitting.exam_id == exam.id, Sitting.submitted_at.is_(None)).limit(1)
    return exams.state(exam, at=at) is State.CLOSED and db.session.scalar(still) is None


def changes(exam: Exam) -> list[dict[str, Any]]:
    """What was changed after it was made, the newest first, in words: when, who, which settings, why."""
    own = Deed.subject == f"exam:{exam.code}"
    wanted = select(Deed).where(own, Deed.what.in_(("exam.change", "exam.units")))
    return [
        {
            "at": deed.at.astimezone(exams.zone()),
            "who": deed.who,
            "names": [amending.SETTINGS[name] for name in deed.detail.get("changed", ("unit_ids",))],
            "reason": deed.detail["reason"],
        }
        for deed in db.session.scalars(wanted.order_by(Deed.id.desc()).limit(20))
    ]


def any_sitting(exam: Exam) -> bool:
    return db.session.scalar(select(Sitting.id).where(Sitting.exam_id == exam.id).limit(1)) is not None


def _check(exam: Exam, values: Mapping[str, Any], changed: list[str], *, at: datetime | None) -> None:
    """The settings as they would be. ``at`` only of an exam that has opened: it cannot end in the past."""
    then = {name: values.get(name, getattr(exam, name)) for name in amending.SETTINGS}
    exam_rules.check_times(**{name: then[name] for name in ("title", "opens_at", "closes_at", "minutes")})
    releases = (then[name] for name in ("score_release", "answers_release", "review"))
    exam_rules.check_releases(**dict(zip(("score", "answers", "key"), releases, strict=True)))
    exam_rules.check_marks(pass_mark=then["pass_mark"], excellent_mark=then["excellent_mark"], full=exam.full)
    counting.check_counts(**{name: then[name] for name in ("counts", "chances", "daily")})
    counting.check_least_seconds(then["least_seconds"])
    whole = Window(then["opens_at"], then["closes_at"])
    check_hours(then["day_opens"], then["day_closes"], window=exams.local(whole))
    for window in exams.windows(exam).values():
        check_window(window, whole=whole)
    if at is not None and "closes_at" in changed and then["closes_at"] <= at:
        raise exam_rules.BadSettings("新的结束时间已经过去。要现在结束，请用“结束考试”。")


def _recount(exam: Exam) -> None:
    """Who passed and what counts, by the settings as they are now."""
    scored = Sitting.exam_id == exam.id, Sitting.score.is_not(None)
    db.session.execute(update(Sitting).where(*scored).values(passed=Sitting.score >= exam.pass_mark))
    closing.keep_results(exam, _counted(exam))


def _counted(exam: Exam) -> list[int]:
    found = select(Result.person_id).where(Result.exam_id == exam.id).order_by(Result.person_id)
    return list(db.session.scalars(found))


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return exam_rules.plain(value) if isinstance(value, Decimal) else value


def remove(exam: Exam, *, typed: str, at: datetime, who: str) -> None:
    """Delete an exam nobody has begun, once its name was typed; its code is not used again. CannotRemove."""
    exams.lock(exam)
    amending.check_remove(
        typed=typed,
        title=exam.title,
        found=exams.state(exam, at=at),
        sat=any_sitting(exam),
        followed=bool(exams.make_ups(exam)),
    )
    freezing.thaw(exam)
    own_rooms = select(Room.id).where(Room.exam_id == exam.id)
    db.session.execute(delete(RoomProctor).where(RoomProctor.room_id.in_(own_rooms)))
    for table in (ExamPerson, ExamWindow, Accommodation, Extension, Pause, RoomNote, Seat, Room):
        db.session.execute(delete(table).where(table.exam_id == exam.id))
    record(who=who, what="exam.delete", subject=f"exam:{exam.code}", at=at, title=exam.title)
    db.session.delete(exam)


def archive(exam: Exam, *, at: datetime, who: str) -> None:
    """Put an exam away that is over. Raises CannotArchive."""
    if not is_over(exam, at=at):
        raise exam_rules.CannotArchive
    exam.archived_at = at
    record(who=who, what="exam.archive", subject=f"exam:{exam.code}", at=at)


def restore(exam: Exam, *, at: datetime, who: str) -> None:
    """Take it back into the lists."""
    exam.archived_at = None
    record(who=who, what="exam.restore", subject=f"exam:{exam.code}", at=at)
