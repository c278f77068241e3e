"""The seal over the ledger: what was once sealed cannot be changed or removed unseen.

Every few seconds the closer seals the deeds that have no seal yet: the hash of the seal before and of each
row. A deed that committed late, under a smaller number than others already sealed, comes into the next seal.
Whoever owns the database can make the whole chain anew; the last seal, written down elsewhere, shows that.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quiz.audit import rules
from quiz.audit.models import Deed, Seal
from quiz.extensions import db, to_millis, transaction

#: Deeds of one seal at most; and how far back one that commits late is looked for.
_MOST, _BACK = 1000, 2000


@dataclass(frozen=True)
class Verdict:
    """``broken`` are the first and last deed of each seal that does not hold, ``gone`` sealed deeds that
    are missing, ``unsealed`` deeds that wait; ``known``: whether the digest asked for is in the chain."""

    seals: int
    deeds: int
    broken: Sequence[tuple[int, int]]
    gone: Sequence[int]
    unsealed: int
    head: str
    known: bool

    @property
    def good(self) -> bool:
        return not self.broken and not self.gone and self.known

    @property
    def words(self) -> str:
        return rules.verdict(self.deeds, self.broken, self.gone, known=self.known)


def seal(*, at: datetime) -> int:
    """Seal what is not sealed yet, in a transaction of its own; returns how many deeds."""
    if not _waiting(_last()):
        return 0
    try:
        with transaction():
            last = _last()
            deeds = _waiting(last)
            if deeds:
                db.session.add(_sealed(last, deeds, at=at))
    except IntegrityError:
        # Another worker sealed after the same seal at this moment: the unique key lets one of them.
        return 0
    return len(deeds)


def _sealed(last: Seal | None, deeds: Sequence[Deed], *, at: datetime) -> Seal:
    previous = last.digest if last else ""
    up_to = max(deeds[-1].id, last.up_to if last else 0)
    return Seal(
        previous=previous,
        digest=_digest(previous, to_millis(at), deeds),
        deeds=[deed.id for deed in deeds],
        up_to=up_to,
        at=at,
    )


def _last() -> Seal | None:
    return db.session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))


def _waiting(last: Seal | None) -> list[Deed]:
    """The first deeds without a seal, by number."""
    floor = last.up_to - _BACK if last else 0
    recent = db.session.scalars(select(Seal.deeds).where(Seal.up_to > floor)).all()
    sealed = {number for numbers in recent for number in numbers}
    found = db.session.scalars(select(Deed.id).where(Deed.id > floor).order_by(Deed.id).limit(_BACK + _MOST))
    numbers = [number for number in found if number not in sealed][:_MOST]
    return list(db.session.scalars(select(Deed).where(Deed.id.in_(numbers)).order_by(Deed.id)))


def _digest(previous: str, at: int, deeds: Iterable[Any]) -> str:
    made = hashlib.sha256(f"{previous}\n{at}".encode())
    for deed in deeds:
        row = [deed.id, to_millis(deed.at), deed.who, deed.what, deed.subject, deed.detail]
        made.update(b"\n" + json.dumps(row, sort_keys=True, separators=(",", ":")).encode())
    return made.hexdigest()


def verify(*, known: str = "") -> Verdict:
    """Recompute every seal. ``known``: the beginning of a digest that was written down."""
    previous, count, found, broken, gone = "", 0, not known, [], []
    # Rows, not objects: a ledger of years must not fill the session.
    seals = db.session.execute(select(*Seal.__table__.columns).order_by(Seal.id)).all()
    for one in seals:
        rows = select(*Deed.__table__.columns).where(Deed.id.in_(one.deeds)).order_by(Deed.id)
        deeds = db.session.execute(rows).all()
        missing = set(one.deeds) - {deed.id for deed in deeds}
        gone += sorted(missing)
        holds = one.previous == previous and one.digest == _digest(previous, to_millis(one.at), deeds)
        if not holds and not missing:
            broken.append((one.deeds[0], one.deeds[-1]))
        found = found or one.digest.startswith(known)
        previous, count = one.digest, count + len(deeds)
    total = db.session.scalar(select(db.func.count(Deed.id))) or 0
    return Verdict(len(seals), count, broken, gone, total - count, previous, found)
