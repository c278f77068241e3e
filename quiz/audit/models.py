"""The append-only ledger of deeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from quiz.extensions import Instant, db


class Deed(db.Model):
    """``who`` did ``what`` to ``subject``; ``detail`` never holds phones, passcodes or answers."""

    __table_args__ = (
        Index("ix_deed_subject", "subject"),
        Index("ix_deed_what", "what"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Seal(db.Model):
    """The hash over the seal before and the rows ``deeds`` (audit.chain). Never changed either."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    #: Unique: no two seals follow the same one, whoever seals at once.
    previous: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    #: Numbers of the deeds, ascending.
    deeds: Mapped[list[int]] = mapped_column(JSON)
    #: The greatest number sealed so far.
    up_to: Mapped[int] = mapped_column(index=True)
