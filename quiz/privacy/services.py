"""Deeds: removing personal data so that only statistics stay, on request or when its time is over.

The row of the person stays, without anything that says who it was: sittings, results and the totals of units
are exactly what they were, and nobody new can come by its number (promises G8).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, insert, literal, select, text, update

from quiz.audit.services import record
from quiz.draws.models import DrawStep, DrawWinner
from quiz.exams.models import Enrolment
from quiz.extensions import db
from quiz.people import persons
from quiz.people.models import Person, Revocation, RosterRequest
from quiz.people.rules import name_key
from quiz.practice.models import PracticeAnswer
from quiz.privacy import queries, rules
from quiz.privacy.models import Keeping
from quiz.reports.models import Certificate
from quiz.sittings.models import Accommodation, Appeal, Event, LateAnswer, Sitting
from quiz.standings.models import Leave

#: Persons of one transaction: saves wait for it as for any writer.
CHUNK = 500


def withdraw(person: Person, *, name: str, at: datetime) -> None:
    """The person's own wish. OnRoster, ContestRuns, PrizeWaits, or NotTheName unless they wrote theirs."""
    queries.check_may_go(person, at=at)
    if name_key(name) != person.name_key:
        raise rules.NotTheName
    _remove([person.id], at=at)
    record(who=f"person:{person.id}", what="person.withdraw", subject=f"person:{person.id}", at=at)


def ask_to_go(person: Person, *, at: datetime) -> None:
    """Of somebody on the roster: a request that the organiser decides. AlreadyAsked."""
    open_ = RosterRequest.person_id == person.id, RosterRequest.state == "asked"
    if db.session.scalar(select(RosterRequest.id).where(*open_)) is not None:
        raise rules.AlreadyAsked
    given = {"active": False}
    persons.ask(
        person=person, unit_id=person.unit_id, given=given, reason="本人申请删除个人信息", at=at, who="本人"
    )


def decide(*, days: int | None, nightly: bool, at: datetime, who: str) -> None:
    """How long data is kept, and whether it goes by itself. BadDays."""
    checked = rules.check_days(days)
    db.session.merge(Keeping(id=1, days=checked, nightly=nightly, who=who, at=at))
    record(who=who, what="privacy.decide", subject="privacy", at=at, days=checked, nightly=nightly)


def tidy(*, at: datetime, who: str, limit: int = CHUNK) -> int:
    """Remove the data of some of those whose time is over; returns of how many, 0 when all is done."""
    ids = queries.due_ids(at=at, limit=limit)
    if ids:
        _remove(ids, at=at)
        record(who=who, what="privacy.tidy", subject="privacy", at=at, persons=len(ids))
    return len(ids)


def _remove(ids: Sequence[int], *, at: datetime) -> None:
    if db.engine.dialect.name == "sqlite":
        # What is overwritten is gone from the file too.
        db.session.execute(text("PRAGMA secure_delete=ON"))
    _forget_in_draws(ids)
    sittings = select(Sitting.id).where(Sitting.person_id.in_(ids))
    nobody = {"name": rules.GONE, "name_key": literal(rules.MARK) + cast(Person.id, String), "active": False}
    emptied = dict.fromkeys(("phone", "number", "passcode_hash"))
    _change(Person, Person.id.in_(ids), **nobody, **emptied, post="", rank="")
    _change(Sitting, Sitting.person_id.in_(ids), phone=None)
    _change(Event, Event.sitting_id.in_(sittings), phone="")
    _change(LateAnswer, LateAnswer.sitting_id.in_(sittings), phone="")
    _change(Appeal, Appeal.sitting_id.in_(sittings), reason=rules.REMOVED)
    _change(Leave, Leave.person_id.in_(ids), reason=rules.REMOVED)
    _change(Accommodation, Accommodation.person_id.in_(ids), reason=rules.REMOVED)
    _change(RosterRequest, RosterRequest.person_id.in_(ids), given={}, reason=rules.REMOVED)
    _change(Certificate, Certificate.person_id.in_(ids), name=rules.GONE)
    bare = {"publish": False, "written_unit": "", "class_code": "", "seat": "", "once": None}
    _change(Enrolment, Enrolment.person_id.in_(ids), **bare)
    db.session.execute(delete(PracticeAnswer).where(PracticeAnswer.person_id.in_(ids)))
    db.session.execute(delete(Revocation).where(Revocation.person_id.in_(ids)))
    db.session.execute(insert(Revocation), [{"person_id": person_id, "at": at} for person_id in ids])
    db.session.expire_all()


def _change(table: Any, which: Any, **values: Any) -> None:
    statement = update(table).where(which).values(**values)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _forget_in_draws(ids: Sequence[int]) -> None:
    """The ledger of a draw names whom it left out and how a winner was known; its list is masked anyway."""
    names = set(db.session.scalars(select(Person.name).where(Person.id.in_(ids))))
    for step in db.session.scalars(select(DrawStep).where(DrawStep.what.in_(["excluded", "included"]))):
        if step.detail.partition("：")[0] in names:
            step.detail = f"{rules.GONE}：{step.detail.partition('：')[2]}"
    won = select(DrawWinner.draw_id, DrawWinner.number).where(DrawWinner.person_id.in_(ids))
    for draw_id, number in db.session.execute(won):
        own = (DrawStep.draw_id == draw_id) & (DrawStep.what == "claimed")
        _change(DrawStep, own & DrawStep.detail.startswith(f"{number} "), detail=f"{number} 已核对")
    db.session.flush()


def forget_on_disk() -> None:
    """On SQLite what was overwritten also lies in the write-ahead log until that is emptied."""
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.rollback()
