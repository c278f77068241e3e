"""Tables of leave, of how an exam is ranked, of what was kept for it, of what the public may see, of stages.

All of it goes with the exam when that is deleted before anybody has begun.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams.models import Exam
from quiz.extensions import Instant, Points, db
from quiz.people.models import Person, Unit

_STANDS = "state IN ('asked', 'approved')"


class Ranking(db.Model):
    """What was decided about the standings of one exam; an exam without a row has the defaults."""

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: method.Method.document()
    method: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: method.Visibility
    visibility: Mapped[str]
    #: What the wall shows besides the ranks: wall.Programme.document(); empty for the defaults.
    wall: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    #: When the head counts were kept (Head); null until the exam opens.
    heads_kept_at: Mapped[datetime | None] = mapped_column(Instant)
    #: 封榜: from here on the public sees PublicTotal and PublicResult, filled at frozen_at …
    freezes_at: Mapped[datetime | None] = mapped_column(Instant)
    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    #: … until everything is published.
    published_at: Mapped[datetime | None] = mapped_column(Instant)


class Head(db.Model):
    """应参人数 of a unit, kept when the exam opened."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    expected: Mapped[int]


class RankingChange(db.Model):
    """A change after the opening, to a head count or to the method: a footnote wherever ranks are printed."""

    __table_args__ = (Index("ix_ranking_change_exam_id", "exam_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    #: Null for a change of the method.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class PublicTotal(db.Model):
    """What UnitTotal was when the standings froze, every unit with the heads expected of it."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    expected: Mapped[int]
    took_part: Mapped[int]
    score_sum: Mapped[Decimal] = mapped_column(Points)
    passed: Mapped[int]
    excellent: Mapped[int]


class PublicResult(db.Model):
    """What Result was when the standings froze."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    score: Mapped[Decimal] = mapped_column(Points)
    millis: Mapped[int]
    passed: Mapped[bool]
    excellent: Mapped[bool]
    submitted_at: Mapped[datetime] = mapped_column(Instant)


class Reveal(db.Model):
    """放榜 of one exam: what is told step by step, fixed when it began, and how far it has come."""

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: revealing.Entry.document(), the first rank first.
    entries: Mapped[list[Any]] = mapped_column(JSON)
    #: How many are told, from the last.
    step: Mapped[int] = mapped_column(default=0)
    #: True: a rehearsal with what everybody knows already.
    rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())
    began_at: Mapped[datetime] = mapped_column(Instant)


class Leave(db.Model):
    """请假 of one person for one exam. ``state``: asked, approved, declined or withdrawn."""

    __table_args__ = (
        # Asked twice at once: the database keeps one request that stands.
        Index(
            "uq_leave_stands",
            "exam_id",
            "person_id",
            unique=True,
            sqlite_where=text(_STANDS),
            postgresql_where=text(_STANDS),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: The unit that asked.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()


class Series(db.Model):
    """分阶段竞赛: exams that follow one another, 初赛 to 决赛."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class Stage(db.Model):
    """One exam of a series."""

    __table_args__ = (UniqueConstraint("series_id", "place", name="uq_stage_series_id_place"),)

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    place: Mapped[int]
    #: 初赛
    name: Mapped[str]
    #: Of a hundred, what its score is worth in the total.
    weight: Mapped[int] = mapped_column(default=100)

    exam: Mapped[Exam] = relationship()
    series: Mapped[Series] = relationship()


class Admission(db.Model):
    """晋级: who of one stage may sit the next, fixed when it was decided."""

    __table_args__ = (
        # One list for a stage: another decision takes the place of the first, and the ledger has both.
        UniqueConstraint("to_id", name="uq_admission_to_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    #: staging: persons or units
    kind: Mapped[str]
    wanted: Mapped[int]
    #: [[rank, id, name, unit, score]], the first first.
    entries: Mapped[list[Any]] = mapped_column(JSON)
    #: SHA-256 of the entries as lines.
    fingerprint: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
