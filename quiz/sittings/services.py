"""Deeds of a sitting. Start stands here; join, draw, save and close have modules of their own."""

from datetime import datetime, timedelta

from quiz.exams import admission
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db, from_millis, saver, to_millis
from quiz.people.models import Person
from quiz.sittings import queries, releasing, rooming, rooms, rules
from quiz.sittings.closing import finalise_if_due, is_due, keep_result, rebuild_totals, submit
from quiz.sittings.drawing import draw_paper, make_papers
from quiz.sittings.models import Sitting
from quiz.sittings.saving import Saved, save_response
from quiz.tokens import Candidate

__all__ = [
    "Saved",
    "check_invited",
    "check_open",
    "draw_paper",
    "finalise_if_due",
    "hand_out",
    "is_due",
    "keep_result",
    "make_papers",
    "rebuild_totals",
    "save_response",
    "start",
    "submit",
]


def start(
    *, exam: Exam, person: Person, at: datetime, phone: str | None = None, room_code: str | None = None
) -> tuple[Sitting, bool]:
    """The person's open sitting of this exam, made for ``phone`` if there is none; True when it was made.

    Whoever calls inside one transaction and sees an IntegrityError lost a race of two starts: the sitting
    is there, and calling again finds it. Raises NotOpenYet, ExamClosed, NotInvited, NoChancesLeft or,
    where the exam asks for ``room_code``, WrongRoomCode.
    """
    check_invited(exam, person)
    earlier = queries.sittings_of(exam.id, person.id)
    for sitting in earlier:
        if sitting.accepts(at):
            return sitting, False
    # Shared until the commit: a pause either sees this sitting or is seen here.
    db.session.refresh(exam, with_for_update={"read": True})
    check_open(exam, at=at, unit_id=person.unit_id, sat=len(earlier))
    shown = releasing.score_shown(exam, at=at)
    best = max((s.score for s in earlier if s.score is not None and s.voided_at is None), default=None)
    today = queries.begun_today(earlier, at=at)
    admission.check_chances(
        sat=len(earlier), chances=exam.chances, today=today, daily=exam.daily, best=best if shown else None
    )
    _check_room(exam, person, room_code, at=at)
    return _begin(exam, person, number=len(earlier) + 1, phone=phone, at=at), True


def _check_room(exam: Exam, person: Person, given: str | None, *, at: datetime) -> None:
    """Who has a seat gives the code of that room; anybody else that of the exam."""
    seat = rooms.seat_of(exam.id, person.id) if exam.room_secret else None
    where = rooms.where(seat) if seat else ""
    rooming.check(exam.room_secret, given, at=at, room=seat.room_id if seat else None, where=where)


def check_invited(exam: Exam, person: Person) -> None:
    if person.joined and exam.mode == exam_rules.Mode.EXAM and not exam.named:
        raise exam_rules.NotAContest
    if exam.unit_ids is not None and person.unit_id not in exam.unit_ids:
        raise exam_rules.NotInvited
    if exam.identities is not None and person.identity not in exam.identities:
        raise exam_rules.NotInvited(f"这一场只有{'、'.join(exam.identities)}参加。有疑问请找本单位联络员。")
    if exam.named and not exams.is_named(exam, person.id):
        raise exam_rules.NotNamed(None if exam.make_up_of_id else exam_rules.NOT_LISTED)


def check_open(exam: Exam, *, at: datetime, unit_id: int, sat: int = 0) -> None:
    """NotOpenYet, ExamPaused or ExamClosed with the unit's own time in words the phone shows."""
    window = exams.window_for(exam, unit_id)
    part = exams.stretch(exam, window, at=at)
    found = exams.state_in(exam, part, at=at)
    if found is exam_rules.State.SCHEDULED:
        hours = f"{exam.hours.words} 开放。" if exam.hours and at >= window.opens_at else ""
        raise exam_rules.NotOpenYet(hours + exams.opening_sentence(exam, part, at=at))
    if found is exam_rules.State.CLOSED:
        raise exam_rules.ExamClosed(exams.closing_sentence(part))
    last = window.opens_at + timedelta(minutes=exam.late_minutes or 0)
    until = exam_rules.moment(last.astimezone(exams.zone()))
    admission.check_late(window=window, late_minutes=exam.late_minutes, sat=sat, at=at, until=until)
    if exam.paused_at is not None:
        raise exam_rules.ExamPaused


def _begin(exam: Exam, person: Person, *, number: int, phone: str | None, at: datetime) -> Sitting:
    paper = queries.paper_of(exam.id, person.id, number) or draw_paper(
        exam, person_id=person.id, number=number
    )
    deadline = exam_rules.deadline(
        started_at=at,
        minutes=exam.minutes,
        closes_at=exams.stretch(exam, exams.window_for(exam, person.unit_id), at=at).closes_at,
        extra=queries.extra_of(exam, person.id),
    )
    sitting = Sitting(
        exam_id=exam.id,
        person_id=person.id,
        unit_id=person.unit_id,
        paper_id=paper.id,
        number=number,
        phone=phone,
        started_at=at,
        deadline=deadline,
        accept_until=deadline + exam_rules.GRACE,
    )
    db.session.add(sitting)
    db.session.flush()
    return sitting


# A unit's own window goes before the exam's.
_OPENS, _ENDS = "COALESCE(w.opens_at, e.opens_at)", "COALESCE(w.closes_at, e.closes_at)"
# Of a day that is open some hours only, what is before them and after is not in the stretch.
_DAY_OPENS = "COALESCE(:today + e.day_opens * 60000, e.opens_at)"
_DAY_ENDS = f"COALESCE(:today + e.day_closes * 60000, {_ENDS})"
_CLOSING = f"{{least}}({_ENDS}, COALESCE(e.ended_at, {_ENDS}), {_DAY_ENDS})"
_TIME_UP = ":at + e.minutes * 60000"
# exams.rules.extra_time(): 600 milliseconds are a hundredth of a minute.
_EXTRA = "COALESCE(a.minutes * 60000 + e.minutes * 600 * (a.percent - 100), 0)"
_DEADLINE = f"{{least}}({_TIME_UP}, {_CLOSING}) + {_EXTRA}"
_SAT = "SELECT count(*) FROM sitting s WHERE s.exam_id = p.exam_id AND s.person_id = p.person_id"
#: The rule of start() for the usual case, in one statement: a paper is ready, nothing is open, and a
#: chance is left.
_HAND_OUT = f"""
INSERT INTO sitting (exam_id, person_id, unit_id, paper_id, number, phone, started_at, deadline,
                     accept_until)
SELECT e.id, n.id, n.unit_id, p.id, p.number, :phone, :at, {_DEADLINE}, {_DEADLINE} + :grace
  FROM paper p JOIN exam e ON e.id = p.exam_id JOIN person n ON n.id = p.person_id
  LEFT JOIN exam_window w ON w.exam_id = p.exam_id AND w.unit_id = n.unit_id
  LEFT JOIN accommodation a ON a.exam_id = p.exam_id AND a.person_id = p.person_id
 WHERE p.exam_id = :exam AND p.person_id = :person AND e.code = :code AND n.active AND e.paused_at IS NULL
   AND e.room_secret IS NULL
   AND {_OPENS} <= :at AND {_DAY_OPENS} <= :at AND :at < {_CLOSING}
   AND (p.number > 1 OR e.late_minutes IS NULL OR :at <= {_OPENS} + e.late_minutes * 60000)
   AND (e.daily = 0 OR ({_SAT} AND s.started_at >= :today) < e.daily)
   AND (e.chances = 0 OR p.number <= e.chances)
   AND p.number = 1 + ({_SAT}) AND ({_SAT} AND s.submitted_at IS NULL) = 0{{lock}}
ON CONFLICT DO NOTHING
RETURNING id, deadline, (SELECT p.items FROM paper p WHERE p.id = sitting.paper_id)
"""
# On PostgreSQL the exam's row stays shared until the sitting is there: a pause either sees it or is seen.
HAND_OUT = {
    "sqlite": _HAND_OUT.format(lock="", least="min"),
    "postgresql": _HAND_OUT.format(lock=" FOR SHARE OF e", least="least"),
}


def hand_out_values(candidate: Candidate, *, code: str, at: datetime) -> dict[str, int | str]:
    """What HAND_OUT asks for."""
    return {
        "exam": candidate.exam,
        "person": candidate.person,
        "phone": candidate.phone,
        "code": code.upper(),
        "at": to_millis(at),
        "today": to_millis(exams.today(at)),
        "grace": exam_rules.GRACE // timedelta(milliseconds=1),
    }


def hand_out(*, candidate: Candidate, code: str, at: datetime) -> str | None:
    """Start a sitting on a paper made ready: its JSON document, durable. None: start() must decide."""
    values = hand_out_values(candidate, code=code, at=at)
    rows = saver().run(HAND_OUT[db.engine.dialect.name], values)
    if not rows:
        return None
    sitting_id, deadline, items = rows[0]
    left = rules.seconds_left(deadline=from_millis(deadline), at=at)
    return queries.paper_json(candidate.exam, sitting_id, items, seconds_left=left, responses={})
