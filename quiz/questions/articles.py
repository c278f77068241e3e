"""Deeds on regulations: load the text of one, say when it was repealed, tie questions to articles."""

from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from quiz.audit.services import record
from quiz.extensions import db
from quiz.questions import catalogue, law, queries
from quiz.questions.models import Article, Bank, Question, Regulation
from quiz.questions.rules import clean_name


def load(
    *,
    text: str,
    title: str = "",
    edition: str = "",
    effective_on: date | None = None,
    repealed_on: date | None = None,
    at: datetime,
    who: str,
) -> Regulation:
    """Store a regulation given as plain text and tie every bank's questions to its articles.

    What is not given is taken from the text. Raises NoArticles, TwiceNumbered, BadRegulation or
    AlreadyLoaded.
    """
    found = law.parse(text)
    title = clean_name(title).strip("《》") or found.title
    edition = clean_name(edition) or found.edition
    if not title or not edition or len(title) > law.LONGEST_TITLE or len(edition) > law.LONGEST_TITLE:
        raise law.BadRegulation("正文里没有找到名称或发布日期。请填写名称和版本，各不超过 120 个字。")
    row = Regulation(
        title=title,
        edition=edition,
        effective_on=effective_on or found.effective_on,
        repealed_on=repealed_on or _repealed(title),
        created_at=at,
    )
    _store(row)
    rows = [
        {"regulation_id": row.id, "number": one.number, "chapter": one.chapter, "text": one.text}
        for one in found.articles
    ]
    db.session.execute(insert(Article), rows)
    linked = link_everywhere(on=at.date())
    subject = f"regulation:{row.id}"
    record(
        who=who, what="regulation.load", subject=subject, at=at, title=title, edition=edition, linked=linked
    )
    return row


def _repealed(title: str) -> date | None:
    return law.KNOWN_REPEALED.get(title)


def _store(row: Regulation) -> None:
    try:
        db.session.add(row)
        db.session.flush()
    except IntegrityError as error:
        raise law.AlreadyLoaded from error


def repeal(row: Regulation, *, on: date | None, at: datetime, who: str) -> None:
    """Say from which day the regulation no longer holds; None when it does."""
    before, row.repealed_on = row.repealed_on, on
    db.session.flush()
    link_everywhere(on=at.date())
    days = {"before": str(before or ""), "after": str(on or "")}
    record(who=who, what="regulation.repeal", subject=f"regulation:{row.id}", at=at, **days)


def remove(row: Regulation, *, at: datetime, who: str) -> None:
    """Forget the text of a regulation. Questions keep their 依据 and lose the tie to its articles."""
    own = select(Article.id).where(Article.regulation_id == row.id)
    db.session.execute(update(Question).where(Question.article_id.in_(own)).values(article_id=None))
    db.session.execute(delete(Article).where(Article.regulation_id == row.id))
    told = {"title": row.title, "edition": row.edition}
    record(who=who, what="regulation.remove", subject=f"regulation:{row.id}", at=at, **told)
    db.session.delete(row)
    db.session.flush()
    link_everywhere(on=at.date())


def link_everywhere(*, on: date) -> int:
    """link_articles for every bank; returns how many questions changed."""
    editions = catalogue.editions()
    return sum(link_articles(bank, on=on, editions=editions) for bank in queries.banks())


def link_articles(bank: Bank, *, on: date, editions: list[law.Edition] | None = None) -> int:
    """Tie each question to the article its 依据 names; returns how many ties changed.

    After an import, after a regulation was loaded, repealed or removed. A 依据 that names several
    articles is tied to the first. The wording stays, so this makes no version.
    """
    editions = catalogue.editions() if editions is None else editions
    if not editions:
        return 0
    listed = select(Question.id, Question.basis, Question.article_id)
    rows = db.session.execute(listed.where(Question.bank_id == bank.id, Question.basis != "")).all()
    known = {basis: law.article_of(basis, editions, on=on) for basis in {row.basis for row in rows}}
    changed = [
        {"id": row.id, "article_id": known[row.basis]} for row in rows if known[row.basis] != row.article_id
    ]
    if changed:
        db.session.execute(update(Question), changed)
    return len(changed)
