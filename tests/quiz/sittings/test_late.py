"""An answer that comes after the end: kept, shown, and counted only by the organiser's deed."""

import base64
import hashlib
import hmac
import io
import json
import re
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


def code_of(told: object, key: str) -> str:
    """As carry.js writes it."""
    body = base64.urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode().rstrip("=")
    mac = hmac.new(key.encode(), f"carried:{body}".encode(), hashlib.sha256).digest()[:24]
    return f"MS1.{body}.{base64.urlsafe_b64encode(mac).decode()}"


def given_to(phone: Phone, sitting: int) -> dict[str, str]:
    """The name and the key a page has for signing."""
    return dict(re.findall(r'data-(phone|carry)="([^"]+)"', phone.client.get(f"/s/{sitting}").text))


class Carried(Cut):
    """What Ann's page writes out, and the desk to which somebody brings it."""

    given: dict[str, str] | None = None

    def code(self, *entries: dict[str, Any], **other: Any) -> str:
        self.given = self.given or given_to(self.phone, self.id)
        told = {"sitting": self.id, "phone": self.given["phone"]}
        told["answers"] = [list(entry.values()) for entry in entries or [self.entry()]]
        return code_of(told | other, self.given["carry"])

    def bring(self, text: str, *, sitting: int | None = None, **more: Any) -> Any:
        path = f"/admin/exams/{self.exam.code}/records/{sitting or self.id}/bring"
        return self.desk.post(path, data={"text": text, **more}, content_type="multipart/form-data")

    def brought(self) -> list[Deed]:
        db.session.rollback()
        return list(db.session.scalars(db.select(Deed).where(Deed.what == "late.bring")))


@pytest.fixture
def carried(app: Flask, time: Any) -> Carried:
    return Carried(app, time)


def test_what_is_brought_is_late_evidence_once_and_on_record(carried: Carried) -> None:
    carried.allow()
    code = carried.code(carried.entry(), carried.entry(2, revision=2))
    early = carried.bring(code)
    assert early.status_code == 409
    assert "还没有到时间" in early.text
    carried.time.move(hours=2)
    # As a chat hands it on: words around it, and broken into lines.
    assert carried.bring(f"安宁的答案码：\n{code[:40]}\n{code[40:]} 收到请回复").status_code == 303
    assert carried.sitting.score == 1, "it counts for nothing until somebody decides"
    assert [(row.position, row.left_millis, row.accepted) for row in carried.rows()] == [
        (1, 300_000, None),
        (2, 300_000, None),
    ]
    again = carried.bring("", file=(io.BytesIO(code.encode()), "答案码.txt"))
    assert again.status_code == 409
    assert "都已经收到过，没有重复登记" in again.text
    # The phone finds a network after all: still the same two answers.
    carried.send(carried.entry(), carried.entry(2, revision=2))
    assert len(carried.rows()) == 2
    [deed] = carried.brought()
    assert deed.detail == {"sitting": carried.id, "positions": [1, 2]}
    assert "收下带来的答案" in carried.desk.get(f"/admin/exams/{carried.exam.code}/records/{carried.id}").text
    assert carried.decide("accept").status_code == 303
    assert carried.sitting.score == 2


def test_what_the_phone_of_this_sitting_did_not_sign_is_refused(carried: Carried) -> None:
    bob = make_person(unit=carried.person.unit, name="鲍勃", phone="13900000002")
    his = Phone(carried.app.test_client(), carried.exam, bob)
    other = his.start().get_json()["sitting"]
    given = given_to(his, other)
    phone, carry = given["phone"], given["carry"]
    code, told = carried.code(), {"answers": [[1, ["A"], 9, 300]]}
    carried.time.move(hours=2)
    head, _, mac = code.split(".")
    changed = carried.code(carried.entry(3)).split(".")[1]
    wrong = {
        "答案码不是本人答题的手机生成的": [
            f"{head}.{changed}.{mac}",
            code_of({"sitting": carried.id, "phone": phone, **told}, carry),
            code_of({"sitting": carried.id, "phone": "é", **told}, carry),
        ],
        "这是另一份答卷的答案码": [code_of({"sitting": other, "phone": phone, **told}, carry)],
        "没有找到完整的答案码": [
            "",
            code[:-1],
            f"MS1.{'A' * 60}.{mac}",
            carried.code(sitting="1e", answers=3),
        ],
    }
    for words, texts in wrong.items():
        for text in texts:
            refused = carried.bring(text)
            assert (refused.status_code, words in refused.text) == (422, True), text
    nowhere = carried.code(carried.entry() | {"position": 99})
    assert carried.bring(nowhere).status_code == 404, "signed, but no such item"
    assert (carried.rows(), carried.brought()) == ([], [])
    assert carried.bring(code, sitting=other).status_code == 422
    with transaction():
        carried.sitting.voided_at = carried.time.now()
    assert carried.bring(code).status_code == 409
    with transaction():
        carried.sitting.voided_at = None
    carried.time.move(hours=24 * 7)
    assert "超过 7 天" in carried.bring(code).text
    assert carried.rows() == []
