"""Tables of banks, their questions, and imports waiting to be confirmed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from question_bank import Difficulty, Kind
from question_bank.question import Question as BankQuestion
from quiz.extensions import Instant, Points, db

DRAFT, APPROVED, RETIRED = "draft", "approved", "retired"


class Bank(db.Model):
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: Whether somebody other than the author has to approve each question.
    reviewed: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Names of columns in exported workbooks where they are not the template's: {"stem": "题目"}.
    headings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant)


class Question(db.Model):
    """One authored question; ``options`` and ``key`` are lists as in question_bank.Question."""

    __table_args__ = (
        UniqueConstraint("bank_id", "fingerprint", "copy", name="uq_question_bank_id_fingerprint"),
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
    #: 0, unless an organiser kept a question although an equal one was there: then 1, 2 …
    copy: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(default=APPROVED)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: The article its 依据 names, when that regulation's text is loaded.
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    practisable: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: Goes up with every change; each is kept as a QuestionVersion, the first when the second is made.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: Names of the accounts that wrote it last and that approved it.
    author: Mapped[str] = mapped_column(default="", server_default="")
    reviewer: Mapped[str] = mapped_column(default="", server_default="")
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
            tags=tuple(self.tags or ()),
        )


class QuestionVersion(db.Model):
    """What a question was after one change; ``document`` holds every field the page can edit."""

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    who: Mapped[str]
    #: What was done, in a word: import, edit, approve, retire, merge …
    deed: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class Regulation(db.Model):
    """A regulation in one version, loaded as text: what 依据 refers to."""

    __table_args__ = (
        UniqueConstraint("title", "edition", name="uq_regulation_title_edition"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: 信访工作条例, without the brackets.
    title: Mapped[str]
    #: 2022 年 2 月 25 日发布, or whatever tells this version from others.
    edition: Mapped[str]
    effective_on: Mapped[date | None]
    repealed_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(Instant)


class Article(db.Model):
    """One article of a regulation."""

    __table_args__ = (
        UniqueConstraint("regulation_id", "number", name="uq_article_regulation_id_number"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    regulation_id: Mapped[int] = mapped_column(ForeignKey("regulation.id"))
    number: Mapped[int]
    chapter: Mapped[str] = mapped_column(default="")
    text: Mapped[str]


class HeadingMapping(db.Model):
    """Which column is which, and what numeric kind codes mean, as an organiser once said for such a sheet."""

    #: Digest of the sheet's headings, or of its shape when it has none.
    signature: Mapped[str] = mapped_column(primary_key=True)
    #: question_bank.columns.ColumnMapping as JSON.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class ImportReport(db.Model):
    """What was read of a file. Megabytes: beside the decisions each of them would write it anew."""

    import_id: Mapped[int] = mapped_column(
        ForeignKey("bank_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: question_bank.report.Report.to_json()
    text: Mapped[str]


class BankImport(db.Model):
    """A file that was read and shown: the whole Report, so that what was seen is what is imported."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    file_name: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    imported_at: Mapped[datetime | None] = mapped_column(Instant)
    imported: Mapped[int | None]
    #: SHA-256 of the file, to notice the same one again.
    digest: Mapped[str] = mapped_column(default="", server_default="")
    #: outcome.Decisions.document(): corrections, choices, rows stored; after an undo what became of them.
    fixes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    #: The mapping this file was read with, when one was needed.
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    read: Mapped[ImportReport] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def report(self) -> str:
        return self.read.text
