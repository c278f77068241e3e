"""Reads of people."""

import json
from collections.abc import Collection, Set
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import contains_eager, defer

from quiz.access import READERS
from quiz.errors import NotFound
from quiz.extensions import db
from quiz.people import merging
from quiz.people.merging import Known, Plan
from quiz.people.models import Account, Person, RosterImport, RosterRequest, SignIn, Unit, WrittenUnit
from quiz.people.roster import RosterReading
from quiz.people.rules import Scope, UnknownUnit, clean_name, name_key, subtree

PER_PAGE = 50


def sign_in(number: int) -> SignIn | None:
    """With its account, in one statement."""
    wanted = select(SignIn).join(SignIn.account).options(contains_eager(SignIn.account))
    return db.session.scalar(wanted.where(SignIn.id == number))


def own_sign_in(account: Account, number: int) -> SignIn:
    found = sign_in(number)
    if found is None or found.account_id != account.id:
        raise NotFound
    return found


def sign_ins(account: Account) -> list[SignIn]:
    """Those that have not been ended, the latest seen first."""
    wanted = select(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None))
    return list(db.session.scalars(wanted.order_by(SignIn.seen_at.desc(), SignIn.id.desc()).limit(50)))


def accounts() -> list[tuple[Account, datetime | None]]:
    """Every account with when it was last seen, those in use first."""
    seen = select(SignIn.account_id, func.max(SignIn.seen_at).label("at")).group_by(SignIn.account_id)
    last = seen.subquery()
    wanted = select(Account, last.c.at).outerjoin(last, last.c.account_id == Account.id)
    return [
        (row[0], row[1]) for row in db.session.execute(wanted.order_by(Account.active.desc(), Account.id))
    ]


def account_for_update(account_id: int) -> Account:
    """Read anew and locked: of two that bring one code at once, the second sees what the first took."""
    wanted = select(Account).where(Account.id == account_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def account(account_id: int) -> Account:
    found = db.session.get(Account, account_id)
    if found is None:
        raise NotFound
    return found


def account_by_name(name: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.name == name))


def account_by_subject(issuer: str, subject: str) -> Account | None:
    same = Account.sso_issuer == issuer, Account.sso_subject == subject
    return db.session.scalar(select(Account).where(*same))


def account_by_sso_name(name: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.sso_name == name))


def scope_of(account: Account) -> Scope:
    """The units whose people and figures ``account`` may see. A role that is not named here sees none."""
    if account.role in READERS:
        return None
    return subtree(account.unit_id, unit_parents())


def person_by_phone(name: str, phone: str) -> Person | None:
    wanted = (Person.name_key == name_key(name)) & (Person.phone == phone) & Person.active
    return db.session.scalar(select(Person).where(wanted))


def person_by_number(number: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.number == number, Person.active))


def unit_by_name(name: str) -> Unit:
    """The unit of exactly this name, or UnknownUnit."""
    found = db.session.scalar(select(Unit).where(Unit.name == name.strip(), ~Unit.outside))
    if found is None:
        raise UnknownUnit
    return found


def unit_meant(written: str) -> Unit | None:
    """The unit whose name this is, however it is written, or what the organiser said it means."""
    key = name_key(written)
    said = db.session.get(WrittenUnit, key)
    if said is not None:
        return None if said.unit_id is None else db.session.get(Unit, said.unit_id)
    return next((unit for unit in units() if name_key(unit.name) == key), None)


def listed_unit(unit_id: int) -> Unit | None:
    """The unit of this id if it is one to choose."""
    found = db.session.get(Unit, unit_id)
    return found if found is not None and found.active and not found.outside else None


def outside_unit() -> Unit | None:
    return db.session.scalar(select(Unit).where(Unit.outside))


def outside_count() -> int:
    """How many persons wait for their unit to be settled, or stay outside for good."""
    counted = select(func.count()).select_from(Person).join(Unit, Unit.id == Person.unit_id)
    return db.session.scalar(counted.where(Unit.outside, Person.active)) or 0


def is_outside(unit_id: int) -> bool:
    found = outside_unit()
    return found is not None and found.id == unit_id


def unit(unit_id: int) -> Unit:
    found = db.session.get(Unit, unit_id)
    if found is None:
        raise UnknownUnit
    return found


def unit_parents() -> dict[int, int | None]:
    """Every unit's id and that of the unit above it."""
    return dict(db.session.execute(select(Unit.id, Unit.parent_id)).all())  # type: ignore[arg-type]


def retired_units() -> list[Unit]:
    return list(db.session.scalars(select(Unit).where(~Unit.active).order_by(Unit.pinyin, Unit.id)))


def person(person_id: int, *, within: Scope) -> Person:
    """Somebody on the roster or off it, of the units ``within``; NotFound."""
    found = db.session.get(Person, person_id)
    if found is None or (within is not None and found.unit_id not in within):
        raise NotFound
    return found


def roster_request(number: int) -> RosterRequest:
    found = db.session.get(RosterRequest, number)
    if found is None:
        raise NotFound
    return found


def roster_requests(*, within: Scope) -> list[RosterRequest]:
    """What units ask for and nobody has decided, and the latest that were, of the units ``within``."""
    wanted = select(RosterRequest).order_by((RosterRequest.state != "asked").asc(), RosterRequest.id.desc())
    if within is not None:
        wanted = wanted.where(RosterRequest.unit_id.in_(within))
    else:
        wanted = wanted.where(RosterRequest.state == "asked")
    return list(db.session.scalars(wanted.limit(50)))


def units(*, within: Scope = None) -> list[Unit]:
    """Those that are not retired, and not the one of units written by hand."""
    wanted = select(Unit).where(Unit.active, ~Unit.outside).order_by(Unit.pinyin, Unit.id)
    return list(db.session.scalars(wanted if within is None else wanted.where(Unit.id.in_(within))))


def ranks() -> dict[str, int]:
    """Every 职级 on the roster with how many active persons have it, by name; those without are left out."""
    counted = select(Person.rank, func.count()).where(Person.active, ~Person.joined, Person.rank != "")
    return dict(db.session.execute(counted.group_by(Person.rank).order_by(Person.rank)).all())  # type: ignore[arg-type]


def identities() -> dict[str, int]:
    """Every 身份类别 on the roster with how many active persons have it."""
    listed = (Person.active, ~Person.joined, Person.identity != "")
    counted = select(Person.identity, func.count()).where(*listed)
    return dict(db.session.execute(counted.group_by(Person.identity).order_by(Person.identity)).all())  # type: ignore[arg-type]


def by_identity() -> dict[tuple[str, str], int | None]:
    """("number", 工号), (name key, phone) and (name key, unit's key) → active person; None where several."""
    wanted = select(Person.id, Person.name_key, Person.phone, Person.number, Unit.name).join(Person.unit)
    found: dict[tuple[str, str], int | None] = {}
    for row in db.session.execute(wanted.where(Person.active)):
        keys = [("number", row.number), (row.name_key, row.phone), (row.name_key, name_key(row.name))]
        for key in {key for key in keys if key[1]}:
            found[key] = None if key in found else row.id
    return found


def any_joined(within: Scope) -> bool:
    """Whether anybody of these units came to a contest by themselves."""
    wanted = select(Person.id).where(Person.active, Person.joined)
    wanted = wanted if within is None else wanted.where(Person.unit_id.in_(within))
    return db.session.scalar(wanted.limit(1)) is not None


def headcounts(within: Collection[int] | None = None) -> dict[int, int]:
    """Persons of the roster per unit id, for all units or the named ones; a unit without is left out."""
    listed = (Person.active, ~Person.joined)
    counted = select(Person.unit_id, func.count()).where(*listed).group_by(Person.unit_id)
    if within is not None:
        counted = counted.where(Person.unit_id.in_(within))
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def unit_ids() -> dict[str, int]:
    """Every unit's name and id, in the order of ``units``."""
    rows = db.session.execute(select(Unit.name, Unit.id).order_by(Unit.pinyin, Unit.id))
    return dict(rows.all())  # type: ignore[arg-type]


def known_persons() -> list[Known]:
    """Everybody stored, those no longer on the roster included: they keep their phone and number."""
    columns = [getattr(Person, one.name) for one in fields(Known)]
    return [Known(*row) for row in db.session.execute(select(*columns).order_by(Person.id))]


def roster_import(import_id: int) -> RosterImport:
    found = db.session.get(RosterImport, import_id)
    if found is None:
        raise NotFound
    return found


def waiting_imports() -> list[RosterImport]:
    """Files that were read but neither imported nor discarded, newest first, without what they say."""
    waiting = select(RosterImport).where(RosterImport.imported_at.is_(None))
    return list(
        db.session.scalars(waiting.order_by(RosterImport.id.desc()).options(defer(RosterImport.document)))
    )


@dataclass(frozen=True)
class RosterPage:
    """One page of persons, with how many there are in all."""

    rows: list[Person]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def roster_page(
    *, unit_id: int, text: str, number: int, within: Scope, active: bool = True, joined: bool = False
) -> RosterPage:
    """Persons of the units ``within`` who are on the roster, or who were, by unit and name.

    ``joined``: those who came to a contest by themselves instead. ``text``: part of a name, unit, 工号, or
    the tail of a phone.
    """
    on = [Person.active.is_(active), *([Person.joined.is_(joined)] if active else [])]
    wanted = [*on, *([Person.unit_id == unit_id] if unit_id else []), *_matching(text)]
    wanted += [] if within is None else [Person.unit_id.in_(within)]
    joined = select(Person).join(Person.unit).where(*wanted)
    total = db.session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    number = min(number, max(1, -(-total // PER_PAGE)))
    page = joined.order_by(Unit.pinyin, Unit.id, Person.id).offset((number - 1) * PER_PAGE).limit(PER_PAGE)
    rows = db.session.scalars(page.options(contains_eager(Person.unit)))
    return RosterPage(list(rows), total, number)


def _matching(text: str) -> list[ColumnElement[bool]]:
    key, words = name_key(text), clean_name(text)
    if not key:
        return []
    found = [
        Person.name_key.contains(key, autoescape=True),
        Unit.name.contains(words, autoescape=True),
        Person.number == words,
    ]
    if key.isascii() and key.isdigit():
        found.append(Person.phone.endswith(key, autoescape=True))
    return [or_(*found)]


def kept_reading(found: RosterImport) -> RosterReading:
    """What the file said, as it was shown."""
    return RosterReading.from_document(json.loads(found.document)["reading"])


def kept_outcome(found: RosterImport) -> dict[str, int] | None:
    """The counts of services.RosterOutcome, once it was taken over."""
    return json.loads(found.document).get("outcome")


def plan(reading: RosterReading, *, create_units: bool | Set[str], **choices: Any) -> Plan:
    """The reading beside the roster as it is now; ``choices`` as for ``merging.plan``."""
    known, units = known_persons(), unit_ids()
    return merging.plan(reading.persons, known=known, units=units, create_units=create_units, **choices)


def foreseen(reading: RosterReading) -> Plan:
    """The plan to show: unknown units are made, except where an earlier import said which unit is meant."""
    first = plan(reading, create_units=True)
    settled = {unit.name: unit.similar for unit in first.new_units if unit.settled}
    return plan(reading, create_units=True, same_as=settled) if settled else first
