"""待归并单位: units written by hand by those who joined contests, and what the organiser says they are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams.models import Enrolment, Exam
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people.merging import near_units
from quiz.people.models import Person, Unit, WrittenUnit
from quiz.people.rules import name_key
from quiz.sittings.models import Sitting
from quiz.standings import services

REASON = "单位归并"


@dataclass
class Written:
    """One unit as it was written: its spellings, who wrote it, what it was settled as."""

    key: str
    spellings: Counter[str] = field(default_factory=Counter)
    #: Persons whose unit is not settled.
    waiting: set[int] = field(default_factory=set)
    #: All who wrote it.
    persons: set[int] = field(default_factory=set)
    settled: WrittenUnit | None = None
    unit: Unit | None = None
    near: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As most have written it."""
        return self.spellings.most_common(1)[0][0]


def written_units() -> list[Written]:
    """Every unit that was written by hand, those most wait for first."""
    found: dict[str, Written] = {}
    for written_unit, person_id, outside in db.session.execute(_wrote()):
        key = name_key(written_unit)
        one = found.setdefault(key, Written(key))
        one.spellings[written_unit] += 1
        one.persons.add(person_id)
        if outside:
            one.waiting.add(person_id)
    settled = {row.name_key: row for row in db.session.scalars(select(WrittenUnit))}
    names = [unit.name for unit in people.units()]
    for one in found.values():
        one.settled = settled.get(one.key)
        one.unit = people.unit(one.settled.unit_id) if one.settled and one.settled.unit_id else None
        one.near = near_units(one.name, names) if one.waiting else []
    return sorted(found.values(), key=lambda one: (-len(one.waiting), one.key))


def _wrote() -> Select[tuple[str, int, bool]]:
    wanted = select(Enrolment.written_unit, Person.id, Unit.outside)
    wanted = wanted.join(Person, Person.id == Enrolment.person_id).join(Unit, Unit.id == Person.unit_id)
    return wanted.where(Enrolment.written_unit != "", Person.active).order_by(Enrolment.joined_at, Person.id)


def by_key(key: str) -> Written:
    found = next((one for one in written_units() if one.key == key), None)
    if found is None:
        raise NotFound
    return found


def settle(found: Written, unit: Unit | None, *, at: datetime, who: str) -> int:
    """Say which unit was meant, for these and for whoever writes it again; None: it stays outside the ranks.

    Whoever waits for it, or was put to what it was taken for before, goes to the unit, scores with them.
    Returns how many.
    """
    outside = people.outside_unit()
    if outside is None:
        raise NotFound
    # One after the other: of two organisers at once the second moves on from what the first decided.
    db.session.execute(select(Unit.id).where(Unit.id == outside.id).with_for_update(key_share=True))
    before = db.session.get(WrittenUnit, found.key, populate_existing=True)
    from_ = {outside.id, *([before.unit_id] if before and before.unit_id else [])}
    decided = {"unit_id": unit.id if unit else None, "decided_by": who, "decided_at": at}
    db.session.merge(WrittenUnit(name_key=found.key, **decided))
    moved = _move(_of(found, from_), unit or outside, at=at, who=who)
    said = {"written": found.name, "unit": unit.name if unit else "", "persons": moved}
    record(who=who, what="unit.settle", subject=f"unit:{(unit or outside).id}", at=at, **said)
    return moved


def _of(found: Written, units: Iterable[int]) -> list[int]:
    wanted = select(Person.id).where(Person.id.in_(found.persons), Person.unit_id.in_(units), Person.joined)
    return list(db.session.scalars(wanted.order_by(Person.id)))


def _move(persons: list[int], unit: Unit, *, at: datetime, who: str) -> int:
    moving = [person for person in map(_person, persons) if person.unit_id != unit.id]
    for person in moving:
        exams, before = _exams(person), person.unit_id
        person.unit_id = unit.id
        for exam in exams:
            services.move(exam, person, unit, reason=REASON, at=at, who=who)
        changes = [[person.id, before, unit.id]]
        subject = f"person:{person.id}"
        record(who=who, what="person.edit", subject=subject, at=at, fields=["单位"], unit_changes=changes)
    return len(moving)


def _person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def _exams(person: Person) -> list[Exam]:
    """Where somebody has sat for the unit they are of."""
    own = (Sitting.person_id == person.id) & (Sitting.unit_id == person.unit_id)
    return list(db.session.scalars(select(Exam).where(Exam.id.in_(select(Sitting.exam_id).where(own)))))
