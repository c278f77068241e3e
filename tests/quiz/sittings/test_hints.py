"""The page of hints: from answers on phones to words at the desk, and nothing else happens."""

from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_unit,
)
from flask import Flask

from quiz.closer import close_due
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.sittings import hints, queries
from quiz.sittings.models import Sitting


class Hall:
    """Twelve people of one unit in an exam whose papers hold the same forty singles."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam: Exam = make_exam(make_bank(make_questions(), at=time.now()), at=time.now())
        self.unit = make_unit()
        self.phones = [self.phone(n) for n in range(12)]

    def phone(self, n: int, client: Any = None) -> tuple[Phone, int]:
        person = make_person(f"人{n}", unit=self.unit, phone=f"138{n:08}")
        made = Phone(client or self.app.test_client(), self.exam, person)
        return made, made.start().get_json()["sitting"]

    def answer(self, place: int, like: int, *, seconds: float, left: bool = False) -> None:
        """Wrong everywhere; whoever has the same ``like`` chooses the same option of each question."""
        phone, sitting = self.phones[place]
        db.session.rollback()
        items = queries.items_of(db.session.get(Sitting, sitting).paper)[:40]
        for number, item in enumerate(items, 1):
            self.time.move(seconds=seconds)
            wrong = 1 + (item.index * 7 + like * (1 + item.index % 2)) % 3
            body = {"answer": ["ABCD"[item.order.index(wrong)]], "revision": 1}
            if left:
                body["left"] = 3000 - 30 * number
            phone._send("put", f"/api/v1/sittings/{sitting}/responses/{number}", json=body)

    def close(self) -> hints.Hints:
        self.time.move(hours=3)
        close_due(at=self.time.now())
        db.session.rollback()
        return hints.of_exam(self.exam)


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    return Hall(app, time)


SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def test_equal_wrong_answers_fast_ones_and_shared_phones(hall: Hall) -> None:
    for place, like in ((0, 0), (1, 1), (2, 2), (3, 0)):
        hall.answer(place, like, seconds=0.2 if place == 2 else 9)
    hall.phone(20, hall.phones[0][0].client)
    found = hall.close()
    assert [(count > 30, one.person.name) for one, count in found.fast] == [(True, "人2")]
    assert [[one.person.name for one in group] for group in found.phones] == [["人0", "人20"]]
    pairs = [{first.person.name, second.person.name} for first, second, _ in found.alike]
    assert pairs == [{"人0", "人3"}]
    assert set(db.session.scalars(db.select(Sitting.score))) == {0}
    assert set(db.session.scalars(db.select(Sitting.voided_at))) == {None}


@SQLITE
def test_what_waited_for_the_network_is_not_fast(hall: Hall) -> None:
    hall.time.move(minutes=40)
    hall.answer(0, 0, seconds=0.1, left=True)
    hall.answer(1, 0, seconds=0.1)
    assert [one.person.name for one, _ in hall.close().fast] == ["人1"]


@SQLITE
def test_the_page_says_that_it_concludes_nothing(hall: Hall) -> None:
    make_account(at=hall.time.now())
    hall.answer(0, 0, seconds=0.1)

    def page() -> str:
        desk = hall.app.test_client()
        desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return desk.get(f"/admin/exams/{hall.exam.code}/hints").text

    assert "考试结束以后再看" in page()
    hall.close()
    shown = page()
    assert "下面的只是线索，不是结论" in shown
    assert "答得很快" in shown
    assert "人0" in shown
