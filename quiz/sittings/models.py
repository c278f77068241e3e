"""Tables of sittings, responses, and the results kept from them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams.models import Exam, Paper, PoolQuestion
from quiz.extensions import Instant, Points, db
from quiz.people.models import Person, Unit
from quiz.sittings import rules


class Sitting(db.Model):
    """One person × one exam × one run.

    Three instants bound it: ``deadline`` is shown and recorded as the end, ``accept_until`` is the last
    moment a save is taken (the printed grace), and after that anybody may finalise it. While ``paused_at``
    is set, all three move with the clock: they are as far off as they were then.
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
        # Few or none: every table of attendance asks who they are.
        Index(
            "ix_sitting_voided",
            "exam_id",
            sqlite_where=text("voided_at IS NOT NULL"),
            postgresql_where=text("voided_at IS NOT NULL"),
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
    #: The phone it goes on on (tokens.Candidate.phone); another one must take it over first.
    phone: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    accept_until: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Of the time between start and end, what pauses took and gave back.
    paused_millis: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: person, deadline or void
    closed_by: Mapped[str | None]
    score: Mapped[Decimal | None] = mapped_column(Points)
    passed: Mapped[bool | None]
    #: 违纪，成绩无效: the score stays and counts for nothing.
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str | None]
    voided_by: Mapped[str | None]

    exam: Mapped[Exam] = relationship()
    person: Mapped[Person] = relationship()
    paper: Mapped[Paper] = relationship()

    def deadline_at(self, at: datetime) -> datetime:
        """The deadline as it is at ``at``, a pause reckoned in."""
        return rules.shifted(self.deadline, paused_at=self.paused_at, at=at)

    def accepts(self, at: datetime) -> bool:
        """Whether the sitting is open and its last accepted instant has not passed."""
        until = rules.shifted(self.accept_until, paused_at=self.paused_at, at=at)
        return self.submitted_at is None and at <= until


class Response(db.Model):
    """What was given for one item; ``answer`` is a JSON list of texts."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answer: Mapped[str]
    revision: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    #: Every revision that was kept, one rules.history_entry() after the other; the first 4,000 characters
    #: of them, so that a script cannot make a row grow.
    history: Mapped[str] = mapped_column(default="", server_default="")


class LateAnswer(db.Model):
    """An answer that reached the server after the end: kept, never counted by itself (sealing)."""

    __table_args__ = (
        UniqueConstraint(
            "sitting_id", "position", "revision", name="uq_late_answer_sitting_id_position_revision"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    position: Mapped[int]
    #: A JSON list of texts, as in Response.
    answer: Mapped[str]
    revision: Mapped[int]
    #: The time that was left when it was given, as the phone says.
    left_millis: Mapped[int | None] = mapped_column(BigInteger)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    phone: Mapped[str]
    #: Null until the organiser has decided.
    accepted: Mapped[bool | None]
    reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class Event(db.Model):
    """Something that happened in a sitting beside its answers: where it was opened, when it was left."""

    __table_args__ = (
        # Told again after a lost acknowledgement, it is the same event.
        UniqueConstraint("sitting_id", "mark", name="uq_event_sitting_id_mark"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    #: rules.Happening
    kind: Mapped[str]
    #: The page's own name of it.
    mark: Mapped[str]
    #: How long it lasted; null of what has no length, and while somebody has not come back.
    millis: Mapped[int | None] = mapped_column(BigInteger)
    phone: Mapped[str]


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


class Appeal(db.Model):
    """复核: somebody asks to have their sitting looked at again; one for each sitting, answered once."""

    __table_args__ = (
        UniqueConstraint("sitting_id", name="uq_appeal_sitting_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    reason: Mapped[str]
    #: An account that asked on somebody's behalf; null when they did it themselves.
    asked_by: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    before: Mapped[Decimal] = mapped_column(Points)
    #: appealing.Decision
    decision: Mapped[str | None]
    answer: Mapped[str | None]
    after: Mapped[Decimal | None] = mapped_column(Points)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    sitting: Mapped[Sitting] = relationship()


class Extension(db.Model):
    """Minutes given to open sittings: of one person, one unit, one room, or all. Never fewer than before."""

    __table_args__ = (Index("ix_extension_exam_id", "exam_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    #: Of these three at most one is there; none for all.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    minutes: Mapped[int]
    #: How many open sittings it moved.
    sittings: Mapped[int]
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    #: Sent by the form: pressing twice gives the time once.
    once: Mapped[str] = mapped_column(unique=True)


class Pause(db.Model):
    """An interruption of a whole exam; the time between is given back to whoever was answering."""

    __table_args__ = (
        Index(
            "uq_pause_open",
            "exam_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str]
    who: Mapped[str]
    ended_by: Mapped[str | None]


class Accommodation(db.Model):
    """Extra time of one person in one exam, set before they start (exams.rules.extra_time)."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    percent: Mapped[int] = mapped_column(default=100)
    minutes: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class ShortAnswer(db.Model):
    """An answer that people mark (blind): the submitted sitting has no score before all are marked."""

    __table_args__ = (
        UniqueConstraint("sitting_id", "position", name="uq_short_answer_sitting_id_position"),
        Index("ix_short_answer_exam_id_mark", "exam_id", "mark"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    position: Mapped[int]
    pool_question_id: Mapped[int] = mapped_column(ForeignKey("pool_question.id"))
    points: Mapped[Decimal] = mapped_column(Points)
    #: How many marks it needs: the exam's markers, three once two are too far apart.
    wanted: Mapped[int]
    #: What the markers came to; null while one is missing.
    mark: Mapped[Decimal | None] = mapped_column(Points)
    #: When the score of the sitting was made from it: from then on only a decision with a reason changes it.
    counted_at: Mapped[datetime | None] = mapped_column(Instant)

    sitting: Mapped[Sitting] = relationship()
    question: Mapped[PoolQuestion] = relationship()
    marks: Mapped[list["HandMark"]] = relationship(order_by="HandMark.place")


class HandMark(db.Model):
    """What one marker gave, unseen by the others."""

    __table_args__ = (
        # Two hand in a mark at once: each has a place of their own, and nobody marks an answer twice.
        UniqueConstraint("short_answer_id", "place", name="uq_hand_mark_short_answer_id_place"),
        UniqueConstraint("short_answer_id", "account_id", name="uq_hand_mark_short_answer_id_account_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    short_answer_id: Mapped[int] = mapped_column(ForeignKey("short_answer.id"))
    place: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    mark: Mapped[Decimal] = mapped_column(Points)
    at: Mapped[datetime] = mapped_column(Instant)
