"""Tables of banks, their questions, and imports waiting to be confirmed."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from question_bank import Difficulty, Kind
from question_bank.question import Question as BankQuestion
from quiz.extensions import Instant, Points, db

APPROVED, RETIRED = "approved", "retired"


class Bank(db.Model):
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Question(db.Model):
    """One authored question; ``options`` and ``key`` are lists as in question_bank.Question."""

    __table_args__ = (
        UniqueConstraint("bank_id", "fingerprint", name="uq_question_bank_id_fingerprint"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    kind: Mapped[str]
    stem: Mapped[str]
    options: Mapped[list[str]] = mapped_column(JSON)
    key: Mapped[list[str]] = mapped_column(JSON)
    explanation: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    chapter: Mapped[str] = mapped_column(default="")
    difficulty: Mapped[int] = mapped_column(default=int(Difficulty.MEDIUM))
    points: Mapped[Decimal | None] = mapped_column(Points)
    fingerprint: Mapped[str]
    state: Mapped[str] = mapped_column(default=APPROVED)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("bank_import.id"))
    #: Row of the file it came from, for tracing.
    source_row: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)

    def as_bank_question(self) -> BankQuestion:
        return BankQuestion(
            kind=Kind(self.kind),
            stem=self.stem,
            options=tuple(self.options),
            key=tuple(self.key),
            explanation=self.explanation,
            basis=self.basis,
            chapter=self.chapter,
            difficulty=Difficulty(self.difficulty),
            points=None if self.points is None else float(self.points),
        )


class BankImport(db.Model):
    """A file that was read and shown: the whole Report, so that what was seen is what is imported."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    file_name: Mapped[str]
    #: question_bank.report.Report.to_json()
    report: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    imported_at: Mapped[datetime | None] = mapped_column(Instant)
    imported: Mapped[int | None]
