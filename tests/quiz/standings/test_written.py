"""Units written by hand: the queue, what settling moves, and the one change of one's own."""

from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams import terms
from quiz.exams.enrolling import Terms
from quiz.exams.models import Enrolment, Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.sittings.models import Sitting, UnitTotal
from quiz.standings import written

PHONES = iter(range(13900000001, 13900009999))


@pytest.fixture
def contest(app: object, time: Any) -> Exam:
    make_unit()
    return make_exam(make_bank(at=time.now()), at=time.now(), mode=Mode.CONTEST)


def join(client: FlaskClient, exam: Exam, written: str = "", **more: Any) -> Person:
    body = {"name": "柳青", "phone": str(next(PHONES)), "unit": "", "other_unit": written, "consent": True}
    reply = client.post(f"/api/v1/exams/{exam.code}/join", json=body | more)
    return db.session.get_one(Person, reply.get_json()["person"]["id"])


def desk(client: FlaskClient, time: Any) -> None:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})


def settle(client: FlaskClient, key: str, do: str, unit: str = "") -> Any:
    return client.post("/admin/roster/written/", data={"key": key, "do": do, "unit": unit})


def totals() -> dict[str, tuple[int, float]]:
    found = select(UnitTotal).where(UnitTotal.took_part > 0)
    names = {unit.id: unit.name for unit in db.session.scalars(select(written.Unit))}
    return {names[one.unit_id]: (one.took_part, float(one.score_sum)) for one in db.session.scalars(found)}


def test_settling_moves_who_wrote_it_scores_with_them_and_those_to_come(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    ann = join(client, contest, "青石水厂")
    bo = join(client, contest, "青石 水厂")
    other = join(client, contest, "绿洲合作社")
    make_result(contest, ann, "90", at=time.now())
    make_result(contest, other, "70", at=time.now())
    desk(client, time)
    assert "待归并单位（3 人）" in client.get("/admin/roster/").text
    page = client.get("/admin/roster/written/").text
    assert "selected>青石镇</option>" in page
    assert settle(client, "青石水厂", "map", "青石镇").status_code == 303
    assert {person.unit.name for person in (ann, bo)} == {"青石镇"}
    assert totals() == {"青石镇": (1, 90.0), "其他单位（待归并）": (1, 70.0)}
    assert join(client, contest, "青石水厂").unit.name == "青石镇"
    # Another word of the organiser moves them again; nobody else.
    assert settle(client, "青石水厂", "new").status_code == 303
    assert (ann.unit.name, other.unit.outside) == ("青石水厂", True)
    assert totals() == {"青石水厂": (1, 90.0), "其他单位（待归并）": (1, 70.0)}
    deeds = list(db.session.scalars(select(Deed).where(Deed.what == "unit.settle")))
    assert [deed.detail["persons"] for deed in deeds] == [2, 3]


def test_what_is_left_outside_stays_out_and_waits_no_more(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    ann = join(client, contest, "外县某公司")
    desk(client, time)
    assert settle(client, "外县某公司", "leave").status_code == 303
    page = client.get("/admin/roster/written/").text
    assert "没有等着归并的单位" in page
    assert "不计入单位排名" in page
    assert join(client, contest, "外县某公司").unit.outside
    assert settle(client, "外县某公司", "map", "没有的单位").status_code == 422
    assert settle(client, "没有人写过", "leave").status_code == 404
    assert ann.unit.outside


def test_who_is_on_the_roster_is_not_moved_by_what_they_wrote(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    make_person("柳青", unit=make_unit("双桥镇"), phone="13800000009")
    listed = join(client, contest, "青石水厂", phone="13800000009")
    join(client, contest, "青石水厂")
    desk(client, time)
    settle(client, "青石水厂", "map", "青石镇")
    assert listed.unit.name == "双桥镇"


def change(client: FlaskClient, exam: Exam, **more: Any) -> Any:
    given = {"name": "柳青", "unit": "青石镇", "publish": "", "category": "", "identity": ""}
    return client.post(f"/e/{exam.code}/me", data=given | more)


def test_one_change_of_ones_own_scores_with_it(client: FlaskClient, contest: Exam, time: Any) -> None:
    make_unit("双桥镇")
    ann = join(client, contest, unit="双桥镇")
    make_result(contest, ann, "90", at=time.now())
    assert "更正信息" in client.get(f"/e/{contest.code}/notice").text
    # Saying the same again is no change, nor is the consent to be named.
    assert change(client, contest, unit="双桥镇", publish="y").status_code == 303
    assert change(client, contest, name="柳清", category="进社区", publish="y").status_code == 303
    own = db.session.scalars(select(Enrolment).execution_options(populate_existing=True)).one()
    assert (ann.name, ann.unit.name, own.category, own.publish) == ("柳清", "青石镇", "进社区", True)
    assert totals() == {"青石镇": (1, 90.0)}
    assert db.session.scalars(select(Sitting.unit_id)).one() == ann.unit_id
    refused = change(client, contest, name="柳青")
    assert (refused.status_code, "已经更正过一次" in refused.text) == (409, True)
    assert change(client, contest, name="柳清", category="进社区").status_code == 303
    assert db.session.scalars(select(Enrolment.publish)).one() is False
    fields = [deed.detail.get("fields") for deed in db.session.scalars(_profile_deeds())]
    assert fields == [None, ["五进类别", "姓名", "单位"], None]


def _profile_deeds() -> Any:
    return select(Deed).where(Deed.what == "contest.profile").order_by(Deed.id)


def test_a_change_takes_nobody_elses_name_and_ends_with_the_contest(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    phone = str(next(PHONES))
    join(client, contest, unit="青石镇", phone=phone)
    join(client, contest, unit="青石镇", phone=phone, name="柳红")
    assert change(client, contest, name="柳青").status_code == 409
    time.move(days=1)
    over = change(client, contest, name="柳绿")
    assert (over.status_code, "已经结束" in over.text) == (409, True)


def test_the_rosters_name_and_unit_are_not_ones_own_to_change(
    client: FlaskClient, contest: Exam, app: Flask
) -> None:
    make_unit("双桥镇")
    ann = make_person("柳青", unit=db.session.scalars(select(written.Unit)).first(), phone="13800000009")
    join(client, contest, phone="13800000009", unit="青石镇")
    page = client.get(f"/e/{contest.code}/me").text
    assert 'name="name"' not in page
    assert change(client, contest, name="柳绿", unit="双桥镇", identity="群众").status_code == 303
    assert (ann.name, ann.unit.name) == ("柳青", "青石镇")
    assert app.test_client().get(f"/e/{contest.code}/me").status_code == 401


def test_a_pupil_has_nothing_to_put_right(client: FlaskClient, contest: Exam, time: Any) -> None:
    with transaction():
        terms.decide(contest, terms=Terms(pupils=True), usual=False, at=time.now(), who="olga")
    client.post(f"/api/v1/exams/{contest.code}/join", json={"class": "0502", "unit": "青石镇"})
    assert client.get(f"/e/{contest.code}/me").status_code == 404
    assert "更正信息" not in client.get(f"/e/{contest.code}/notice").text
