"""复核队列: from what people did on phones to what the organiser decides, and back."""

from datetime import timedelta
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    forget,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient

from quiz.closer import trace_more
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.sittings import closing, flags, hints, queries
from quiz.sittings.flagging import Flag
from quiz.sittings.models import Result, Sitting, UnitTotal


class Contest:
    """A public contest in which three share a phone, two answer alike, and one is honest."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time, self.unit = app, time, make_unit()
        bank = make_bank(make_questions(), at=time.now())
        self.exam: Exam = make_exam(bank, at=time.now(), mode=Mode.CONTEST, preset="monthly", chances=3)

    def person(self, name: str, phone: str) -> Any:
        return make_person(name, unit=self.unit, phone=phone)

    def sit(self, person: Any, client: FlaskClient, *, seconds: float, shift: int = 1) -> int:
        """Wrong everywhere, by ``shift``."""
        phone = Phone(client, self.exam, person)
        sitting = phone.start().get_json()["sitting"]
        db.session.rollback()
        for number, item in enumerate(queries.items_of(db.session.get(Sitting, sitting).paper), 1):
            self.time.move(seconds=seconds)
            if item.order:
                wrong = (shift + item.index % 2) % 3 + 1
                phone.save(sitting, number, ["ABCD"[item.order.index(wrong)]])
            else:
                phone.save(sitting, number, ["T"])
        phone.submit(sitting)
        return sitting

    def desk(self) -> FlaskClient:
        make_account(at=self.time.now())
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return client

    def waiting(self) -> list[tuple[Flag, tuple[int, ...]]]:
        forget(self.app)
        db.session.rollback()
        return [(case.flag, case.persons) for case in flags.queue(self.exam).waiting]

    def totals(self) -> list[Any]:
        columns = (UnitTotal.took_part, UnitTotal.score_sum, UnitTotal.passed)
        db.session.rollback()
        return [tuple(row) for row in db.session.execute(db.select(*columns).order_by(UnitTotal.unit_id))]


@pytest.fixture
def contest(app: Flask, time: Any) -> Contest:
    return Contest(app, time)


def test_what_is_worth_a_look_and_what_is_not(contest: Contest) -> None:
    shared = contest.app.test_client()
    people = [contest.person(f"人{n}", f"138000000{n}0") for n in range(6)]
    for person in people[:3]:
        contest.sit(person, shared, seconds=4 + person.id)
    contest.sit(people[3], contest.app.test_client(), seconds=0.5, shift=2)
    contest.sit(people[4], contest.app.test_client(), seconds=9, shift=2)
    assert trace_more(at=contest.time.now()) == 5
    assert trace_more(at=contest.time.now()) == 0
    ids = [person.id for person in people]
    found = contest.waiting()
    assert (Flag.DEVICE, tuple(ids[:3])) in found
    assert (Flag.SPEED, (ids[3],)) in found
    kinds = {flag for flag, _ in found}
    assert Flag.PHONE not in kinds
    assert Flag.NUMBERS not in kinds


def test_the_same_answers_at_the_same_intervals(contest: Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    # One paper for all, as where the bank is as large as the paper.
    monkeypatch.setattr(hints, "wrong_answers", lambda exam, one: dict.fromkeys(range(one.id % 2 * 5), "B"))
    people = [contest.person(f"人{n}", f"138000000{n}0") for n in range(3)]
    for person in people:
        contest.sit(person, contest.app.test_client(), seconds=7 if person is not people[1] else 8)
    trace_more(at=contest.time.now())
    first, _, third = (person.id for person in people)
    assert contest.waiting() == [(Flag.WRONG, (first, third)), (Flag.PACE, (first, third))]


def test_the_organiser_leaves_out_or_in_and_takes_it_back(contest: Contest) -> None:
    time, exam = contest.time, contest.exam
    people = [contest.person(name, "13800000009") for name in ("甲一", "乙二", "丙三")]
    for person in people:
        make_result(exam, person, "40", at=time.now(), minutes=10)
    before, ids = contest.totals(), [person.id for person in people]
    desk, address = contest.desk(), f"/admin/exams/{exam.code}/queue"
    page = desk.get(address).text
    assert "3 个姓名用同一个手机号" in page
    assert "不是结论" in page
    case = {"flag": "phone", "persons": ",".join(map(str, ids)), "evidence": "三个"}
    nobody = desk.post(f"{address}/decide", data=case | {"deed": "exclude", "reason": "代答"})
    assert (nobody.status_code, "请先勾选不计入的人" in nobody.text) == (422, True)
    exclude = case | {"deed": "exclude", "exclude": ids[1:], "reason": "本人承认代答"}
    refused = desk.post(f"{address}/decide", data=exclude)
    assert (refused.status_code, contest.totals()) == (401, before)
    exclude["password"] = PASSWORD
    assert desk.post(f"{address}/decide", data=exclude).status_code == 303
    assert "已经有人处理" in desk.post(f"{address}/decide", data=case | {"deed": "clear"}).text
    assert [total[0] for total in contest.totals()] == [1]
    assert contest.waiting() == []
    closing.rebuild_totals(exam)
    assert [total[0] for total in db.session.execute(db.select(UnitTotal.took_part))] == [1]
    db.session.rollback()
    # Whoever was left out and sits again is worth a look again.
    db.session.refresh(people[1])
    make_result(exam, people[1], "45", at=time.now() + timedelta(minutes=30), number=2)
    assert contest.waiting() == [(Flag.PHONE, tuple(ids))]
    forget(contest.app)
    undone = desk.post(f"{address}/1/undo", data={"password": PASSWORD})
    assert undone.status_code == 303
    assert desk.post(f"{address}/1/undo", data={"password": PASSWORD}).status_code == 409
    assert contest.totals()[0][0] == before[0][0] == 3
    assert set(db.session.scalars(db.select(Sitting.voided_at))) == {None}


def test_all_of_a_kind_at_once_and_only_of_this_contest(contest: Contest) -> None:
    people = [contest.person(f"人{n}", f"138000000{n}0") for n in range(2)]
    for person in people:
        make_result(contest.exam, person, "40", at=contest.time.now(), minutes=0.1)
    desk, address = contest.desk(), f"/admin/exams/{contest.exam.code}/queue"
    assert [flag for flag, _ in contest.waiting()] == [Flag.SPEED, Flag.SPEED]
    assert (
        "2 条已记为正常"
        in desk.post(f"{address}/clear-all", data={"flag": "speed"}, follow_redirects=True).text
    )
    assert contest.waiting() == []
    assert db.session.scalar(db.select(db.func.count(Result.id))) == 2
    stranger = {"flag": "speed", "persons": "999", "deed": "clear"}
    assert desk.post(f"{address}/decide", data=stranger).status_code == 404
    other = make_exam(contest.exam.bank, at=contest.time.now())
    assert desk.get(f"/admin/exams/{other.code}/queue").status_code == 404
