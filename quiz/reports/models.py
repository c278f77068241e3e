"""The table of certificates."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams.models import Exam
from quiz.extensions import Instant, db


class Certificate(db.Model):
    """One certificate as it was given: what it says does not change when a name or a title does."""

    __table_args__ = (
        Index("ix_certificate_exam_id_person_id", "exam_id", "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    #: Null for a unit's.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: certifying.Kind
    kind: Mapped[str]
    #: 一等奖, of an honour.
    award: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    title: Mapped[str]
    issuer: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    who: Mapped[str]
    #: Set when it was taken back: it stays, and whoever verifies it is told.
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoke_reason: Mapped[str | None]

    exam: Mapped[Exam] = relationship()
