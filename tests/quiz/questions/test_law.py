"""Regulations taken apart, and what a 依据 means."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.questions import law
from quiz.questions.law import Edition

TEXT = """# 图书馆条例

2020年3月1日 市图书馆发布

## 第一章 总则

第一条 为了方便读者，制定本条例。

第二条 本馆对外地读者开放：

（一）凭身份证登记；

第一条规定的读者也适用。

## 第二章　借阅

### 第一节 期限

第三条 借期是三十天。

第三条之一 寒假顺延。

第５条　本条例自2020年5月1日起施行。
"""
ON = date(2026, 11, 24)


def test_a_regulation_is_taken_apart():
    found = law.parse(TEXT)
    assert (found.title, found.edition) == ("图书馆条例", "2020年3月1日 市图书馆发布")
    assert found.effective_on == date(2020, 5, 1)
    assert [one.number for one in found.articles] == [1, 2, 3, 5]
    assert found.gaps == [4]
    assert {one.chapter for one in found.articles} == {"第一章 总则", "第二章 借阅"}
    assert found.articles[1].text.splitlines() == [
        "本馆对外地读者开放：",
        "（一）凭身份证登记；",
        "第一条规定的读者也适用。",
    ]
    assert found.articles[2].text == "借期是三十天。\n第三条之一 寒假顺延。"


def test_a_table_of_contents_before_the_text_does_no_harm():
    found = law.parse(
        "条例\n目录\n第一章 总则\n第二章 附则\n第一章 总则\n第一条　甲。\n第二章 附则\n第二条　乙。"
    )
    assert [(one.number, one.chapter) for one in found.articles] == [(1, "第一章 总则"), (2, "第二章 附则")]


@pytest.mark.parametrize("text", ["", "没有条文的文字", "第一章 总则\n正文"])
def test_text_without_articles_is_refused(text: str):
    with pytest.raises(law.NoArticles):
        law.parse(text)


def test_an_article_that_comes_twice_is_refused_with_its_number():
    with pytest.raises(law.TwiceNumbered, match="第二条出现了两次"):
        law.parse("条例\n第一条 甲。\n第二条 乙。\n第三条 丙。\n第二条 又来。")


@pytest.mark.parametrize("day", ["2020年13月41日", "0年1月1日"])
def test_a_day_that_does_not_exist_is_left_out(day: str):
    assert law.parse(f"条例\n第一条 自{day}起施行。").effective_on is None


def test_the_text_of_the_demo_is_whole(request: pytest.FixtureRequest):
    path = request.config.rootpath / "quiz" / "demo" / "regulation_2022.md"
    found = law.parse(path.read_text(encoding="utf-8"))
    assert (found.title, len(found.articles), found.gaps) == ("信访工作条例", 50, [])
    assert found.effective_on == date(2022, 5, 1)


@given(st.integers(min_value=1, max_value=9999))
def test_a_numeral_says_its_number(number: int):
    assert law.number_of(law.numeral(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("34", 34),
        ("３４", 34),
        ("三十四", 34),
        ("十", 10),
        ("一百零二", 102),
        ("二〇", 0),
        ("甲", None),
        ("", None),
    ],
)
def test_numerals_as_people_write_them(text: str, number: int | None):
    assert law.number_of(text) == number


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str):
    with suppress(law.NoArticles, law.TwiceNumbered):
        assert law.parse(text).articles
    list(law.cited(text))
    law.names_repealed(text, ON)


NEW = Edition(1, "信访工作条例", "2022年发布", date(2022, 5, 1), None, {7: 107, 34: 134})
OLD = Edition(2, "信访条例", "2005年公布", date(2005, 5, 1), date(2022, 5, 1), {7: 207})
DRAFT = Edition(3, "信访工作条例", "2030年修订", date(2030, 1, 1), None, {7: 307})


@pytest.mark.parametrize(
    ("basis", "article"),
    [
        ("《信访工作条例》第三十四条", 134),
        ("《信访工作条例》第 34 条第二款", 134),
        ("信访工作条例第三十四条", 134),
        ("《信访工作条例》第七条、第三十四条", 107),
        ("《信访条例》第七条", 207),
        ("《地方办法》第七条，《信访工作条例》第三十四条", 134),
        ("《地方办法》第七条", None),
        ("《信访工作条例》", None),
        ("第七条", None),
        ("", None),
    ],
)
def test_a_basis_finds_its_article(basis: str, article: int | None):
    assert law.article_of(basis, [NEW, OLD], on=ON) == article


def test_the_version_that_is_named_wins_else_the_one_in_force():
    superseded = Edition(4, "办法", "2010年发布", date(2010, 1, 1), date(2020, 1, 1), {1: 41})
    current = Edition(5, "办法", "2020年修订", date(2020, 1, 1), None, {1: 51})
    both = [superseded, current]
    assert law.article_of("《办法》第一条", both, on=ON) == 51
    assert law.article_of("《办法》（2010）第一条", both, on=ON) == 41


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("《信访条例》第十七条", True),
        ("国务院信访条例", True),
        ("根据信访条例的规定", True),
        ("《信访工作条例》第十七条", False),
        ("《广东省信访条例》第三条", False),
        ("信访", False),
    ],
)
def test_the_repealed_regulation_is_known_by_name(text: str, old: bool):
    assert law.names_repealed(text, ON) is old
    assert not law.names_repealed(text, date(2021, 1, 1))
