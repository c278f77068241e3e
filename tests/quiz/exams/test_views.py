"""The organiser makes an exam, sees it in the list, prints its poster and ends it."""

from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_questions, make_unit
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from quiz.audit.models import Deed
from quiz.exams.models import Exam, PoolQuestion
from quiz.extensions import db
from quiz.questions.models import Bank


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


@pytest.fixture
def bank(app: object, time: Any) -> Bank:
    return make_bank(at=time.now())


def filled(chosen: Bank, /, **more: Any) -> dict[str, Any]:
    return {
        "title": "《信访工作条例》学习考试",
        "host": "安澜县信访局",
        "bank": str(chosen.id),
        "preset": "jining",
        "mode": "exam",
        "opens_at": "2026-11-24T13:00",
        "closes_at": "2026-11-24T15:00",
        "minutes": "60",
        "pass_mark": "80",
        "chances": "1",
        "counts": "best",
        "multiple_policy": "strict",
        "review": "close",
        "answers_release": "close",
        "score_release": "submit",
        "everybody": "y",
    } | more


def exams() -> int:
    return db.session.scalar(select(func.count()).select_from(Exam)) or 0


def test_an_exam_is_made_with_its_pool_frozen(desk: FlaskClient, bank: Bank) -> None:
    reply = desk.post("/admin/exams/new", data=filled(bank))
    exam = db.session.scalars(select(Exam)).one()
    assert reply.headers["Location"] == f"/admin/exams/{exam.code}"
    assert (exam.items, float(exam.full), exam.minutes, float(exam.pass_mark)) == (80, 100.0, 60, 80.0)
    assert exam.opens_at.isoformat() == "2026-11-24T05:00:00+00:00"
    assert db.session.scalar(select(func.count()).select_from(PoolQuestion)) == 80
    assert db.session.scalars(select(Deed.who).where(Deed.what == "exam.create")).one() == "olga"
    page = desk.get(reply.headers["Location"]).get_data(as_text=True)
    assert exam.code in page


def test_a_bank_too_small_is_refused_with_the_shortage_named(desk: FlaskClient, time: Any) -> None:
    bank = make_bank(make_questions(multiple=17), at=time.now())
    reply = desk.post("/admin/exams/new", data=filled(bank))
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert "多选题还差 3 道" in page
    assert "《信访工作条例》学习考试" in page, "what was filled in must still be there"
    assert exams() == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": ""}, "这一项要填写"),
        ({"closes_at": "2026-11-24T13:00"}, "结束时间应当晚于开考时间"),
        ({"opens_at": "2026-02-30T09:00"}, "还有 1 处要改"),
        ({"opens_at": "0001-01-01T00:00", "closes_at": "9999-12-31T23:59"}, "请核对开考和结束的年份"),
        ({"minutes": "0"}, "1 至 600 分钟"),
        ({"pass_mark": "-1"}, "0 分以上"),
        ({"pass_mark": "101"}, "合格分不能超过满分"),
        ({"pass_mark": "NaN"}, "还有 1 处要改"),
        ({"preset": "none"}, "还有 1 处要改"),
        ({"bank": "999"}, "还有 1 处要改"),
        ({"everybody": ""}, "请至少选一个参加单位"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    desk: FlaskClient, bank: Bank, more: dict[str, str], words: str
) -> None:
    reply = desk.post("/admin/exams/new", data=filled(bank, **more))
    assert (reply.status_code, words in reply.get_data(as_text=True)) == (422, True)
    assert exams() == 0


def test_chosen_units_only(desk: FlaskClient, bank: Bank) -> None:
    chosen, _ = make_unit("青石镇"), make_unit("双桥镇")
    desk.post("/admin/exams/new", data=filled(bank, everybody="", units=[str(chosen.id)]))
    assert db.session.scalars(select(Exam.unit_ids)).one() == [chosen.id]


def test_without_a_bank_the_page_says_what_comes_first(desk: FlaskClient) -> None:
    page = desk.get("/admin/exams/new").get_data(as_text=True)
    assert "还没有题库。先导入试题，再建考试。" in page


def test_the_poster_and_its_code(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now())
    page = desk.get(f"/admin/exams/{exam.code}/poster").get_data(as_text=True)
    assert exam.code in page
    assert "11 月 24 日 12:00 至 14:00" in page
    assert "<svg" in page
    assert desk.get(f"/admin/exams/{exam.code}/qr.svg").mimetype == "image/svg+xml"


def test_ending_an_exam_closes_it_once(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now())
    time.move(minutes=10)
    assert desk.post(f"/admin/exams/{exam.code}/end").status_code == 303
    assert db.session.scalars(select(Exam.ended_at)).one() == time.now()
    again = desk.post(f"/admin/exams/{exam.code}/end")
    text = again.get_data(as_text=True)
    assert (again.status_code, text.count("只有正在进行的考试才能结束")) == (409, 1)
    assert "参考情况" in text, "on the page it was asked from"


def test_the_list_costs_the_same_with_one_and_with_three(desk: FlaskClient, bank: Bank, time: Any) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    counts = []
    for _ in range(3):
        make_exam(bank, at=time.now())
        statements.clear()
        assert desk.get("/admin/exams/").status_code == 200
        counts.append(len([s for s in statements if s.startswith("SELECT")]))
    assert counts[0] == counts[2]


def test_the_work_page_leads_a_new_county_step_by_step(desk: FlaskClient, time: Any) -> None:
    assert "三步开一场考试" in desk.get("/admin/").get_data(as_text=True)
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    assert exam.code in desk.get("/admin/").get_data(as_text=True)
