"""Tables of 复核队列: what sittings of a contest are compared by, and what the organiser decided."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from quiz.extensions import Instant, db


class SittingTrace(db.Model):
    """A marked sitting of a contest in two hashes (flagging), made once by the closer."""

    __table_args__ = (
        Index("ix_sitting_trace_wrong", "exam_id", "wrong"),
        Index("ix_sitting_trace_pace", "exam_id", "pace"),
        {"sqlite_with_rowid": False},
    )

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True, autoincrement=False)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    wrong: Mapped[str | None]
    pace: Mapped[str | None]


class FlagDecision(db.Model):
    """正常, or 不计入: which persons were looked at together, and whose sittings no longer count."""

    __table_args__ = (
        # Decided by two at once: the database keeps one.
        Index(
            "uq_flag_decision_stands",
            "exam_id",
            "mark",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    #: flagging.Flag
    flag: Mapped[str]
    #: flagging.mark_of() of the next.
    mark: Mapped[str]
    persons: Mapped[list[int]] = mapped_column(JSON)
    #: Of these, whose sittings were voided; empty: 正常. And which sittings that were.
    excluded: Mapped[list[int]] = mapped_column(JSON)
    sittings: Mapped[list[int]] = mapped_column(JSON)
    evidence: Mapped[str]
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[str | None]
