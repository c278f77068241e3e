"""Practising on the phone page by page, and the desk; on both databases."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import (
    PASSWORD,
    forget,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from question_bank import Kind
from question_bank import Question as BankQuestion
from quiz import practice, tokens
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.people.persons import sign_out
from quiz.people.services import hash_secret
from quiz.practice.models import PracticeAnswer
from quiz.questions.models import Article, Bank, Question, Regulation

BUDGET = 30 * 1024
CANARY = "金丝雀"


def planted() -> list[BankQuestion]:
    """One of each kind; explanation, 依据 and whatever is right only here hold the canary."""
    made = make_questions(single=2, multiple=1, true_false=1, fill=1)
    made = [replace(one, explanation=f"{CANARY}解析", basis=f"{CANARY}依据") for one in made]
    fill = replace(made[4], key=(f"{CANARY}甲|||{CANARY}乙",))
    short = BankQuestion(Kind.SHORT, "简述处理程序", (), (f"{CANARY}答案",), chapter="第三章 督查督办")
    return [*made[:3], replace(made[3], chapter=""), fill, short]


@pytest.fixture
def bank(app: Flask, time: Any) -> Bank:
    return make_bank(planted(), at=time.now())


@pytest.fixture
def ann(bank: Bank) -> Person:
    return make_person(unit=make_unit())


@pytest.fixture
def phone(client: FlaskClient, ann: Person) -> FlaskClient:
    assert identify(client).status_code == 303
    return client


def identify(client: FlaskClient, name: str = "安宁", phone: str = "138 0000 0001") -> Any:
    return client.post("/practice", data={"name": name, "phone": phone})


def questions() -> list[Question]:
    return list(db.session.scalars(db.select(Question).order_by(Question.id)))


def of_kind(kind: str) -> Question:
    return next(one for one in questions() if one.kind == kind)


def address(question: Question, **query: str) -> str:
    return f"/practice/{question.bank_id}/{question.id}?" + "&".join(f"{a}={b}" for a, b in query.items())


def give(client: FlaskClient, question: Question, *answer: str, **query: str) -> Any:
    """Open the question, answer it as the page's form does."""
    where = address(question, **(query or {"way": "chapter", "chapter": question.chapter}))
    seen = re.search(r'name="seen" value="(\d*)"', client.get(where).text)
    assert seen
    return client.post(where, data={"seen": seen[1], "answer": list(answer)})


def record() -> PracticeAnswer:
    db.session.rollback()
    return db.session.scalars(db.select(PracticeAnswer)).one()


# Who practises


@pytest.mark.parametrize("path", ["/practice/1", "/practice/1/1", "/practice/1/start"])
def test_who_has_not_identified_is_asked_who_they_are(client: FlaskClient, ann: Person, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.location) == (302, "/practice")
    assert "核对身份，开始练习" in client.get("/practice").text


@pytest.mark.parametrize("path", ["", "/recall", "/mastered"])
def test_nothing_is_kept_for_a_stranger(client: FlaskClient, ann: Person, path: str) -> None:
    where = f"/practice/{questions()[0].bank_id}/{questions()[0].id}{path}"
    reply = client.post(where, data={"answer": "A", "remembered": "yes"})
    assert reply.status_code == 401
    assert CANARY not in reply.text


def test_name_and_phone_lead_to_the_only_bank(phone: FlaskClient, bank: Bank) -> None:
    reply = phone.get("/practice", follow_redirects=True)
    assert reply.request.path == f"/practice/{bank.id}"
    assert "安宁 · 青石镇" in reply.text
    assert "不是本人" in reply.text
    assert "核对身份，开始练习" in phone.get("/practice?other=1").text


def test_number_and_passcode_do_too(client: FlaskClient, bank: Bank) -> None:
    make_person(unit=make_unit(), phone=None, number="A07", passcode_hash=hash_secret("2468"))
    data = {"number": "A07", "passcode": "2468"}
    assert client.post("/practice?by=number", data=data).location == "/practice"
    assert client.post("/practice?by=number", data=data | {"passcode": "1"}).status_code == 401


def test_wrong_names_are_told_and_counted(client: FlaskClient, ann: Person) -> None:
    refused = identify(client, name="别人")
    assert 'role="alert"' in refused.text
    assert identify(client, phone="1380000").status_code == 422
    for _ in range(9):
        identify(client, name="别人")
    assert identify(client).status_code == 429


def test_practising_leaves_a_running_exam_alone(
    client: FlaskClient, ann: Person, bank: Bank, time: Any
) -> None:
    exam = make_exam(make_bank(name="大题库", at=time.now()), at=time.now())
    client.post(f"/e/{exam.code}", data={"name": "安宁", "phone": "13800000001"})
    before = client.get_cookie(tokens.COOKIE).value
    identify(client)
    assert client.get_cookie(tokens.COOKIE).value == before
    assert "考试须知" in client.get(f"/e/{exam.code}/notice").text


def test_the_two_cookies_are_not_good_for_each_other(app: Flask, client: FlaskClient, ann: Person) -> None:
    identify(client)
    token = client.get_cookie(tokens.PRACTICE_COOKIE).value
    secret = app.config["SECRET_KEY"]
    assert tokens.verify_practice(secret, token).person == ann.id
    assert tokens.verify(secret, token) is None
    assert tokens.verify_practice(secret, tokens.sign(secret, person=ann.id, exam=1)) is None
    assert tokens.verify_practice(secret, token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert tokens.verify_practice(secret, "字.字") is None


def test_who_left_the_roster_is_asked_again(phone: FlaskClient, ann: Person, bank: Bank) -> None:
    with transaction():
        ann.active = False
    assert phone.get(f"/practice/{bank.id}").location == "/practice"


# Choosing


def test_several_banks_are_listed(phone: FlaskClient, bank: Bank, time: Any) -> None:
    make_bank(make_questions(single=3, multiple=0, true_false=0), name="第二个题库", at=time.now())
    give(phone, of_kind("single"), "B")
    text = phone.get("/practice").text
    assert "共 3 题" in text
    assert "已练 1 题，答对 0 题" in text
    assert "错题本 1 题" in text


def test_without_anything_released_the_page_says_so(phone: FlaskClient, bank: Bank) -> None:
    assert "自由练习" in phone.get("/").text
    with transaction():
        for question in questions():
            question.practisable = False
    assert "现在没有可以练习的题库。" in phone.get("/practice").text
    assert phone.get(f"/practice/{bank.id}").status_code == 404
    assert phone.get(f"/practice/{bank.id}/start").status_code == 404
    assert "自由练习" not in phone.get("/").text


def test_a_bank_shows_chapters_with_what_is_done(phone: FlaskClient, bank: Bank) -> None:
    give(phone, of_kind("single"), "A")
    give(phone, of_kind("multiple"), "A")
    text = phone.get(f"/practice/{bank.id}").text
    assert text.index("第一章　总则") < text.index("未分章节") < text.index("第三章　督查督办")
    assert "已练 2 题，答对 1 题" in text
    assert "还没有练过" in text
    assert '<b>错题本</b><span class="zhu">1 题</span>' in text


def test_a_chapter_goes_on_where_it_was_left(phone: FlaskClient, bank: Bank) -> None:
    start = f"/practice/{bank.id}/start?way=chapter&chapter=第一章+总则"
    rows = [one for one in questions() if one.chapter == "第一章 总则"]
    assert f"/{rows[0].id}?" in phone.get(start).location
    give(phone, rows[0], "A")
    assert f"/{rows[1].id}?" in phone.get(start).location
    for row in rows[1:]:
        give(phone, row, "A")
    assert f"/{rows[0].id}?" in phone.get(start).location


def test_random_visits_every_question_once(phone: FlaskClient, bank: Bank) -> None:
    where, seen = phone.get(f"/practice/{bank.id}/start?way=random").location, []
    while where is not None:
        page = phone.get(where).text
        seen.append(int(where.rpartition("/")[2].partition("?")[0]))
        assert f"{len(seen)} / 6" in page
        link = re.search(r'href="(/practice/\d+/\d+\?[^"]+)">跳过', page)
        where = link[1].replace("&amp;", "&") if link else None
    assert sorted(seen) == [one.id for one in questions()]


def test_the_book_is_practised_until_it_is_empty(phone: FlaskClient, bank: Bank, time: Any) -> None:
    single, several = of_kind("single"), of_kind("multiple")
    for question in (single, several):
        give(phone, question, "D")
    start = f"/practice/{bank.id}/start?way=book"
    assert phone.get(start).location == address(single, way="book")
    time.move(seconds=1)
    assert "再答对 1 次，就移出错题本。" in give(phone, single, "A", way="book").text
    time.move(seconds=1)
    last = give(phone, single, "A", way="book").text
    assert "连续答对 2 次，已移出错题本。" in last
    assert f"/{several.id}?way=book" in last
    mastered = phone.post(f"/practice/{bank.id}/{several.id}/mastered?way=book")
    assert (mastered.status_code, mastered.location) == (303, f"/practice/{bank.id}")
    assert phone.get(start).location == f"/practice/{bank.id}"
    assert "还没有错题" in phone.get(f"/practice/{bank.id}").text


# Answering


@pytest.mark.parametrize(
    ("kind", "answer", "right", "words"),
    [
        ("single", ["A"], True, ["你选对了"]),
        ("single", ["B"], False, ["你的答案", "正确答案", "已放进错题本。"]),
        ("single", [], False, ["没有作答", "正确答案"]),
        ("multiple", ["A", "B"], True, ["你选对了"]),
        ("multiple", ["A", "C"], False, ["漏选", "多选了"]),
        ("true_false", ["F"], False, ["你的答案"]),
        ("fill", [f"{CANARY}乙"], True, []),
        ("fill", ["  "], False, ["没有作答", "没有填", f"{CANARY}甲 或 {CANARY}乙"]),
        ("single", ["Z", "<script>"], False, ["答错了"]),
    ],
)
def test_an_answer_is_judged_at_once(
    phone: FlaskClient, kind: str, answer: list[str], right: bool, words: list[str]
) -> None:
    text = give(phone, of_kind(kind), *answer).text
    for word in [*words, "答对了" if right else "答错了" if any(map(str.strip, answer)) else "没有作答"]:
        assert word in text
    assert f"{CANARY}解析" in text
    assert f"{CANARY}依据" in text
    assert "<script>" not in text.partition("</head>")[2]
    assert (record().right, record().wrong, record().in_book) == (int(right), int(not right), not right)


def test_the_article_is_shown_with_the_key(phone: FlaskClient, time: Any) -> None:
    question = of_kind("single")
    with transaction():
        law = Regulation(title="信访工作条例", edition="2022 年 2 月 25 日发布", created_at=time.now())
        db.session.add(law)
        db.session.flush()
        article = Article(regulation_id=law.id, number=1, text=f"第一条　{CANARY}条文。")
        db.session.add(article)
        db.session.flush()
        question.article_id = article.id
    assert CANARY not in phone.get(address(question)).text
    text = give(phone, question, "A").text
    assert f"{CANARY}条文。" in text
    assert "《信访工作条例》2022 年 2 月 25 日发布" in text
    assert f"{CANARY}解析" in text


def test_a_short_answer_is_judged_by_the_person(phone: FlaskClient, bank: Bank, time: Any) -> None:
    question = of_kind("short")
    text = give(phone, question, "我的回答").text
    assert "我的回答" in text
    assert f"{CANARY}答案" in text
    assert db.session.scalar(db.select(PracticeAnswer)) is None
    recall = address(question).replace("?", "/recall?") + "way=random"
    following = phone.post(recall, data={"seen": "", "remembered": "no"})
    assert following.status_code == 303
    assert record().in_book
    time.move(seconds=1)
    phone.post(recall, data={"seen": "", "remembered": "no"})
    assert record().wrong == 1
    assert phone.post(address(of_kind("single")).replace("?", "/recall?")).status_code == 400


def test_sending_a_page_again_counts_once(phone: FlaskClient, time: Any) -> None:
    question = of_kind("single")
    for _ in range(3):
        time.move(seconds=1)
        assert "答错了" in phone.post(address(question), data={"seen": "", "answer": "B"}).text
    assert record().wrong == 1


# What may not be seen


def test_no_page_tells_the_key_before_the_answer(phone: FlaskClient, bank: Bank) -> None:
    paths = ["/", "/practice", "/practice?other=1", f"/practice/{bank.id}"]
    ways = [{"way": "random", "seed": "ab"}, {"way": "book"}, {"way": "chapter"}]
    paths += [address(one, **way) for one in questions() for way in ways]
    before = phone.get(paths[-1]).text
    give(phone, questions()[-2], "x")
    for path in paths:
        reply = phone.get(path, follow_redirects=True)
        assert reply.status_code == 200
        assert CANARY not in f"{reply.headers}{reply.text}", path
    # A choice or a judgement is the same page whatever its key.
    with transaction():
        of_kind("single").key, of_kind("true_false").key = ["C"], ["F"]
    assert phone.get(paths[-1]).text.partition("<main")[2] == before.partition("<main")[2]


def test_one_person_sees_nothing_of_another(phone: FlaskClient, app: Flask, ann: Person, bank: Bank) -> None:
    give(phone, of_kind("single"), "B")
    make_person("波", unit=ann.unit, phone="13800000002")
    other = app.test_client()
    identify(other, "波", "13800000002")
    text = other.get(f"/practice/{bank.id}").text
    assert "还没有错题" in text
    assert "已练" not in text


def test_practice_pauses_while_an_exam_is_open(phone: FlaskClient, time: Any) -> None:
    big = make_bank(name="大题库", at=time.now())
    exam: Exam = make_exam(big, at=time.now() + timedelta(minutes=10))
    question = db.session.scalars(db.select(Question).filter_by(bank_id=big.id)).first()
    where = address(question, way="chapter", chapter=question.chapter)
    assert phone.get(where).status_code == 200
    # The page is open when the exam opens.
    time.move(minutes=10)
    sent = phone.post(where, data={"seen": "", "answer": "B"})
    assert (sent.status_code, "考试进行期间暂停练习。" in sent.text) == (409, True)
    assert "解析" not in sent.text
    for shut in (where, f"/practice/{big.id}/{question.id}/recall"):
        reply = phone.get(shut) if shut == where else phone.post(shut, data={"remembered": "yes"})
        assert reply.status_code == 409
    page = phone.get(f"/practice/{big.id}").text
    told = re.sub("<[^>]+>", "", page)
    assert "考试进行期间暂停练习，14:10 考试结束后恢复。" in told
    assert "/start" not in page
    assert phone.get(f"/practice/{big.id}/start?way=random").location == f"/practice/{big.id}"
    assert db.session.scalar(db.select(PracticeAnswer)) is None
    time.move(hours=2, minutes=1)
    assert phone.get(where).status_code == 200
    assert exam.mode == "exam"


@pytest.mark.parametrize("query", ["way=else", "way=random&seed=../..", "way=random&seed=" + "a" * 99])
def test_strange_series_are_not_found(phone: FlaskClient, query: str) -> None:
    question = questions()[0]
    assert phone.get(f"/practice/{question.bank_id}/{question.id}?{query}").status_code == 404


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 40, ""])
def test_strange_forms_are_answered_calmly(phone: FlaskClient, seen: str) -> None:
    question = of_kind("single")
    assert phone.post(address(question), data={"seen": seen, "answer": ["\ud7ff"] * 99}).status_code == 200
    assert phone.post(address(question), data={"seen": seen, "answer": "\0"}).status_code == 400
    assert phone.get(address(question, chapter="x" * 600)).status_code == 400


# Cost


def statements(client: FlaskClient, path: str) -> int:
    asked: list[str] = []

    def remember(*given: Any) -> None:
        if not given[2].startswith(("PRAGMA", "BEGIN", "select pg_catalog")):
            asked.append(given[2])

    client.get(path)
    event.listen(Engine, "before_cursor_execute", remember)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", remember)
    return len(asked)


def test_pages_ask_the_database_little_however_much_there_is(
    phone: FlaskClient, bank: Bank, time: Any
) -> None:
    make_bank(make_questions(), name="大题库", at=time.now())
    paths = ["/practice", f"/practice/{bank.id}", address(questions()[0], way="random", seed="ab")]
    few = [statements(phone, path) for path in paths]
    for n in range(5):
        made = [replace(one, chapter=f"第{n}章") for one in make_questions(single=60 + n)]
        make_bank(made, name=f"题库 {n}", at=time.now())
        make_bank(made, name=bank.name, at=time.now())
        examined = [replace(one, stem=f"考 {one.stem}") for one in make_questions()]
        make_exam(make_bank(examined, name=f"考题 {n}", at=time.now()), at=time.now())
    assert [statements(phone, path) for path in paths] == few
    assert max(few) <= 8


def test_each_page_stays_within_its_budget(phone: FlaskClient, bank: Bank, time: Any) -> None:
    found = {path: phone.get(path).text for path in ("/practice?other=1", f"/practice/{bank.id}")}
    found["question"] = phone.get(address(of_kind("multiple"), way="random")).text
    found["verdict"] = give(phone, of_kind("multiple"), "A").text
    make_bank(name="第二个题库", at=time.now())
    found["banks"] = phone.get("/practice").text
    for name, text in found.items():
        assert not re.findall(r"https?://", text), name
        assert "data-elder" in text, name
        assert not re.search(r"<script(?![^>]*(?:nonce|src)=)", text), name
        size = len(gzip.compress(text.encode()))
        for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
            with phone.get(path) as asset:
                size += len(gzip.compress(asset.data, 9))
        assert size <= BUDGET, f"{name}: {size}"


def test_old_phones_understand_the_style_sheet() -> None:
    text = (Path(practice.__file__).parents[1] / "static/css/practice.css").read_text()
    too_new = r":(?:has|is|where)\(|@container|\binset:|aspect-ratio|(?:clamp|min|max)\(|\ddvh|[;{]gap:"
    assert re.findall(too_new, text) == []


# Desk


@pytest.fixture
def organiser(app: Flask, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client = app.test_client()
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def test_the_desk_withdraws_and_releases(organiser: FlaskClient, bank: Bank) -> None:
    page = organiser.get("/admin/practice/").text
    assert "6 / 6 题可以练习" in page
    assert "全部收回" in page
    assert "全部开放" not in page
    where = f"/admin/practice/{bank.id}"
    done = organiser.post(where, data={"to": "withdraw", "chapter": "第一章 总则"}, follow_redirects=True)
    assert "条例题库 第一章 总则：收回了 4 题。" in done.text
    assert "2 / 6 题可以练习" in done.text
    done = organiser.post(where, data={"to": "withdraw"}, follow_redirects=True)
    assert "条例题库：收回了 2 题。" in done.text
    assert "条例题库 未分章节：开放了 1 题。" in (
        organiser.post(where, data={"to": "release", "chapter": ""}, follow_redirects=True).text
    )
    assert organiser.post("/admin/practice/99", data={"to": "release"}).status_code == 404


def test_the_desk_says_what_pauses(organiser: FlaskClient, bank: Bank, time: Any) -> None:
    make_exam(make_bank(name="大题库", at=time.now()), at=time.now())
    assert "它的题暂停练习" in organiser.get("/admin/practice/").text


def test_the_desk_may_let_practising_go_on_during_an_exam(organiser: FlaskClient, time: Any) -> None:
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    where = f"/admin/practice/exams/{exam.id}"
    kept = organiser.post(where, data={"to": "keep"}, follow_redirects=True).text
    assert "考试期间照常练习" in kept
    assert "它的题暂停练习" not in kept
    assert "它的题暂停练习" in organiser.post(where, data={"to": "pause"}, follow_redirects=True).text
    assert organiser.post("/admin/practice/exams/99", data={"to": "keep"}).status_code == 404


def test_the_desk_of_an_empty_house(organiser: FlaskClient) -> None:
    assert "还没有题库。" in organiser.get("/admin/practice/").text


def test_signing_out_a_phone_ends_practising_on_it(
    app: Flask, phone: FlaskClient, ann: Person, time: Any
) -> None:
    assert phone.get("/practice").status_code == 302
    time.move(seconds=2)
    with transaction():
        sign_out(db.session.merge(ann), at=time.at, who="olga")
    forget(app)
    assert phone.get("/practice").status_code == 200, "asked who it is again"
    time.move(seconds=2)
    identify(phone)
    assert phone.get("/practice").status_code == 302
