"""Tables of exams, the questions frozen for them, and the papers drawn from these."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.exams import admission
from quiz.extensions import Instant, Points, db
from quiz.people.models import Account, Person
from quiz.questions.models import Bank


class Exam(db.Model):
    """One event of sittings. Times are instants; ``spec`` is PaperSpec.document()."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    #: Who holds it, shown under the title: 县信访工作联席会议办公室.
    host: Mapped[str] = mapped_column(default="")
    #: rules.Mode: exam, contest or practice.
    mode: Mapped[str] = mapped_column(default="exam")
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Papers of their own by 职级: [{"name", "ranks", "spec"}], each worth as many points as ``spec``.
    groups: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    #: How far, in percent of the full points, the expected score of a paper may be from the average one's.
    band: Mapped[Decimal] = mapped_column(Points, default=Decimal(3), server_default="300")
    #: Hex digest of the frozen pool; with the seed it reproduces every paper.
    pool_fingerprint: Mapped[str]
    seed: Mapped[str]
    items: Mapped[int]
    full: Mapped[Decimal] = mapped_column(Points)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    minutes: Mapped[int]
    chances: Mapped[int] = mapped_column(default=1)
    #: What counts when there are several sittings: counting.Counts.
    counts: Mapped[str] = mapped_column(default="best")
    pass_mark: Mapped[Decimal] = mapped_column(Points)
    excellent_mark: Mapped[Decimal] = mapped_column(Points)
    #: question_bank.marking.MultiplePolicy
    multiple_policy: Mapped[str] = mapped_column(default="strict")
    #: standings.rules.Formula
    formula: Mapped[str] = mapped_column(default="r50m50")
    #: When a person may see their score: never, close or submit (rules.Release).
    score_release: Mapped[str] = mapped_column(default="submit", server_default="submit")
    #: When which items were right, with their own answers; not before the score.
    answers_release: Mapped[str] = mapped_column(default="close", server_default="close")
    #: When key and explanation; not before that.
    review: Mapped[str] = mapped_column(default="close")
    #: Units that may sit; null means everybody on the roster.
    unit_ids: Mapped[list[int] | None] = mapped_column(JSON)
    #: Of these 身份类别 only; null means whatever it is.
    identities: Mapped[list[str] | None] = mapped_column(JSON)
    #: How long after the opening a first sitting may begin; null means to the end.
    late_minutes: Mapped[int | None]
    #: Sittings a person may begin in one day of this place; 0 means no limit.
    daily: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The part of each day in which it is open, in minutes after midnight here; null: day and night.
    day_opens: Mapped[int | None]
    day_closes: Mapped[int | None]
    #: In a ranking, less time than so many seconds an item counts as so many; 0 takes the time as it is.
    least_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Set when the organiser ends it before closes_at.
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Set when it was put away; every page and figure of it stays.
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Whether leaving the page of a sitting is noted for review.
    watch_leaving: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: Whether the organiser may count answers that a phone without network sent after the end (sealing).
    takes_late: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Of 考场模式: what the code on the proctor's screen follows from; null without (sittings.rooming).
    room_secret: Mapped[str | None]
    #: Working days after the end within which a review of the own score may be asked for; 0: not at all.
    appeal_days: Mapped[int] = mapped_column(default=3, server_default="3")
    #: Set while everybody's time stands still; the ledger is sittings.models.Pause.
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The corrections in force, [[pool question, deed, key], …]: the ledger's rows not undone, kept with
    #: the exam so that marking reads them under its lock (sittings.correcting).
    corrections: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    #: The exam this one makes up for (补考).
    make_up_of_id: Mapped[int | None] = mapped_column(ForeignKey("exam.id"))
    #: A trial run (试考): sat like any other, counted nowhere.
    rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: True when only the persons of ExamPerson may sit.
    named: Mapped[bool] = mapped_column(default=False, server_default=false())

    #: How many people mark a short answer, without seeing each other's marks: 1 or 2 (sittings.blind).
    markers: Mapped[int] = mapped_column(default=2, server_default="2")

    make_up_of: Mapped["Exam | None"] = relationship(remote_side=[id])
    bank: Mapped[Bank] = relationship()

    @property
    def hours(self) -> admission.Hours | None:
        return admission.hours(self.day_opens, self.day_closes)

    @property
    def ranked(self) -> bool:
        """Whether its results count for units and persons."""
        return self.mode != "practice" and not self.rehearsal


class ExamPerson(db.Model):
    """A person named for an exam that only named persons may sit."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)


class ExamWindow(db.Model):
    """When the persons of a unit may sit, where it is not the whole time of the exam (分批)."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)


class RoomProctor(db.Model):
    """Who watches a room; an account may watch several."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)


class Room(db.Model):
    """考场: where some of an exam's persons sit. Its code follows from the exam's secret and its id."""

    __table_args__ = (
        UniqueConstraint("exam_id", "name", name="uq_room_exam_id_name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    name: Mapped[str]
    place: Mapped[str] = mapped_column(default="", server_default="")
    seats: Mapped[int]

    exam: Mapped[Exam] = relationship()
    proctors: Mapped[list[Account]] = relationship(secondary="room_proctor", order_by=Account.id)


class Seat(db.Model):
    """Where a person sits in an exam."""

    __table_args__ = (
        UniqueConstraint("room_id", "number", name="uq_seat_room_id_number"),
        {"sqlite_with_rowid": False},
    )

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    number: Mapped[int]

    person: Mapped[Person] = relationship()
    room: Mapped[Room] = relationship()


class RoomNote(db.Model):
    """What a proctor wrote down about a person: evidence for whoever decides, never a verdict."""

    __table_args__ = (
        Index("ix_room_note_exam_id_person_id", "exam_id", "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)

    room: Mapped[Room] = relationship()


class PoolQuestion(db.Model):
    """A question as it was worded when the exam was made; never changed afterwards."""

    __table_args__ = (
        UniqueConstraint("exam_id", "question_id", name="uq_pool_question_exam_id_question_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    kind: Mapped[str]
    stem: Mapped[str]
    options: Mapped[list[str]] = mapped_column(JSON)
    key: Mapped[list[str]] = mapped_column(JSON)
    explanation: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    chapter: Mapped[str] = mapped_column(default="")
    difficulty: Mapped[int]


class Paper(db.Model):
    """What one person is asked in one sitting: references into the frozen pool, in order."""

    __table_args__ = (
        UniqueConstraint("exam_id", "person_id", "number", name="uq_paper_exam_id_person_id_number"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: 1 for the first sitting, 2 for the second …
    number: Mapped[int]
    #: [[pool_question.id, order of the options as original labels ("BDAC" or ""), hundredths of points]]
    items: Mapped[list[Any]] = mapped_column(JSON)
    #: rules.shape() of the items: enough to check an answer's form without loading the paper.
    shape: Mapped[str]
    #: Expected score in hundredths of a percent, by the difficulty of the questions.
    expected: Mapped[int | None]
    #: What decided beside the seed: {"seen": [[place in the pool, times]], "asked": [times], "band",
    #: "group"}; null when chance alone did.
    inputs: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Exposure(db.Model):
    """In how many papers of the exam a question of its pool is."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    pool_question_id: Mapped[int] = mapped_column(
        ForeignKey("pool_question.id"), primary_key=True, autoincrement=False
    )
    papers: Mapped[int]


class JoinTerms(db.Model):
    """How people come to one contest; a contest without a row has the house's usual terms (exams.terms)."""

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: enrolling.Terms.document()
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Set when the organiser said that contests without terms of their own shall be like this one.
    usual_at: Mapped[datetime | None] = mapped_column(Instant)


class Consent(db.Model):
    """Words that somebody agreed to, by their version (enrolling.Terms.version); never changed."""

    version: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]
    used_at: Mapped[datetime] = mapped_column(Instant)


class Enrolment(db.Model):
    """Somebody joined a contest: what they agreed to and when, and what they said of themselves."""

    __table_args__ = (
        # The button pressed twice by a pupil, who has no name to be known by: one number.
        UniqueConstraint("exam_id", "once", name="uq_enrolment_exam_id_once"),
        {"sqlite_with_rowid": False},
    )

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    #: Null for pupils, who tell nothing that would need it.
    consent: Mapped[str | None] = mapped_column(ForeignKey("consent.version"))
    consented_at: Mapped[datetime | None] = mapped_column(Instant)
    #: 同意公示: the masked name may stand in a notice of winners.
    publish: Mapped[bool] = mapped_column(default=False, server_default=false())
    category: Mapped[str] = mapped_column(default="", server_default="")
    identity: Mapped[str] = mapped_column(default="", server_default="")
    #: The unit as it was written by somebody who did not find it in the list.
    written_unit: Mapped[str] = mapped_column(default="", server_default="")
    #: Of a pupil.
    class_code: Mapped[str] = mapped_column(default="", server_default="")
    seat: Mapped[str] = mapped_column(default="", server_default="")
    once: Mapped[str | None]
    #: When the person used the one change of their own.
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
