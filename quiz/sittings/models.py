"""Tables of sittings, responses, and the results kept from them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams.models import Exam, Paper, PoolQuestion
from quiz.extensions import Instant, Points, db
from quiz.people.models import Person, Unit


class Sitting(db.Model):
    """One person × one exam × one run.

    Three instants bound it: ``deadline`` is shown and recorded as the end, ``accept_until`` is the last
    moment a save is taken (the printed grace), and after that anybody may finalise it.
    """

    __table_args__ = (
        UniqueConstraint("exam_id", "person_id", "number", name="uq_sitting_exam_id_person_id_number"),
        # Start pressed twice: the database allows one open sitting for a person and exam.
        Index(
            "uq_sitting_open",
            "exam_id",
            "person_id",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        Index("ix_sitting_exam_id_unit_id", "exam_id", "unit_id"),
        # The closer asks every few seconds for open sittings whose time is over.
        Index(
            "ix_sitting_due",
            "accept_until",
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: The unit at the start: moving somebody later does not move an old score.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    accept_until: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    #: person or deadline; later also proctor, void …
    closed_by: Mapped[str | None]
    score: Mapped[Decimal | None] = mapped_column(Points)
    passed: Mapped[bool | None]

    exam: Mapped[Exam] = relationship()
    person: Mapped[Person] = relationship()
    paper: Mapped[Paper] = relationship()


class Response(db.Model):
    """What was given for one item; ``answer`` is a JSON list of texts."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answer: Mapped[str]
    revision: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)


class Result(db.Model):
    """What counts for one person in one exam: by Exam.counts over their submitted sittings."""

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    score: Mapped[Decimal] = mapped_column(Points)
    #: Time used by the sitting that counts, in milliseconds: the second key of the ranking.
    millis: Mapped[int]
    sittings: Mapped[int]
    passed: Mapped[bool]
    excellent: Mapped[bool]
    submitted_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("exam_id", "person_id", name="uq_result_exam_id_person_id"),
        Index("ix_result_exam_id_score", "exam_id", "score"),
        {"sqlite_autoincrement": True},
    )

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()


class UnitTotal(db.Model):
    """Sums over the results of one unit in one exam, kept in the same transaction as each submit."""

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    took_part: Mapped[int] = mapped_column(default=0)
    #: Sum of the scores that count, in points.
    score_sum: Mapped[Decimal] = mapped_column(Points)
    passed: Mapped[int] = mapped_column(default=0)
    excellent: Mapped[int] = mapped_column(default=0)


class Correction(db.Model):
    """A question of one exam put right after it was asked; the frozen pool itself never changes.

    ``key`` holds the new key of a rekey in the question's own labels.
    """

    __table_args__ = (
        # One at a time: whoever wants another undoes the first.
        Index(
            "uq_correction_in_force",
            "pool_question_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_correction_exam_id", "exam_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    pool_question_id: Mapped[int] = mapped_column(ForeignKey("pool_question.id"))
    #: correcting.Deed
    deed: Mapped[str]
    key: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[str | None]

    exam: Mapped[Exam] = relationship()
    pool_question: Mapped[PoolQuestion] = relationship()


class Rescore(db.Model):
    """Both scores of a sitting marked anew: when a correction was applied, and again when undone."""

    __table_args__ = (
        Index("ix_rescore_sitting_id", "sitting_id"),
        Index("ix_rescore_correction_id", "correction_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    correction_id: Mapped[int] = mapped_column(ForeignKey("correction.id"))
    before: Mapped[Decimal] = mapped_column(Points)
    after: Mapped[Decimal] = mapped_column(Points)
    at: Mapped[datetime] = mapped_column(Instant)
