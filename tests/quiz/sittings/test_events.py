"""Phones taken over and pages left: kept as told, held within the sitting, counted once."""

from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.extensions import db, transaction
from quiz.sittings import events
from quiz.sittings.models import Event, Sitting


class Room:
    """Ann with two phones and her sitting, started on the first."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.time = time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.person = make_person(unit=make_unit())
        self.first = Phone(app.test_client(), self.exam, self.person)
        self.second = Phone(app.test_client(), self.exam, self.person)
        self.sitting = self.first.start().get_json()["sitting"]

    def tell(self, *told: dict[str, Any], phone: Phone | None = None) -> Any:
        path, sender = f"/api/v1/sittings/{self.sitting}/events", phone or self.first
        return sender._send("post", path, json={"events": list(told)})

    def take_over(self, phone: Phone) -> Any:
        return phone.client.post(f"/s/{self.sitting}/take-over")

    def stored(self) -> list[Event]:
        db.session.rollback()
        return list(db.session.scalars(db.select(Event).order_by(Event.id)))


@pytest.fixture
def room(app: Flask, time: Any) -> Room:
    return Room(app, time)


def left(mark: str, seconds: float | None, ago: float = 60) -> dict[str, Any]:
    return {"mark": mark, "kind": "left", "seconds": seconds, "ago": ago}


def test_absences_are_kept_once_and_counted_from_five_seconds(room: Room) -> None:
    room.time.move(minutes=10)
    assert room.tell(left("a1", None, 0)).get_json() == {"away": {"times": 0, "seconds": 0}}
    told = [left("a1", 30, 30), left("a2", 4.9), left("a3", 5)]
    for _ in range(2):
        assert room.tell(*told).get_json() == {"away": {"times": 2, "seconds": 35}}
    assert [(e.mark, e.millis) for e in room.stored()] == [("a1", 30_000), ("a2", 4_900), ("a3", 5_000)]
    # What was said of its length stands.
    assert room.tell(left("a1", 900)).get_json()["away"]["seconds"] == 35


def test_no_absence_is_older_or_longer_than_the_sitting(room: Room) -> None:
    start = room.time.now()
    room.time.move(minutes=1)
    room.tell(left("a1", 7200, 86_400))
    [event] = room.stored()
    assert (event.at, event.millis) == (start, 60_000)


def test_only_the_own_open_sitting_is_told_of(room: Room, app: Flask) -> None:
    stranger = Phone(
        app.test_client(), room.exam, make_person("波", unit=room.person.unit, phone="13800000007")
    )
    assert room.tell(left("a1", 9), phone=stranger).status_code == 404
    room.first.submit(room.sitting)
    assert room.tell(left("a1", 9)).get_json() == {"away": {"times": 0, "seconds": 0}}
    assert room.stored() == []


def test_nothing_is_kept_where_leaving_is_not_watched(room: Room) -> None:
    with transaction():
        room.exam.watch_leaving = False
    room.tell(left("a1", 9), {"mark": "a2", "kind": "opened", "seconds": 0, "ago": 0})
    assert [event.kind for event in room.stored()] == ["opened"]


def test_a_script_cannot_fill_the_disk(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST", 3)
    room.tell(*(left(f"a{n}", 9) for n in range(9)))
    assert len(room.stored()) == 3


def test_another_phone_asks_before_it_goes_on(room: Room) -> None:
    page = f"/s/{room.sitting}"
    assert room.first.client.get(page).status_code == 200
    turned = room.second.client.get(page)
    assert turned.status_code == 302
    assert turned.headers["Location"].endswith("/notice")
    notice = room.second.client.get(turned.headers["Location"]).get_data(as_text=True)
    assert "这次答题已在另一台手机上打开，" in notice
    assert room.take_over(room.second).headers["Location"].endswith(page)
    assert room.second.client.get(page).status_code == 200
    assert room.first.client.get(page).status_code == 302
    assert [event.kind for event in room.stored()] == ["taken-over"]


def test_what_the_other_phone_still_had_counts_by_its_revision(room: Room) -> None:
    room.take_over(room.second)
    assert room.second.save(room.sitting, 1, ["B"], 2).get_json().get("elsewhere") is None
    late = room.first.save(room.sitting, 2, ["C"], 1).get_json()
    assert (late["kept"], late["elsewhere"]) == (True, True)
    older = room.first.save(room.sitting, 1, ["A"], 1).get_json()
    assert (older["kept"], older["revision"], older["elsewhere"]) == (False, 2, True)
    assert room.first.client.get(f"/api/v1/sittings/{room.sitting}/clock").get_json()["elsewhere"] is True
    shown = room.second.show(room.sitting).get_json()
    assert "elsewhere" not in shown
    assert {p: r["answer"] for p, r in shown["responses"].items()} == {"1": ["B"], "2": ["C"]}


def test_identifying_again_on_the_same_phone_is_no_other_phone(room: Room) -> None:
    room.first.client.post(
        "/api/v1/sign-in", json={"exam": room.exam.code, "name": "安宁", "phone": "13800000001"}
    )
    assert room.first.client.get(f"/s/{room.sitting}").status_code == 200


def test_a_sitting_that_is_over_is_not_taken_over(room: Room) -> None:
    room.time.move(hours=3)
    holder = db.session.get(Sitting, room.sitting).phone
    reply = room.second.client.post(f"/s/{room.sitting}/take-over", follow_redirects=True)
    assert reply.request.path == f"/s/{room.sitting}/result"
    assert room.stored() == []
    assert db.session.get(Sitting, room.sitting).phone == holder


def test_a_start_on_the_slow_road_holds_the_phone_too(room: Room, app: Flask) -> None:
    person = make_person("波", unit=room.person.unit, phone="13800000007")
    first, second = (Phone(app.test_client(), room.exam, person) for _ in range(2))
    first.client.post(f"/e/{room.exam.code}/notice", data={"promise": "y"})
    sitting = db.session.scalars(db.select(Sitting.id).where(Sitting.person_id == person.id)).one()
    assert second.client.get(f"/s/{sitting}").status_code == 302
    assert first.client.get(f"/s/{sitting}").status_code == 200


def test_times_move_with_the_clock_of_the_server_alone(room: Room) -> None:
    start = room.time.now()
    room.time.move(minutes=5)
    room.tell(left("a1", 20, 120))
    [event] = room.stored()
    assert event.at == start + timedelta(minutes=3)
