"""Who takes part in no prize because of what they do here: staff, and whoever could see the bank.

Accounts are no persons: they are linked by name, and where an account answers for units, by unit as well.
"""

from collections.abc import Iterator

from sqlalchemy import or_, select

from quiz.access import DESK, Role
from quiz.audit.models import Deed
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people.models import Account, Unit
from quiz.people.rules import name_key

STAFF, SAW = "工作人员", "看过题库的工作人员"
#: Deeds nobody does without seeing questions and keys.
_BANK_DEEDS = ("bank.", "question.", "correction.", "marking.")


def reasons() -> "Staff":
    """As stored now; accounts that were retired and roles that were taken back count all the same."""
    return Staff(dict(_links()))


class Staff:
    def __init__(self, links: dict[tuple[str, str], str]) -> None:
        self._links = links

    def why(self, name: str, unit: str) -> str:
        """STAFF, SAW, or nothing for somebody who is neither."""
        key = name_key(name)
        return self._links.get((key, ""), "") or self._links.get((key, unit), "")


def _links() -> Iterator[tuple[tuple[str, str], str]]:
    """(name key, unit or nothing) → why; what is stronger comes last."""
    names = {unit.id: unit.name for unit in db.session.scalars(select(Unit))}
    accounts = list(db.session.scalars(select(Account).where(Account.role != Role.NONE.value)))
    for account in accounts:
        within = people.scope_of(account) if account.role == Role.UNIT_MANAGER else None
        for unit in [""] if within is None else [names[unit_id] for unit_id in sorted(within)]:
            yield (name_key(account.name), unit), STAFF
    for account in accounts:
        if account.role in DESK or account.role == Role.MARKER:
            yield (name_key(account.name), ""), SAW
    begins = or_(*(Deed.what.startswith(kind) for kind in _BANK_DEEDS))
    for who in db.session.scalars(select(Deed.who).where(begins).distinct()):
        yield (name_key(who), ""), SAW
