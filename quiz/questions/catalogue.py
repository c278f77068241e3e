"""Reads for working on a bank: search and filter, one question with its history, likely duplicates."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select

from question_bank import duplicates
from question_bank.placed import Placed
from quiz.errors import NotFound
from quiz.extensions import db
from quiz.memory import memory
from quiz.questions import law, versions
from quiz.questions.models import (
    APPROVED,
    RETIRED,
    Article,
    Bank,
    BankImport,
    Question,
    QuestionVersion,
    Regulation,
)
from quiz.questions.queries import Page, last_page, reading
from quiz.questions.wording import Difference, differences, place_words

#: Questions on one page of a bank.
PAGE = 50
#: Questions held and changed at once.
BATCH = 1000
#: Likely duplicates shown at once.
TWINS = 50
#: Values of Wanted.source and Wanted.state beside the ids and the states.
BY_HAND, ANY = "hand", "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions of a bank to show; empty and 0 mean all, an empty state those in use.

    ``source`` is the id of an import or BY_HAND; ``article`` the id of an Article.
    """

    kind: str = ""
    chapter: str = ""
    difficulty: int = 0
    text: str = ""
    state: str = ""
    tag: str = ""
    source: str = ""
    article: int = 0

    @property
    def narrowed(self) -> bool:
        """Whether anything beyond the kind is asked for."""
        return replace(self, kind="") != Wanted()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: only what the bank holds."""

    chapters: list[str]
    tags: list[str]
    imports: list[tuple[int, str]]
    states: dict[str, int]
    kinds: dict[str, int]
    #: Regulation → its articles that have questions here: [("《信访工作条例》", [(12, 34), …])].
    articles: list[tuple[str, list[tuple[int, int]]]]


@dataclass(frozen=True, slots=True)
class Past:
    """A version and what its deed changed."""

    version: QuestionVersion
    changes: list[Difference]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Twins:
    """Two questions of a bank that may be one; ``likeness`` in percent."""

    first: Question
    second: Question
    likeness: int
    same_key: bool


def question(question_id: int) -> Question:
    found = db.session.get(Question, question_id)
    if found is None:
        raise NotFound
    return found


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Parts of BATCH: a statement takes only so many values."""
    whole = list(items)
    return (whole[start : start + BATCH] for start in range(0, len(whole), BATCH))


def locked(ids: Iterable[int]) -> list[Question]:
    """These questions as they are now, held until the transaction ends; in the order of their ids."""
    wanted = select(Question).where(Question.id.in_(list(ids))).order_by(Question.id)
    return list(db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def page(bank_id: int, *, wanted: Wanted, number: int) -> Page:
    """The questions that match, PAGE at a time, in the order they came in."""
    matching = conditions(bank_id, wanted)
    total = count(bank_id, wanted)
    number = min(max(number, 1), last_page(total, PAGE))
    found = select(Question).where(*matching).order_by(Question.id)
    rows = db.session.scalars(found.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(rows, total, number, PAGE)


def ids(bank_id: int, wanted: Wanted) -> list[int]:
    """All that match, however many pages they fill."""
    return list(db.session.scalars(select(Question.id).where(*conditions(bank_id, wanted))))


def all_of(bank_id: int, wanted: Wanted) -> Sequence[Question]:
    """All that match as rows, in the order they came in."""
    return db.session.scalars(
        select(Question).where(*conditions(bank_id, wanted)).order_by(Question.id)
    ).all()


def count(bank_id: int, wanted: Wanted) -> int:
    matching = conditions(bank_id, wanted)
    return db.session.scalar(select(func.count()).select_from(Question).where(*matching)) or 0


def conditions(bank_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Question.bank_id == bank_id]
    if wanted.state != ANY:
        found.append(Question.state == (wanted.state or APPROVED))
    for column in ("kind", "chapter", "difficulty"):
        if getattr(wanted, column):
            found.append(getattr(Question, column) == getattr(wanted, column))
    if wanted.article:
        found.append(Question.article_id == wanted.article)
    if wanted.source == BY_HAND:
        found.append(Question.import_id.is_(None))
    elif wanted.source:
        found.append(Question.import_id == int(wanted.source))
    if wanted.tag:
        found.append(cast(Question.tags, String).contains(json.dumps(wanted.tag), autoescape=True))
    if wanted.text:
        found.append(_says(wanted.text))
    return found


def _says(text: str) -> ColumnElement[bool]:
    # Options are stored as JSON, where a Chinese character stands as an escape.
    options = cast(Question.options, String).contains(json.dumps(text)[1:-1], autoescape=True)
    columns = (Question.stem, Question.explanation, Question.basis)
    return or_(options, *(column.contains(text, autoescape=True) for column in columns))


def choices(bank_id: int, wanted: Wanted) -> Choices:
    own = Question.bank_id == bank_id
    shown = (own,) if wanted.state == ANY else (own, Question.state == (wanted.state or APPROVED))
    tagged = select(Question.tags).where(own, cast(Question.tags, String) != "[]")
    imports = select(BankImport.id, BankImport.file_name).where(
        BankImport.bank_id == bank_id, BankImport.imported_at.is_not(None)
    )
    states = select(Question.state, func.count()).where(own).group_by(Question.state)
    kinds = select(Question.kind, func.count()).where(*shown).group_by(Question.kind)
    return Choices(
        chapters=chapters(bank_id),
        tags=sorted({tag for tags in db.session.scalars(tagged) for tag in tags}),
        imports=[tuple(row) for row in db.session.execute(imports.order_by(BankImport.id.desc()))],
        states=dict(db.session.execute(states).all()),
        kinds=dict(db.session.execute(kinds).all()),
        articles=_asked_articles(own),
    )


def _asked_articles(own: ColumnElement[bool]) -> list[tuple[str, list[tuple[int, int]]]]:
    asked = select(Regulation.id, Regulation.title, Article.id, Article.number).distinct()
    asked = asked.join(Article, Article.regulation_id == Regulation.id)
    asked = asked.join(Question, Question.article_id == Article.id).where(own)
    found: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    for number, title, *one in db.session.execute(asked.order_by(Regulation.id, Article.number)):
        found.setdefault(number, (f"《{title}》", []))[1].append((one[0], one[1]))
    return list(found.values())


def chapters(bank_id: int) -> list[str]:
    named = select(Question.chapter).where(Question.bank_id == bank_id, Question.chapter != "")
    return sorted(db.session.scalars(named.distinct()))


def article(article_id: int | None) -> tuple[Article, Regulation] | None:
    joined = select(Article, Regulation).join(Regulation, Regulation.id == Article.regulation_id)
    row = db.session.execute(joined.where(Article.id == article_id)).first() if article_id else None
    return (row[0], row[1]) if row else None


def neighbours(row: Question) -> tuple[int | None, int | None]:
    """Ids of the questions before and after this one in its bank, of the same state."""
    same = Question.bank_id == row.bank_id, Question.state == row.state
    before = select(func.max(Question.id)).where(*same, Question.id < row.id)
    after = select(func.min(Question.id)).where(*same, Question.id > row.id)
    return db.session.scalar(before), db.session.scalar(after)


def history(row: Question) -> list[Past]:
    """What became of a question, the latest first, down to how it came into the bank.

    The first version of an imported question is the question itself until something changes it.
    """
    kept = select(QuestionVersion).where(QuestionVersion.question_id == row.id)
    found = list(db.session.scalars(kept.order_by(QuestionVersion.number)))
    if not found:
        first = QuestionVersion(number=row.version, who=row.author, deed="import", at=row.created_at)
        first.document = versions.document(row)
        found = [first]
    before: list[dict[str, Any]] = [{}, *(version.document for version in found)]
    told = [
        Past(version, differences(old, version.document) if old else [], version.document.get("note", ""))
        for version, old in zip(found, before, strict=False)
    ]
    if found[0].deed == "import":
        told[0] = replace(told[0], note=_origin(row, found[0].document["stem"]))
    return told[::-1]


def _origin(row: Question, stem: str) -> str:
    """Where an imported question comes from: file, sheet, row."""
    found = db.session.get(BankImport, row.import_id) if row.import_id else None
    if found is None or row.source_row is None:
        return ""
    sheets = [name for name, rows in found.fixes.get("done", {}).items() if row.source_row in rows]
    if len(sheets) > 1:
        read = reading(found.report)
        same = [read.question((name, row.source_row)) for name in sheets]
        sheets = [name for name, asked in zip(sheets, same, strict=True) if asked and asked.stem == stem]
    return place_words(found.file_name, sheets[0] if sheets else "", row.source_row)


def version(question_id: int, number: int) -> QuestionVersion | None:
    return db.session.get(QuestionVersion, (question_id, number))


def twins(bank: Bank) -> list[Twins]:
    """Pairs that are likely the same question, likest first; at most TWINS.

    Those that are equal, kept side by side when they were imported, and what question_bank.duplicates
    finds, as on the page of an import.
    """
    mark = select(func.count(), func.max(Question.id), func.sum(Question.version))
    used = Question.bank_id == bank.id, Question.state != RETIRED
    state = tuple(db.session.execute(mark.where(*used)).one())
    pairs = memory().keep(("twins", bank.id, *state), lambda: _pairs(bank.id), seconds=600)
    wanted = {number for pair in pairs for number in pair[:2]}
    found = db.session.scalars(select(Question).where(Question.id.in_(wanted), *used))
    rows = {row.id: row for row in found}
    return [
        Twins(rows[first], rows[second], likeness, same)
        for first, second, likeness, same in pairs
        if first in rows and second in rows
    ]


def _pairs(bank_id: int) -> list[tuple[int, int, int, bool]]:
    used = select(Question).where(Question.bank_id == bank_id, Question.state != RETIRED)
    rows = list(db.session.scalars(used.order_by(Question.id)))
    placed = [Placed("", row.id, row.as_bank_question()) for row in rows]
    first: dict[str, int] = {}
    kept = [(first.setdefault(row.fingerprint, row.id), row.id, 100, True) for row in rows]
    found = sorted(duplicates.near(placed), key=lambda near: (near.same == "stem", -near.likeness, near.row))
    alike = [(near.of_row, near.row, near.likeness, near.same_key) for near in found]
    return [*(pair for pair in kept if pair[0] != pair[1]), *alike][:TWINS]


def editions() -> list[law.Edition]:
    """Every loaded regulation with its articles, in two statements."""
    held: dict[int, dict[int, int]] = {}
    listed = select(Article.regulation_id, Article.number, Article.id)
    for regulation_id, number, article_id in db.session.execute(listed):
        held.setdefault(regulation_id, {})[number] = article_id
    return [
        law.Edition(one.id, one.title, one.edition, one.effective_on, one.repealed_on, held.get(one.id, {}))
        for one in regulations()
    ]


def regulations() -> Sequence[Regulation]:
    return db.session.scalars(select(Regulation).order_by(Regulation.title, Regulation.id)).all()


def regulation(regulation_id: int) -> Regulation:
    found = db.session.get(Regulation, regulation_id)
    if found is None:
        raise NotFound
    return found


def standing(found: Regulation, on: date) -> bool:
    return law.in_force(found.repealed_on, on)
