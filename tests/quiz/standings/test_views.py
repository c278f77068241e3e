"""The board and the organiser's live page as pages."""

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.exams.models import Exam
from quiz.exams.pages import join_address
from quiz.exams.rules import Mode
from quiz.extensions import transaction
from quiz.standings import views


@pytest.fixture
def exam(app: Flask, time) -> Exam:
    return make_exam(make_bank(at=time.at), at=time.at, title="《信访工作条例》考试")


@pytest.fixture
def desk(app: Flask, client: FlaskClient, time) -> FlaskClient:
    make_account(at=time.at)
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def test_the_board_names_exam_formula_and_code(client: FlaskClient, exam: Exam) -> None:
    response = client.get(f"/board/{exam.code.lower()}")
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert exam.title in text
    assert "综合分排名" in text
    assert "参与率和平均分各占 50 分" in text
    assert f"场次码 <b>{exam.code}</b>" in text
    assert 'class="qr"' in text
    assert f"/api/v1/exams/{exam.code}/standings/units?limit=24" in text
    assert "http" not in text.replace("http-equiv", ""), "nothing from another host"


def test_what_has_no_board_is_a_page_that_says_so(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    unknown = client.get("/board/ZZZZ")
    assert unknown.status_code == 404
    assert "没有这个场次码" in unknown.get_data(as_text=True)
    practice = make_exam(exam.bank, at=time.at, mode=Mode.PRACTICE)
    assert client.get(f"/board/{practice.code}").status_code == 404


@pytest.mark.parametrize(("title", "size"), [("考试", 68), ("字" * 20, 49), ("字" * 60, 40), ("a" * 20, 68)])
def test_titles_of_every_length_fit(title: str, size: int) -> None:
    assert views.title_size(title) == size


def test_the_code_on_the_wall_leads_to_the_address_people_reach(app: Flask, exam: Exam) -> None:
    with app.test_request_context("/", base_url="http://10.0.0.5:8000/"):
        assert join_address(exam) == f"http://10.0.0.5:8000/e/{exam.code}"
        app.config["BASE_URL"] = "https://ks.example.gov.cn"
        assert join_address(exam) == f"https://ks.example.gov.cn/e/{exam.code}"


def test_the_live_page_is_for_the_desk(client: FlaskClient, exam: Exam) -> None:
    for path in ("", "/live", "/absent.txt", "/scores.xlsx", "/standings.xlsx"):
        response = client.get(f"/admin/exams/{exam.code}{path}")
        assert response.status_code == 302
        assert "/admin/sign-in" in response.headers["Location"]


def skip_without_rail(desk: FlaskClient) -> None:
    if "people.roster" not in desk.application.view_functions:
        pytest.skip("the rail leads to the roster, which is not there yet")


def test_the_live_page_shows_figures_problems_and_who_is_missing(desk: FlaskClient, exam: Exam, time) -> None:
    skip_without_rail(desk)
    good, bad = make_unit("先进单位"), make_unit("<落后>单位")
    make_result(exam, make_person("欧阳一", unit=good), "90", at=time.at)
    make_person("欧阳二", unit=bad, phone="13800000002")
    for path in ("", "/live", "?all=1"):
        text = desk.get(f"/admin/exams/{exam.code}{path}").get_data(as_text=True)
        assert "应考 2 人，已交卷 1 人，作答中 0 人，未参加 1 人" in text
        assert text.index("&lt;落后&gt;单位") < text.index("先进单位")
        assert "欧阳二" in text
        assert "1/2" in text
        assert "13800000002" not in text
        assert "NaN" not in text


def test_an_exam_without_anybody_has_a_live_page(desk: FlaskClient, exam: Exam) -> None:
    text = desk.get(f"/admin/exams/{exam.code}/live").get_data(as_text=True)
    assert "名册里还没有可以参加这一场的人" in text
    assert "—" in text


def test_an_ended_exam_offers_no_end(desk: FlaskClient, exam: Exam, time) -> None:
    skip_without_rail(desk)
    assert "确定结束" in desk.get(f"/admin/exams/{exam.code}").get_data(as_text=True)
    with transaction():
        exam.ended_at = time.at
    time.move(minutes=1)
    text = desk.get(f"/admin/exams/{exam.code}").get_data(as_text=True)
    assert "确定结束" not in text
    assert "今日 12:00 已结束" in text


def test_who_is_missing_can_be_copied_as_text(desk: FlaskClient, exam: Exam) -> None:
    make_person("欧阳二", unit=make_unit("青石镇"))
    response = desk.get(f"/admin/exams/{exam.code}/absent.txt")
    assert response.mimetype == "text/plain"
    assert "青石镇（1 人）：欧阳二" in response.get_data(as_text=True)
