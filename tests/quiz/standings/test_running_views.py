"""The organiser's deeds on a running exam, as pages: what is refused comes back beside its control."""

from datetime import timedelta
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.audit.models import Deed
from quiz.exams import queries as exams
from quiz.exams.models import Paper
from quiz.extensions import db, transaction
from quiz.sittings import running
from quiz.sittings.models import Accommodation, Extension, Pause, Sitting
from quiz.standings import services
from quiz.standings.models import Head

SENTENCE = '<p class="er" role="alert" id="refused">'


class Desk:
    """An organiser signed in before a running exam: 安宁 answers, 安好 has not begun."""

    def __init__(self, app: Flask, client: FlaskClient, time: Any) -> None:
        self.time, self.client = time, client
        make_account("何静安", at=time.now())
        client.post("/admin/sign-in", data={"name": "何静安", "password": PASSWORD})
        self.unit = make_unit("石门乡")
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.person, self.other = (
            make_person(name, unit=self.unit, phone=f"1380000000{n}")
            for n, name in enumerate(["安宁", "安好"])
        )
        self.phone = Phone(app.test_client(), self.exam, self.person)
        self.sitting = self.phone.start().get_json()["sitting"]
        self.path = f"/admin/exams/{self.exam.code}"

    def get(self, path: str = "") -> str:
        return self.client.get(self.path + path).get_data(as_text=True)

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(self.path + path, data=form)

    def done(self, path: str, **form: Any) -> str:
        """Follow the redirect of a deed that was not refused."""
        reply = self.post(path, **form)
        assert reply.status_code == 303, reply.get_data(as_text=True)
        return self.client.get(reply.location).get_data(as_text=True)

    def refused(self, path: str, status: int, **form: Any) -> str:
        """The page the form is on, with one sentence in it, in the form that was sent."""
        reply = self.post(path, **form)
        text = reply.get_data(as_text=True)
        assert reply.status_code == status
        assert text.count(SENTENCE) == 1
        inside = text[: text.index(SENTENCE)].rpartition("<form")[2]
        assert f'action="{self.path}{path}"' in inside
        return text

    def row(self) -> Sitting:
        db.session.rollback()
        found = db.session.get(Sitting, self.sitting)
        assert found is not None
        return found


@pytest.fixture
def desk(app: Flask, client: FlaskClient, time: Any) -> Desk:
    return Desk(app, client, time)


def test_extending_all_a_unit_and_one(desk: Desk) -> None:
    text = desk.done("/extend", minutes=10, reason="停电", seen=0)
    assert "已延长 10 分钟，正在作答的 1 人有效" in text
    assert f'name="seen" value="{running.latest_extension(desk.exam)}"' in text
    desk.done("/extend", minutes=5, reason="停电", unit=desk.unit.id, seen=1)
    text = desk.done("/extend", minutes=1, reason="设备坏了", person=desk.person.id, seen=2, q="安")
    assert "给本人延长时间" in text, "back to the person"
    assert "安好" in text, "and to what was searched"
    row = desk.row()
    assert row.deadline - row.started_at == timedelta(minutes=76)


def test_a_refused_extension_comes_back_with_what_was_typed(desk: Desk) -> None:
    text = desk.refused("/extend", 422, minutes=7, reason="", unit=desk.unit.id, seen=0, once="mine")
    assert "请写明原因" in text
    assert '<details class="end" open>' in text
    assert 'value="7"' in text
    assert f'value="{desk.unit.id}" selected' in text
    assert 'name="once" value="mine"' in text, "the same press may be sent again"
    assert "1 至 600 分钟" in desk.refused("/extend", 422, minutes="九百", reason="停电")
    text = desk.refused("/extend", 422, minutes=900, reason="<停电>", person=desk.person.id)
    assert "&lt;停电&gt;" in text
    assert desk.row().deadline - desk.row().started_at == timedelta(minutes=60)


def test_two_organisers_see_each_others_extension_before_giving_it_again(desk: Desk) -> None:
    desk.done("/extend", minutes=10, reason="停电", seen=0, once="a")
    text = desk.refused("/extend", 409, minutes=10, reason="停电", seen=0, once="b")
    assert "何静安 12:00 已经延长 10 分钟（停电）。还要再延长，请再按一次。" in text
    assert 'name="seen" value="1"' in text
    desk.done("/extend", minutes=10, reason="停电", seen=1, once="b")
    desk.done("/extend", minutes=10, reason="停电", seen=1, once="b")
    assert db.session.query(Extension).count() == 2


@pytest.mark.parametrize("seen", ["", "-1", "x", str(2**70)])
def test_a_form_that_saw_nothing_is_taken_for_one_that_saw_none(desk: Desk, seen: str) -> None:
    desk.done("/extend", minutes=10, reason="停电", seen=seen)
    desk.refused("/extend", 409, minutes=10, reason="停电", seen=seen)


def test_pausing_and_going_on(desk: Desk) -> None:
    assert "请写明原因" in desk.refused("/pause", 422, reason="火", seen=0)
    text = desk.done("/pause", reason="火警", seen=0)
    assert "已暂停，1 人的时间停住" in text
    assert "继续考试" in text
    assert "已暂停，时间停住" in text
    again = desk.post("/pause", reason="火警", seen=0).get_data(as_text=True)
    assert "只有正在进行、没有暂停的考试才能暂停。" in again
    assert again.count(SENTENCE) == 1, "beside the button that is there now"
    desk.time.move(minutes=3)
    assert "考试继续，补回 3 分钟" in desk.done("/resume", seen=1)
    again = desk.post("/resume", seen=1).get_data(as_text=True)
    assert "这一场没有暂停。" in again
    assert again.count(SENTENCE) == 1
    assert db.session.query(Pause).one().ended_by == "何静安"


def test_what_comes_too_late_is_said_though_the_form_is_gone(desk: Desk) -> None:
    desk.phone.submit(desk.sitting)
    reply = desk.post("/extend", minutes=5, reason="停电", person=desk.person.id)
    text = reply.get_data(as_text=True)
    assert (reply.status_code, text.count("没有正在作答的人，不用延长")) == (409, 1)
    desk.time.move(hours=3)
    for path in ("/extend", "/pause", "/resume"):
        text = desk.post(path, minutes=5, reason="停电").get_data(as_text=True)
        assert text.count('role="alert"') == 1


def test_extra_time_beforehand(desk: Desk) -> None:
    path = f"/people/{desk.other.id}/extra"
    text = desk.refused(path, 422, percent=150, minutes=-1, reason="视力障碍")
    assert '<option value="150" selected>1.5 倍</option>' in text
    assert "加时 35 分钟，视力障碍" in desk.done(path, percent=150, minutes=5, reason="视力障碍")
    assert db.session.query(Accommodation).one().who == "何静安"
    begun = desk.post(f"/people/{desk.person.id}/extra", percent=150, minutes=0, reason="视力障碍")
    assert begun.status_code == 409
    assert begun.get_data(as_text=True).count("已经开始答题，请用“延长时间”。") == 1


def test_voiding_and_taking_it_back(desk: Desk) -> None:
    void, restore = f"/sittings/{desk.sitting}/void", f"/sittings/{desk.sitting}/restore"
    own = {"password": PASSWORD}
    assert "密码不对" in desk.refused(void, 401, reason="带资料进考场", password="x")
    assert desk.row().voided_at is None
    assert "请写明原因" in desk.refused(void, 422, reason="", **own)
    text = desk.done(void, reason="带资料进考场", **own)
    assert "带资料进考场" in text
    assert "违纪" in text
    assert "<dt>办理</dt><dd>何静安</dd>" in text
    assert desk.post(void, reason="带资料", **own).get_data(as_text=True).count(SENTENCE) == 1
    live = desk.get()
    assert "应考 2 人，已交卷 0 人，作答中 0 人，未参加 1 人" in live
    assert "<span>违纪</span><b>1</b>" in live
    assert "安宁" not in desk.client.get(f"{desk.path}/absent.txt").get_data(as_text=True)
    assert "密码不对" in desk.refused(restore, 401, reason="误判")
    desk.done(restore, reason="误判", **own)
    assert desk.post(restore, reason="误判", **own).get_data(as_text=True).count(SENTENCE) == 1
    assert "<span>违纪</span>" not in desk.get()


def test_looking_somebody_up(desk: Desk) -> None:
    assert "输入姓名或单位" in desk.get("/people")
    assert "没有符合条件的人" in desk.get("/people?q=欧阳")
    text = desk.get(f"/people?q=石门&person={desk.person.id}")
    assert "作答中" in text
    assert "给本人延长时间" in text
    assert "事先加时" not in text
    text = desk.get(f"/people?person={desk.other.id}")
    assert "事先加时" in text
    assert "/void" not in text
    desk.phone.submit(desk.sitting)
    assert "事先加时" not in desk.get(f"/people?person={desk.person.id}"), "no chance is left"
    desk.time.move(hours=3)
    assert "事先加时" not in desk.get(f"/people?person={desk.other.id}")
    assert "查人" in desk.get(), "what comes out afterwards is voided then"


def test_nobody_of_another_exam_is_found(desk: Desk) -> None:
    far = make_person("远客", unit=make_unit("望河镇"), phone="13800000009")
    with transaction():
        desk.exam.unit_ids = [desk.unit.id]
    for path in (f"/people?person={far.id}", "/people?person=0", f"/people?person={2**40}"):
        assert desk.client.get(desk.path + path).status_code == 404
    assert desk.post("/extend", minutes=5, reason="停电", person=far.id).status_code == 404
    assert desk.post("/extend", minutes=5, reason="停电", unit=99).status_code == 404
    assert desk.post("/sittings/99/void", reason="替考", password=PASSWORD).status_code == 404
    assert desk.post(f"/people/{far.id}/extra", percent=150, minutes=0, reason="视力").status_code == 404


def test_a_forgotten_unit_is_let_in_after_the_opening(desk: Desk, app: Flask) -> None:
    other, third = make_unit("柳泉镇"), make_unit("平湖镇")
    person = make_person("迟来", unit=other, phone="13900000001")
    with transaction():
        exams.exam_by_code(desk.exam.code).unit_ids = [desk.unit.id]
        services.keep_heads(desk.exam, at=desk.time.now())
    body = {"exam": desk.exam.code, "name": person.name, "phone": person.phone}
    assert app.test_client().post("/api/v1/sign-in", json=body).status_code == 403
    assert "柳泉镇" in desk.get("/units")
    for form, words in (({"reason": "漏了"}, "请至少选一个单位"), ({"units": other.id}, "要写明原因")):
        reply = desk.post("/units", **form)
        assert (reply.status_code, reply.get_data(as_text=True).count(words)) == (422, 1)
    assert "柳泉镇现在可以参加" in desk.done("/units", units=other.id, reason="建考试时漏了")
    db.session.rollback()
    exam = exams.exam_by_code(desk.exam.code)
    assert exam.unit_ids == sorted([desk.unit.id, other.id])
    assert db.session.query(Paper).filter_by(exam_id=exam.id, person_id=person.id).count() == 1
    assert db.session.get(Sitting, desk.sitting).submitted_at is None, "whoever is answering goes on"
    assert db.session.get(Head, (exam.id, other.id)).expected == 1
    deed = db.session.query(Deed).filter_by(what="exam.units").one()
    assert deed.detail == {"units": [other.id], "reason": "建考试时漏了"}
    assert "建考试时漏了" in desk.get("/settings")
    assert Phone(app.test_client(), exam, person).start().status_code == 201
    desk.time.move(hours=3)
    late = desk.post("/units", units=third.id, reason="又漏了")
    assert (late.status_code, "不能再加单位" in late.get_data(as_text=True)) == (422, True)
