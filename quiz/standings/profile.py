"""What somebody said of themselves when joining a contest: put right by themselves, once."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from quiz.audit.services import record
from quiz.errors import NotFound, RuleBroken
from quiz.exams import enrolling, terms
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Enrolment, Exam
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people import rules
from quiz.people import services as persons
from quiz.people.models import Person, Unit
from quiz.sittings.joining import Said
from quiz.sittings.models import Sitting
from quiz.standings import services

REASON = "本人更正单位"


class AlreadyChanged(RuleBroken):
    code = "already-changed"
    message = "已经更正过一次。还有不对的地方，请找主办方更正。"


class ContestOver(RuleBroken):
    code = "contest-over"
    message = "竞赛已经结束，不能自己更正。请找主办方。"


def own_enrolment(exam: Exam, person: Person) -> Enrolment:
    """What this person joined with; NotFound for who did not, and for pupils, who said nothing."""
    found = terms.enrolment(exam.id, person.id)
    if found is None or found.consent is None:
        raise NotFound
    return found


def change(exam: Exam, person: Person, *, name: str, said: Said, at: datetime) -> list[str]:
    """Put right what was said; returns what changed, in words.

    Consent to publication may be given and taken back at any time and is no change. Name and unit of who is
    on a roster are the organiser's to change. Raises AlreadyChanged, ContestOver, and as joining.join().
    """
    own = own_enrolment(exam, person)
    if own.publish != said.publish:
        own.publish = said.publish
        _record(exam, person, at=at, publish=said.publish)
    wanted = _wanted(exam, person, own, name=name, said=said)
    if not wanted:
        return []
    if exams.state(exam, at=at) is not exam_rules.State.OPEN:
        raise ContestOver
    _once(own, at=at)
    for words, (row, values) in wanted.items():
        if words == "单位":
            _count_for(exam, person, values.pop("unit"), at=at)
        for column, value in values.items():
            setattr(row, column, value)
    _record(exam, person, at=at, fields=list(wanted))
    return list(wanted)


def _wanted(
    exam: Exam, person: Person, own: Enrolment, *, name: str, said: Said
) -> dict[str, tuple[Person | Enrolment, dict[str, Any]]]:
    """What shall be otherwise: in words, the row, its columns."""
    found = terms.terms_of(exam)
    wanted: dict[str, tuple[Person | Enrolment, dict[str, Any]]] = {}
    for field, words, asked, choices in (
        ("category", "五进类别", found.category, found.categories),
        ("identity", "身份类别", found.identity, found.identities),
    ):
        value = enrolling.chosen(asked, choices, getattr(said, field), words=words)
        if value and value != getattr(own, field):
            wanted[words] = (own, {field: value})
    if person.joined:
        wanted |= _of_person(person, own, name=name, unit=_unit(said, other=found.other), said=said)
    return wanted


def _of_person(
    person: Person, own: Enrolment, *, name: str, unit: Unit, said: Said
) -> dict[str, tuple[Person | Enrolment, dict[str, Any]]]:
    wanted: dict[str, tuple[Person | Enrolment, dict[str, Any]]] = {}
    cleaned = rules.clean_name(name)
    rules.check_name(cleaned)
    if cleaned != person.name:
        _check_free(person, rules.name_key(cleaned))
        wanted["姓名"] = (person, {"name": cleaned, "name_key": rules.name_key(cleaned)})
    if unit.id != person.unit_id or (unit.outside and said.written != own.written_unit):
        wanted["单位"] = (own, {"unit": unit, "written_unit": said.written})
    return wanted


def _check_free(person: Person, key: str) -> None:
    same = select(Person.id).where(Person.name_key == key, Person.phone == person.phone)
    if db.session.scalar(same.where(Person.id != person.id)) is not None:
        raise rules.PersonTaken


def _unit(said: Said, *, other: bool) -> Unit:
    if said.written and other:
        return persons.unit_written(said.written)
    return people.unit_by_name(said.unit)


def _once(own: Enrolment, *, at: datetime) -> None:
    """Of two changes at once the database lets one through."""
    mine = (Enrolment.exam_id == own.exam_id) & (Enrolment.person_id == own.person_id)
    first = update(Enrolment).where(mine, Enrolment.changed_at.is_(None)).values(changed_at=at)
    if db.session.execute(first).rowcount == 0:  # type: ignore[attr-defined]
        raise AlreadyChanged


def _count_for(exam: Exam, person: Person, unit: Unit, *, at: datetime) -> None:
    """The person's unit, and that of what was sat in this contest."""
    before, person.unit_id = person.unit_id, unit.id
    sat = select(Sitting.id).where(Sitting.exam_id == exam.id, Sitting.person_id == person.id)
    if before != unit.id and db.session.scalar(sat.limit(1)) is not None:
        services.move(exam, person, unit, reason=REASON, at=at, who=f"person:{person.id}")


def _record(exam: Exam, person: Person, *, at: datetime, **said: Any) -> None:
    record(who=f"person:{person.id}", what="contest.profile", subject=f"exam:{exam.code}", at=at, **said)
