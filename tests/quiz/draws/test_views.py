"""The pages of a draw: who may do what, and what nobody is ever shown."""

import json
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.access import ACCESS, ANYONE, DESK, Role
from quiz.draws import queries, rules
from quiz.draws.models import Draw
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person

NAMES = ("欧阳金丝", "司马雀", "诸葛金丝雀", "上官丝", "东方雀儿")
PHONES = [f"1391234567{n}" for n in range(5)]
FORM = {
    "title": "宣传月抽奖",
    "eligible": "finished",
    "number": "0",
    "tickets": "one",
    "tiers": "二等奖 2\n一等奖 1",
    "alternates": "1",
    "source": "三位嘉宾各报一组三位数",
}


@pytest.fixture
def exam(app: Flask, time: Any) -> Exam:
    exam, unit = make_exam(make_bank(at=time.now()), at=time.now()), make_unit()
    for number, (name, phone) in enumerate(zip(NAMES, PHONES, strict=True)):
        person = make_person(name, unit=unit, phone=phone, number=f"WX{number}")
        make_result(exam, person, str(90 - number), at=time.now())
    return exam


def signed_in(app: Flask, time: Any, role: Role) -> FlaskClient:
    name, client = f"某{role.value}", app.test_client()
    unit = {"unit": make_unit("石门乡")} if role is Role.UNIT_MANAGER else {}
    make_account(name, role=role, at=time.now(), **unit)
    client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
    return client


@pytest.fixture
def desk(app: Flask, exam: Exam, time: Any) -> FlaskClient:
    return signed_in(app, time, Role.ORGANISER)


def make(desk: FlaskClient, exam: Exam, **more: str) -> str:
    reply = desk.post("/admin/draws/new", data=FORM | {"exam": exam.code} | more)
    assert reply.status_code == 303, reply.get_data(as_text=True)
    return reply.headers["Location"].rpartition("/")[2]


STEPS: list[tuple[str, dict[str, Any]]] = [
    ("publish", {}),
    (
        "agree",
        {"guest": ["甲", "乙", "丙"], "number": ["385", "027", "914"], "witnesses": "县纪委监委 何某"},
    ),
    ("hold", {"password": PASSWORD}),
    ("reveal", {"shown": "0"}),
    ("announce", {"notice_days": "5", "claim_days": "30"}),
]


def walk(desk: FlaskClient, code: str, *, to: str = "announce") -> None:
    for step, data in STEPS:
        reply = desk.post(f"/admin/draws/{code}/{step}", data=data)
        assert reply.status_code == 303, f"{step}: {reply.get_data(as_text=True)}"
        if step == to:
            return


PUBLIC = ("", "/list", "/file", "/recompute", "/screen", "/screen.json", "/mine")


def seen(client: FlaskClient, code: str) -> str:
    """Headers and bodies of everything the public may read of a draw."""
    texts = []
    for page in PUBLIC:
        reply = client.get(f"/draws/{code}{page}")
        texts.append(f"{reply.status} {dict(reply.headers)} {reply.get_data(as_text=True)}")
    return "".join(texts)


def secrets_of(code: str) -> list[str]:
    draw = queries.draw(code)
    codes = [row.claim_code for row in queries.winners(draw)]
    return [*NAMES, *PHONES, *(phone[:7] for phone in PHONES), draw.salt, *codes, "WX0"]


def test_no_public_page_ever_holds_a_name_or_a_phone(
    desk: FlaskClient, client: FlaskClient, exam: Exam
) -> None:
    code = make(desk, exam)
    assert client.get(f"/draws/{code}").status_code == 404
    for step, data in STEPS:
        desk.post(f"/admin/draws/{code}/{step}", data=data)
        text = seen(client, code)
        assert [word for word in secrets_of(code) if word in text] == [], step
    assert "欧**丝" in text


def test_the_search_for_leaks_can_find_one(
    desk: FlaskClient, client: FlaskClient, exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "mask_name", lambda name: name)
    code = make(desk, exam)
    walk(desk, code)
    assert [word for word in secrets_of(code) if word in seen(client, code)] == list(NAMES)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_desk_sees_what_the_wall_shows_once_it_shows_something(desk: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    wall = f'<iframe src="/draws/{code}/screen"'
    assert wall not in desk.get(f"/admin/draws/{code}").text
    desk.post(f"/admin/draws/{code}/publish")
    assert wall in desk.get(f"/admin/draws/{code}").text
    assert desk.get(f"/draws/{code}/screen").headers["X-Frame-Options"] == "SAMEORIGIN"


def test_winners_come_out_one_by_one(desk: FlaskClient, client: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    walk(desk, code, to="hold")
    assert client.get(f"/draws/{code}/screen.json").get_json()["winners"] == []
    assert "winners" not in client.get(f"/draws/{code}/file").get_json(force=True)
    for shown in ("0", "0", "1"):
        desk.post(f"/admin/draws/{code}/reveal", data={"shown": shown})
    assert len(client.get(f"/draws/{code}/screen.json").get_json()["winners"]) == 2
    desk.post(f"/admin/draws/{code}/announce", data={})
    document = json.loads(client.get(f"/draws/{code}/file").get_data())
    assert rules.verify(document) == []
    assert len(document["winners"]) == 4


def test_with_two_persons_the_draw_waits_for_the_second(app: Flask, desk: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    walk(desk, code, to="agree")
    app.config["TWO_PERSONS"] = True
    for _ in range(2):
        assert desk.post(f"/admin/draws/{code}/hold", data={"password": PASSWORD}).status_code == 303
        db.session.rollback()
        assert queries.draw(code).state == "agreed"
    make_account("第二人", at=exam.opens_at)
    other = app.test_client()
    other.post("/admin/sign-in", data={"name": "第二人", "password": PASSWORD})
    assert "等第二个人" in other.get(f"/admin/draws/{code}").get_data(as_text=True)
    other.post(f"/admin/draws/{code}/hold", data={"password": PASSWORD})
    db.session.rollback()
    assert queries.draw(code).state == "drawn"


def test_drawing_needs_the_password_again(desk: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    walk(desk, code, to="agree")
    reply = desk.post(f"/admin/draws/{code}/hold", data={"password": "wrong"})
    assert (reply.status_code, "登记现场数" in reply.get_data(as_text=True)) == (401, True)
    assert desk.post("/admin/draws/NONE/hold", data={"password": "wrong"}).status_code == 404
    assert queries.draw(code).state == "agreed"


@pytest.mark.parametrize("role", sorted(set(Role) - set(DESK) - {Role.NONE}))
def test_every_step_needs_its_right(app: Flask, desk: FlaskClient, exam: Exam, time: Any, role: Role) -> None:
    code, other = make(desk, exam), signed_in(app, time, role)
    for step in ("publish", "agree", "hold", "reveal", "announce", "hand-over", "lapse", "close", "abandon"):
        assert other.post(f"/admin/draws/{code}/{step}", data={"reason": "某"}).status_code == 403, step
    assert queries.draw(code).state == "prepared"


def test_no_step_is_open_to_the_world() -> None:
    assert {
        name: ACCESS[name] for name in ACCESS if name.startswith("draw_desk.") and ACCESS[name] != DESK
    } == {}
    assert all(ACCESS[name] is ANYONE for name in ACCESS if name.startswith("draws."))


def test_my_prize_is_shown_to_me_alone(desk: FlaskClient, client: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    walk(desk, code)
    rows = queries.winners(queries.draw(code))
    won, lost = rows[0], rows[3]
    person = db.session.get(Person, won.person_id)
    given = {"name": person.name, "phone": person.phone}
    page = client.post(f"/draws/{code}/mine", data=given).get_data(as_text=True)
    assert won.claim_code in page
    assert "二等奖" in page
    other = db.session.get(Person, lost.person_id)
    page = client.post(f"/draws/{code}/mine", data={"name": other.name, "phone": other.phone})
    assert "没有查到" in page.get_data(as_text=True)
    wrong = client.post(f"/draws/{code}/mine", data={"name": person.name, "phone": other.phone})
    assert wrong.status_code == 401
    done = desk.post(f"/admin/draws/{code}/hand-over", data={"winner": "1", "claim": won.claim_code})
    assert done.status_code == 303
    assert "已经领取" in client.post(f"/draws/{code}/mine", data=given).get_data(as_text=True)


def test_a_rehearsal_says_so_everywhere(desk: FlaskClient, client: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam, rehearsal="y")
    walk(desk, code)
    for page in ("", "/screen", "/mine"):
        assert "彩排　结果无效" in client.get(f"/draws/{code}{page}").get_data(as_text=True)
    assert "彩排，结果无效" in desk.get(f"/admin/draws/{code}").get_data(as_text=True)


def test_an_abandoned_draw_is_still_there_with_its_reason(
    desk: FlaskClient, client: FlaskClient, exam: Exam
) -> None:
    code = make(desk, exam)
    walk(desk, code, to="hold")
    desk.post(f"/admin/draws/{code}/abandon", data={"reason": "名单漏了一个单位"})
    assert "名单漏了一个单位" in client.get(f"/draws/{code}").get_data(as_text=True)
    again = make(desk, exam)
    walk(desk, again, to="publish")
    assert "名单漏了一个单位" in client.get(f"/draws/{again}").get_data(as_text=True)


def test_leaving_somebody_out_by_name(desk: FlaskClient, exam: Exam) -> None:
    code = make(desk, exam)
    where = f"/admin/draws/{code}"
    assert desk.post(f"{where}/exclude", data={"name": NAMES[0], "reason": "命题人员"}).status_code == 303
    assert "命题人员" in desk.get(where).get_data(as_text=True)
    assert desk.post(f"{where}/exclude", data={"name": "没有", "reason": "某"}).status_code == 422
    person = queries.person_named(NAMES[0], "")[0].id
    assert desk.post(f"{where}/include", data={"person": str(person)}).status_code == 303
    assert len(queries.pool(queries.draw(code)).listed) == 5


@pytest.mark.parametrize("bad", [{"tiers": "一等奖"}, {"title": ""}, {"number": "x"}, {"exam": "NONE"}])
def test_what_cannot_be_is_said_on_the_form(desk: FlaskClient, exam: Exam, bad: dict[str, str]) -> None:
    reply = desk.post("/admin/draws/new", data=FORM | {"exam": exam.code} | bad)
    assert reply.status_code == 422
    assert db.session.query(Draw).count() == 0
