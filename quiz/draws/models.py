"""Tables of prize draws: the draw, its frozen list, who was drawn, and every step taken."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams.models import Exam
from quiz.extensions import Instant, db
from quiz.people.models import Person


class Draw(db.Model):
    """One draw of an exam's prizes. ``state`` only moves forward (rules.BEFORE)."""

    __table_args__ = (Index("ix_draw_exam_id", "exam_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    title: Mapped[str]
    #: Fixed when made: a rehearsal never becomes the draw, and its fingerprint says so.
    rehearsal: Mapped[bool]
    #: rules.State
    state: Mapped[str]
    #: services.Settings as a document; after publication nothing reads it but the organiser's page.
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Never shown: leads from the marks on the list back to persons.
    salt: Mapped[str]
    #: rules.published() once the list is out, then with numbers, seed and winners.
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    witnesses: Mapped[str] = mapped_column(default="")
    #: How many prizes the screen has shown.
    shown: Mapped[int] = mapped_column(default=0)
    notice_until: Mapped[datetime | None] = mapped_column(Instant)
    claim_until: Mapped[datetime | None] = mapped_column(Instant)
    #: Why it was abandoned.
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Instant)

    exam: Mapped[Exam] = relationship()


class DrawEntry(db.Model):
    """Who stands at a place of the published list: kept apart from it, for the desk only."""

    __table_args__ = (
        UniqueConstraint("draw_id", "person_id", name="uq_draw_entry_draw_id_person_id"),
        {"sqlite_with_rowid": False},
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship()


class DrawWinner(db.Model):
    """The ``number``-th selected. ``tier`` is empty for an alternate until a prize falls to them."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tier: Mapped[str]
    #: The number of whoever gave the prize up, when it fell to an alternate.
    instead_of: Mapped[int | None]
    #: What the winner shows to receive the prize.
    claim_code: Mapped[str]
    claim_until: Mapped[datetime | None] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    lapsed_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()


class DrawStep(db.Model):
    """The ledger of a draw, shown on its page: who took which step when."""

    __table_args__ = (Index("ix_draw_step_draw_id", "draw_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    what: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    detail: Mapped[str] = mapped_column(default="")
