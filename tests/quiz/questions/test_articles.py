"""Regulations loaded, repealed and removed; questions tied to their articles."""

from datetime import date
from typing import Any

import pytest
from factories import make_bank
from sqlalchemy import func, select

from question_bank import Kind
from question_bank import Question as BankQuestion
from quiz.extensions import db, transaction
from quiz.questions import articles, catalogue, coverage, law
from quiz.questions.models import Article, Bank, Question, Regulation

TEXT = "信访工作条例\n2022年2月25日发布\n第一章 总则\n第一条 甲。\n第二条 乙。\n第三条 自2022年5月1日起施行。"
OLD = "信访条例\n2005年1月10日公布\n第一条 旧。\n第十七条 书面。"


def asking(stem: str, basis: str = "", **more: Any) -> BankQuestion:
    return BankQuestion(Kind.TRUE_FALSE, stem, (), ("T",), basis=basis, **more)


@pytest.fixture
def bank(app: Any, time: Any) -> Bank:
    return make_bank(
        [
            asking("一。", "《信访工作条例》第一条"),
            asking("二。", "信访工作条例第2条第一款"),
            asking("三。", "《信访条例》第十七条"),
            asking("四。"),
            asking("根据信访条例，五。"),
            asking("六。", "《本县办法》第一条"),
        ],
        at=time.now(),
    )


def load(time: Any, text: str = TEXT, **more: Any) -> Regulation:
    with transaction():
        return articles.load(text=text, at=time.now(), who="olga", **more)


def ties() -> list[int | None]:
    """Number of the article each question is tied to."""
    db.session.rollback()
    numbers = dict(db.session.execute(select(Article.id, Article.number)).all())
    return [numbers.get(tie) for tie in db.session.scalars(select(Question.article_id).order_by(Question.id))]


def test_loading_ties_questions_to_articles(bank: Bank, time: Any):
    found = load(time)
    assert (found.title, found.edition, found.effective_on) == (
        "信访工作条例",
        "2022年2月25日发布",
        date(2022, 5, 1),
    )
    assert ties() == [1, 2, None, None, None, None]
    assert db.session.scalars(select(Question.version).distinct()).all() == [1]


def test_questions_that_come_later_are_tied_too(bank: Bank, time: Any):
    load(time)
    make_bank([asking("七。", "《信访工作条例》第三条")], at=time.now())
    assert ties()[-1] == 3


def test_the_same_version_is_loaded_once(bank: Bank, time: Any):
    load(time)
    with pytest.raises(law.AlreadyLoaded):
        load(time)
    load(time, edition="2030年修订")
    assert db.session.scalar(select(func.count()).select_from(Regulation)) == 2


@pytest.mark.parametrize("text", ["第一条 没有名称和日期。", "条例\n第一条 没有日期。"])
def test_a_regulation_without_name_or_version_is_refused(bank: Bank, time: Any, text: str):
    with pytest.raises(law.BadRegulation):
        load(time, text)
    assert db.session.scalar(select(func.count()).select_from(Regulation)) == 0
    assert load(time, text, title="《条例》", edition="试行").title == "条例"


def test_removing_a_text_leaves_the_basis(bank: Bank, time: Any):
    load(time)
    with transaction():
        articles.remove(catalogue.regulation(1), at=time.now(), who="olga")
    assert ties() == [None] * 6
    assert catalogue.question(1).basis == "《信访工作条例》第一条"


def test_the_audit_names_what_stands_on_nothing(bank: Bank, time: Any):
    def numbers(audit: coverage.Audit) -> tuple[list[int], list[int], list[int]]:
        return (
            [one.question.id for one in audit.repealed],
            [one.id for one in audit.without_basis],
            [one.id for one in audit.untied],
        )

    on = time.now().date()
    before = coverage.audit(bank, on=on)
    assert numbers(before) == ([3, 5], [4, 5], [1, 2, 3, 6])
    assert before.repealed[1].reason == "题干写的是已废止的《信访条例》"
    load(time)
    assert load(time, OLD).repealed_on == date(2022, 5, 1)
    after = coverage.audit(bank, on=on)
    assert numbers(after) == ([3, 5], [4, 5], [6])
    assert after.repealed[0].reason == "依据的文件已经废止"
    assert after.totals == {"repealed": 2, "without_basis": 2, "untied": 1}


def test_a_text_repealed_by_hand_makes_its_questions_doubtful(bank: Bank, time: Any):
    load(time)
    with transaction():
        articles.repeal(catalogue.regulation(1), on=date(2026, 1, 1), at=time.now(), who="olga")
    found = coverage.audit(bank, on=time.now().date())
    assert [one.question.id for one in found.repealed] == [1, 2, 3, 5]
    assert [one.question.id for one in coverage.audit(bank, on=date(2025, 12, 31)).repealed] == [3, 5]


def test_the_map_counts_by_article_kind_and_difficulty(bank: Bank, time: Any):
    found = load(time)
    drawn = coverage.coverage(bank, found)
    assert [row.counts for row in drawn.rows] == [{("true_false", 2): 1}, {("true_false", 2): 1}, {}]
    assert [row.article.number for row in drawn.bare] == [3]
    assert (drawn.kinds, drawn.total) == ([Kind.TRUE_FALSE], 2)
    assert coverage.totals() == {found.id: (3, 2, 2)}
    with transaction():
        catalogue.question(1).state = "draft"
    assert coverage.coverage(bank, found).total == 1
