"""请假: asked by the unit, approved by the organiser, and neither 实考 nor 缺考 anywhere."""

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
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
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quiz.access import Role
from quiz.audit.models import Deed
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.standings import make_up, queries, rules
from quiz.standings.models import Leave


class Hall:
    """An exam in which 安宁 has sat, 温然 is sitting and 何方, 何圆 have not; 柳泉镇 has 外人."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam: Exam = make_exam(make_bank(at=time.at), at=time.at)
        unit, other = make_unit("青石镇"), make_unit("柳泉镇")
        names = ("安宁", "温然", "何方", "何圆")
        self.people = {
            name: make_person(name, unit=unit, phone=f"1380000000{number}")
            for number, name in enumerate(names)
        }
        self.people["外人"] = make_person("外人", unit=other, phone="13800000009")
        make_result(self.exam, self.people["安宁"], "70", at=time.at + timedelta(minutes=30))
        Phone(app.test_client(), self.exam, self.people["温然"]).start()
        make_account("manager", role=Role.UNIT_MANAGER, unit=unit, at=time.at)
        make_account("olga", at=time.at)
        make_account("watcher", role=Role.SUPERVISOR, at=time.at)
        self.manager, self.organiser = self.browser("manager"), self.browser("olga")

    def browser(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
        return client

    def path(self, rest: str = "") -> str:
        return f"/admin/exams/{self.exam.code}/attendance{rest}"

    def ask(self, who: str, reason: str = "病假，有证明", by: FlaskClient | None = None) -> int:
        path = self.path(f"/{self.people[who].id}/leave")
        return int((by or self.manager).post(path, data={"reason": reason}).status_code)

    def decide(self, who: str, *, approve: bool = True, by: FlaskClient | None = None) -> int:
        path = self.path(f"/leave/{self.leave(who).id}/decide")
        return int((by or self.organiser).post(path, data={"approve": "y" if approve else ""}).status_code)

    def leave(self, who: str) -> Leave:
        db.session.rollback()
        wanted = select(Leave).where(Leave.person_id == self.people[who].id).order_by(Leave.id.desc())
        return db.session.scalars(wanted).first()  # type: ignore[return-value]

    def page(self, by: FlaskClient | None = None, **query: Any) -> str:
        return str((by or self.organiser).get(self.path(), query_string=query).get_data(as_text=True))

    def figures(self) -> tuple[int, ...]:
        row = next(row for row in queries.unit_rows(self.exam) if row.unit == "青石镇")
        return row.expected, row.took_part, row.sitting, row.on_leave, row.not_started


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time)


def names(page: str) -> list[str]:
    return list(re.findall(r'<td class="nm">(.*?)</td>', page))


def test_everybody_of_the_unit_with_what_they_have_done(hall: Hall) -> None:
    assert names(hall.page(hall.manager)) == ["安宁", "温然", "何方", "何圆"]
    by_state = {state: names(hall.page(hall.manager, state=state)) for state in ("absent", "sitting", "done")}
    assert by_state == {"absent": ["何方", "何圆"], "sitting": ["温然"], "done": ["安宁"]}
    assert names(hall.page(q="柳泉")) == ["外人"]
    assert names(hall.page(hall.manager, q="外人")) == []


def test_leave_waits_for_the_organiser_s_word(hall: Hall) -> None:
    assert hall.figures() == (4, 1, 1, 0, 2)
    assert hall.ask("何方") == 303
    assert hall.figures() == (4, 1, 1, 0, 2), "asked for is not granted"
    assert "请假待批" in hall.page(hall.manager)
    assert hall.decide("何方", by=hall.manager) == 403, "the unit cannot grant it to itself"
    assert hall.decide("何方") == 303
    assert hall.figures() == (4, 1, 1, 1, 1)
    assert names(hall.page(state="leave")) == ["何方", "何方"]
    assert [(deed.what, deed.who) for deed in hall_deeds()] == [
        ("leave.ask", "manager"),
        ("leave.approve", "olga"),
    ]


def hall_deeds() -> list[Deed]:
    return list(db.session.scalars(select(Deed).where(Deed.what.startswith("leave.")).order_by(Deed.id)))


def test_declined_is_absent_and_may_be_asked_again(hall: Hall) -> None:
    hall.ask("何方")
    assert hall.decide("何方", approve=False) == 303
    assert hall.figures() == (4, 1, 1, 0, 2)
    assert hall.decide("何方") == 409, "decided once"
    assert hall.ask("何方", "换一个事由") == 303


def test_the_organiser_s_own_word_counts_at_once(hall: Hall) -> None:
    assert hall.ask("外人", by=hall.organiser) == 303
    assert hall.leave("外人").state == "approved"
    assert "已批准" in hall.page()


def test_who_has_leave_is_on_no_list_of_absentees(hall: Hall) -> None:
    text = f"/admin/exams/{hall.exam.code}/absent.txt"
    assert "何方" in hall.manager.get(text).get_data(as_text=True), "the control"
    hall.ask("何方", by=hall.organiser)
    listed = hall.manager.get(text).get_data(as_text=True)
    assert ("何方" in listed, "何圆" in listed) == (False, True)
    assert {row.name: row.on_leave for row in queries.absent_rows(hall.exam, within=None)}["何方"]
    assert "请假 <b>1</b>" in hall.organiser.get(f"/admin/exams/{hall.exam.code}").get_data(as_text=True)


def sheets(hall: Hall, name: str) -> dict[str, str]:
    reply = hall.organiser.get(f"/admin/exams/{hall.exam.code}/{name}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(reply.get_data()))
    return {
        sheet.title: "\n".join(
            " ".join(str(cell.value) for cell in row if cell.value is not None) for row in sheet.iter_rows()
        )
        for sheet in book
    }


def test_the_workbooks_say_leave_and_the_make_up_takes_it_in(hall: Hall) -> None:
    hall.ask("何方", by=hall.organiser)
    hall.time.move(hours=4)
    hall.organiser = hall.browser("olga")
    scores = sheets(hall, "scores")
    assert "请假" in scores["单位排名"].splitlines()[2].split()
    absent = next(text for title, text in scores.items() if title in ("缺考", "未交卷"))
    lines = {line.split()[1]: line.split()[-1] for line in absent.splitlines()[3:]}
    assert (lines["何方"], lines["何圆"]) == ("请假", "缺考")
    why = {row.name: row.why for row in make_up.candidates(hall.exam)}
    assert why | {"温然": ""} == {
        "何方": "请假",
        "何圆": "缺考",
        "外人": "缺考",
        "安宁": "不合格",
        "温然": "",
    }
    book = sheets(hall, "make-up")
    assert "何方" in book["请假"]
    assert "何方" not in book["缺考"]
    assert "何方" in book["补考名单"]


def test_who_sits_after_all_has_sat(hall: Hall) -> None:
    hall.ask("何方", by=hall.organiser)
    phone = Phone(hall.app.test_client(), hall.exam, hall.people["何方"])
    sitting = phone.start().get_json()["sitting"]
    assert hall.figures() == (4, 1, 2, 0, 1)
    phone.submit(sitting)
    assert hall.figures() == (4, 2, 1, 0, 1)


@pytest.mark.parametrize(("who", "status"), [("安宁", 409), ("温然", 409), ("外人", 404)])
def test_no_leave_for_who_has_sat_or_belongs_to_another_unit(hall: Hall, who: str, status: int) -> None:
    assert hall.ask(who) == status


@pytest.mark.parametrize("reason", ["", " 病 ", "长" * 101])
def test_a_reason_is_wanted(hall: Hall, reason: str) -> None:
    assert hall.ask("何方", reason) == 422


def test_asking_twice_keeps_one_request(hall: Hall) -> None:
    assert (hall.ask("何方"), hall.ask("何方")) == (303, 409)
    again = {name: getattr(hall.leave("何方"), name) for name in ("exam_id", "person_id", "unit_id")}
    with pytest.raises(IntegrityError), transaction():
        db.session.add(Leave(**again, reason="又", state="asked", asked_by="x", asked_at=hall.time.at))


def test_taking_it_back(hall: Hall) -> None:
    hall.ask("何方")
    withdraw = hall.path(f"/leave/{hall.leave('何方').id}/withdraw")
    assert hall.manager.post(withdraw).status_code == 303
    hall.ask("何方")
    hall.decide("何方")
    withdraw = hall.path(f"/leave/{hall.leave('何方').id}/withdraw")
    assert hall.manager.post(withdraw).status_code == 409, "granted leave is the organiser's"
    assert hall.organiser.post(withdraw).status_code == 303
    assert hall.figures() == (4, 1, 1, 0, 2)


def test_requests_of_other_units_are_neither_seen_nor_touched(hall: Hall) -> None:
    hall.ask("外人", by=hall.organiser)
    assert "外人" not in hall.page(hall.manager)
    assert hall.manager.post(hall.path(f"/leave/{hall.leave('外人').id}/withdraw")).status_code == 404
    watcher = hall.browser("watcher")
    assert "外人" in hall.page(watcher)
    assert hall.ask("何方", by=watcher) == 403


def test_the_rule_of_the_reason() -> None:
    assert rules.clean_leave_reason("  病假\0 三天 ") == "病假 三天"
