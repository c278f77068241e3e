"""Deeds on one person or one unit: putting right, taking off the roster, and what units ask for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import delete, func, select, update

from quiz.audit.services import record
from quiz.extensions import db
from quiz.people import queries, rules
from quiz.people.models import Person, Revocation, RosterRequest, Unit
from quiz.people.services import hash_passcode

#: Fields that are kept as they are written; the others have rules of their own.
_TEXTS = ("post", "rank", "identity", "category")


def add_person(given: Mapping[str, Any], *, at: datetime, who: str) -> Person:
    """Somebody new. ``given`` as the form has it: name, unit (id), phone, number, passcode and texts.

    Raises NoName, UnknownUnit, BadPhone, NoWayIn or PersonTaken.
    """
    person = Person(active=True)
    _write(person, given)
    db.session.add(person)
    db.session.flush()
    _record("add", person, at=at, who=who)
    return person


def edit_person(person: Person, given: Mapping[str, Any], *, at: datetime, who: str) -> None:
    """Put somebody right; as add_person(). What was sat stays with the unit it was sat for."""
    before = _facts(person)
    _write(person, given)
    after = _facts(person)
    changed = sorted(name for name in before if before[name] != after[name])
    if not changed:
        return
    if {"phone", "number", "passcode_hash"} & set(changed):
        revoke(person, at=at)
    moved = (
        {"unit_changes": [[person.id, before["unit_id"], after["unit_id"]]]} if "unit_id" in changed else {}
    )
    _record("edit", person, at=at, who=who, fields=[_CHINESE[name] for name in changed], **moved)


_CHINESE = {
    "name": "姓名",
    "unit_id": "单位",
    "phone": "手机号",
    "number": "工号",
    "passcode_hash": "口令",
    "post": "职务",
    "rank": "职级",
    "identity": "身份类别",
    "category": "五进类别",
}


def _facts(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in _CHINESE}


def _cleaned(person: Person, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns shall be. NoName, UnknownUnit, BadPhone, NoWayIn or PersonTaken."""
    name, unit = rules.clean_name(given["name"]), queries.unit(given["unit"])
    rules.check_name(name)
    phone = rules.clean_phone(given["phone"]) if given["phone"].strip() else None
    number = rules.clean_number(given["number"]) or None
    if phone is None and number is None:
        raise rules.NoWayIn
    if _taken(person, name=name, phone=phone, number=number):
        raise rules.PersonTaken
    found = {field: rules.clean_name(given[field]) for field in _TEXTS}
    found |= {"name": name, "name_key": rules.name_key(name), "unit_id": unit.id}
    passcode = rules.clean_name(given["passcode"])
    if passcode or number != person.number:
        # The hash is salted with the number: with another one the old passcode opens nothing.
        found["passcode_hash"] = hash_passcode(passcode, number=number) if passcode and number else None
    return found | {"phone": phone, "number": number}


def _write(person: Person, given: Mapping[str, Any]) -> None:
    for name, value in _cleaned(person, given).items():
        setattr(person, name, value)


def _taken(person: Person, *, name: str, phone: str | None, number: str | None) -> bool:
    with db.session.no_autoflush:
        same = select(Person.id).where(Person.name_key == rules.name_key(name), Person.phone == phone)
        found = set(db.session.scalars(same)) if phone else set()
        found |= (
            set(db.session.scalars(select(Person.id).where(Person.number == number))) if number else set()
        )
    return bool(found - {person.id})


def set_active(person: Person, *, active: bool, at: datetime, who: str) -> None:
    """Take somebody off the roster or back. Results and sittings stay as they are."""
    if person.active == active:
        return
    person.active = active
    if not active:
        revoke(person, at=at)
    _record("restore" if active else "retire", person, at=at, who=who)


def sign_out(person: Person, *, at: datetime, who: str) -> None:
    """Have every phone of this person identify again."""
    revoke(person, at=at)
    _record("sign_out", person, at=at, who=who)


def revoke(person: Person, *, at: datetime) -> None:
    """No token issued until now opens anything; each process hears of it within web.REVOKED_AGE."""
    db.session.execute(delete(Revocation).where(Revocation.at < at - rules.LONGEST_TOKEN))
    db.session.execute(delete(Revocation).where(Revocation.person_id == person.id))
    db.session.add(Revocation(person_id=person.id, at=at))


def _record(deed: str, person: Person, *, at: datetime, who: str, **detail: Any) -> None:
    subject = f"person:{person.id}"
    record(
        who=who,
        what=f"person.{deed}",
        subject=subject,
        at=at,
        unit=queries.unit(person.unit_id).name,
        **detail,
    )


def write_unit(unit: Unit | None, given: Mapping[str, Any], *, at: datetime, who: str) -> Unit:
    """Make or change a unit: name, kind, parent (id or 0). NoUnitName, UnitTaken, UnitLoop."""
    name, parent = rules.clean_name(given["name"]), given["parent"] or None
    if not 1 <= len(name) <= rules.LONGEST_UNIT:
        raise rules.NoUnitName
    others = [key for key, number in queries.unit_ids().items() if unit is None or number != unit.id]
    if rules.name_key(name) in {rules.name_key(key) for key in others}:
        raise rules.UnitTaken
    if parent is not None:
        queries.unit(parent)
    if unit is not None and parent in rules.subtree(unit.id, queries.unit_parents()):
        raise rules.UnitLoop
    made = unit or Unit(active=True)
    before = [made.name, made.kind, made.parent_id] if unit else []
    made.name, made.kind, made.parent_id = name, rules.clean_name(given["kind"])[:20], parent
    made.pinyin = " ".join(lazy_pinyin(name))
    db.session.add(made)
    db.session.flush()
    _record_unit("edit" if unit else "create", made, at=at, who=who, before=before)
    return made


def set_unit_active(unit: Unit, *, active: bool, at: datetime, who: str) -> None:
    """Retire a unit that nobody belongs to any more, or take it back. UnitInUse."""
    if unit.active == active:
        return
    people = select(func.count()).select_from(Person).where(Person.unit_id == unit.id, Person.active)
    under = select(func.count()).select_from(Unit).where(Unit.parent_id == unit.id, Unit.active)
    if not active and (db.session.scalar(people) or db.session.scalar(under)):
        raise rules.UnitInUse
    unit.active = active
    _record_unit("restore" if active else "retire", unit, at=at, who=who)


def _record_unit(deed: str, unit: Unit, *, at: datetime, who: str, **detail: Any) -> None:
    record(who=who, what=f"unit.{deed}", subject=f"unit:{unit.id}", at=at, unit=unit.name, **detail)


def ask(
    *, person: Person | None, unit_id: int, given: Mapping[str, Any], reason: str, at: datetime, who: str
) -> RosterRequest:
    """A unit's wish to add, put right or take off. BadRosterReason, and as edit_person().

    ``given``: the form's fields, or {"active": False}. A passcode is not kept: the organiser gives it out.
    """
    cleaned = rules.clean_name(reason)
    if not 2 <= len(cleaned) <= 100:
        raise rules.BadRosterReason
    if "name" in given:
        _cleaned(person or Person(), given)
    found = RosterRequest(
        person_id=person.id if person else None,
        unit_id=unit_id,
        given=dict(given) | ({"passcode": ""} if "name" in given else {}),
        reason=cleaned,
        state="asked",
        asked_by=who,
        asked_at=at,
    )
    db.session.add(found)
    db.session.flush()
    detail = {"reason": cleaned, "person": person.id if person else ""}
    record(who=who, what="roster.ask", subject=f"unit:{unit_id}", at=at, **detail)
    return found


def decide(found: RosterRequest, *, approve: bool, at: datetime, who: str) -> None:
    """Grant a wish, which carries it out, or decline it; once. RequestDecided, and as the deed itself."""
    still = update(RosterRequest).where(RosterRequest.id == found.id, RosterRequest.state == "asked")
    given, state = dict(found.given), "approved" if approve else "declined"
    # What was written in it is on the roster now, or nowhere.
    values = {"state": state, "decided_by": who, "decided_at": at, "given": {}}
    if db.session.execute(still.values(values)).rowcount == 0:
        raise rules.RequestDecided
    if approve and "active" in given and found.person is not None:
        set_active(found.person, active=False, at=at, who=who)
    elif approve and found.person is not None:
        edit_person(found.person, given | {"passcode": ""}, at=at, who=who)
    elif approve:
        add_person(given, at=at, who=who)
    subject = f"unit:{found.unit_id}"
    record(
        who=who,
        what="roster.grant" if approve else "roster.decline",
        subject=subject,
        at=at,
        by=found.asked_by,
    )
