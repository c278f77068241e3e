"""An answer that comes after the end: kept, shown, and counted only by the organiser's deed."""

from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.sittings import queries
from quiz.sittings.models import LateAnswer, Result, Sitting
from quiz.standings.queries import live


class Cut:
    """Ann answered item 2 and then lost the network until after the end; she knows what is right."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.person = make_person(unit=make_unit())
        self.phone = Phone(app.test_client(), self.exam, self.person)
        self.id = self.phone.start().get_json()["sitting"]
        time.move(minutes=50)
        self.phone.save(self.id, 2, self.right(2))
        make_account(at=time.now())

    @property
    def desk(self) -> FlaskClient:
        """Signed in just now: hours pass in these tests."""
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return client

    def right(self, position: int) -> list[str]:
        item = queries.items_of(self.sitting.paper)[position - 1]
        return ["ABCD"[item.order.index(0)]]

    @property
    def sitting(self) -> Sitting:
        db.session.rollback()
        return db.session.get(Sitting, self.id)

    def entry(self, position: int = 1, revision: int = 1, left: float | None = 300) -> dict[str, Any]:
        return {"position": position, "answer": self.right(position), "revision": revision, "left": left}

    def send(self, *entries: dict[str, Any], phone: Phone | None = None) -> Any:
        path = f"/api/v1/sittings/{self.id}/late"
        return (phone or self.phone)._send("post", path, json={"answers": list(entries)})

    def rows(self) -> list[LateAnswer]:
        db.session.rollback()
        return list(db.session.scalars(db.select(LateAnswer).order_by(LateAnswer.id)))

    def decide(self, deed: str, reason: str = "监考证明当时断网") -> Any:
        path = f"/admin/exams/{self.exam.code}/records/{self.id}/late"
        return self.desk.post(path, data={"deed": deed, "reason": reason})

    def allow(self) -> None:
        with transaction():
            self.exam.takes_late = True

    def result(self) -> str:
        return self.phone.client.get(f"/s/{self.id}/result").text


@pytest.fixture
def cut(app: Flask, time: Any) -> Cut:
    return Cut(app, time)


def test_what_comes_late_is_kept_once_and_counts_for_nothing(cut: Cut) -> None:
    assert cut.send(cut.entry()).get_json() == {"recorded": 0}, "the sitting is open: it is simply saved"
    cut.time.move(hours=2)
    assert cut.phone.save(cut.id, 1, cut.right(1)).status_code == 409
    for _ in range(2):
        assert cut.send(cut.entry(), cut.entry(2)).get_json() == {"recorded": 2}
    [row] = cut.rows()
    assert (row.position, row.left_millis, row.accepted) == (1, 300_000, None)
    assert cut.sitting.score == 1
    assert "1 题没有计入，已登记备查" in cut.result()
    page = cut.desk.get(f"/admin/exams/{cut.exam.code}/records/{cut.id}").text
    assert "手机称剩余 5 分钟时作答" in page
    assert "只能登记备查" in page
    assert cut.decide("accept").status_code == 409
    assert cut.sitting.score == 1


def test_the_organiser_counts_it_where_the_exam_allows_it(cut: Cut) -> None:
    cut.allow()
    cut.time.move(hours=2)
    cut.send(cut.entry(), cut.entry(3, left=None))
    assert "2 题已登记，由考务认定是否计入" in cut.result()
    assert cut.decide("accept", "好").status_code == 422
    assert cut.decide("accept").status_code == 303
    assert cut.sitting.score == 2
    assert db.session.scalars(db.select(Result.score)).all() == [2]
    assert live(cut.exam, at=cut.time.now(), within=None).whole.mean == 2
    [deed] = db.session.scalars(db.select(Deed).where(Deed.what == "late.accept"))
    assert (deed.detail["positions"], deed.detail["before"], deed.detail["after"]) == ([1], "1", "2")
    # What speaks against the other one stays and is decided on its own.
    assert cut.decide("accept").status_code == 409
    assert cut.decide("reject", "手机没有说明").status_code == 303
    assert "1 题经考务认定已经计入成绩，1 题经考务核对没有计入" in cut.result()
    log = cut.desk.get(f"/admin/exams/{cut.exam.code}/records/{cut.id}").text
    assert "第 1 题认定计入，监考证明当时断网" in log
    assert cut.decide("reject").status_code == 409


def test_a_later_claim_of_another_phone_is_not_accepted(cut: Cut) -> None:
    cut.allow()
    cut.time.move(hours=2)
    other = Phone(cut.app.test_client(), cut.exam, cut.person)
    cut.send(cut.entry(), phone=other)
    assert (
        "不是最后作答的那台手机送来的" in cut.desk.get(f"/admin/exams/{cut.exam.code}/records/{cut.id}").text
    )
    assert cut.decide("accept").status_code == 409
    assert cut.sitting.score == 1


def test_after_handing_in_nothing_is_acceptable(cut: Cut) -> None:
    cut.allow()
    cut.phone.submit(cut.id)
    assert cut.send(cut.entry()).get_json() == {"recorded": 1}
    assert cut.decide("accept").status_code == 409


def test_what_the_phone_could_have_sent_then_is_not_accepted(cut: Cut) -> None:
    cut.allow()
    cut.time.move(minutes=9)
    cut.phone.save(cut.id, 4, cut.right(4))
    cut.time.move(hours=2)
    # It says: ten minutes before the end; but one minute before the end it saved another answer.
    cut.send(cut.entry(left=600))
    assert cut.decide("accept").status_code == 409


def test_a_stranger_and_a_week_later_are_too_late(cut: Cut, app: Flask) -> None:
    cut.time.move(hours=2)
    stranger = Phone(
        app.test_client(), cut.exam, make_person("波", unit=cut.person.unit, phone="13800000007")
    )
    assert cut.send(cut.entry(), phone=stranger).status_code == 404
    assert cut.send(cut.entry() | {"answer": ["Z"]}).status_code == 400
    assert cut.send(cut.entry() | {"position": 81}).status_code == 404
    cut.time.move(days=8)
    assert cut.send(cut.entry()).get_json() == {"recorded": 0}
    assert cut.rows() == []
