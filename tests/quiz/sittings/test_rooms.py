"""考场模式 from the desk to the phone: whoever does not see the screen cannot start."""

from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.sittings import services
from quiz.sittings.models import Sitting


class Room:
    """An exam with papers made ready, a desk that has switched the code on, and Ann."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.unit = make_unit()
        self.person = make_person(unit=self.unit)
        with transaction():
            services.make_papers(self.exam, limit=10)
        make_account(at=time.now())
        self.desk = app.test_client()
        self.desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        self.phone = Phone(app.test_client(), self.exam, self.person)

    def path(self, end: str) -> str:
        return f"/admin/exams/{self.exam.code}/{end}"

    def switch(self, on: bool) -> None:
        data = {"appeal_days": "3", **({"room": "y"} if on else {})}
        assert self.desk.post(self.path("conduct"), data=data).status_code == 303

    def code(self) -> str:
        return self.desk.get(self.path("room/code")).get_json()["code"]

    def start(self, code: str | None) -> Any:
        body = {} if code is None else {"room_code": code}
        return self.phone._send("post", f"/api/v1/exams/{self.exam.code}/sittings", json=body)

    def sittings(self) -> int:
        db.session.rollback()
        return db.session.query(Sitting).count()


@pytest.fixture
def room(app: Flask, time: Any) -> Room:
    return Room(app, time)


def test_only_who_sees_the_screen_starts(room: Room) -> None:
    assert room.desk.get(room.path("room")).status_code == 404
    room.switch(on=True)
    assert room.code()[:3] in room.desk.get(room.path("room")).text
    old = room.code()
    for code in (None, "", "000000" if old != "000000" else "111111"):
        refused = room.start(code)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "wrong-room-code")
    assert room.sittings() == 0
    room.time.move(seconds=60)
    assert room.start(old).status_code == 201
    # Going on, here or on another phone, asks for nothing.
    assert room.start(None).status_code == 200
    assert [deed.who for deed in db.session.scalars(db.select(Deed).where(Deed.what == "exam.room_on"))] == [
        "olga"
    ]


def test_the_notice_asks_for_it_and_refuses_a_wrong_one(room: Room) -> None:
    room.switch(on=True)
    notice = f"/e/{room.exam.code}/notice"
    assert "考场口令" in room.phone.client.get(notice).text
    refused = room.phone.client.post(notice, data={"promise": "y", "room_code": "12"})
    assert refused.status_code == 403
    assert "考场口令不对，或者已经换了" in refused.text
    assert room.phone.client.post(notice, data={"promise": "y", "room_code": room.code()}).status_code == 303
    assert room.sittings() == 1


def test_guessing_ends_after_ten_tries(room: Room) -> None:
    room.switch(on=True)
    for n in range(10):
        assert room.start(f"{n:05}x").status_code == 403
    assert room.start(room.code()).status_code == 429
    assert room.sittings() == 0


def test_switched_off_it_is_as_before(room: Room) -> None:
    room.switch(on=True)
    room.switch(on=False)
    assert "考场口令" not in room.phone.client.get(f"/e/{room.exam.code}/notice").text
    assert room.start(None).status_code == 201


def test_the_secret_is_on_no_page(room: Room) -> None:
    room.switch(on=True)
    db.session.rollback()
    secret = room.exam.room_secret
    pages = [
        room.desk.get(room.path(end)).text for end in ("conduct", "room", "room/code", "rooms", "records")
    ]
    assert secret
    assert not [page for page in pages if secret in page]
    code = room.code()
    own = [room.phone.client.get(at).text for at in ("/", f"/e/{room.exam.code}/notice")]
    own.append(room.phone.client.get(f"/api/v1/exams/{room.exam.code}").text)
    assert not [page for page in own if code in page or secret in page]
