"""Reads of people."""

from sqlalchemy import func, select

from quiz.extensions import db, login
from quiz.people.models import Account, Person, Unit
from quiz.people.rules import UnknownUnit, name_key


@login.user_loader
def signed_in_account(token: str) -> Account | None:
    """The account a sign-in belongs to, or None once its version has moved on."""
    number, _, version = token.partition(".")
    account = db.session.get(Account, int(number))
    return account if account is not None and str(account.version) == version else None


def account_by_name(name: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.name == name))


def person_by_phone(name: str, phone: str) -> Person | None:
    wanted = (Person.name_key == name_key(name)) & (Person.phone == phone) & Person.active
    return db.session.scalar(select(Person).where(wanted))


def person_by_number(number: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.number == number, Person.active))


def unit_by_name(name: str) -> Unit:
    """The unit of exactly this name, or UnknownUnit."""
    found = db.session.scalar(select(Unit).where(Unit.name == name.strip()))
    if found is None:
        raise UnknownUnit
    return found


def units() -> list[Unit]:
    return list(db.session.scalars(select(Unit).order_by(Unit.pinyin, Unit.id)))


def headcounts(unit_ids: list[int] | None = None) -> dict[int, int]:
    """Active persons per unit id, for all units or the named ones; a unit without persons is left out."""
    counted = select(Person.unit_id, func.count()).where(Person.active).group_by(Person.unit_id)
    if unit_ids is not None:
        counted = counted.where(Person.unit_id.in_(unit_ids))
    return dict(db.session.execute(counted).tuples().all())
