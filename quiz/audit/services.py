"""Writing the ledger."""

from datetime import datetime
from typing import Any

from quiz.audit.models import Deed
from quiz.extensions import db


def record(*, who: str, what: str, subject: str, at: datetime, **detail: Any) -> None:
    """Add one row in the caller's transaction: the deed and its record stand or fall together."""
    db.session.add(Deed(who=who, what=what, subject=subject, at=at, detail=detail))
