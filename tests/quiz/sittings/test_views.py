"""What a cadre sees on the phone, page by page."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_questions, make_unit
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from quiz import sittings
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.people.services import hash_secret
from quiz.sittings.models import Sitting

#: gzipped, with every style sheet and script the page names (design language §6).
BUDGET = 30 * 1024


@pytest.fixture
def exam(app: Flask, time: Any) -> Exam:
    return make_exam(make_bank(at=time.now()), at=time.now(), host="县信访局")


@pytest.fixture
def ann(exam: Exam) -> Person:
    return make_person(unit=make_unit())


class Page:
    """One answer of the server, followed through its redirects."""

    def __init__(self, response: Any) -> None:
        self.status, self.text, self.path = response.status_code, response.text, response.request.path


def visit(client: FlaskClient, path: str) -> Page:
    return Page(client.get(path, follow_redirects=True))


def identify(client: FlaskClient, exam: Exam, name: str = "安宁", phone: str = "138 0000 0001") -> Page:
    data = {"name": name, "phone": phone}
    return Page(client.post(f"/e/{exam.code}", data=data, follow_redirects=True))


def begin(client: FlaskClient, exam: Exam) -> Page:
    return Page(client.post(f"/e/{exam.code}/notice", data={"promise": "y"}, follow_redirects=True))


def only_sitting() -> Sitting:
    return db.session.scalars(select(Sitting)).one()


def answer(client: FlaskClient, page: Page, position: int, given: list[str]) -> Any:
    csrf = re.search(r'data-csrf="([^"]+)"', page.text)
    assert csrf
    return client.put(
        f"/api/v1/sittings/{only_sitting().id}/responses/{position}",
        json={"answer": given, "revision": 1},
        headers={"X-CSRF-Token": csrf[1]},
    )


def hand_in(client: FlaskClient, page: Page) -> None:
    csrf = re.search(r'data-csrf="([^"]+)"', page.text)
    assert csrf
    path = f"/api/v1/sittings/{only_sitting().id}/submit"
    assert client.post(path, headers={"X-CSRF-Token": csrf[1]}).status_code == 200


# Home


def test_home_shows_what_is_open_and_what_comes(client: FlaskClient, exam: Exam, time: Any) -> None:
    make_exam(exam.bank, at=time.now() + timedelta(days=2), title="第二场")
    make_exam(exam.bank, at=time.now() + timedelta(days=9), title="下个月的一场")
    page = visit(client, "/")
    assert page.status == 200
    assert page.text.index("《信访工作条例》学习考试") < page.text.index("第二场")
    assert "正在进行" in page.text
    assert "11 月 26 日 12:00 至 14:00" in page.text
    assert "下个月的一场" not in page.text


def test_home_without_exams_says_so(client: FlaskClient) -> None:
    assert "现在没有开放的考试。" in visit(client, "/").text


def test_a_code_leads_to_its_exam_in_any_case(client: FlaskClient, exam: Exam) -> None:
    assert visit(client, f"/?code=+{exam.code.lower()}").path == f"/e/{exam.code}"


def test_an_unknown_code_is_told_beside_its_field(client: FlaskClient) -> None:
    page = visit(client, "/?code=QQQQ")
    assert page.status == 404
    assert "没有这个场次码。请核对四位场次码，或重新扫码。" in page.text
    assert 'value="QQQQ"' in page.text
    assert 'aria-describedby="code-error code-hint" aria-invalid="true"' in page.text


def test_home_offers_to_go_on(client: FlaskClient, exam: Exam, ann: Person) -> None:
    identify(client, exam)
    begin(client, exam)
    assert f"/s/{only_sitting().id}" in visit(client, "/").text


# Join


def test_scanning_before_the_opening_tells_when(client: FlaskClient, exam: Exam, time: Any) -> None:
    time.move(minutes=-12)
    page = visit(client, f"/e/{exam.code.lower()}")
    assert page.status == 200
    assert "12:00 开考，还有 12 分钟。" in page.text


def test_scanning_an_unknown_code(client: FlaskClient) -> None:
    page = visit(client, "/e/QQQQ")
    assert page.status == 404
    assert "没有这个场次码。请核对四位场次码，或重新扫码。" in page.text


def test_scanning_after_the_end_tells_when_it_was(client: FlaskClient, exam: Exam, time: Any) -> None:
    time.move(hours=3)
    page = visit(client, f"/e/{exam.code}")
    assert "本场已于 11 月 24 日 14:00 结束。" in page.text
    assert "核对身份，查看成绩" in page.text


def test_name_and_phone_lead_to_the_notice(client: FlaskClient, exam: Exam, ann: Person) -> None:
    page = identify(client, exam)
    assert (page.status, page.path) == (200, f"/e/{exam.code}/notice")
    assert "安宁 · 青石镇" in page.text
    assert visit(client, f"/e/{exam.code}").path == f"/e/{exam.code}/notice"
    assert visit(client, f"/e/{exam.code}?other=1").path == f"/e/{exam.code}"


def test_number_and_passcode_do_too(client: FlaskClient, exam: Exam) -> None:
    make_person("林晓荷", unit=make_unit(), number="QS0002", passcode_hash=hash_secret("8842"))
    page = visit(client, f"/e/{exam.code}?by=number")
    assert "口令由本单位联络员发放。" in page.text
    path = f"/e/{exam.code}?by=number"
    wrong = client.post(path, data={"number": "QS0002", "passcode": "1111"})
    assert (wrong.status_code, "工号或口令不对。" in wrong.text) == (401, False)
    assert "工号或口令不对" in wrong.text
    assert client.post(path, data={"number": "QS0002", "passcode": "8842"}).status_code == 303


@pytest.mark.parametrize(
    ("name", "phone", "told"),
    [
        ("", "13800000001", "请填写姓名"),
        ("安宁", "", "请填写手机号码"),
        ("安宁", "1380000000", "少了 1 位，手机号码是 11 位数字。"),
        ("安宁", "二三", "手机号码只能有数字。"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    client: FlaskClient, exam: Exam, ann: Person, name: str, phone: str, told: str
) -> None:
    page = identify(client, exam, name, phone)
    assert page.status == 422
    field = "name" if "姓名" in told else "phone"
    assert f'id="{field}-error"' in page.text
    assert told in page.text
    assert f'value="{phone if field == "name" else name}"' in page.text


def test_who_is_not_on_the_roster_learns_whom_to_ask(client: FlaskClient, exam: Exam, ann: Person) -> None:
    page = identify(client, exam, "安宁", "13800000002")
    assert page.status == 401
    assert "名册里没有这个姓名和手机号" in page.text
    assert "请找本单位联络员补录。" in page.text
    assert page.text.count('aria-invalid="true"') == 2


def test_ten_wrong_tries_close_the_door_for_that_phone_alone(
    client: FlaskClient, exam: Exam, ann: Person
) -> None:
    for spaces in range(10):
        assert identify(client, exam, "别人", "138" + " " * spaces + "00000001").status == 401
    page = identify(client, exam)
    assert page.status == 429
    assert "试的次数太多" in page.text
    make_person("波", unit=db.session.get_one(Person, ann.id).unit, phone="13800000007")
    assert identify(client, exam, "波", "13800000007").status == 200


def test_a_person_of_another_unit_is_not_invited(client: FlaskClient, exam: Exam, ann: Person) -> None:
    with transaction():
        exam.unit_ids = [ann.unit_id + 1]
    page = identify(client, exam)
    assert page.status == 403
    assert "你所在的单位不参加这一场" in page.text


def test_a_stranger_joins_an_open_contest(client: FlaskClient, exam: Exam, time: Any) -> None:
    make_unit("白石镇")
    contest = make_exam(exam.bank, at=time.now(), mode=Mode.CONTEST)
    assert "白石镇</option>" in visit(client, f"/e/{contest.code}").text
    given = {"name": "柳青", "phone": "13800000009", "unit": "白石镇"}
    refused = client.post(f"/e/{contest.code}", data=given)
    assert refused.status_code == 422
    assert "请先阅读并同意个人信息使用说明。" in refused.text
    page = Page(client.post(f"/e/{contest.code}", data={**given, "consent": "y"}, follow_redirects=True))
    assert page.path == f"/e/{contest.code}/notice"
    assert "柳青 · 白石镇" in page.text


# Notice


def test_the_notice_asks_for_identification_first(client: FlaskClient, exam: Exam) -> None:
    assert visit(client, f"/e/{exam.code}/notice").path == f"/e/{exam.code}"
    assert client.post(f"/e/{exam.code}/notice", data={"promise": "y"}).status_code == 401


def test_the_notice_says_the_rules(client: FlaskClient, exam: Exam, ann: Person) -> None:
    page = identify(client, exam)
    for sentence in (
        "共 80 题，满分 100 分：单选题 40 题，每题 1 分；多选题 20 题，每题 2 分；判断题 20 题，每题 1 分。",
        "每人 1 次机会，交卷后不能再改。",
        "开始答题，限时 60 分钟",
        "11 月 24 日 12:00 至 14:00",
    ):
        assert sentence in page.text


def test_who_comes_late_is_told_the_time_that_is_left(
    client: FlaskClient, exam: Exam, ann: Person, time: Any
) -> None:
    time.move(minutes=75)
    assert "开始答题，限时 45 分钟" in identify(client, exam).text


def test_before_the_opening_the_button_says_when(
    client: FlaskClient, exam: Exam, ann: Person, time: Any
) -> None:
    time.move(minutes=-12)
    page = identify(client, exam)
    assert 'data-opens-in="720.0"' in page.text
    assert "12:00 开考，还有 12 分钟</button>" in page.text
    early = begin(client, exam)
    assert early.status == 409
    assert "12:00 开考，还有 12 分钟" in early.text


def test_no_start_without_the_promise(client: FlaskClient, exam: Exam, ann: Person) -> None:
    identify(client, exam)
    refused = client.post(f"/e/{exam.code}/notice", data={})
    assert refused.status_code == 422
    assert "请先勾选承诺，再开始答题。" in refused.text
    assert db.session.scalar(select(Sitting)) is None


def test_an_open_sitting_can_be_gone_on_with(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    identify(client, exam)
    begin(client, exam)
    time.move(minutes=28, seconds=55)
    page = visit(client, f"/e/{exam.code}")
    assert "继续作答，剩余&nbsp;" in page.text
    assert "31:05" in page.text
    assert "开始答题，" not in page.text
    again = begin(client, exam)
    assert again.path == f"/s/{only_sitting().id}"


def test_a_used_chance_leads_to_the_result(client: FlaskClient, exam: Exam, ann: Person) -> None:
    identify(client, exam)
    hand_in(client, begin(client, exam))
    page = visit(client, f"/e/{exam.code}")
    assert "1 次机会已用完，成绩 0 分。" in page.text
    assert f"/s/{only_sitting().id}/result" in page.text
    refused = begin(client, exam)
    assert refused.status == 409
    assert "1 次机会已用完，成绩 0 分" in refused.text


def test_a_closed_exam_offers_no_start(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    identify(client, exam)
    time.move(hours=3)
    page = visit(client, f"/e/{exam.code}/notice")
    assert "本场已于 11 月 24 日 14:00 结束。" in page.text
    assert 'id="begin"' not in page.text
    assert begin(client, exam).status == 409


# Sitting


def test_the_sitting_page_carries_paper_answers_and_time(
    client: FlaskClient, exam: Exam, ann: Person, time: Any
) -> None:
    identify(client, exam)
    page = begin(client, exam)
    assert answer(client, page, 61, ["T"]).status_code == 200
    time.move(minutes=10)
    page = visit(client, f"/s/{only_sitting().id}")
    assert '"seconds_left": 3000.0' in page.text
    assert '"61": {"answer": ["T"], "revision": 1}' in page.text
    assert page.text.count('"stem"') == 80


def test_the_sitting_page_holds_no_key(client: FlaskClient, exam: Exam, ann: Person) -> None:
    identify(client, exam)
    page = begin(client, exam)
    for hidden in ('"key"', "解析", "《条例》第一条", "第一章 总则"):
        assert hidden not in page.text


def test_a_stem_cannot_break_out_of_the_page(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    marked = [replace(q, stem=f"</script><b>{q.stem}</b>") for q in make_questions()]
    strange = make_exam(make_bank(marked, name="另一个题库", at=time.now()), at=time.now())
    identify(client, strange)
    page = begin(client, strange)
    assert "</script><b>" not in page.text
    assert "\\u003c/script\\u003e\\u003cb\\u003e" in page.text


@pytest.mark.parametrize("page", ["", "/result", "/review"])
def test_nobody_else_opens_my_sitting(
    app: Flask, client: FlaskClient, exam: Exam, ann: Person, page: str
) -> None:
    identify(client, exam)
    begin(client, exam)
    path = f"/s/{only_sitting().id}{page}"
    assert app.test_client().get(path).status_code == 401
    make_person("波", unit=db.session.get_one(Person, ann.id).unit, phone="13800000007")
    other = app.test_client()
    identify(other, exam, "波", "13800000007")
    found = other.get(path)
    assert found.status_code == 404
    assert "没有找到这个页面。" in found.text
    assert other.get(f"/s/{2**31 - 1}{page}").status_code == 404
    assert other.get(f"/s/{2**70}{page}").status_code == 404


def test_time_over_is_finalised_by_looking(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    identify(client, exam)
    page = begin(client, exam)
    answer(client, page, 61, ["T"])
    time.move(minutes=61)
    page = visit(client, f"/s/{only_sitting().id}")
    assert page.path.endswith("/result")
    assert "13:00 到时自动交卷" in page.text
    assert only_sitting().score == 1


def test_identifying_again_returns_to_the_sitting(client: FlaskClient, exam: Exam, ann: Person) -> None:
    identify(client, exam)
    begin(client, exam)
    number = only_sitting().id
    client.delete_cookie("mingshi")
    data = {"name": "安宁", "phone": "13800000001"}
    back = client.post(f"/e/{exam.code}?back={number}", data=data)
    assert back.location == f"/s/{number}"
    make_person("波", unit=db.session.get_one(Person, ann.id).unit, phone="13800000007")
    identify(client, exam, "波", "13800000007")
    assert "核对身份，进入考试" in visit(client, f"/e/{exam.code}?back={number}").text
    for strange in ("//elsewhere", "-1", str(2**40)):
        assert client.post(f"/e/{exam.code}?back={strange}", data=data).location.endswith("/notice")


# Result and review


def right_answers(client: FlaskClient, page: Page) -> None:
    """Three right, one wrong."""
    for position in (61, 62, 63):
        answer(client, page, position, ["T"])
    answer(client, page, 64, ["F"])


def test_the_result_before_release(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    identify(client, exam)
    page = begin(client, exam)
    right_answers(client, page)
    time.move(minutes=38, seconds=12)
    hand_in(client, page)
    page = visit(client, f"/s/{only_sitting().id}/result")
    for words in ("<b>3</b><span>分", "未达", "合格线 80 分", "38 分 12 秒", "12:38 交卷", "/ 80 题"):
        assert words in page.text
    assert "14:00 考试结束后，可以在这里看错题、正确答案和解析。" in page.text
    assert "第一章" not in page.text
    assert visit(client, f"/s/{only_sitting().id}/review").path.endswith("/result")


def test_the_result_and_review_after_release(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    identify(client, exam)
    page = begin(client, exam)
    right_answers(client, page)
    hand_in(client, page)
    time.move(hours=3)
    page = visit(client, f"/s/{only_sitting().id}/result")
    assert "第一章　总则" in page.text
    assert "3 / 80" in page.text
    assert "看错题（77 道）" in page.text
    review = visit(client, f"/s/{only_sitting().id}/review?item=64")
    for words in ("错题回顾", "你的答案", "正确答案", "解析：判断题干", "《条例》第一条", "得 0 分"):
        assert words in review.text
    assert "答对的题" in visit(client, f"/s/{only_sitting().id}/review?item=61").text
    first = visit(client, f"/s/{only_sitting().id}/review?item=999")
    assert "没有作答" in first.text


def test_the_key_is_shown_in_the_labels_of_this_paper(
    client: FlaskClient, exam: Exam, ann: Person, time: Any
) -> None:
    identify(client, exam)
    hand_in(client, begin(client, exam))
    time.move(hours=3)
    for position in range(1, 6):
        page = visit(client, f"/s/{only_sitting().id}/review?item={position}")
        good = re.search(
            r'class="op one good"><span class="k">(.)</span><span class="x">(.*?)</span>', page.text
        )
        assert good
        assert good[2].startswith("对的")


def test_several_chances_say_which_counts(client: FlaskClient, ann: Person, exam: Exam, time: Any) -> None:
    twice = make_exam(exam.bank, at=time.now(), chances=2, counts="best")
    identify(client, twice)
    page = begin(client, twice)
    answer(client, page, 61, ["T"])
    hand_in(client, page)
    result = visit(client, f"/s/{only_sitting().id}/result")
    assert "还有 1 次机会。" in result.text
    assert "再答一次" in result.text
    assert "再答一次，限时 60 分钟" in visit(client, f"/e/{twice.code}").text


# All pages


def pages(client: FlaskClient, exam: Exam, time: Any) -> dict[str, str]:
    identify(client, exam)
    page = begin(client, exam)
    number = only_sitting().id
    paths = {
        "home": "/",
        "join": f"/e/{exam.code}?other=1",
        "notice": f"/e/{exam.code}/notice",
        "sit": f"/s/{number}",
    }
    found = {name: visit(client, path).text for name, path in paths.items()}
    hand_in(client, page)
    found["result"] = visit(client, f"/s/{number}/result").text
    time.move(hours=3)
    found["review"] = visit(client, f"/s/{number}/review").text
    return found


def test_each_page_stays_within_its_budget(client: FlaskClient, exam: Exam, ann: Person, time: Any) -> None:
    for name, text in pages(client, exam, time).items():
        assert len(re.findall(r"https?://", text)) == 0, name
        own = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.S)
        size = len(gzip.compress(own.encode()))
        for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
            with client.get(path) as asset:
                size += len(gzip.compress(asset.data, 9))
        assert size <= BUDGET, f"{name}: {size}"


def test_large_type_is_offered_and_set_before_the_first_paint(
    client: FlaskClient, exam: Exam, ann: Person, time: Any
) -> None:
    for name, text in pages(client, exam, time).items():
        assert "data-elder" in text, name
        assert text.index("localStorage.elder") < text.index("<body"), name
        assert not re.search(r"<script(?![^>]*(?:nonce|src)=)", text), name


#: What Chrome 70 does not know (design language §6).
TOO_NEW = {
    "css": r":(?:has|is|where)\(|@container|\binset:|aspect-ratio|(?:clamp|min|max)\(|\ddvh|[;{]gap:",
    "js": r"\?\.[a-zA-Z_(\[]|\?\?|\.at\(|\.flat\(|\.replaceAll\(|catch \{|\bimport\b|#[a-z]+ =",
}


@pytest.mark.parametrize(
    "name",
    ["css/sittings.css", "css/phone.css", "css/base.css", "css/draws.css"]
    + [
        f"js/{name}.js"
        for name in (
            "phone",
            "countdown",
            "notice",
            "queue",
            "item",
            "sheet",
            "sittings",
            "draws_verify",
            "draws_screen",
        )
    ],
)
def test_old_phones_understand_the_page(name: str) -> None:
    text = (Path(sittings.__file__).parents[1] / "static" / name).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    if name.endswith("css"):
        text = re.sub(r"@media[^{]*", "", text)
    assert re.findall(TOO_NEW[name.partition("/")[0]], text) == []
