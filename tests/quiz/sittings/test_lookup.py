"""One person as the organiser finds them while an exam runs: state, times, what was done to their time."""

from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.sittings import lookup, running
from quiz.sittings.models import Sitting
from quiz.sittings.running import Whom


class Desk:
    """Four persons of two units; 安一 answers, and the organiser looks them up."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.units = [make_unit("A 乡"), make_unit("B 局_1%")]
        self.persons = [
            make_person(f"安{name}", unit=self.units[n // 2], phone=f"1380000000{n}", number=f"K0{n}")
            for n, name in enumerate("一二三四")
        ]
        self.exam: Exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.sitting = self.begin(0)

    def begin(self, n: int) -> int:
        return Phone(self.app.test_client(), self.exam, self.persons[n]).start().get_json()["sitting"]

    def found(self, text: str) -> list[str]:
        return [row.person.name for row in lookup.people(self.exam, text=text, at=self.time.now())]

    def one(self, n: int = 0) -> lookup.Found:
        db.session.rollback()
        return lookup.one(self.exam, self.persons[n], at=self.time.now())

    def words(self, n: int | None = None) -> list[tuple[str, str]]:
        found = None if n is None else self.one(n)
        return [(row["words"], row["who"]) for row in lookup.history(self.exam, found)]

    def do(self, deed: Any, *given: Any, **more: Any) -> None:
        with transaction():
            deed(*given, at=self.time.now(), who="olga", **more)


@pytest.fixture
def desk(app: Flask, time: Any) -> Desk:
    return Desk(app, time)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("安二", ["安二"]),
        ("A 乡", ["安一", "安二"]),
        ("K03", ["安四"]),
        ("_1%", ["安三", "安四"]),
        ("", []),
        ("%", []),
    ],
)
def test_people_are_found_by_name_unit_or_number(desk: Desk, text: str, names: list[str]) -> None:
    assert desk.found(text) == names if text != "%" else desk.found("%安") == names


def test_only_who_may_sit_is_found_and_no_more_than_fit_a_page(desk: Desk, monkeypatch: Any) -> None:
    with transaction():
        desk.exam.unit_ids = [desk.units[1].id]
        db.session.get(Person, desk.persons[3].id).active = False
    assert desk.found("安") == ["安三"]
    with transaction():
        desk.exam.unit_ids = None
    monkeypatch.setattr(lookup, "FIRST", 2)
    assert desk.found("安") == ["安一", "安二"]


def test_a_person_from_not_begun_to_voided(desk: Desk) -> None:
    assert (desk.one(1).state, desk.one(1).started, desk.one(1).tone) == ("未开始", "", "")
    phone = Phone(desk.app.test_client(), desk.exam, desk.persons[0])
    desk.time.move(minutes=5)
    phone.save(desk.sitting, 1, ["A"])
    phone.save(desk.sitting, 2, ["A"])
    phone.save(desk.sitting, 2, [], revision=2)
    found = desk.one()
    assert (found.state, found.tone, found.answered) == ("作答中", "lv", 1)
    assert (found.started, found.saved, found.deadline) == ("12:00:00", "12:05:00", "13:00:00")
    desk.do(running.pause, desk.exam, reason="火警", seen=0)
    desk.time.move(minutes=30)
    assert (desk.one().state, desk.one().deadline) == ("已暂停", "13:30:00"), "it moves with the clock"
    desk.do(running.resume, desk.exam, seen=1)
    phone.submit(desk.sitting)
    assert (desk.one().state, desk.one().deadline) == ("已交卷", "13:30:00")
    desk.do(running.void, db.session.get(Sitting, desk.sitting), reason="替考")
    assert (desk.one().state, desk.one().tone) == ("违纪", "zhu")


def test_the_newest_sitting_is_shown(desk: Desk) -> None:
    with transaction():
        desk.exam.chances = 2
    Phone(desk.app.test_client(), desk.exam, desk.persons[0]).submit(desk.sitting)
    desk.time.move(minutes=7)
    desk.begin(0)
    assert (desk.one().state, desk.one().started) == ("作答中", "12:07:00")


def test_the_history_is_the_persons_own_and_everybodys(desk: Desk) -> None:
    desk.begin(2)
    more = {"minutes": 10, "reason": "停电", "seen": 2**31 - 1}
    desk.do(running.extend, desk.exam, Whom(person=desk.persons[0]), once="a", **more)
    desk.do(running.extend, desk.exam, Whom(unit=desk.units[1]), once="b", **more)
    desk.do(running.extend, desk.exam, Whom(), once="c", **more)
    desk.time.move(minutes=1)
    desk.do(running.pause, desk.exam, reason="火警", seen=0)
    desk.time.move(minutes=2, seconds=5)
    desk.do(running.resume, desk.exam, seen=1)
    everybody = [("全场继续，补回 2 分 5 秒", "olga"), ("全场暂停", "olga"), ("全场延长 10 分钟", "olga")]
    assert sorted(desk.words(0)) == sorted([*everybody, ("本人延长 10 分钟", "olga")])
    assert sorted(desk.words(2)) == sorted([*everybody, ("B 局_1%延长 10 分钟", "olga")])
    assert desk.words(2)[0] == everybody[0], "the newest first"
    assert len(desk.words()) == 5


def test_extra_time_in_words(desk: Desk) -> None:
    person = desk.persons[1]
    assert lookup.extra_words(desk.exam, person) == ""
    desk.do(running.set_extra, desk.exam, person, percent=150, minutes=5, reason="视力障碍")
    assert lookup.extra_words(desk.exam, person) == "加时 35 分钟，视力障碍"
    desk.do(running.set_extra, desk.exam, person, percent=100, minutes=0, reason="写错了")
    assert lookup.extra_words(desk.exam, person) == ""
