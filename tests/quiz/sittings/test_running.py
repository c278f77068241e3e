"""Extending, pausing, extra time and voiding: what the phone gets, what counts, what is written down."""

from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, forget, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.closer import close_due
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.rules import State
from quiz.extensions import db, transaction
from quiz.sittings import closing, releasing, rules, running
from quiz.sittings.models import Extension, Pause, Result, Sitting, UnitTotal
from quiz.sittings.running import Whom
from quiz.sittings.services import draw_paper


class Room:
    """One exam of an hour in a window of two; Ann of unit A and Bo of unit B are answering."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.time = time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.units = [make_unit("甲乡"), make_unit("乙局")]
        self.persons = [
            make_person(f"人{n}", unit=unit, phone=f"1380000000{n}") for n, unit in enumerate(self.units)
        ]
        self.phones = [Phone(app.test_client(), self.exam, person) for person in self.persons]
        self.sittings = [phone.start().get_json()["sitting"] for phone in self.phones]

    def left(self, n: int = 0) -> float:
        return self.clock(n)["seconds_left"]

    def clock(self, n: int = 0) -> dict[str, Any]:
        return self.phones[n].client.get(f"/api/v1/sittings/{self.sittings[n]}/clock").get_json()

    def extend(self, whom: Whom, minutes: int = 10, *, once: str = "a", seen: int | None = None) -> int:
        with transaction():
            seen = running.latest_extension(self.exam) if seen is None else seen
            how = {"reason": "停电", "at": self.time.now(), "who": "olga"}
            return running.extend(self.exam, whom, minutes=minutes, once=once, seen=seen, **how)

    def pause(self, seen: int | None = None) -> int:
        with transaction():
            seen = running.latest_pause(self.exam) if seen is None else seen
            return running.pause(self.exam, reason="火警", seen=seen, at=self.time.now(), who="olga")

    def resume(self, seen: int | None = None) -> timedelta:
        with transaction():
            seen = running.latest_pause(self.exam) if seen is None else seen
            return running.resume(self.exam, seen=seen, at=self.time.now(), who="olga")

    def void(self, n: int = 0) -> None:
        with transaction():
            row = db.session.get(Sitting, self.sittings[n])
            running.void(row, reason="带资料", at=self.time.now(), who="olga")

    def deeds(self) -> list[str]:
        db.session.rollback()
        return [deed.what for deed in db.session.scalars(select(Deed).order_by(Deed.id))][1:]


@pytest.fixture
def room(app: Flask, time: Any) -> Room:
    return Room(app, time)


def test_the_version_of_time_changes_with_every_deed_and_no_other(app: Flask, room: Room) -> None:
    def version(**headers: str) -> Any:
        return app.test_client().get(f"/api/v1/exams/{room.exam.code}/time", headers=headers)

    def restore() -> None:
        with transaction():
            row = db.session.get(Sitting, room.sittings[0])
            running.restore(row, reason="误判", at=room.time.now(), who="olga")

    seen = [version().get_json()["version"]]
    deeds = (lambda: room.extend(Whom(person=room.persons[0])), room.pause, room.resume, room.void, restore)
    for deed in deeds:
        deed()
        assert version().get_json()["version"] == seen[-1], "within a second it is answered from memory"
        forget(app)
        seen.append(version().get_json()["version"])
    assert len(set(seen[:-1])) == len(deeds)
    assert seen[-1] != seen[-2], "taking back a void is news too"
    room.phones[1].save(room.sittings[1], 1, ["A"])
    room.phones[1].submit(room.sittings[1])
    forget(app)
    reply = version()
    assert reply.get_json() == {"version": seen[-1]}
    # Of the view and of what stands before it alike.
    for _ in range(2):
        assert version(**{"If-None-Match": reply.headers["ETag"]}).status_code == 304
        assert version(**{"If-None-Match": '"1' + reply.headers["ETag"][1:]}).status_code == 200
        forget(app)
    assert app.test_client().get("/api/v1/exams/NONE/time").status_code == 404


def test_one_person_a_unit_or_all(room: Room) -> None:
    assert room.extend(Whom(person=room.persons[0])) == 1
    assert (room.left(0), room.left(1)) == (4200, 3600)
    assert room.extend(Whom(unit=room.units[1]), once="b") == 1
    assert (room.left(0), room.left(1)) == (4200, 4200)
    assert room.extend(Whom(), once="c") == 2
    assert (room.left(0), room.left(1)) == (4800, 4800)
    assert room.deeds() == ["sitting.extend"] * 3
    row = db.session.scalars(select(Deed).order_by(Deed.id.desc())).first()
    assert (row.who, row.detail["reason"], row.detail["minutes"]) == ("olga", "停电", 10)


def test_the_next_save_brings_the_new_end_and_the_sitting_lasts_until_then(room: Room) -> None:
    room.time.move(minutes=59)
    room.extend(Whom(person=room.persons[0]))
    assert room.phones[0].save(room.sittings[0], 1, ["A"]).get_json()["seconds_left"] == 660
    room.time.move(minutes=10, seconds=62)
    assert room.phones[0].save(room.sittings[0], 2, ["A"]).status_code == 200
    assert close_due(at=room.time.now()) == 1, "the other's time is over"
    room.time.move(seconds=2)
    assert close_due(at=room.time.now()) == 1


def test_an_extension_of_one_may_end_after_the_window_and_holds_the_key_back(room: Room) -> None:
    room.extend(Whom(person=room.persons[0]), 90)
    assert room.left(0) == 150 * 60
    room.phones[1].submit(room.sittings[1])
    room.time.move(minutes=125)
    assert exams.state(room.exam, at=room.time.now()) is State.CLOSED
    assert "review" not in room.phones[1].show(room.sittings[1]).get_json()
    room.phones[0].submit(room.sittings[0])
    assert "review" in room.phones[1].show(room.sittings[1]).get_json()


def test_extending_all_moves_the_window_for_who_starts_later(room: Room) -> None:
    closes = room.exam.closes_at
    room.extend(Whom())
    assert room.exam.closes_at == closes + timedelta(minutes=10)


def test_pressing_twice_gives_the_time_once(room: Room) -> None:
    for _ in range(2):
        assert room.extend(Whom(), once="same") == 2
    assert room.left() == 4200
    assert db.session.query(Extension).count() == 1


def test_whoever_has_not_seen_the_others_extension_is_asked_to_look(room: Room) -> None:
    room.extend(Whom(), once="a", seen=0)
    for whom in (Whom(), Whom(unit=room.units[0]), Whom(person=room.persons[0])):
        with pytest.raises(rules.ChangedMeanwhile, match="olga 12:00 已经延长 10 分钟（停电）"):
            room.extend(whom, once="b", seen=0)
    assert room.left() == 4200
    assert room.extend(Whom(), once="b") == 2, "again, having seen it"
    assert room.left() == 4800


def test_extensions_of_others_do_not_stand_in_the_way(room: Room) -> None:
    room.extend(Whom(person=room.persons[0]), once="a", seen=0)
    assert room.extend(Whom(person=room.persons[1]), once="b", seen=0) == 1
    assert room.extend(Whom(unit=room.units[1]), once="c", seen=0) == 1
    with pytest.raises(rules.ChangedMeanwhile):
        room.extend(Whom(person=room.persons[0]), once="d", seen=0)
    with pytest.raises(rules.ChangedMeanwhile):
        room.extend(Whom(person=room.persons[1]), once="e", seen=1)
    with pytest.raises(rules.ChangedMeanwhile):
        room.extend(Whom(), once="f", seen=0)
    assert room.extend(Whom(unit=room.units[0]), once="g", seen=0) == 1


def test_a_pause_ends_and_begins_only_as_it_was_seen(room: Room) -> None:
    room.pause(seen=0)
    room.resume(seen=1)
    with pytest.raises(rules.ChangedMeanwhile, match="olga 12:00 暂停过，已经继续"):
        room.pause(seen=0)
    room.pause(seen=1)
    with pytest.raises(rules.ChangedMeanwhile, match="olga 12:00 又暂停了（火警）"):
        room.resume(seen=1)
    room.resume(seen=2)


@pytest.mark.parametrize("minutes", [None, 0, -5, 601])
def test_nothing_shortens(room: Room, minutes: int) -> None:
    with pytest.raises(rules.BadChange):
        room.extend(Whom(), minutes)
    assert room.left() == 3600


def test_who_has_submitted_or_run_out_is_not_extended(room: Room) -> None:
    room.phones[0].submit(room.sittings[0])
    room.time.move(minutes=60, seconds=2, milliseconds=1)
    for person in room.persons:
        with pytest.raises(rules.TooLateToExtend):
            room.extend(Whom(person=person))
    assert room.deeds() == []


@pytest.mark.parametrize("reason", [None, "", " 好 ", "字" * 101, "有\0误"])
def test_every_change_needs_a_reason(room: Room, reason: str) -> None:
    row = db.session.get(Sitting, room.sittings[0])
    more = {"reason": reason, "at": room.time.now(), "who": "olga"}
    changes = [
        lambda: running.extend(room.exam, Whom(), minutes=5, once="x", seen=0, **more),
        lambda: running.pause(room.exam, seen=0, **more),
        lambda: running.set_extra(room.exam, room.persons[0], percent=150, minutes=0, **more),
        lambda: running.void(row, **more),
        lambda: running.restore(row, **more),
    ]
    for change in changes:
        with pytest.raises(rules.BadChange), transaction():
            change()


def test_a_pause_gives_back_exactly_what_it_took(room: Room) -> None:
    closes = room.exam.closes_at
    room.time.move(minutes=10)
    assert room.pause() == 2
    assert room.clock() == {"state": "open", "seconds_left": 3000, "paused": True}
    room.time.move(hours=5, milliseconds=321)
    assert close_due(at=room.time.now()) == 0
    saved = room.phones[0].save(room.sittings[0], 1, ["A"])
    assert (saved.status_code, saved.get_json()["seconds_left"]) == (200, 3000)
    assert exams.state(room.exam, at=room.time.now()) is State.OPEN
    assert room.resume() == timedelta(hours=5, milliseconds=321)
    assert room.clock() == {"state": "open", "seconds_left": 3000, "paused": False}
    assert room.exam.closes_at == closes + timedelta(hours=5, milliseconds=321)
    assert room.deeds() == ["exam.pause", "exam.resume"]
    row = db.session.query(Pause).one()
    assert row.ended_at - row.began_at == timedelta(hours=5, milliseconds=321)
    room.time.move(minutes=5)
    room.phones[0].submit(room.sittings[0])
    db.session.rollback()
    assert db.session.query(Result).one().millis == 15 * 60 * 1000, "time used leaves the pause out"


def test_a_pause_ends_before_it_begins_again_and_only_an_open_exam_pauses(room: Room) -> None:
    with pytest.raises(rules.NotPaused):
        room.resume()
    room.pause()
    with pytest.raises(rules.CannotPause):
        room.pause()
    room.resume()
    room.time.move(hours=3)
    with pytest.raises(rules.CannotPause):
        room.pause()


def test_nobody_starts_during_a_pause(room: Room, app: Flask) -> None:
    late = make_person("后来", unit=room.units[0], phone="13800000009")
    phone = Phone(app.test_client(), room.exam, late)
    with transaction():
        db.session.add(draw_paper(room.exam, person_id=late.id, number=1))
    room.pause()
    refused = phone.start()
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "exam-paused")
    room.resume()
    assert phone.start().status_code == 201


def test_handing_in_during_a_pause_ends_it_for_that_person(room: Room) -> None:
    room.time.move(minutes=10)
    room.pause()
    room.time.move(hours=2)
    assert room.phones[0].submit(room.sittings[0]).status_code == 200
    room.time.move(minutes=1)
    room.resume()
    db.session.rollback()
    row = db.session.get(Sitting, room.sittings[0])
    assert (row.closed_by, row.paused_at, row.submitted_at <= row.deadline) == ("person", None, True)
    assert db.session.query(Result).one().millis == 10 * 60 * 1000
    assert room.left(1) == 3000


def test_what_was_over_when_the_pause_began_stays_over(room: Room) -> None:
    room.time.move(minutes=60, seconds=2, milliseconds=1)
    assert room.pause() == 0
    assert room.phones[0].save(room.sittings[0], 1, ["A"]).status_code == 409


def test_extra_time_is_set_before_the_start_and_may_be_taken_back(room: Room, app: Flask) -> None:
    late = make_person("后来", unit=room.units[0], phone="13800000009")
    more = {"reason": "视力障碍", "at": room.time.now(), "who": "olga"}
    for percent, minutes in ((150, 5), (100, 0), (125, 0)):
        with transaction():
            running.set_extra(room.exam, late, percent=percent, minutes=minutes, **more)
    started = Phone(app.test_client(), room.exam, late).start()
    assert started.get_json()["seconds_left"] == 75 * 60
    with pytest.raises(rules.AlreadyBegun), transaction():
        running.set_extra(room.exam, late, percent=200, minutes=0, **more)
    assert room.deeds() == ["sitting.extra_time"] * 3


@pytest.mark.parametrize(
    ("percent", "minutes"), [(99, 0), (90, 5), (300, 0), (None, 0), (100, -1), (100, 601)]
)
def test_extra_time_never_takes_away(percent: int, minutes: int) -> None:
    with pytest.raises(rules.BadChange):
        rules.check_extra(percent=percent, minutes=minutes)


def total(room: Room) -> tuple[int, ...]:
    db.session.rollback()
    rows = db.session.scalars(select(UnitTotal).where(UnitTotal.unit_id == room.units[0].id)).all()
    return (rows[0].took_part, int(rows[0].score_sum)) if rows else (0, 0)


def test_a_voided_sitting_counts_for_nothing_and_may_be_restored(room: Room) -> None:
    room.phones[0].save(room.sittings[0], 80, ["T"])
    score = room.phones[0].submit(room.sittings[0]).get_json()["score"]
    assert total(room) == (1, int(score))
    room.void()
    assert total(room) == (0, 0)
    assert db.session.query(Result).count() == 0
    shown = room.phones[0].show(room.sittings[0]).get_json()
    assert (shown["score"], shown["passed"], shown["voided"]) == (None, None, "带资料")
    assert room.phones[0].submit(room.sittings[0]).get_json()["score"] is None
    with transaction():
        closing.rebuild_totals(room.exam)
    assert total(room) == (0, 0)
    with transaction():
        row = db.session.get(Sitting, room.sittings[0])
        running.restore(row, reason="误判", at=room.time.now(), who="olga")
    assert total(room) == (1, int(score))
    assert room.deeds() == ["sitting.void", "sitting.restore"]


def test_voiding_an_open_sitting_closes_it(room: Room) -> None:
    room.void()
    assert room.phones[0].save(room.sittings[0], 1, ["A"]).status_code == 409
    assert room.clock()["state"] == "submitted"
    db.session.rollback()
    assert db.session.get(Sitting, room.sittings[0]).closed_by == "void"
    with pytest.raises(rules.NotVoidable):
        room.void()
    row = db.session.get(Sitting, room.sittings[1])
    with pytest.raises(rules.NotVoided):
        running.restore(row, reason="误判", at=room.time.now(), who="olga")


def test_of_two_runs_the_other_counts_when_one_is_voided(app: Flask, time: Any) -> None:
    exam = make_exam(make_bank(at=time.now()), at=time.now(), chances=2, preset="xinjiang")
    person = make_person(unit=make_unit())
    make_result(exam, person, "60", at=time.now())
    best = make_result(exam, person, "80", at=time.now(), number=2)
    with transaction():
        running.void(best, reason="替考", at=time.now(), who="olga")
    assert [int(row.score) for row in db.session.scalars(select(Result))] == [60]
    assert [int(row.score_sum) for row in db.session.scalars(select(UnitTotal))] == [60]


def test_the_clock_is_the_persons_own(room: Room) -> None:
    other = room.phones[1].client.get(f"/api/v1/sittings/{room.sittings[0]}/clock")
    assert other.status_code == 404


def test_a_sitting_of_another_exam_and_somebody_not_invited_are_not_found(room: Room, time: Any) -> None:
    other = make_exam(room.exam.bank, at=time.now(), unit_ids=[room.units[1].id])
    with pytest.raises(NotFound):
        running.sitting_of(other, room.sittings[0])
    with pytest.raises(NotFound):
        running.person_of(other, room.persons[0].id)
    assert running.person_of(other, room.persons[1].id).id == room.persons[1].id
    assert issubclass(NotFound, RuleBroken)
    assert releasing.is_under_way(room.exam)
