"""The organiser's pages for writing and keeping questions, and for regulations."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_questions
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event

from question_bank import Kind
from question_bank import Question as BankQuestion
from quiz.extensions import db
from quiz.questions import catalogue
from quiz.questions.models import Bank, Question, Regulation

TEXT = """信访工作条例
2022年2月25日发布
第一章 总则
第一条 甲甲甲。
第二条 乙。
第四条 自2022年5月1日起施行。"""
EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "{{7*7}}${7*7}",
    "</textarea><script>alert(2)</script>",
    "javascript:alert(1)",
]


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    return sign_in(client, "olga")


def sign_in(client: FlaskClient, name: str) -> FlaskClient:
    g.pop("_login_user", None)
    assert client.post("/admin/sign-in", data={"name": name, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def bank(desk: FlaskClient, time: Any) -> Bank:
    return make_bank(make_questions(single=3, multiple=1, true_false=1, fill=1), at=time.now())


def written(**changes: Any) -> dict[str, Any]:
    plain = {
        "kind": "single",
        "stem": "借期几天？",
        "option": ["三十天", "十天"],
        "key": ["A"],
        "version": "1",
    }
    return plain | {"difficulty": "1", "practisable": "y"} | changes


def load(desk: FlaskClient, text: str = TEXT, **more: Any) -> Any:
    return desk.post("/admin/regulations/load", data={"text": text, **more})


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def remember(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", remember)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", remember)


def test_a_question_is_shown_edited_and_its_versions_told(desk: FlaskClient, bank: Bank):
    shown = desk.get("/admin/questions/1").text
    for words in ("单选题干 0", "已审定", "手机上的样子", "不影响已经建好的考试", "第 1 版<span>导入</span>"):
        assert words in shown
    reply = desk.post("/admin/questions/1", data=written(stem="改过的题干", tags="重点、新", points="2.5"))
    assert reply.status_code == 303
    shown = desk.get(reply.location).text
    for words in ("已保存。", "第 2 版", "改动记录", "olga", "11 月 24 日 12:00", "重点、新"):
        assert words in shown
    row = catalogue.question(1)
    assert (row.stem, row.tags, row.points, row.difficulty) == ("改过的题干", ["重点", "新"], 2.5, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stem": " "}, "没有题干"),
        ({"key": []}, "没有答案"),
        ({"key": ["D"]}, "答案 D 不在选项 A 至 B 中"),
        ({"option": ["一"]}, "只有 1 个选项，至少要 2 个"),
        ({"option": ["一", "", "三"]}, "选项 B 是空的"),
        ({"option": ["同", "同"]}, "选项 A 与 B 文字相同"),
        ({"kind": "true_false"}, "没有答案"),
        ({"kind": "fill", "texts": "一\n\n三"}, "有一个空没有答案"),
        ({"points": "很多"}, "分值是 0.5 到 100 之间的数"),
        ({"points": "nan"}, "分值是 0.5 到 100 之间的数"),
        ({"kind": "essay"}, "有几处要先改好"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desk: FlaskClient, bank: Bank, changes: dict[str, Any], words: str
):
    for path in ("/admin/questions/1", f"/admin/questions/banks/{bank.id}/new"):
        reply = desk.post(path, data=written(**changes))
        assert reply.status_code == 422
        assert words in reply.text
    assert catalogue.question(1).version == 1


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"kind": "multiple", "key": ["B", "A"]}, ["A", "B"]),
        ({"kind": "true_false", "truth": "F"}, ["F"]),
        ({"kind": "fill", "texts": "三十|||30\n两次"}, ["三十|||30", "两次"]),
        ({"kind": "short", "texts": "要点一\n要点二"}, ["要点一\n要点二"]),
        ({"kind": "short", "texts": ""}, []),
    ],
)
def test_every_kind_is_written_as_a_draft(
    desk: FlaskClient, bank: Bank, changes: dict[str, Any], key: list[str]
):
    reply = desk.post(f"/admin/questions/banks/{bank.id}/new", data=written(**changes))
    assert reply.status_code == 303
    row = db.session.query(Question).order_by(Question.id.desc()).first()
    assert (row.kind, row.key, row.state) == (changes["kind"], key, "draft")
    assert (
        desk.post(f"/admin/questions/{row.id}/state", data={"deed": "approve", "version": "1"}).status_code
        == 303
    )
    assert "已审定" in desk.get(f"/admin/questions/{row.id}").text


def test_the_second_of_two_sees_what_the_first_changed(desk: FlaskClient, bank: Bank, app: Flask, time: Any):
    assert desk.post("/admin/questions/1", data=written(stem="先改的题干")).status_code == 303
    make_account("bo", at=time.now())
    other = sign_in(app.test_client(), "bo")
    late = other.post("/admin/questions/1", data=written(stem="后改的题干"))
    assert late.status_code == 409
    for words in ("olga刚才已经改过这道题", "你打开之后的改动", "后改的题干", "<ins>先改"):
        assert words in late.text
    assert catalogue.question(1).stem == "先改的题干"
    assert 'name="version" type="hidden" value="2"' in late.text
    again = other.post("/admin/questions/1", data=written(stem="后改的题干", version="2"))
    assert again.status_code == 303
    assert catalogue.question(1).stem == "后改的题干"


def test_two_persons_are_asked_for_when_the_bank_says_so(
    desk: FlaskClient, bank: Bank, app: Flask, time: Any
):
    desk.post(f"/admin/questions/banks/{bank.id}/review", data={"reviewed": "yes"})
    assert "要由另一个人审定" in desk.get(f"/admin/questions/banks/{bank.id}").text
    desk.post("/admin/questions/1", data=written())
    shown = desk.get("/admin/questions/1").text
    assert "请同事来审定" in shown
    assert 'value="approve"' not in shown
    assert desk.post("/admin/questions/1/state", data={"deed": "approve", "version": "2"}).status_code == 403
    make_account("bo", at=time.now())
    other = sign_in(app.test_client(), "bo")
    assert other.post("/admin/questions/1/state", data={"deed": "approve", "version": "2"}).status_code == 303
    assert catalogue.question(1).reviewer == "bo"


@pytest.mark.parametrize("data", [{}, {"deed": "approve"}, {"deed": "retire", "version": "x"}])
def test_an_odd_deed_is_refused(desk: FlaskClient, bank: Bank, data: dict[str, str]):
    assert desk.post("/admin/questions/1/state", data=data).status_code == 409
    assert catalogue.question(1).state == "approved"


def test_a_bank_is_searched_by_everything(desk: FlaskClient, bank: Bank):
    page = f"/admin/questions/banks/{bank.id}"
    load(desk)
    desk.post(
        "/admin/questions/1", data=written(tags="重点", basis="《信访工作条例》第二条", explanation="见馆规")
    )
    desk.post("/admin/questions/2/state", data={"deed": "retire", "version": "1"})
    article = catalogue.question(1).article_id

    def count(query: str) -> int:
        return desk.get(page + "?" + query).text.count("<details")

    assert (count(""), count("state=all"), count("state=retired"), count("state=draft")) == (5, 6, 1, 0)
    assert (count("tag=重点"), count("tag=点"), count("article=999")) == (1, 0, 0)
    assert (count(f"article={article}"), count("source=hand"), count("source=7")) == (1, 5, 0)
    assert (count("text=三十天"), count("text=见馆规"), count("text=第二条"), count("text=%5Cu4e09")) == (
        1,
        1,
        1,
        0,
    )
    shown = desk.get(f"{page}?article={article}").text
    assert '<optgroup label="《信访工作条例》">' in shown
    assert f'<option value="{article}" selected>第 2 条</option>' in shown


def test_many_are_changed_from_the_list(desk: FlaskClient, bank: Bank):
    where = f"/admin/questions/banks/{bank.id}"
    reply = desk.post(
        where + "/bulk", data={"id": ["1", "2"], "deed": "tag", "value": "重点", "kind": "single"}
    )
    assert reply.location == where + "?kind=single"
    assert "已改 2 题。" in desk.get(reply.location).text
    desk.post(where + "/bulk", data={"all": "yes", "kind": "single", "deed": "difficulty:3", "page": "2"})
    assert [row.difficulty for row in db.session.query(Question).filter_by(kind="single")] == [3, 3, 3]
    assert catalogue.question(4).difficulty != 3
    for data in (
        {"deed": "retire"},
        {"id": "x", "deed": "retire"},
        {"id": "1", "deed": "chapter:"},
        {"id": "1"},
    ):
        reply = desk.post(where + "/bulk", data=data)
        assert reply.status_code == 303
    assert catalogue.question(1).state == "approved"


def test_likely_twins_are_shown_and_merged(desk: FlaskClient, time: Any):
    options = ("自受理之日起三十日", "自受理之日起六十日")
    asked = "信访事项办结的期限从哪一天开始计算"
    made = [
        BankQuestion(Kind.SINGLE, asked, options, ("A",)),
        BankQuestion(Kind.SINGLE, asked + "呢", options, ("A",)),
        BankQuestion(Kind.SINGLE, "图书馆星期几闭馆", ("星期一", "星期二"), ("A",)),
    ]
    bank = make_bank(made, at=time.now())
    where = f"/admin/questions/banks/{bank.id}"
    shown = desk.get(where + "/twins").text
    assert "找到 1 对相近的题" in shown
    assert "<ins>呢</ins>" in shown
    numbers = {"keep": "1", "drop": "2", "seen": "1", "gone": "1"}
    assert desk.post(where + "/merge", data=numbers | {"gone": "9"}).status_code == 409
    assert desk.post(where + "/merge", data={"keep": "1"}).status_code == 404
    assert desk.post("/admin/questions/banks/99/merge", data=numbers).status_code == 404
    assert desk.post(where + "/merge", data=numbers).status_code == 303
    assert catalogue.question(2).state == "retired"
    assert "没有相近的题" in desk.get(where + "/twins").text
    assert "已并到第 1 号题" in desk.get("/admin/questions/2").text


def test_a_regulation_is_loaded_shown_and_tied(desk: FlaskClient, bank: Bank):
    reply = load(desk)
    assert reply.status_code == 303
    shown = desk.get(reply.location).text
    for words in ("信访工作条例", "第一章 总则", "甲甲甲。", "没有题", "缺第 3 条", "2022-05-01"):
        assert words in shown
    desk.post("/admin/questions/1", data=written(basis="《信访工作条例》第一条"))
    assert "甲甲甲。" in desk.get("/admin/questions/1").text
    assert "1 题" in desk.get(reply.location).text
    shown = desk.get(f"/admin/questions/banks/{bank.id}/coverage").text
    assert shown.count("这一条还没有题") == 2
    desk.post(reply.location + "/repeal", data={"day": "2026-01-01"})
    assert "已废止" in desk.get("/admin/regulations/").text
    assert "请改成现行的条文" in desk.get("/admin/questions/1").text
    desk.post(reply.location + "/remove")
    assert db.session.query(Regulation).count() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_any_encoding(desk: FlaskClient, encoding: str):
    data = {"file": (io.BytesIO(TEXT.encode(encoding)), "条例.txt")}
    assert desk.post("/admin/regulations/load", data=data).status_code == 303
    assert db.session.query(Regulation).one().title == "信访工作条例"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "没有条文"}, "没有找到"),
        ({"text": TEXT, "effective_on": "昨天"}, "日期要写成"),
        ({"text": "字" * 400_001}, "正文太长"),
        ({"text": TEXT.replace("第四条", "第二条 ")}, "第二条出现了两次"),
        ({"file": b"PK\x03\x04\x00\x00\xff"}, "不是纯文本"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(desk: FlaskClient, data: dict[str, Any], words: str):
    sent = data | ({"file": (io.BytesIO(data["file"]), "条例.docx")} if "file" in data else {})
    reply = desk.post("/admin/regulations/load", data=sent)
    assert reply.status_code == 422
    assert words in reply.text
    assert db.session.query(Regulation).count() == 0


def test_pages_cost_the_same_for_one_question_and_three(desk: FlaskClient, time: Any):
    def cost(path: str) -> int:
        db.session.expire_all()
        with statements() as seen:
            assert desk.get(path).status_code == 200
        return len(seen)

    bank = make_bank(make_questions(single=1, multiple=0, true_false=0), at=time.now())
    load(desk)
    sent = written(basis="《信访工作条例》第一条")
    desk.post("/admin/questions/1", data=sent)
    where = f"/admin/questions/banks/{bank.id}"
    paths = [where, where + "/coverage", where + "/twins", "/admin/questions/1"]
    paths += ["/admin/regulations/", "/admin/regulations/1"]
    one = {path: cost(path) for path in paths}
    make_bank(make_questions(single=4, multiple=2, true_false=1), at=time.now())
    load(desk, edition="第二版")
    for number in (2, 3):
        desk.post("/admin/questions/1", data=sent | {"stem": f"第 {number} 回", "version": str(number)})
    assert {path: cost(path) for path in paths} == one


@pytest.mark.parametrize("evil", EVIL)
def test_markup_in_any_field_is_shown_as_text(desk: FlaskClient, bank: Bank, evil: str):
    fields = ("stem", "explanation", "basis", "chapter", "tags")
    sent = written(option=[evil, evil + "乙"], **dict.fromkeys(fields, evil))
    load(desk, f"{evil}\n2022年2月25日发布{evil}\n第一章 {evil}\n第一条 {evil}", title=evil, edition=evil)
    assert desk.post("/admin/questions/1", data=sent).status_code == 303
    assert (
        desk.post("/admin/questions/1", data=sent | {"version": "2", "stem": evil + "改"}).status_code == 303
    )
    late = desk.post("/admin/questions/1", data=sent)
    where = f"/admin/questions/banks/{bank.id}"
    paths = ["/admin/questions/1", where, where + "/coverage", where + "/twins", "/admin/regulations/"]
    texts = [desk.get(path).text for path in [*paths, "/admin/regulations/1"]] + [late.text]
    for text in texts:
        for live in ("<script>alert", "<img src=x", "<svg/onload", "</textarea><script"):
            assert live not in text
        assert ">49$" not in text


def test_nobody_gets_in_without_signing_in(app: Flask, time: Any):
    make_bank(at=time.now())
    stranger = app.test_client()
    for path in ("/admin/questions/1", "/admin/questions/banks/1/coverage", "/admin/regulations/"):
        assert "/admin/sign-in" in stranger.get(path).location
    assert stranger.post("/admin/questions/1", data=written()).status_code == 401


def test_the_phone_beside_the_form_is_framed_by_us_alone(desk: FlaskClient):
    reply = desk.get("/admin/questions/phone")
    assert reply.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "js/item.js" in reply.text
