"""Rooms and seats from the organiser's page to the phone, and what a proctor does in a room."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.access import Role
from quiz.audit.models import Deed
from quiz.exams.models import Room, RoomNote, Seat
from quiz.extensions import db
from quiz.sittings.models import Extension, Sitting


class County:
    """An exam to open in an hour for six of two units, an organiser and a proctor, both signed in."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now() + timedelta(hours=1))
        self.units = [make_unit("甲乡"), make_unit("乙局")]
        self.persons = [
            make_person(f"人{n}", unit=self.units[n % 2], phone=f"1380000000{n}", number=f"G{n}")
            for n in range(6)
        ]
        make_account("olga", at=time.now())
        self.proctor = make_account("周到", role=Role.PROCTOR, at=time.now())
        self.desk, self.watch = self.client("olga"), self.client("周到")
        self.path = f"/admin/exams/{self.exam.code}"

    def client(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
        return client

    def post(self, end: str, status: int = 303, **form: Any) -> str:
        reply = self.desk.post(f"{self.path}/rooms{end}", data=form)
        assert reply.status_code == status, reply.text
        return reply.text

    def seats(self) -> dict[str, tuple[int, int]]:
        db.session.rollback()
        return {row.person.name: (row.room_id, row.number) for row in db.session.query(Seat)}

    def give_room(self, room: int = 1, **more: Any) -> None:
        found = db.session.get(Room, room)
        form = {"name": found.name, "place": "三楼", "seats": found.seats, "proctors": self.proctor.id}
        self.post(f"/{room}", **form | more)

    def open(self) -> list[Phone]:
        self.time.move(hours=1)
        return [Phone(self.app.test_client(), self.exam, person) for person in self.persons]

    def deeds(self) -> list[str]:
        return [one.what for one in db.session.query(Deed).order_by(Deed.id) if one.what.startswith("room.")]


@pytest.fixture
def county(app: Flask, time: Any) -> County:
    return County(app, time)


def test_seats_are_given_once_kept_and_printed(county: County) -> None:
    county.post("/split", seats="4", how="apart")
    first = county.seats()
    assert len(set(first.values())) == 6
    assert {room for room, _ in first.values()} == {1, 2}
    late = make_person("后来", unit=county.units[0], phone="13800000009")
    assert '还有 <b class="zhu">1</b> 人没有座位' in county.desk.get(f"{county.path}/rooms").text
    county.post("/seat", how="together")
    assert {name: place for name, place in county.seats().items() if name != late.name} == first
    assert "参加的人都有座位" in county.desk.get(f"{county.path}/rooms").text
    for which in ("seats", "doors", "labels"):
        page = county.desk.get(f"{county.path}/rooms/print/{which}").text
        assert page.count("<main") == 2
        assert all(page.count(f">{name}<") == 1 for name in county.seats())
        assert "13800" not in page
    assert county.desk.get(f"{county.path}/rooms/print/other").status_code == 404
    county.post("/clear")
    assert county.seats() == {}
    county.time.move(hours=1)
    assert "已经开考，座位不能清空" in county.post("/clear", 422)
    assert county.deeds() == ["room.add", "room.add", "room.seat", "room.seat", "room.clear"]


def test_what_a_room_is_refused_for_is_said_beside_its_form(county: County) -> None:
    assert "请填写考场名称" in county.post("", 422, name="", seats="30")
    assert "1 至 500 个座位" in county.post("", 422, name="一", seats="x")
    county.post("", name="第 1 考场", seats="3", place="党校")
    assert "已经有“第 1 考场”了" in county.post("", 422, name="第 1 考场", seats="3")
    assert "6 人要排，空座只有 3 个" in county.post("/seat", 409)
    assert county.seats() == {}
    county.post("/split", seats="3")
    assert [room.name for room in db.session.query(Room).order_by(Room.id)] == [
        "第 1 考场",
        "第 2 考场",
        "第 3 考场",
    ]
    assert "座位数不能比它少" in county.post("/1", 422, name="第 1 考场", seats="1")
    county.give_room()
    assert [one.name for one in db.session.get(Room, 1).proctors] == ["周到"]
    page = county.desk.get(f"{county.path}/rooms/1").text
    assert f'value="{county.proctor.id}" checked' in page, "saving the page again keeps who watches"
    county.post("/1/remove")
    assert {room for room, _ in county.seats().values()} <= {2, 3}


def workbook(*rows: tuple[str, ...]) -> tuple[io.BytesIO, str]:
    book = openpyxl.Workbook()
    for row in (("姓名", "单位", "工号", "考场", "座位号"), *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return io.BytesIO(file.getvalue()), "座位.xlsx"


def test_seats_by_a_list(county: County) -> None:
    county.post("/split", seats="6", how="apart")
    file = workbook(
        ("人0", "甲乡", "G0", "东楼", "7"),
        ("人1", "乙局", "G1", "东楼", ""),
        ("人2", "甲乡", "G2", "东楼", "7"),
        ("人3", "乙局", "G3", "东楼", "前排"),
        ("没人", "甲乡", "G9", "东楼", "8"),
    )
    before = county.seats()
    page = county.post("/list", 200, file=file)
    assert "已按名单给 2 人排座" in page
    assert all(words in page for words in ("7 号座位已经有人", "座位号应当是数字", "名册里没有“没人”"))
    found = county.seats()
    assert (found["人0"], found["人1"]) == ((2, 7), (2, 1))
    assert (found["人4"], found["人5"]) == (before["人4"], before["人5"]), "who is not in the file stays"
    assert "文件里没有写考场" in county.post("/list", 422, file=workbook(("人0", "甲乡", "G0", "", "")))


def test_one_person_is_moved_where_a_seat_is_free(county: County) -> None:
    county.post("/split", seats="3", how="together")
    person, (room, number) = county.persons[0], county.seats()["人0"]
    other = 3 - room
    path = f"{county.path}/people/{person.id}/seat"
    taken = county.desk.post(path, data={"room": room, "number": "9"})
    assert (taken.status_code, "不在 1 至 3 之间" in taken.text) == (409, True)
    assert "3 个座位都有人了" in county.desk.post(path, data={"room": other}).text
    assert county.seats()["人0"] == (room, number), "what is refused changes nothing"
    assert county.desk.post(path, data={"room": ""}).status_code == 303
    assert "人0" not in county.seats()
    assert county.desk.post(path, data={"room": room, "number": number}).status_code == 303
    assert county.seats()["人0"] == (room, number)


def test_each_room_opens_with_its_own_code(county: County) -> None:
    county.post("/split", seats="3", how="together")
    county.desk.post(f"{county.path}/conduct", data={"appeal_days": "3", "room": "y"})
    phones = county.open()
    codes = [county.desk.get(f"/admin/rooms/{room}/code").get_json()["code"] for room in (1, 2)]
    mine = county.seats()["人0"][0]
    start = f"/api/v1/exams/{county.exam.code}/sittings"
    refused = phones[0]._send("post", start, json={"room_code": codes[2 - mine]})
    assert (refused.status_code, f"第 {mine} 考场的监考屏幕" in refused.get_json()["error"]["message"]) == (
        403,
        True,
    )
    assert (
        f"第 {mine} 考场，{county.seats()['人0'][1]} 号座位"
        in phones[0].client.get(f"/e/{county.exam.code}/notice").text
    )
    assert phones[0]._send("post", start, json={"room_code": codes[mine - 1]}).status_code == 201
    # Who has no seat gives the code of the exam.
    county.desk.post(f"{county.path}/people/{county.persons[1].id}/seat", data={"room": ""})
    whole = county.desk.get(f"{county.path}/room/code").get_json()["code"]
    assert phones[1]._send("post", start, json={"room_code": whole}).status_code == 201


def test_a_proctor_gives_time_to_a_room_and_to_one_and_notes_what_was_seen(county: County) -> None:
    county.post("/split", seats="3", how="together")
    county.give_room()
    phones = county.open()
    sittings = [phone.start().get_json()["sitting"] for phone in phones]
    here = [n for n in range(6) if county.seats()[f"人{n}"][0] == 1]
    there = next(n for n in range(6) if n not in here)
    county.time.move(minutes=2)
    page = county.watch.get("/admin/rooms/1").text
    assert "答题中 <b>3</b>" in page
    assert "保存 2 分钟前" in page
    assert "考场口令" not in page, "none is asked for"

    def left(n: int) -> int:
        db.session.rollback()
        row = db.session.get(Sitting, sittings[n])
        return round((row.deadline - row.started_at).total_seconds() / 60)

    def extend(status: int, **form: Any) -> str:
        reply = county.watch.post("/admin/rooms/1/extend", data=form)
        assert reply.status_code == status, reply.text
        return reply.text

    assert "请写明原因" in extend(422, minutes=5, reason="", seen=0)
    extend(303, minutes=5, reason="停电", seen=0, once="a")
    extend(303, minutes=5, reason="停电", seen=0, once="a")
    assert [left(n) for n in (*here, there)] == [65, 65, 65, 60]
    assert "周到 13:02 已经延长 5 分钟" in extend(409, minutes=5, reason="停电", seen=0, once="b")
    extend(303, minutes=3, reason="手机坏了", person=county.persons[here[0]].id, seen=1, once="c")
    assert [left(n) for n in (*here, there)] == [68, 65, 65, 60]
    deeds = db.session.query(Deed).filter_by(what="sitting.extend").order_by(Deed.id).all()
    assert [deed.detail.get("room") for deed in deeds] == ["第 1 考场", None]
    # The organiser sees it when giving all more time without having looked, and may extend the room as well.
    assert (
        "已经延长 5 分钟"
        in county.desk.post(f"{county.path}/extend", data={"minutes": 9, "reason": "停电"}).text
    )
    more = {"minutes": 1, "reason": "停电", "unit": "room-1", "seen": 2}
    assert county.desk.post(f"{county.path}/extend", data=more).status_code == 303
    assert [left(n) for n in (*here, there)] == [69, 66, 66, 60]
    assert county.desk.post(f"{county.path}/extend", data=more | {"unit": "room-9"}).status_code == 404
    assert db.session.query(Extension).filter_by(room_id=1).count() == 2
    county.watch.post(
        f"/admin/rooms/1/persons/{county.persons[here[0]].id}/note", data={"text": "看 手机\n两次"}
    )
    row = db.session.query(RoomNote).one()
    assert (row.text, row.who, row.room_id) == ("看 手机 两次", "周到", 1)
    refused = county.watch.post(
        f"/admin/rooms/1/persons/{county.persons[here[0]].id}/note", data={"text": " "}
    )
    assert (refused.status_code, "请写明情况" in refused.text) == (422, True)
    assert "看 手机 两次" in county.desk.get(f"{county.path}/people?person={county.persons[here[0]].id}").text
    assert (
        "监考记录（第 1 考场）：看 手机 两次"
        in county.desk.get(f"{county.path}/records/{sittings[here[0]]}").text
    )
    assert "已有监考记录或延过时" in county.post("/1/remove", 422)
    live = county.desk.get(f"{county.path}?by=room").text
    assert all(words in live for words in ("各考场情况", "周到", "第 2 考场"))
