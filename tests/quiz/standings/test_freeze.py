"""封榜: after the instant nothing newer can be derived from any page that does not belong to the desk.

The crawl reads every address that anybody but the desk may read, before and after somebody hands in during
the freeze: not a byte may differ. With the protection taken away the same crawl must see the difference.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    decide_ranking,
    forget,
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

from quiz.access import ACCESS, ANYONE, CANDIDATE, DESK, Role
from quiz.audit.models import Deed
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.sittings import running
from quiz.standings import freezing, pages, services, tables
from quiz.standings.models import PublicResult
from quiz.standings.tables import Board, Table
from quiz.tokens import sign_wall

#: Made anew for each answer, and saying nothing.
_NOISE = re.compile(r'nonce(="|-)[\w-]+|value="[^"]{20,}"|mingshi\w*=[^;]+|data-csrf="[^"]*"')


class Hall:
    """A contest of three units under way: two persons have handed in, one will during the freeze."""

    def __init__(self, app: Flask, time: Any, mode: Mode = Mode.CONTEST) -> None:
        self.app, self.time = app, time
        self.exam: Exam = make_exam(make_bank(at=time.at), at=time.at, mode=mode, chances=0)
        self.units = [make_unit(name) for name in ("甲镇", "乙镇", "丙局")]
        self.people = [
            make_person(f"安{place}", unit=unit, phone=f"1380000000{place}")
            for place, unit in enumerate(self.units)
        ]
        decide_ranking(self.exam, at=time.at)
        for person, score in zip(self.people[:2], ("80", "70"), strict=True):
            make_result(self.exam, person, score, at=time.move(minutes=5), minutes=5)
        time.move(minutes=1)
        self.signed: dict[Role, FlaskClient] = {}
        self.phone = Phone(app.test_client(), self.exam, self.people[0])
        self.sitting = self.phone.start().get_json()["sitting"]

    def freeze(self, **after: float) -> None:
        with transaction():
            at = self.time.at
            freezing.schedule(self.exam, freezes_at=at + timedelta(**after), at=at, who="olga")

    def hand_in(self, place: int = 2, score: str = "97.31", number: int = 1) -> None:
        # A page that was refused has ended the session they were loaded in.
        exam, person = (db.session.merge(one) for one in (self.exam, self.people[place]))
        make_result(exam, person, score, at=self.time.at, minutes=7, number=number)

    def ranks(self, table: Table = Table.PUBLIC) -> list[tuple[int | None, str]]:
        pages.public(self.exam, at=self.time.at)
        board = Board(self.exam, table=table, at=self.time.at)
        return [(entry.rank, entry.row.unit) for entry in board.ranked]

    def signed_in(self, role: Role) -> FlaskClient:
        if role not in self.signed:
            unit = {"unit": self.units[2]} if role is Role.UNIT_MANAGER else {}
            make_account(role.value, role=role, at=self.time.at, **unit)
            self.signed[role] = self.app.test_client()
            self.signed[role].post("/admin/sign-in", data={"name": role.value, "password": PASSWORD})
        return self.signed[role]

    def crawl(self) -> dict[str, str]:
        """Who and where → everything that came back but what is made anew each time."""
        clients = {"anybody": self.app.test_client(), "phone": self.phone.client}
        clients |= {role: self.signed_in(role) for role in (Role.SUPERVISOR, Role.UNIT_MANAGER)}
        seen = {}
        for who, client in clients.items():
            for address in self._addresses(who):
                forget(self.app)
                reply = client.get(address)
                headers = sorted(pair for pair in reply.headers if pair[0] not in ("Set-Cookie", "Date"))
                text = f"{reply.status} {headers} {reply.get_data().decode(errors='replace')}"
                seen[f"{who} {address}"] = _NOISE.sub("", text) if reply.mimetype != XLSX else ""
                reply.close()
        return seen

    def _addresses(self, who: str) -> list[str]:
        key = sign_wall(self.app.config["SECRET_KEY"], exam=self.exam.id)
        found = [f"/api/v1/exams/{self.exam.code}/standings/units?limit=24&key={key}"]
        for rule in self.app.url_map.iter_rules():
            allowed = ACCESS[rule.endpoint]
            reads = allowed is ANYONE or allowed is CANDIDATE or who in allowed
            if "GET" not in rule.methods or not reads or rule.endpoint in ("static", "people.sign_out"):
                continue
            if rule.rule.startswith("/admin/me"):
                continue  # one's own account: other browsers, another secret each time
            address = rule.rule.replace("<code>", self.exam.code).replace(
                "<int:sitting_id>", str(self.sitting)
            )
            found.append(re.sub(r"<[^>]+>", "1", address))
        return found


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time)


def test_nothing_newer_can_be_derived(hall: Hall) -> None:
    hall.freeze()
    hall.time.move(minutes=1)
    before = hall.crawl()
    assert len(before) > 30
    hall.hand_in()
    after = hall.crawl()
    assert [address for address in before if before[address] != after[address]] == []
    assert hall.ranks(Table.JURY) != hall.ranks()


def test_without_the_protection_the_crawl_sees_it(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.freeze()
    hall.time.move(minutes=1)
    monkeypatch.setattr(tables, "is_frozen", lambda row, at: False)
    before = hall.crawl()
    hall.hand_in()
    after = hall.crawl()
    leaks = {
        address.split("?")[0].rpartition("/")[2] for address in before if before[address] != after[address]
    }
    assert {"units", "persons", "live", "absent.txt"} <= leaks


def test_the_copy_holds_what_was_handed_in_before_the_instant_however_late_it_is_made(hall: Hall) -> None:
    hall.freeze(minutes=10)
    hall.time.move(minutes=9)
    hall.hand_in(1, "60", number=2)
    hall.time.move(minutes=2)
    hall.hand_in(1, "99", number=3)
    hall.hand_in(2)
    assert hall.ranks() == [(1, "甲镇"), (2, "乙镇"), (3, "丙局")]
    assert hall.ranks(Table.JURY)[0] == (1, "乙镇")
    scores = {row.person_id: row.score for row in db.session.scalars(select(PublicResult))}
    assert scores == {hall.people[0].id: 80, hall.people[1].id: 70}


def test_before_the_instant_and_after_publishing_everybody_sees_what_is_known(hall: Hall) -> None:
    hall.freeze(minutes=10)
    hall.hand_in(2, "75")
    assert hall.ranks() == hall.ranks(Table.JURY)
    hall.time.move(minutes=10)
    hall.hand_in(1, "99", number=2)
    assert hall.ranks() != hall.ranks(Table.JURY)
    with transaction():
        freezing.publish(hall.exam, at=hall.time.at, who="olga")
    assert hall.ranks() == hall.ranks(Table.JURY)
    with pytest.raises(freezing.CannotFreeze), transaction():
        freezing.publish(hall.exam, at=hall.time.at, who="olga")


def test_a_void_and_a_move_during_the_freeze_are_not_seen(hall: Hall) -> None:
    hall.freeze()
    hall.time.move(minutes=1)
    before = hall.ranks()
    sitting = running.sitting_of(hall.exam, 1)
    with transaction():
        running.void(sitting, reason="替考", at=hall.time.at, who="olga")
    assert hall.ranks() == before
    assert hall.ranks(Table.JURY) != before


def test_the_freeze_is_made_once_and_stands_in_the_ledger(hall: Hall) -> None:
    hall.freeze()
    with transaction():
        assert freezing.freeze(hall.exam, at=hall.time.at)
        assert not freezing.freeze(hall.exam, at=hall.time.at)
    with pytest.raises(freezing.CannotFreeze), transaction():
        freezing.schedule(hall.exam, freezes_at=None, at=hall.time.at, who="olga")
    deeds = db.session.scalars(
        select(Deed.what).where(Deed.what.startswith("standings.")).order_by(Deed.id)
    ).all()
    assert deeds == ["standings.decide", "standings.schedule", "standings.freeze"]


@pytest.fixture
def desk(hall: Hall) -> FlaskClient:
    return hall.signed_in(Role.ORGANISER)


def test_places_are_told_from_the_last_and_the_hall_sees_no_more(hall: Hall, desk: FlaskClient) -> None:
    path = f"/admin/exams/{hall.exam.code}/reveal"
    anybody = hall.app.test_client()
    assert desk.post(f"{path}/freeze", data={"deed": "now"}).status_code == 303
    hall.time.move(minutes=1)
    hall.hand_in()
    prizes = {"first": 1, "second": 1, "third": 1, "group": ""}
    assert desk.post(f"{path}/begin", data=prizes).status_code == 409, "the exam is not over"
    hall.phone.submit(hall.sitting)
    hall.time.move(hours=3)
    # Hours away: signed in anew.
    desk.post("/admin/sign-in", data={"name": Role.ORGANISER.value, "password": PASSWORD})
    assert desk.post(f"{path}/begin", data=prizes).status_code == 303
    told = []
    for step in range(4):
        forget(hall.app)
        shown = anybody.get(f"/api/v1/exams/{hall.exam.code}/standings/units").get_json()
        assert (shown["frozen"], shown["reveal"]["step"]) == (True, step)
        told.append([place.get("unit") for place in shown["reveal"]["places"]])
        page = desk.get(path).get_data(as_text=True)
        assert "按下一步" in page
        assert ("都揭晓了" in page) == (step == 3)
        desk.post(f"{path}/step", data={"seen": step, "to": step + 1})
        desk.post(f"{path}/step", data={"seen": step, "to": step + 1})
    assert told == [
        [None, None, None],
        [None, None, "乙镇"],
        [None, "甲镇", "乙镇"],
        ["丙局", "甲镇", "乙镇"],
    ]
    said = freezing.entries_of(freezing.reveal_of(hall.exam))[0].told
    assert said.endswith("升至第 1 名")
    desk.post(f"{path}/step", data={"seen": 3, "to": 0})
    assert freezing.reveal_of(hall.exam).step == 0
    assert desk.post(f"{path}/publish").status_code == 303
    assert hall.ranks()[0] == (1, "丙局")


def test_a_rehearsal_tells_what_is_known_already(hall: Hall, desk: FlaskClient) -> None:
    path = f"/admin/exams/{hall.exam.code}/reveal"
    desk.post(f"{path}/freeze", data={"deed": "now"})
    hall.time.move(minutes=1)
    hall.hand_in()
    data = {"first": 1, "second": 1, "third": 1, "rehearsal": 1, "group": ""}
    assert desk.post(f"{path}/begin", data=data).status_code == 303
    found = freezing.reveal_of(hall.exam)
    assert found.rehearsal
    assert [entry.unit for entry in freezing.entries_of(found)][:2] == ["甲镇", "乙镇"]
    assert "97.3" not in str(found.entries)
    assert desk.post(f"{path}/over").status_code == 303
    assert freezing.reveal_of(hall.exam) is None


def test_settings_show_what_they_would_do_before_they_are_saved(hall: Hall, desk: FlaskClient) -> None:
    path = f"/admin/exams/{hall.exam.code}/ranking"
    page = desk.get(path).get_data(as_text=True)
    assert "现在的榜" in page
    data = {
        "formula": "mean", "weight": 50, "top": 10, "shrink": 10, "first": "rate", "second": "", "third": "",
        "grouping": "size", "large": 5, "middle": 1, "least_took_part": 1, "least_expected": 0, "depth": 0,
        "visibility": "all",
    }  # fmt: skip
    tried = desk.post(f"{path}/preview", data=data)
    text = tried.get_data(as_text=True)
    assert tried.status_code == 200
    assert "试算" in text
    assert "乙组" in text
    assert "不参与排名" in text
    assert Board(hall.exam, table=Table.JURY, at=hall.time.at).method.formula == "r50m50"
    assert desk.post(f"{path}/save", data=data).status_code == 422, "the exam has opened: a reason is due"
    assert desk.post(f"{path}/save", data=data | {"reason": "领导小组决定"}).status_code == 303
    assert Board(hall.exam, table=Table.JURY, at=hall.time.at).method.formula == "mean"
    assert "原因：领导小组决定" in desk.get(path).get_data(as_text=True)
    assert desk.post(f"{path}/preview", data=data | {"weight": 101}).status_code == 422
    assert desk.post(f"{path}/preview", data=data | {"large": 1, "middle": 5}).status_code == 422


def test_somebody_who_chose_the_wrong_unit_is_moved_with_the_score(hall: Hall, desk: FlaskClient) -> None:
    path = f"/admin/exams/{hall.exam.code}/ranking/move"
    unit = db.session.scalars(select(Unit).where(Unit.name == "丙局")).one()
    person = db.session.scalars(select(Person).where(Person.name == "安1")).one()
    data = {"name": person.name, "phone": person.phone, "unit": unit.id, "reason": "选错了单位"}
    assert desk.post(path, data=data | {"phone": "13811111111"}).status_code == 404
    assert desk.post(path, data=data).status_code == 303
    assert desk.post(path, data=data).status_code == 422
    assert {unit: rank for rank, unit in hall.ranks()}["丙局"] == 2


def test_head_counts_change_on_the_page(hall: Hall, desk: FlaskClient) -> None:
    path = f"/admin/exams/{hall.exam.code}/ranking/head"
    unit = hall.units[0].id
    data = {"unit": unit, "expected": 9, "reason": "名册漏报"}
    assert desk.post(path, data=data).status_code == 422, "not kept yet"
    with transaction():
        services.keep_heads(hall.exam, at=hall.time.at)
    assert desk.post(path, data=data).status_code == 303
    page = desk.get(f"/admin/exams/{hall.exam.code}/ranking").get_data(as_text=True)
    assert "甲镇应参人数由 1 改为 9，原因：名册漏报" in page
    hall.freeze()
    assert desk.post(path, data=data | {"expected": 8}).status_code == 409


def test_only_the_desk_is_let_in(hall: Hall) -> None:
    for role in (Role.SUPERVISOR, Role.UNIT_MANAGER):
        client = hall.signed_in(role)
        for page in ("ranking", "reveal"):
            assert client.get(f"/admin/exams/{hall.exam.code}/{page}").status_code == 403
    assert {Role.ADMIN, Role.ORGANISER} == set(DESK)
