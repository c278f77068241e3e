"""Deeds on people: accounts, sign-in, roster."""

import threading
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.dialects import postgresql, sqlite

from quiz.access import Role
from quiz.extensions import db
from quiz.people import queries, rules
from quiz.people.models import Account, Person

# 19 MiB and two passes: OWASP's figure, a fifth of the library's default time (reference/dependencies.md §1).
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A slow hash for each of a hall signing in at once would take every core from those who are answering.
_hashing = threading.BoundedSemaphore(2)
#: Verified against when nobody has that name, so that both refusals take the same time.
_NOBODY = _hasher.hash("nobody has this password")


def hash_secret(secret: str) -> str:
    with _hashing:
        return _hasher.hash(secret)


def _matches(hashed: str, secret: str) -> bool:
    try:
        with _hashing:
            return _hasher.verify(hashed, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False


def create_account(*, name: str, password: str, role: Role, at: datetime) -> Account:
    rules.check_password(password)
    account = Account(
        name=name, role=role.value, password_hash=hash_secret(password), created_at=at, version=1
    )
    db.session.add(account)
    return account


def sign_in_account(*, name: str, password: str) -> Account:
    """The account with this name and password, or WrongPassword, in the same time for both reasons."""
    account = queries.account_by_name(name)
    if not _matches(account.password_hash if account else _NOBODY, password) or account is None:
        raise rules.WrongPassword
    return account


def identify_by_phone(*, name: str, phone: str) -> Person:
    person = queries.person_by_phone(name, rules.clean_phone(phone))
    if person is None:
        raise rules.NotOnRoster
    return person


def identify_by_number(*, number: str, passcode: str) -> Person:
    """The person with this 工号 and 口令, or WrongPasscode."""
    person = queries.person_by_number(number.strip())
    hashed = person.passcode_hash if person and person.passcode_hash else _NOBODY
    if not _matches(hashed, passcode) or person is None:
        raise rules.WrongPasscode
    return person


def find_or_add_person(*, name: str, phone: str, unit: str) -> Person:
    """The person with this name and phone; if there is none, a new one who counts for ``unit``.

    Raises NoName, BadPhone or UnknownUnit. Two at once find one person: the unique key decides.
    """
    cleaned, digits = rules.clean_name(name), rules.clean_phone(phone)
    rules.check_name(cleaned)
    found = queries.person_by_phone(cleaned, digits)
    if found is not None:
        return found
    counted_for = queries.unit_by_name(unit)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    row = {
        "name": cleaned,
        "name_key": rules.name_key(cleaned),
        "phone": digits,
        "unit_id": counted_for.id,
        "active": True,
        "post": "",
        "rank": "",
        "identity": "",
        "category": "",
    }
    db.session.execute(insert(Person).values(row).on_conflict_do_nothing())
    added = queries.person_by_phone(cleaned, digits)
    if added is None:
        raise rules.NotOnRoster
    return added
