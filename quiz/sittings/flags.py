"""复核队列 of a public contest: what is worth a look, and what the organiser decided about it.

Reading concludes nothing. A decision leaves people in, or voids their sittings as running.void() does, with
its reason, and can be taken back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, distinct, func, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams.models import Exam, Paper
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.models import Person
from quiz.sittings import corrections, flagging, hints, running
from quiz.sittings.flag_models import FlagDecision, SittingTrace
from quiz.sittings.flagging import AlreadyDecided, Case, Entrant, Flag
from quiz.sittings.models import Response, Result, Sitting

#: Cases of one kind on the page; the others follow as these are decided.
SHOWN = 100
#: Seconds until the queue is reckoned anew.
AGE = 30
#: Contests that ended longer ago are compared no more.
COMPARED = timedelta(days=30)


@dataclass(frozen=True)
class Queue:
    waiting: Sequence[Case]
    decided: Sequence[FlagDecision]
    persons: dict[int, Person]
    results: dict[int, Result]

    @property
    def kinds(self) -> list[tuple[Flag, list[Case]]]:
        found = [(flag, [case for case in self.waiting if case.flag is flag]) for flag in Flag]
        return [(flag, cases) for flag, cases in found if cases]


def queue(exam: Exam) -> Queue:
    """Everything for the page: the first of each kind, and every decision that stands, the newest first."""
    waiting, decided = _waiting(exam), _decisions(exam)
    shown = [case for flag in Flag for case in [one for one in waiting if one.flag is flag][:SHOWN]]
    wanted = {person for case in shown for person in case.persons[:SHOWN]}
    wanted |= {person for one in decided[:SHOWN] for person in one.persons[:SHOWN]}
    persons = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(wanted)))}
    own = select(Result).where(Result.exam_id == exam.id, Result.person_id.in_(wanted))
    return Queue(waiting, decided, persons, {one.person_id: one for one in db.session.scalars(own)})


def count_waiting(exam: Exam) -> int:
    """How many are undecided; 0 of anything but a contest."""
    return len(_waiting(exam)) if exam.mode == Mode.CONTEST else 0


def waiting_persons(exam: Exam, flag: Flag) -> set[int]:
    """Whom an undecided case of this kind names."""
    cases = _waiting(exam) if exam.mode == Mode.CONTEST else []
    return {person for case in cases if case.flag is flag for person in case.persons}


def _waiting(exam: Exam) -> list[Case]:
    cases = memory().keep(("flags", exam.id), lambda: list(_cases(exam)), seconds=AGE)
    decided: dict[tuple[str, int], list[frozenset[int]]] = {}
    back = _sat_again(exam)
    for one in _decisions(exam):
        known = frozenset(one.persons)
        for person in known if back.isdisjoint(one.excluded) else ():
            decided.setdefault((one.flag, person), []).append(known)

    def waits(case: Case) -> bool:
        return not any(
            known.issuperset(case.persons) for known in decided.get((case.flag, case.persons[0]), ())
        )

    return [case for case in cases if waits(case)]


def _decisions(exam: Exam) -> list[FlagDecision]:
    wanted = select(FlagDecision).where(FlagDecision.exam_id == exam.id, FlagDecision.undone_at.is_(None))
    return list(db.session.scalars(wanted.order_by(FlagDecision.id.desc())))


def _sat_again(exam: Exam) -> set[int]:
    """Who was left out and has a result all the same: they sat once more."""
    excluded = {person for one in _decisions(exam) for person in one.excluded}
    own = select(Result.person_id).where(Result.exam_id == exam.id, Result.person_id.in_(excluded))
    return set(db.session.scalars(own)) if excluded else set()


def _cases(exam: Exam) -> Iterator[Case]:
    entrants = _entrants(exam)
    for group in flagging.same_phone(entrants):
        yield Case(Flag.PHONE, group, f"{len(group)} 个姓名用同一个手机号")
    for group in flagging.look_alike(entrants):
        yield Case(Flag.NAMES, group, f"同一单位 {len(group)} 个人，姓名只差数字、字母或符号，或完全相同")
    for group in flagging.in_a_row(entrants):
        yield Case(Flag.NUMBERS, group, f"同一单位 {len(group)} 个人的手机号一个接一个")
    for group in _on_one_phone(exam):
        yield Case(Flag.DEVICE, group, f"{len(group)} 个人的答卷在同一部手机上")
    yield from _fast(exam)
    for group in _equal(exam, SittingTrace.wrong):
        yield Case(Flag.WRONG, group, f"{len(group)} 个人答错的题和错的选项完全一样，至少 5 题")
    for group in _equal(exam, SittingTrace.pace):
        yield Case(Flag.PACE, group, f"{len(group)} 个人每一题的间隔都一样，精确到秒")


def _entrants(exam: Exam) -> list[Entrant]:
    wanted = (
        select(Person.id, Person.name, Person.name_key, Person.phone, func.max(Sitting.unit_id))
        .join(Sitting, Sitting.person_id == Person.id)
        .where(Sitting.exam_id == exam.id, Sitting.score.is_not(None))
        .group_by(Person.id, Person.name, Person.name_key, Person.phone)
    )
    return [Entrant(*row) for row in db.session.execute(wanted)]


def _on_one_phone(exam: Exam) -> list[tuple[int, ...]]:
    own = (Sitting.exam_id == exam.id) & Sitting.phone.is_not(None)
    many = select(Sitting.phone).where(own).group_by(Sitting.phone)
    many = many.having(func.count(distinct(Sitting.person_id)) >= flagging.MANY)
    wanted = select(Sitting.phone, Sitting.person_id).where(own, Sitting.phone.in_(many)).distinct()
    return flagging.grouped(_pairs(wanted), least=flagging.MANY)


def _equal(exam: Exam, mark: Any) -> list[tuple[int, ...]]:
    own = (SittingTrace.exam_id == exam.id) & mark.is_not(None)
    many = select(mark).where(own).group_by(mark).having(func.count(distinct(SittingTrace.person_id)) > 1)
    wanted = select(mark, SittingTrace.person_id).where(own, mark.in_(many)).distinct()
    return flagging.grouped(_pairs(wanted), least=2)


def _pairs(wanted: Any) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in db.session.execute(wanted)]


def _fast(exam: Exam) -> Iterator[Case]:
    """Whoever scored in less time than it takes to read, once each: their quickest."""
    took = type_coerce(Sitting.submitted_at - Sitting.started_at - Sitting.paused_millis, BigInteger)
    least = 1000 * max(flagging.SECONDS_AN_ITEM, exam.least_seconds) * exam.items
    wanted = (
        select(Sitting.person_id, func.min(took).label("took"))
        .where(Sitting.exam_id == exam.id, Sitting.score > 0, took < least)
        .group_by(Sitting.person_id)
        .order_by("took", Sitting.person_id)
    )
    for person, millis in db.session.execute(wanted):
        yield Case(Flag.SPEED, (person,), f"{exam.items} 题用了 {millis / 1000:.1f} 秒")


def trace_more(*, at: datetime, limit: int = 300) -> list[dict[str, Any]]:
    """What to compare by, of marked sittings of contests that have none yet: rows for keep_traces()."""
    wanted = (
        select(Sitting.id, Sitting.exam_id, Sitting.person_id, Sitting.score, Sitting.deadline, Paper.items)
        .join(Paper, Paper.id == Sitting.paper_id)
        .join(Exam, Exam.id == Sitting.exam_id)
        .outerjoin(SittingTrace, SittingTrace.sitting_id == Sitting.id)
        .where(Exam.mode == Mode.CONTEST.value, ~Exam.rehearsal, Exam.closes_at > at - COMPARED)
        .where(Sitting.score.is_not(None), SittingTrace.sitting_id.is_(None))
        .order_by(Sitting.exam_id, Sitting.id)
        .limit(limit)
    )
    rows = db.session.execute(wanted).all()
    return [
        made
        for exam_id in {row.exam_id for row in rows}
        for made in _traces(exam_id, [row for row in rows if row.exam_id == exam_id])
    ]


def _traces(exam_id: int, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    exam, deadlines = db.session.get_one(Exam, exam_id), {row.id: row.deadline for row in rows}
    histories: dict[int, dict[int, str]] = {}
    given = select(Response.sitting_id, Response.position, Response.history)
    for sitting, position, history in db.session.execute(given.where(Response.sitting_id.in_(deadlines))):
        histories.setdefault(sitting, {})[position] = history
    for one in corrections.with_answers(exam_id, rows):
        steps = hints.steps(one, histories.get(one.id, {}), deadlines[one.id])
        yield {
            "sitting_id": one.id,
            "exam_id": exam_id,
            "person_id": one.person_id,
            "wrong": flagging.wrong_mark(hints.wrong_answers(exam, one)),
            "pace": flagging.pace_mark([instant for instant, _ in steps]),
        }


def keep_traces(rows: Sequence[dict[str, Any]]) -> None:
    """Two workers may have made the same one; nothing is lost either way."""
    if rows:
        db.session.execute(_insert(SittingTrace).on_conflict_do_nothing(), list(rows))


def _insert(table: Any) -> Any:
    return (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table)


def decide(
    exam: Exam,
    *,
    case: Case,
    excluded: Sequence[int],
    reason: str | None,
    at: datetime,
    who: str,
) -> None:
    """Leave everybody of ``case`` in, or void the sittings of those ``excluded``.

    Raises NotFound for somebody who has not sat, BadChange without a reason, or AlreadyDecided.
    """
    own = select(Sitting).where(Sitting.exam_id == exam.id, Sitting.person_id.in_(case.persons))
    sittings = list(db.session.scalars(own.order_by(Sitting.id)))
    if {one.person_id for one in sittings} != set(case.persons) or not set(excluded) <= set(case.persons):
        raise NotFound
    voided = [one for one in sittings if one.person_id in excluded and one.voided_at is None]
    made = {
        "exam_id": exam.id,
        "flag": case.flag.value,
        "mark": flagging.mark_of(case.flag.value, case.persons),
        "persons": list(case.persons),
        "excluded": sorted(excluded),
        "sittings": [one.id for one in voided],
        "evidence": case.evidence,
        "reason": (reason or "").strip()[:100],
        "who": who,
        "at": at,
    }
    inserted = _insert(FlagDecision).values(made).on_conflict_do_nothing().returning(FlagDecision.id)
    if db.session.scalar(inserted) is None:
        raise AlreadyDecided
    for one in voided:
        running.void(one, reason=reason, at=at, who=who)
    what = "flag.exclude" if excluded else "flag.clear"
    said = {"flag": case.flag.chinese, "persons": len(case.persons), "sittings": made["sittings"]}
    record(who=who, what=what, subject=f"exam:{exam.code}", at=at, reason=made["reason"], **said)


def clear_all(exam: Exam, flag: Flag, *, at: datetime, who: str) -> int:
    """Leave in whoever the page shows of one kind; returns how many cases that were."""
    cases = [case for case in _waiting(exam) if case.flag is flag][:SHOWN]
    for case in cases:
        decide(exam, case=case, excluded=(), reason="", at=at, who=who)
    return len(cases)


def undo(exam: Exam, number: int, *, at: datetime, who: str) -> None:
    """Take a decision back: what it voided counts again, the case waits again. NotFound, AlreadyDecided."""
    found = db.session.get(FlagDecision, number)
    if found is None or found.exam_id != exam.id:
        raise NotFound
    standing = update(FlagDecision).where(FlagDecision.id == number, FlagDecision.undone_at.is_(None))
    if db.session.execute(standing.values(undone_at=at, undone_by=who)).rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyDecided
    for sitting_id in found.sittings:
        sitting = running.sitting_of(exam, sitting_id)
        if sitting.voided_at is not None:
            running.restore(sitting, reason="撤销复核的处理", at=at, who=who)
    record(who=who, what="flag.undo", subject=f"exam:{exam.code}", at=at, sittings=found.sittings)
