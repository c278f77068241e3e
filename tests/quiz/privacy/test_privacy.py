"""Seeing, taking along and removing what is stored; contests' personal data goes in time, figures stay."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from quiz.access import Role
from quiz.audit.models import Deed
from quiz.closer import tidy_at_night
from quiz.draws import services as draws
from quiz.draws.rules import Eligible, Tier
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person, RosterRequest
from quiz.privacy import queries, services
from quiz.sittings import closing
from quiz.sittings.models import Result, Sitting, UnitTotal
from quiz.standings.tables import Board, Table

NAME, TEL = "欧阳清泉", "13912345678"


@pytest.fixture
def contest(app: Flask, time: Any) -> Exam:
    make_unit()
    return make_exam(make_bank(at=time.now()), at=time.now(), mode=Mode.CONTEST, preset="monthly")


def join(client: FlaskClient, exam: Exam, name: str = NAME, phone: str = TEL) -> Any:
    body = {"name": name, "phone": phone, "unit": "青石镇", "consent": True}
    return client.post(f"/api/v1/exams/{exam.code}/join", json=body)


def answered(client: FlaskClient, exam: Exam, **who: str) -> int:
    """Joined and handed in; the person."""
    csrf = {"X-CSRF-Token": join(client, exam, **who).get_json()["csrf"]}
    sitting = client.post(f"/api/v1/exams/{exam.code}/sittings", headers=csrf).get_json()["sitting"]
    client.post(f"/api/v1/sittings/{sitting}/submit", headers=csrf)
    db.session.rollback()
    return db.session.get(Sitting, sitting).person_id


def figures(exam: Exam, at: Any) -> Any:
    """Everything that is ranked and added up, without who it was."""
    db.session.rollback()
    board = Board(exam, table=Table.JURY, at=at)
    ranked = [
        (one.rank, one.row.unit, one.row.took_part, one.row.expected, one.score) for one in board.ranked
    ]
    results = db.session.execute(db.select(Result.unit_id, Result.score, Result.millis).order_by(Result.id))
    totals = db.session.execute(db.select(UnitTotal.unit_id, UnitTotal.took_part, UnitTotal.score_sum))
    return ranked, [tuple(row) for row in results], [tuple(row) for row in totals]


def test_one_sees_all_and_takes_it_along(contest: Exam, client: FlaskClient, time: Any) -> None:
    answered(client, contest)
    page = client.get("/me").text
    for told in (NAME, TEL, "青石镇", contest.title, "自己报名", "报名参加"):
        assert told in page
    document = client.get("/me/data.json").get_json()
    assert {"项目": "手机号", "内容": TEL} in document["基本信息"]
    sheet = load_workbook(BytesIO(client.get("/me/data.xlsx").data)).active
    assert (NAME in {row[2].value for row in sheet.rows}, sheet.max_row > 8) == (True, True)


def test_nobody_sees_what_is_not_theirs_or_not_released(
    contest: Exam, client: FlaskClient, app: Flask, time: Any
) -> None:
    exam = make_exam(contest.bank, at=time.now(), score_release="close", review="close")
    person = make_person(unit=db.session.get(Person, answered(client, contest)).unit)
    phone = Phone(app.test_client(), exam, person)
    phone.submit(phone.start().get_json()["sitting"])
    page = phone.client.get("/me").text
    assert "成绩" not in page.partition("更正")[0]
    assert NAME not in page
    assert app.test_client().get("/me").status_code == 401


def test_whoever_joined_may_go_and_the_figures_stay(contest: Exam, app: Flask, time: Any) -> None:
    client, other = app.test_client(), app.test_client()
    person = answered(client, contest)
    answered(other, contest, name="别的人", phone="13912345679")
    running = client.post("/me/withdraw", data={"name": NAME})
    assert (running.status_code, "竞赛还没有结束" in running.text) == (409, True)
    time.move(hours=3)
    before = figures(contest, time.now())
    assert client.post("/me/withdraw", data={"name": "另一个"}).status_code == 422
    gone = client.post("/me/withdraw", data={"name": NAME})
    assert (gone.status_code, "已经清除" in gone.text) == (200, True)
    assert figures(contest, time.now()) == before
    closing.rebuild_totals(contest)
    assert figures(contest, time.now()) == before
    found = db.session.get(Person, person)
    assert (found.name, found.phone, found.active) == ("已注销", None, False)
    assert client.get("/me").status_code == 401
    for deed in db.session.scalars(db.select(Deed)):
        assert NAME not in str(deed.detail) + deed.who
        assert TEL not in str(deed.detail) + deed.who
    # Whoever comes by the same name and phone is somebody new.
    with transaction():
        contest.closes_at = time.now() + timedelta(hours=1)
    assert join(app.test_client(), contest).get_json()["person"]["id"] != person


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_nothing_of_them_is_left_in_the_files(contest: Exam, app: Flask, time: Any) -> None:
    client = app.test_client()
    answered(client, contest)
    time.move(hours=3)

    def written() -> bool:
        files = [path.read_bytes() for path in app.config["DATA"].glob("mingshi.db*")]
        return any(word.encode() in data for data in files for word in (NAME, TEL))

    assert written()
    assert client.post("/me/withdraw", data={"name": NAME}).status_code == 200
    assert not written()


def test_a_prize_that_waits_keeps_its_winner(contest: Exam, app: Flask, time: Any) -> None:
    client = app.test_client()
    person = answered(client, contest)
    time.move(hours=3)
    numbers = [("甲", "385027914")]
    wishes = draws.Settings(title="奖", tiers=[Tier("奖", 1)], eligible=Eligible.FINISHED)
    given = {"at": time.now(), "who": "olga"}
    with transaction():
        draw = draws.prepare(contest, settings=wishes, **given)
        draws.publish(draw, **given)
    assert "抽奖还没有办完" in client.post("/me/withdraw", data={"name": NAME}).text
    with transaction():
        draws.agree(draw, numbers=numbers, witnesses="某", **given)
        draws.hold(draw, **given)
        draws.announce(draw, notice_days=1, claim_days=1, **given)
    time.move(days=200)
    assert queries.due_ids(at=time.now(), limit=9) == []
    with transaction():
        draws.hand_over(draw, number=1, shown="身份证原件，名字叫" + NAME, at=time.now(), who="olga")
    assert queries.due_ids(at=time.now(), limit=9) == [person]
    with transaction():
        assert services.tidy(at=time.now(), who="olga") == 1
    assert not any(NAME in step.detail for step in db.session.query(draws.DrawStep))


def test_somebody_on_the_roster_asks_instead(contest: Exam, app: Flask, time: Any) -> None:
    exam = make_exam(contest.bank, at=time.now())
    unit = make_unit("石门乡")
    phone = Phone(app.test_client(), exam, make_person("名册的人", unit=unit, phone="13800000009"))
    time.move(hours=3)
    assert "参加人员名册" in phone.client.post("/me/withdraw", data={"name": "名册的人"}).text
    assert phone.client.post("/me/ask").status_code == 303
    assert phone.client.post("/me/ask").status_code == 409
    asked = db.session.scalars(db.select(RosterRequest)).one()
    assert (asked.given, asked.asked_by) == ({"active": False}, "本人")


def test_what_is_over_for_long_goes_at_the_desk_and_at_night(contest: Exam, app: Flask, time: Any) -> None:
    answered(app.test_client(), contest)
    kept = make_person("名册的人", unit=make_unit("石门乡"), phone="13800000009")
    make_result(contest, kept, "70", at=time.now())
    make_account(role=Role.ADMIN, at=time.now())
    desk = app.test_client()

    def signed_in() -> FlaskClient:
        desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return desk

    time.move(days=179)
    before = figures(contest, time.now())
    assert queries.count_due(at=time.now()) == 0
    assert "没有到期的" in signed_in().get("/admin/privacy/").text
    time.move(days=2)
    assert "清除 1 人的个人信息" in signed_in().get("/admin/privacy/").text
    assert desk.post("/admin/privacy/tidy", data={"password": "别的"}).status_code == 401
    assert queries.count_due(at=time.now()) == 1
    at_night = time.now().replace(hour=19)  # three in the morning here
    assert tidy_at_night(at=at_night) == 0
    bad = {"days": "0", "password": PASSWORD}
    assert desk.post("/admin/privacy/", data=bad).status_code == 422
    assert desk.post("/admin/privacy/", data=bad | {"days": "30", "nightly": "y"}).status_code == 303
    assert tidy_at_night(at=time.now().replace(hour=6)) == 0
    db.session.rollback()
    assert tidy_at_night(at=at_night) == 1
    assert desk.post("/admin/privacy/tidy", data={"password": PASSWORD}).status_code == 303
    assert figures(contest, time.now()) == before
    names = set(db.session.scalars(db.select(Person.name)))
    assert names == {"已注销", "名册的人"}


def test_only_administrators_decide_how_long(app: Flask, client: FlaskClient, time: Any) -> None:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    assert client.get("/admin/privacy/").status_code == 403
