from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.errors import CannotRead
from question_bank.question import Kind, Question
from question_bank.reading import read
from question_bank.report import Report

Reader = Callable[[str], Report]


@pytest.fixture
def take(tmp_path: Path) -> Reader:
    def made(body: str) -> Report:
        path = tmp_path / "题库.xml"
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{body}</quiz>', encoding="utf-8")
        return read(path)

    return made


def one(kind: str, stem: str, rest: str) -> str:
    return (
        f'<question type="{kind}"><name><text>名</text></name><questiontext format="html">'
        f"<text>{stem}</text></questiontext>{rest}</question>"
    )


def answer(text: str, fraction: str = "0", form: str = "html", feedback: str = "") -> str:
    said = f"<feedback format='html'><text>{feedback}</text></feedback>" if feedback else ""
    return f'<answer fraction="{fraction}" format="{form}"><text>{text}</text>{said}</answer>'


def only(report: Report) -> Question:
    assert report.errors == []
    assert len(report.questions) == 1
    return report.questions[0].question


def test_single_choice(take: Reader) -> None:
    rest = (
        "<generalfeedback format='html'><text><![CDATA[<p>总的</p>]]></text></generalfeedback>"
        "<defaultgrade>2.0000000</defaultgrade><single>true</single>"
        + answer("<![CDATA[<p>甲&nbsp;&amp; 乙</p>]]>", "100")
        + answer("&lt;p&gt;a &amp;lt; b&lt;/p&gt;", feedback="不对")
    )
    category = '<question type="category"><category><text>$course$/top/第一章</text></category></question>'
    found = only(
        take(category + one("multichoice", "<![CDATA[<p>第一行<br>第二行</p><p>第三行</p>]]>", rest))
    )
    assert found == Question(
        Kind.SINGLE,
        "第一行\n第二行\n第三行",
        ("甲 & 乙", "a < b"),
        ("A",),
        "总的\nB：不对",
        "",
        "第一章",
        points=2.0,
    )


def test_several_right_answers(take: Reader) -> None:
    options = answer("甲", "33.33333") + answer("乙", "-100") + answer("丙", "66.66667")
    found = only(take(one("multichoice", "选", f"<single>false</single>{options}")))
    assert (found.kind, found.key) == (Kind.MULTIPLE, ("A", "C"))


def test_true_or_false(take: Reader) -> None:
    found = only(take(one("truefalse", "对吗", answer("true") + answer("false", "100", feedback="错在这里"))))
    assert (found.kind, found.key, found.explanation) == (Kind.TRUE_FALSE, ("F",), "错在这里")


def test_short_answers_and_essays(take: Reader) -> None:
    fill = one("shortanswer", "首都？", answer("北京", "100") + answer("北平", "100") + answer("上*", "50"))
    essay = one(
        "essay", "简述", "<graderinfo format='html'><text>&lt;p&gt;要点&lt;/p&gt;</text></graderinfo>"
    )
    report = take(fill + essay)
    assert [placed.question.key for placed in report.questions] == [("北京|||北平",), ("要点",)]
    assert [problem.code for problem in report.problems] == ["part-marks"]


def test_cloze_of_short_answers(take: Reader) -> None:
    stem = "首都 {1:SHORTANSWER:=北京#对~%50%北平~*}，最大 ____{2:SA:%100%上海~=沪}"
    assert only(take(one("cloze", stem, ""))) == Question(
        Kind.FILL, "首都 ____，最大 ____", (), ("北京", "上海|||沪")
    )
    other = take(one("cloze", "选 {1:MULTICHOICE:=甲~乙}", ""))
    assert [left.reason for left in other.left_out] == ["cloze"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("numerical", "numerical"),
        ("matching", "matching"),
        ("description", "description"),
        ("calculatedmulti", "calculated"),
        ("ddwtos", "interactive"),
        ("stack", "unknown"),
    ],
)
def test_other_types_are_left_out_by_name(take: Reader, kind: str, reason: str) -> None:
    report = take(one(kind, "{=1+1}", answer("2", "100")))
    assert report.questions == []
    assert [left.reason for left in report.left_out] == [reason]
    assert [problem.code for problem in report.problems] == ["kind-not-read"]


def test_tags_that_are_none_stay(take: Reader) -> None:
    rest = "<single>true</single>" + answer("&lt;T&gt;", "100") + answer("&lt;% x %&gt;")
    found = only(take(one("multichoice", "&lt;b&gt;粗&lt;/b&gt; &amp;lt;img&amp;gt;", rest)))
    assert (found.stem, found.options) == ("粗 <img>", ("<T>", "<% x %>"))
    text = "<questiontext format='plain_text'><text>&lt;b&gt; &amp;amp;</text></questiontext>"
    plain = f"<question type='essay'>{text}</question>"
    assert only(take(plain)).stem == "<b> &amp;"


def test_scripts_vanish_and_pictures_are_named(take: Reader) -> None:
    stem = "<![CDATA[<script>alert(1)</script>看<img src=x onerror=alert(1)>图]]>"
    report = take(one("truefalse", stem, answer("true", "100") + answer("false")))
    assert report.questions[0].question.stem == "看［图］图"
    assert [problem.code for problem in report.problems] == ["has-picture"]


def test_a_key_is_never_guessed(take: Reader) -> None:
    none = one("multichoice", "无", "<single>true</single>" + answer("甲") + answer("乙", "50"))
    two = one("multichoice", "两", "<single>true</single>" + answer("甲", "100") + answer("乙", "100"))
    both = one("truefalse", "都对", answer("true", "100") + answer("false", "100"))
    report = take(none + two + both)
    assert report.questions == []
    assert [problem.code for problem in report.errors] == ["no-key", "many-keys-for-single", "no-key"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE quiz [<!ENTITY a "b">]><quiz><question type="essay"/></quiz>',
        '<?xml version="1.0"?><!-- x --><!DOCTYPE quiz SYSTEM "http://x.example/y.dtd"><quiz/>',
        "<quiz>" + "<a>" * 200 + "</a>" * 200 + "</quiz>",
        "<quiz><question></quiz>",
        "<quiz>&unknown;</quiz>",
        "<quiz/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_must_not_be_parsed_is_refused(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "题库.xml"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(CannotRead) as refusal:
        read(path)
    assert refusal.value.code in ("dtd", "unpacks-too-large", "damaged", "no-questions")


@pytest.mark.parametrize("part", ["<a ", "<!-- ", "{1:SA:", "<p title='", "&"])
def test_long_rubbish_takes_no_time(take: Reader, part: str) -> None:
    rubbish = part.replace("&", "&amp;").replace("<", "&lt;") * 50_000
    assert len(take(one("cloze" if ":" in part else "essay", rubbish + "x", "")).problems) <= 1


def test_chinese_encodings(tmp_path: Path) -> None:
    path = tmp_path / "题库.xml"
    body = f'<?xml version="1.0" encoding="GBK"?><quiz>{one("essay", "信访", "")}</quiz>'
    path.write_bytes(body.encode("gbk"))
    assert read(path).questions[0].question.stem == "信访"
