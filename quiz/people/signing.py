"""两人办理: where it is switched on, what weighs most is done only when two accounts did the same.

The first who does it asks; another who does the same within a day lets it happen. There is no page for it:
both use the page of the deed, give their passwords, and the second sees what the first asked for.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from quiz.audit.rules import words
from quiz.audit.services import record
from quiz.extensions import db
from quiz.people.models import Account, Countersign

LASTS = timedelta(days=1)
WAITS = "已记下，还没有生效：请另一位有权限的人一天之内在这一页做同样的操作。"


def second(*, deed: str, subject: str, terms: Mapping[str, Any], by: Account, at: datetime) -> bool:
    """Whether ``by`` is the second to do this; otherwise it is asked for, once, and nothing happens yet."""
    text = json.dumps(terms, sort_keys=True, default=str, ensure_ascii=False)
    same = (*_open(deed, subject, at), Countersign.terms == text)
    others = (
        select(Countersign.id).join(Countersign.asked_by).where(*same, Account.id != by.id, Account.active)
    )
    first = db.session.scalar(others.limit(1))
    # Two seconds at once: the row is given to one.
    mine = update(Countersign).where(Countersign.id == first, Countersign.given_id.is_(None))
    if first is not None and db.session.execute(mine.values(given_id=by.id, given_at=at)).rowcount:
        record(who=by.name, what="second.give", subject=subject, at=at, deed=words(deed))
        return True
    if db.session.scalar(select(Countersign.id).where(*same, Countersign.asked_id == by.id)) is None:
        asked = {"deed": deed, "subject": subject, "terms": text, "asked_id": by.id, "asked_at": at}
        db.session.add(Countersign(**asked))
        record(who=by.name, what="second.ask", subject=subject, at=at, deed=words(deed))
    return False


def waiting(*, deed: str, subject: str, at: datetime) -> Sequence[Countersign]:
    """What was asked for and waits for a second, the newest first."""
    found = select(Countersign).where(*_open(deed, subject, at)).order_by(Countersign.id.desc())
    return db.session.scalars(found.limit(5)).all()


def _open(deed: str, subject: str, at: datetime) -> tuple[Any, ...]:
    same = Countersign.deed == deed, Countersign.subject == subject
    return (*same, Countersign.given_id.is_(None), Countersign.asked_at > at - LASTS)
