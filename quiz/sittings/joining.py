"""Joining a contest: by name and phone, or as a pupil by a number; what was agreed to is kept with it."""

import hashlib
import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from quiz.audit.services import record
from quiz.exams import enrolling, terms
from quiz.exams.enrolling import Access, Terms
from quiz.exams.models import Enrolment, Exam
from quiz.exams.rules import Mode, NoConsent, NotAContest
from quiz.extensions import db
from quiz.people import queries as units
from quiz.people import services as people
from quiz.people.models import Person, Unit
from quiz.sittings.services import check_invited, check_open

_ONCE = re.compile(r"[0-9A-Za-z_\-]{16,64}")


class Said(NamedTuple):
    """What somebody says of themselves when they join, besides name and phone."""

    unit: str = ""
    #: The unit in their own words, where it is not listed.
    written: str = ""
    category: str = ""
    identity: str = ""
    #: Whether the masked name may be published with a prize.
    publish: bool = False


class Pupil(NamedTuple):
    """Who joined by a number, and the passcode that goes with it: shown once, kept as a hash."""

    person: Person
    passcode: str


def join(exam: Exam, *, name: str, phone: str, said: Said, consent: object, at: datetime) -> Person:
    """Take part in a contest: the person with this name and phone, made if nobody has them.

    Somebody already known stays with their unit; joining again changes nothing but what is said anew. Raises
    NotAContest, NoConsent, BadPhone, NoName, UnknownUnit, NoUnitName, ChoiceNeeded, NotInvited or, when it
    is not open, what check_open() says.
    """
    found = _terms(exam, pupils=False)
    if consent is not True:
        raise NoConsent
    person = people.known_by_phone(name=name, phone=phone)
    if person is None and found.access is Access.ROSTER:
        raise NotAContest
    choices = _choices(found, said)
    if person is None:
        unit = _unit(found, said)
        person = people.add_joined(name=name, phone=phone, unit=unit, **choices)
    _enrol(exam, person, said, found, choices, at=at)
    _check(exam, person, at=at)
    record(
        who=f"person:{person.id}",
        what="contest.join",
        subject=f"exam:{exam.code}",
        at=at,
        consent=found.version,
        publish=said.publish,
    )
    return person


def join_pupil(exam: Exam, *, said: Said, class_code: str, seat: str, once: str, at: datetime) -> Pupil:
    """Take part by a number of one's own, without name and phone; with the same ``once`` it is the same one.

    Raises as join(), and BadClass or BadSeat. An IntegrityError: the other of two at once was first, and
    asking again finds the pupil.
    """
    found = _terms(exam, pupils=True)
    mark, passcode = _digest("mark", once), f"{int(_digest('passcode', once), 16) % 10**6:06}"
    known = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
    person = db.session.scalar(known.where(Enrolment.exam_id == exam.id, Enrolment.once == mark))
    if person is not None:
        return Pupil(person, passcode)
    enrolling.check_class(class_code, seat)
    person = people.add_pupil(unit=_unit(found, said), passcode=passcode)
    own = {"class_code": class_code, "seat": seat, "once": mark, "written_unit": said.written}
    db.session.add(Enrolment(exam_id=exam.id, person_id=person.id, joined_at=at, publish=True, **own))
    db.session.flush()
    _check(exam, person, at=at)
    record(who=f"person:{person.id}", what="contest.join", subject=f"exam:{exam.code}", at=at)
    return Pupil(person, passcode)


def is_once(text: str) -> bool:
    """Whether this can be the mark of one press of the button: long enough that nobody guesses it."""
    return _ONCE.fullmatch(text) is not None


def _digest(purpose: str, once: str) -> str:
    return hashlib.sha256(f"mingshi pupil {purpose} {once}".encode()).hexdigest()


def _terms(exam: Exam, *, pupils: bool) -> Terms:
    found = terms.terms_of(exam)
    if exam.mode != Mode.CONTEST or found.pupils is not pupils:
        raise NotAContest
    return found


def _choices(found: Terms, said: Said) -> dict[str, str]:
    return {
        "category": enrolling.chosen(found.category, found.categories, said.category, words="五进类别"),
        "identity": enrolling.chosen(found.identity, found.identities, said.identity, words="身份类别"),
    }


def _unit(found: Terms, said: Said) -> Unit:
    if said.written and found.other:
        return people.unit_written(said.written)
    return units.unit_by_name(said.unit)


def _check(exam: Exam, person: Person, *, at: datetime) -> None:
    check_invited(exam, person)
    check_open(exam, at=at, unit_id=person.unit_id)


def _enrol(
    exam: Exam, person: Person, said: Said, found: Terms, choices: dict[str, str], *, at: datetime
) -> None:
    """Keep what was agreed to and said. A consent once given for publication stays until it is taken back."""
    version = terms.keep_words(found, at=at)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    row = {"exam_id": exam.id, "person_id": person.id, "joined_at": at, "publish": said.publish}
    row |= {"consent": version, "consented_at": at, **choices}
    row |= {"written_unit": said.written if person.joined else "", "class_code": "", "seat": ""}
    db.session.execute(insert(Enrolment).values(row).on_conflict_do_nothing())
    own = terms.enrolment(exam.id, person.id)
    if own is None:
        return
    if own.consent != version:
        own.consent, own.consented_at = version, at
    own.publish = own.publish or said.publish
    own.category, own.identity = choices["category"] or own.category, choices["identity"] or own.identity
