"""Every route against every kind of caller: the role table holds, and no request of any shape fails."""

import io
import re
import sqlite3
import zipfile
from datetime import timedelta
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
from sqlalchemy import text as sql
from werkzeug.routing import Rule

from quiz.access import ACCESS, ANYONE, CANDIDATE, DESK, Role
from quiz.exams.models import Room, RoomProctor, Seat
from quiz.extensions import db, transaction
from quiz.people.models import Account, Person

VALUES = {"code": "", "position": 1, "filename": "css/base.css", "which": "problems", "tab": "problems"}


ROLES = [role.value for role in Role]
#: Planted in a unit that the unit manager has nothing to do with: who sat, who is sitting, who did not.
FOREIGN = ("万俟远", "澹台涓", "公冶渺")
FOREIGN_UNIT = "柳泉镇"
FOREIGN_ROOM = "柳泉考场"
OWN = ("安宁", "闻人近")


class County:
    """A county with one exam, an account of each role, and people of two units and of a third below one."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app = app
        self.exam = make_exam(make_bank(at=time.now()), at=time.now(), review="submit")
        own, self.foreign = make_unit(), make_unit(FOREIGN_UNIT)
        under = make_unit("青石村")
        with transaction():
            under.parent_id = own.id
        self.person = make_person(unit=own)
        make_person(OWN[1], unit=under, phone="13800000002")
        self._plant(time.now() + timedelta(minutes=20))
        self._seat()
        admin = make_account(Role.ADMIN.value, role=Role.ADMIN, at=time.now())
        with transaction():
            for role in set(Role) - {Role.ADMIN}:
                unit_id = own.id if role is Role.UNIT_MANAGER else None
                same = {"password_hash": admin.password_hash, "created_at": time.now()}
                db.session.add(Account(name=role.value, role=role.value, unit_id=unit_id, **same))
            db.session.flush()
            proctor = db.session.query(Account).filter_by(role=Role.PROCTOR.value).one()
            db.session.add(RoomProctor(room_id=1, account_id=proctor.id))

    def _plant(self, at: Any) -> None:
        sat, sits, _ = (
            make_person(name, unit=self.foreign, phone=f"1391234560{number}", number=f"WX{number}")
            for number, name in enumerate(FOREIGN)
        )
        make_result(self.exam, sat, "40", at=at, minutes=15)
        Phone(self.app.test_client(), self.exam, sits).start()
        # What nobody who only watches may read.
        self.secrets = ("单选题干", "多选题干", "判断题干", "解析：", "40 分", "40.0", self.exam.seed)

    def _seat(self) -> None:
        """Room 1 for those of the own unit, room 2 for the others; the code is asked for."""
        with transaction():
            self.exam.room_secret = "s" * 32
            for name in ("第 1 考场", FOREIGN_ROOM):
                db.session.add(Room(exam_id=self.exam.id, name=name, place="党校", seats=9))
            db.session.flush()
            for number, person in enumerate(db.session.query(Person).order_by(Person.id), 1):
                room = 2 if person.unit_id == self.foreign.id else 1
                seat = {"exam_id": self.exam.id, "person_id": person.id, "number": number}
                db.session.add(Seat(room_id=room, **seat))

    def nobody(self) -> FlaskClient:
        return self.app.test_client()

    def cadre(self) -> FlaskClient:
        phone = Phone(self.app.test_client(), self.exam, self.person)
        phone.client.environ_base["HTTP_X_CSRF_TOKEN"] = phone.csrf
        phone.start()
        return phone.client

    def of_role(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": role, "password": PASSWORD})
        return client

    def organiser(self) -> FlaskClient:
        return self.of_role("organiser")

    def url(self, rule: Rule) -> str:
        values = {name: VALUES.get(name, 1) for name in rule.arguments} | {"code": self.exam.code}
        with self.app.test_request_context():
            adapter = self.app.create_url_adapter(None) or self.app.url_map.bind("localhost")
            return adapter.build(rule.endpoint, {k: v for k, v in values.items() if k in rule.arguments})


@pytest.fixture
def county(app: Flask, time: Any) -> County:
    return County(app, time)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_the_table_names_every_endpoint_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


@pytest.mark.parametrize("who", ["nobody", "cadre", *ROLES])
def test_only_those_in_the_table_get_in(county: County, who: str) -> None:
    client = None
    for rule, method in routes(county.app):
        if client is None:
            client = county.of_role(who) if who in ROLES else getattr(county, who)()
        reply = client.open(county.url(rule), method=method, json={} if "/api/" in rule.rule else None)
        allowed = ACCESS[rule.endpoint]
        case = f"{who} {method} {rule.rule} → {reply.status_code}"
        assert reply.status_code < 500, case
        if allowed <= set(Role) and who in ROLES:
            assert who in allowed or reply.status_code == 403, case
            let_in = reply.status_code not in (401, 403) or rule.endpoint in MAY_REFUSE
            assert who not in allowed or let_in, case
        elif allowed <= set(Role):
            turned_away = reply.status_code == 302 and "/admin/sign-in" in reply.headers["Location"]
            assert turned_away if method == "GET" else reply.status_code == 401, case
        elif allowed is CANDIDATE and who != "cadre":
            assert reply.status_code in (401, 404), case
        elif allowed is ANYONE:
            assert reply.status_code not in (401, 403) or rule.endpoint in MAY_REFUSE, case
        reply.close()
        client = None if rule.endpoint == "people.sign_out" else client


#: Refusing for a reason of their own: wrong identity or password, not a contest, ranking kept inside.
MAY_REFUSE = {
    "people.sign_in",
    "corrections.undo",
    "privacy.decide",
    "privacy.tidy",
    "running.restore",
    "running.void",
    "settings.remove",
    "sitting_api.sign_in",
    "sitting_api.join",
    "standing_api.persons",
}


def crawled(county: County, client: FlaskClient) -> dict[str, str]:
    """Everything that may be read with this client, workbooks unpacked, in a few variants."""
    seen = {}
    for rule, method in routes(county.app):
        desk = ACCESS[rule.endpoint] is not ANYONE
        variants = ("", f"?all=1&unit={county.foreign.id}", "?q=WX1&state=absent", "?q=柳泉")
        for query in variants if desk else ("",):
            address = county.url(rule) + query
            if method == "GET" and rule.endpoint not in ("static", "web.openapi"):
                reply = client.get(address, follow_redirects=True)
                seen[address] = unpacked(reply.get_data())
                reply.close()
    return seen


def unpacked(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def test_a_unit_manager_never_sees_anybody_of_another_unit(county: County) -> None:
    seen = crawled(county, county.of_role("unit-manager"))
    planted = (*FOREIGN, "139****56", "139123456", "WX0", "WX2")
    leaks = [f"{word} in {address}" for address, text in seen.items() for word in planted if word in text]
    assert leaks == []
    # The wall and the contest's list of units are open to the world; the desk is not.
    desk = {address: text for address, text in seen.items() if address.startswith("/admin/")}
    named = re.compile(f"(?<!q=){FOREIGN_UNIT}")
    assert [address for address, text in desk.items() if named.search(text.replace("柳泉%", ""))] == []
    everything = "".join(seen.values())
    assert all(name in everything for name in OWN), "his own and those below are there"


def test_a_proctor_sees_the_assigned_room_on_the_day_and_nothing_else(county: County, time: Any) -> None:
    client = county.of_role("proctor")
    seen = crawled(county, client)
    seen |= {
        f"/admin/rooms/{end}": client.get(f"/admin/rooms/{end}").text for end in ("2", "2/part", "2/code")
    }
    seen["other"] = client.get("/admin/rooms/1/persons/3").text
    desk = {
        address: text for address, text in seen.items() if not address.startswith(("/board", "/api", "/e"))
    }
    for planted in (*FOREIGN, FOREIGN_UNIT, FOREIGN_ROOM, *county.secrets, "139", "138000"):
        assert [address for address, text in desk.items() if planted in text.replace("柳泉%", "")] == [], (
            planted
        )
    assert all(name in seen["/admin/rooms/1"] for name in OWN)
    assert "考场口令" in seen["/admin/rooms/1"]
    for deed, form in (
        ("2/extend", {"minutes": 5, "reason": "停电"}),
        ("2/persons/3/note", {"text": "看手机"}),
    ):
        assert client.post(f"/admin/rooms/{deed}", data=form).status_code == 404
    assert (
        client.post("/admin/rooms/1/extend", data={"minutes": 5, "reason": "停电", "person": 3}).status_code
        == 404
    )
    time.move(days=1)
    client.post("/admin/sign-in", data={"name": "proctor", "password": PASSWORD})
    assert client.get("/admin/rooms/1").status_code == 404
    assert "今天没有分给你的考场" in client.get("/admin/rooms").text


def test_the_crawl_can_see_what_is_planted(county: County) -> None:
    """The control: the organiser, who may see everybody, does."""
    everything = "".join(crawled(county, county.organiser()).values())
    assert all(word in everything for word in (*FOREIGN, FOREIGN_UNIT, FOREIGN_ROOM, "139****5600"))


LINK = re.compile(r'(?:href|action)="(/[^"#?]*)')


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ROLES)
def test_no_page_offers_what_would_be_refused(county: County, role: str) -> None:
    client, adapter = county.of_role(role), county.app.url_map.bind("localhost")
    for rule, method in routes(county.app):
        if method != "GET" or role not in ACCESS[rule.endpoint]:
            continue
        reply = client.get(county.url(rule))
        page = reply.get_data(as_text=True) if reply.mimetype == "text/html" else ""
        for link in set(LINK.findall(page)):
            found = next(filter(None, (match(adapter, link, method) for method in ("GET", "POST"))), None)
            assert found is not None, f"{link} on {rule.rule} leads nowhere"
            assert ACCESS[found] is ANYONE or role in ACCESS[found], f"{link} on {rule.rule} for {role}"
        reply.close()


def match(adapter: Any, link: str, method: str) -> str | None:
    return adapter.match(link, method=method)[0] if adapter.test(link, method=method) else None


#: What writes in the ledger that something was taken away or printed: the one thing that a GET adds.
TAKEN = "SELECT * FROM deed WHERE what NOT LIKE 'export.%' AND what <> 'sitting.pack'"


def stored() -> dict[str, list[str]]:
    """Every row of every table."""
    db.session.rollback()
    wanted = {table: f'SELECT * FROM "{table}"' for table in db.metadata.tables} | {"deed": TAKEN}
    return {table: sorted(map(repr, db.session.execute(sql(text)))) for table, text in wanted.items()}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_reading_changes_nothing(county: County) -> None:
    watching = sqlite3.connect(db.engine.url.database or "")
    clients = {who: county.of_role(who) for who in ROLES} | {
        "nobody": county.nobody(),
        "cadre": county.cadre(),
    }
    before = stored()
    for who, client in clients.items():
        for rule, method in routes(county.app):
            if method != "GET" or rule.endpoint == "static":
                continue
            version = watching.execute("PRAGMA data_version").fetchone()
            for _ in range(2):
                client.get(county.url(rule)).close()
            # Only after somebody committed something is there anything to compare.
            if watching.execute("PRAGMA data_version").fetchone() != version:
                after = stored()
                assert [table for table in after if after[table] != before[table]] == [], (who, rule.rule)
    watching.close()
    # The control: what a POST does is seen.
    county.nobody().post("/admin/sign-in", data={"name": "admin", "password": PASSWORD})
    assert stored() != before


STRANGE = (
    "/s/99999999999999999999999",
    "/s/9223372036854775808",
    "/s/١",
    "/s/-1",
    "/e/%00",
    "/e/" + "A" * 5000,
    "/e/%F0%9F%98%80",
    "/e/'; DROP TABLE exam; --",
    "/board/%2e%2e%2f",
    "/api/v1/sittings/9223372036854775808",
    "/api/v1/exams/NONE",
    "/api/v1/exams/%00",
    "/admin/questions/banks/99999999999999999999",
    "/static/../config.py",
    "/nothing/here",
)


def test_strange_addresses_are_answered_calmly(county: County) -> None:
    for client in (county.nobody(), county.cadre(), county.organiser()):
        for path in STRANGE:
            reply = client.get(path)
            assert reply.status_code in (302, 308, 400, 401, 404), f"{path} → {reply.status_code}"
            reply.close()


def test_strange_page_numbers_are_answered_calmly(county: County) -> None:
    client = county.organiser()
    reads = [rule for rule, method in routes(county.app) if method == "GET" and ACCESS[rule.endpoint] >= DESK]
    for page in ("-5", "0", "1_000", "1e3", "9" * 30, "１", "١", "", "x"):
        for rule in reads:
            reply = client.get(county.url(rule), query_string={"page": page, "limit": page, "offset": page})
            assert reply.status_code < 500, f"{rule.rule} page={page}"
            reply.close()
