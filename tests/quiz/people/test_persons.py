"""One person or one unit at a time: putting right, taking off the roster, and what units ask for."""

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
from sqlalchemy import select

from question_bank.reading.sheet import Sheet
from quiz.access import Role
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.memory import Memory
from quiz.people import queries, rules, services
from quiz.people.models import Person, RosterImport, RosterRequest, Unit
from quiz.people.roster import RosterReading, read
from quiz.standings import queries as standings

FORM = {"name": "安宁", "phone": "13800000001", "number": "", "passcode": "", "post": "", "rank": ""}


class Roster:
    """青石镇 with 安宁 and its manager, 柳泉镇 with 外人, and an organiser."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.unit, self.other = make_unit("青石镇"), make_unit("柳泉镇")
        self.person = make_person("安宁", unit=self.unit)
        self.stranger = make_person("外人", unit=self.other, phone="13800000009", number="WX9")
        make_account("olga", at=time.at)
        make_account("manager", role=Role.UNIT_MANAGER, unit=self.unit, at=time.at)
        self.desk, self.manager = self.browser("olga"), self.browser("manager")

    def browser(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
        return client

    def send(self, path: str, by: FlaskClient | None = None, **form: Any) -> int:
        given = FORM | {"unit": self.unit.id} | form if "persons" in path else form
        return int((by or self.desk).post(f"/admin/roster/{path}", data=given).status_code)

    def edit(self, by: FlaskClient | None = None, **form: Any) -> int:
        return self.send(f"persons/{self.person.id}", by, **form)

    def fresh(self) -> Person:
        db.session.rollback()
        return queries.person(self.person.id, within=None)

    def deeds(self, what: str) -> list[Deed]:
        db.session.rollback()
        return list(db.session.scalars(select(Deed).where(Deed.what == what)))

    def grown_old(self) -> None:
        """As after web.REVOKED_AGE: what the process remembered is asked anew."""
        self.app.extensions["mingshi_memory"] = Memory()


@pytest.fixture
def roster(app: Flask, time: Any) -> Roster:
    return Roster(app, time)


def test_putting_somebody_right(roster: Roster) -> None:
    assert roster.edit(name="安 宁", unit=roster.other.id, phone="139 0000 0001", post="科长") == 303
    person = roster.fresh()
    assert (person.phone, person.unit_id, person.post) == ("13900000001", roster.other.id, "科长")
    deed = roster.deeds("person.edit")[0]
    assert set(deed.detail["fields"]) == {"姓名", "单位", "手机号", "职务"}
    assert deed.detail["unit_changes"] == [[person.id, roster.unit.id, roster.other.id]]
    assert "139" not in str(deed.detail)
    assert roster.edit(name="安 宁", unit=roster.other.id, phone="13900000001", post="科长") == 303
    assert len(roster.deeds("person.edit")) == 1, "nothing changed, nothing recorded"


@pytest.mark.parametrize(
    "form",
    [
        {"name": " "},
        {"phone": "1380000"},
        {"phone": "", "number": ""},
        {"name": "外人", "phone": "13800000009"},
        {"number": "WX9"},
        {"unit": 99},
        {"name": "长" * 41},
    ],
)
def test_what_cannot_be(roster: Roster, form: dict[str, Any]) -> None:
    assert roster.edit(**form) == 422
    assert (roster.fresh().name, roster.fresh().phone) == ("安宁", "13800000001")


def test_a_new_person_with_number_and_passcode_can_sign_in(roster: Roster) -> None:
    assert roster.send("persons/new", name="新来", phone="", number="N1", passcode="8273") == 303
    assert services.identify_by_number(number="N1", passcode="8273").name == "新来"
    assert roster.send("persons/new", name="新来", phone="", number="N1", passcode="8273") == 422


def test_another_number_ends_the_old_passcode(roster: Roster) -> None:
    roster.edit(number="A1", passcode="8273")
    roster.edit(number="A2")
    with pytest.raises(rules.WrongPasscode):
        services.identify_by_number(number="A2", passcode="8273")


def test_off_the_roster_and_back_with_the_score_where_it_was(roster: Roster) -> None:
    exam = make_exam(make_bank(at=roster.time.at), at=roster.time.at)
    make_result(exam, roster.person, "90", at=roster.time.at)
    roster.edit(unit=roster.other.id)
    assert roster.send(f"persons/{roster.person.id}/active") == 303
    with pytest.raises(rules.NotOnRoster):
        services.identify_by_phone(name="安宁", phone="13800000001")
    assert [row.unit for row in standings.unit_rows(exam) if row.took_part] == ["青石镇"]
    gone = roster.desk.get("/admin/roster/?gone=1").get_data(as_text=True)
    assert "安宁" in gone
    assert roster.send(f"persons/{roster.person.id}/active", active="y") == 303
    assert services.identify_by_phone(name="安宁", phone="13800000001").id == roster.person.id


def test_a_phone_is_signed_out_and_goes_on_after_identifying_again(roster: Roster) -> None:
    exam = make_exam(make_bank(at=roster.time.at), at=roster.time.at)
    phone, other = (Phone(roster.app.test_client(), exam, one) for one in (roster.person, roster.stranger))
    sitting, others = (one.start().get_json()["sitting"] for one in (phone, other))
    assert phone.save(sitting, 1, []).status_code == 200, "the control"
    roster.time.move(seconds=2)
    assert roster.send(f"persons/{roster.person.id}/sign-out") == 303
    roster.grown_old()
    assert phone.save(sitting, 2, []).status_code == 401
    assert other.save(others, 1, []).status_code == 200
    roster.time.move(seconds=2)
    again = Phone(roster.app.test_client(), exam, roster.person)
    assert again.show(sitting).get_json()["sitting"] == sitting


def test_a_retired_person_s_phone_is_out_too(roster: Roster) -> None:
    exam = make_exam(make_bank(at=roster.time.at), at=roster.time.at)
    phone = Phone(roster.app.test_client(), exam, roster.person)
    sitting = phone.start().get_json()["sitting"]
    roster.send(f"persons/{roster.person.id}/active")
    roster.grown_old()
    assert phone.save(sitting, 1, []).status_code == 401


def request_of(roster: Roster) -> RosterRequest:
    db.session.rollback()
    return db.session.scalars(select(RosterRequest).order_by(RosterRequest.id.desc())).all()[0]


def decide(roster: Roster, by: FlaskClient | None = None, *, approve: bool = True) -> int:
    path = f"requests/{request_of(roster).id}/decide"
    return roster.send(path, by, approve="y" if approve else "")


def test_a_unit_asks_and_the_organiser_grants(roster: Roster) -> None:
    assert roster.edit(roster.manager, phone="13900000001", reason="换了号码") == 303
    assert roster.fresh().phone == "13800000001", "asked for is not done"
    page = roster.desk.get("/admin/roster/").get_data(as_text=True)
    assert "换了号码" in page
    assert "13900000001" not in page
    assert "等待核准" in roster.manager.get("/admin/roster/").get_data(as_text=True)
    assert decide(roster, roster.manager) == 403
    assert decide(roster) == 303
    assert roster.fresh().phone == "13900000001"
    assert request_of(roster).given == {}, "the number is on the roster and nowhere else"
    assert decide(roster) == 409


def test_a_unit_asks_for_somebody_new_and_to_take_somebody_off(roster: Roster) -> None:
    new = {"name": "新来", "phone": "13900000002", "reason": "刚调入"}
    assert roster.send("persons/new", roster.manager, **new) == 303
    assert decide(roster) == 303
    assert services.identify_by_phone(name="新来", phone="13900000002").unit_id == roster.unit.id
    assert roster.send(f"persons/{roster.person.id}/active", roster.manager, reason="调走") == 303
    assert roster.fresh().active
    assert decide(roster, approve=False) == 303
    assert roster.fresh().active
    roster.send(f"persons/{roster.person.id}/active", roster.manager, reason="调走")
    decide(roster)
    assert not roster.fresh().active


def test_a_unit_manager_touches_nobody_of_another_unit(roster: Roster) -> None:
    path = f"persons/{roster.stranger.id}"
    assert roster.manager.get(f"/admin/roster/{path}").status_code == 404
    assert roster.send(path, roster.manager, reason="试试") == 404
    assert roster.send(f"{path}/active", roster.manager, reason="试试") == 404
    assert roster.edit(roster.manager, unit=roster.other.id, reason="搬走") == 422
    assert roster.edit(roster.manager, phone="13900000001", reason="") == 422
    assert roster.send("units/new", roster.manager, name="新镇") == 403


def test_units_are_made_renamed_and_placed_under_others(roster: Roster) -> None:
    assert roster.send("units/new", name="青石村", kind="村居", parent=roster.unit.id) == 303
    db.session.rollback()
    village = queries.unit_by_name("青石村")
    assert (village.parent_id, village.pinyin) == (roster.unit.id, "qing shi cun")
    path = f"units/{roster.unit.id}"
    assert roster.send(path, name="青石镇", kind="", parent=village.id) == 422, "a loop"
    assert roster.send(path, name="柳泉镇", kind="", parent=0) == 422, "taken"
    assert roster.send(path, name="青石街道", kind="街道", parent=0) == 303
    db.session.rollback()
    assert queries.unit(roster.unit.id).name == "青石街道"


def test_a_unit_is_retired_when_nobody_is_left_and_comes_back_with_a_roster(roster: Roster) -> None:
    path = f"units/{roster.unit.id}/active"
    assert roster.send(path) == 409
    roster.send(f"persons/{roster.person.id}/active")
    assert roster.send(path) == 303
    db.session.rollback()
    assert [unit.name for unit in queries.units()] == ["柳泉镇"]
    assert "青石镇（已停用）" in roster.desk.get("/admin/roster/?gone=1").get_data(as_text=True)
    found = reading("王一,青石镇,13700000001")
    with transaction():
        services.import_roster(reading=found, create_units=False, at=roster.time.at, who="x")
    assert {unit.name for unit in queries.units()} == {"柳泉镇", "青石镇"}


def reading(row: str) -> RosterReading:
    return read([Sheet("名册", [["姓名", "单位", "手机号"], row.split(",")])], file="名册.csv")


def test_an_upload_that_nobody_decides_on_is_forgotten(roster: Roster) -> None:
    def keep() -> None:
        with transaction():
            services.keep_roster(reading=reading("王一,青石镇,13700000001"), account_id=1, at=roster.time.at)

    keep()
    roster.time.move(days=29)
    keep()
    roster.time.move(days=2)
    keep()
    assert len(db.session.scalars(select(RosterImport)).all()) == 2
    assert db.session.scalars(select(Unit)).all()
