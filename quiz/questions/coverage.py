"""Reads for the audit of a bank: which articles have questions, and which questions stand on nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, or_, select

from question_bank import Kind
from quiz.extensions import db
from quiz.questions import law
from quiz.questions.models import APPROVED, RETIRED, Article, Bank, Question, Regulation

#: Questions listed at once in each part of the audit.
MOST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One article and its approved questions: (kind, difficulty) → how many."""

    article: Article
    counts: dict[tuple[str, int], int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a bank covers a regulation; ``kinds`` are those the bank has at all."""

    regulation: Regulation
    rows: list[Row]
    kinds: list[Kind]

    @property
    def bare(self) -> list[Row]:
        return [row for row in self.rows if not row.total]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def most(self) -> int:
        """The largest cell, to shade the others against."""
        return max((count for row in self.rows for count in row.counts.values()), default=0)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A question in use that the audit names, and why."""

    question: Question
    reason: str


@dataclass(frozen=True, slots=True)
class Audit:
    repealed: list[Doubtful] = field(default_factory=list)
    without_basis: list[Question] = field(default_factory=list)
    #: Questions whose 依据 names no article of a loaded text.
    untied: list[Question] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)


def coverage(bank: Bank, regulation: Regulation) -> Coverage:
    """Articles in order with their counts, in three statements."""
    mine = Question.bank_id == bank.id, Question.state == APPROVED
    articles = db.session.scalars(
        select(Article).where(Article.regulation_id == regulation.id).order_by(Article.number)
    )
    counted = select(Question.article_id, Question.kind, Question.difficulty, func.count())
    counted = counted.where(*mine, Question.article_id.is_not(None))
    counted = counted.group_by(Question.article_id, Question.kind, Question.difficulty)
    cells: dict[int, dict[tuple[str, int], int]] = {}
    for article_id, kind, difficulty, count in db.session.execute(counted):
        cells.setdefault(article_id, {})[kind, difficulty] = count
    held = set(db.session.scalars(select(Question.kind).where(*mine).distinct()))
    rows = [Row(article, cells.get(article.id, {})) for article in articles]
    return Coverage(regulation, rows, [kind for kind in Kind if kind in held])


def audit(bank: Bank, *, on: date) -> Audit:
    """Questions of the bank in use that need a look, MOST of each sort, with their totals."""
    used = Question.bank_id == bank.id, Question.state != RETIRED
    repealed = _repealed(bank, on)
    bare = select(Question).where(*used, Question.basis == "")
    untied = select(Question).where(*used, Question.basis != "", Question.article_id.is_(None))
    totals = {
        name: db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
        for name, asked in (("without_basis", bare), ("untied", untied))
    }
    return Audit(
        repealed[:MOST],
        list(db.session.scalars(bare.order_by(Question.id).limit(MOST))),
        list(db.session.scalars(untied.order_by(Question.id).limit(MOST))),
        totals | {"repealed": len(repealed)},
    )


def _repealed(bank: Bank, on: date) -> list[Doubtful]:
    """Tied to an article of a repealed text, or naming one that is known to be."""
    past = select(Article.id).join(Regulation, Regulation.id == Article.regulation_id)
    past = past.where(Regulation.repealed_on <= on)
    columns = (Question.basis, Question.stem, Question.explanation)
    named = [column.contains(title) for column in columns for title in law.KNOWN_REPEALED]
    asked = select(Question, Question.article_id.in_(past)).where(
        Question.bank_id == bank.id,
        Question.state != RETIRED,
        or_(Question.article_id.in_(past), *named),
    )
    found = []
    for question, tied in db.session.execute(asked.order_by(Question.id)):
        reason = "依据的文件已经废止" if tied else _where_named(question, on)
        if reason:
            found.append(Doubtful(question, reason))
    return found


def _where_named(question: Question, on: date) -> str:
    parts = (("依据", question.basis), ("题干", question.stem), ("解析", question.explanation))
    named = [name for name, text in parts if law.names_repealed(text, on)]
    return f"{'、'.join(named)}写的是已废止的《信访条例》" if named else ""


def counts_by_article(regulation: Regulation) -> dict[int, int]:
    """Approved questions of all banks per article of this regulation."""
    counted = select(Question.article_id, func.count()).join(Article, Article.id == Question.article_id)
    counted = counted.where(Article.regulation_id == regulation.id, Question.state == APPROVED)
    return dict(db.session.execute(counted.group_by(Question.article_id)).all())


def totals() -> dict[int, tuple[int, int, int]]:
    """Regulation → how many articles, how many of them have questions, how many questions; approved ones."""
    asked = select(Article.regulation_id, Article.id, func.count(Question.id))
    tied = (Question.article_id == Article.id) & (Question.state == APPROVED)
    asked = asked.outerjoin(Question, tied).group_by(Article.regulation_id, Article.id)
    found: dict[int, tuple[int, int, int]] = {}
    for regulation_id, _, count in db.session.execute(asked):
        articles, covered, questions = found.get(regulation_id, (0, 0, 0))
        found[regulation_id] = articles + 1, covered + bool(count), questions + count
    return found


def articles(regulation: Regulation) -> Sequence[Article]:
    asked = select(Article).where(Article.regulation_id == regulation.id).order_by(Article.number)
    return db.session.scalars(asked).all()
