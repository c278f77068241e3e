"""Tables of exams, the questions frozen for them, and the papers drawn from these."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.extensions import Instant, Points, db
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
    #: Hex digest of the frozen pool; with the seed it reproduces every paper.
    pool_fingerprint: Mapped[str]
    seed: Mapped[str]
    items: Mapped[int]
    full: Mapped[Decimal] = mapped_column(Points)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    minutes: Mapped[int]
    chances: Mapped[int] = mapped_column(default=1)
    #: Which sitting counts when there are several: best, last, first or mean.
    counts: Mapped[str] = mapped_column(default="best")
    pass_mark: Mapped[Decimal] = mapped_column(Points)
    excellent_mark: Mapped[Decimal] = mapped_column(Points)
    #: question_bank.marking.MultiplePolicy
    multiple_policy: Mapped[str] = mapped_column(default="strict")
    #: standings.rules.Formula
    formula: Mapped[str] = mapped_column(default="r50m50")
    #: When wrong items, key and explanation may be seen: never, close or submit (rules.Release).
    review: Mapped[str] = mapped_column(default="close")
    #: Units that may sit; null means everybody on the roster.
    unit_ids: Mapped[list[int] | None] = mapped_column(JSON)
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
    #: True when only the persons of ExamPerson may sit.
    named: Mapped[bool] = mapped_column(default=False, server_default=false())

    #: How many people mark a short answer, without seeing each other's marks: 1 or 2 (sittings.blind).
    markers: Mapped[int] = mapped_column(default=2, server_default="2")

    make_up_of: Mapped["Exam | None"] = relationship(remote_side=[id])
    bank: Mapped[Bank] = relationship()


class ExamPerson(db.Model):
    """A person named for an exam that only named persons may sit."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)


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
