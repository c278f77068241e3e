"""Reading the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from quiz.audit.models import Deed
from quiz.extensions import db

PER_PAGE = 100
#: Rows of one exported file; a spreadsheet holds about a million.
LONGEST_EXPORT = 200_000


@dataclass(frozen=True)
class Wanted:
    """What is looked for; an empty text or None leaves that open. ``what``: a code, or the part before
    its dot; ``until`` is the first moment that is too late."""

    who: str = ""
    what: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def page(wanted: Wanted, *, number: int) -> tuple[Sequence[Deed], bool]:
    """The deeds of one page, newest first, and whether there are more."""
    found = db.session.scalars(_select(wanted).offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    return found[:PER_PAGE], len(found) > PER_PAGE


def everything(wanted: Wanted) -> Sequence[Deed]:
    """For a file, newest first, at most LONGEST_EXPORT rows."""
    return db.session.scalars(_select(wanted).limit(LONGEST_EXPORT)).all()


def codes() -> Sequence[str]:
    """Every kind of deed there is a row of."""
    return db.session.scalars(select(Deed.what).distinct().order_by(Deed.what)).all()


def _select(wanted: Wanted) -> Select[tuple[Deed]]:
    found = select(Deed).order_by(Deed.id.desc())
    if wanted.who:
        found = found.where(Deed.who.contains(wanted.who, autoescape=True))
    if wanted.what:
        code = Deed.what == wanted.what
        found = found.where(code | Deed.what.startswith(f"{wanted.what}.", autoescape=True))
    if wanted.subject:
        found = found.where(Deed.subject.contains(wanted.subject, autoescape=True))
    if wanted.since is not None:
        found = found.where(Deed.at >= wanted.since)
    return found if wanted.until is None else found.where(Deed.at < wanted.until)
