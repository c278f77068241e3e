"""The page 更正试题: the list, the preview that changes nothing, applying and undoing with the password."""

from decimal import Decimal
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from quiz.extensions import db, transaction
from quiz.sittings import queries
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import Correction, Rescore, Result, Sitting
from quiz.standings import corrections


class Desk:
    """An exam of two units: 安甲 has all right but one, 安乙 has nothing and so does not pass."""

    def __init__(self, app: Flask, client: FlaskClient, time: Any) -> None:
        make_account(at=time.at)
        client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        self.client, self.at = client, time.at
        self.exam = make_exam(make_bank(at=time.at), at=time.at, preset="monthly")
        self.sittings = []
        for n, unit in enumerate((make_unit("青石镇"), make_unit("白沙镇"))):
            person = make_person("安甲安乙"[2 * n : 2 * n + 2], unit=unit, phone=f"1380000000{n}")
            phone = Phone(app.test_client(), self.exam, person)
            number = phone.start().get_json()["sitting"]
            for item in self.items(number)[: 0 if n else 19]:
                phone.save(number, item.position, list(item.key))
            phone.submit(number)
            self.sittings.append(number)
        self.question = self.items(self.sittings[0])[-1].index
        self.path = f"/admin/exams/{self.exam.code}/corrections"

    def items(self, sitting: int) -> Any:
        db.session.rollback()
        return queries.items_of(db.session.get(Sitting, sitting).paper)

    def post(self, what: str, **form: Any) -> Any:
        data = {"question": self.question, "deed": "void_all_points", "reason": "题干有误", **form}
        return self.client.post(f"{self.path}/{what}", data=data)

    def scores(self) -> list[Decimal]:
        db.session.rollback()
        return list(db.session.scalars(select(Result.score).order_by(Result.person_id)))


@pytest.fixture
def desk(app: Flask, client: FlaskClient, time: Any) -> Desk:
    return Desk(app, client, time)


def count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def test_the_list_shows_what_was_asked_with_the_hardest_first(desk: Desk):
    page = desk.client.get(desk.path)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "0 / " in text
    assert "先选一道题" in text
    found = corrections.lines(desk.exam, text="")
    assert [row.facility.share for row in found] == sorted(row.facility.share for row in found)
    assert desk.client.get(f"{desk.path}?q=绝无此题").get_data(as_text=True).count("没有找到") == 1
    chosen = desk.client.get(f"{desk.path}?question={desk.question}").get_data(as_text=True)
    assert "预览影响" in chosen
    assert "原答案" in chosen
    assert desk.client.get(f"{desk.path}?question=999999").status_code == 404


def test_a_preview_names_who_changes_and_changes_nothing(desk: Desk):
    before = desk.scores()
    reply = desk.post("preview")
    text = reply.get_data(as_text=True)
    assert reply.status_code == 200
    assert "安甲" in text
    assert "确定更正" in text
    assert desk.scores() == before
    assert (count(Correction), count(Rescore)) == (0, 0)
    with transaction():
        found = corrections.preview(
            desk.exam, amendment=Amendment(desk.question, Deed.ALL_POINTS), reason="题干有误", at=desk.at
        )
    assert [(a.score, b.score) for a, b in found.persons if a.name == "安甲"] == [(before[0], desk.exam.full)]


def test_the_preview_finds_passes_and_ranks_that_turn(desk: Desk):
    with transaction():
        for item in desk.items(desk.sittings[0])[:-1]:
            if item.index not in {other.index for other in desk.items(desk.sittings[1])}:
                corrections.corrections.apply(
                    desk.exam,
                    amendment=Amendment(item.index, Deed.SCALED),
                    reason="题干有误",
                    at=desk.at,
                    who="olga",
                )
        found = corrections.preview(
            desk.exam, amendment=Amendment(desk.question, Deed.ALL_POINTS), reason="题干有误", at=desk.at
        )
    assert all(a.score != b.score for a, b in found.persons)
    assert all(a.rank != b.rank for a, b in found.units)
    assert {a.name for a, _ in found.now_pass} & {a.name for a, _ in found.now_fail} == set()


def test_applying_needs_the_password_and_can_be_undone(desk: Desk):
    before = desk.scores()
    refused = desk.post("apply", password="不是这个")
    assert refused.status_code == 401
    assert desk.scores() == before
    assert desk.post("apply", password=PASSWORD).status_code == 303
    assert desk.scores()[0] == desk.exam.full
    text = desk.client.get(desk.path).get_data(as_text=True)
    assert "作废，全员给分" in text
    assert "已经更正过" in desk.client.get(f"{desk.path}?question={desk.question}").get_data(as_text=True)
    again = desk.post("preview")
    assert again.status_code == 409
    assert "已经更正过" in again.get_data(as_text=True)
    number = db.session.scalar(select(Correction.id))
    assert desk.client.post(f"{desk.path}/{number}/undo", data={"password": "x"}).status_code == 401
    assert desk.client.post(f"{desk.path}/{number}/undo", data={"password": PASSWORD}).status_code == 303
    assert desk.scores() == before
    assert "已撤销" in desk.client.get(desk.path).get_data(as_text=True)


def test_a_new_key_from_the_form(desk: Desk):
    item = desk.items(desk.sittings[0])[0]
    same = desk.post("preview", question=item.index, deed="rekey", key=list(item.question.key))
    assert same.status_code == 422
    assert "一样" in same.get_data(as_text=True)
    key = {"single": ["B"], "multiple": ["A", "C"], "true_false": ["F"]}[item.question.kind.value]
    before = desk.scores()
    done = desk.post("apply", question=item.index, deed="rekey", key=key, password=PASSWORD)
    assert done.status_code == 303
    assert desk.scores()[0] < before[0]


@pytest.mark.parametrize(
    ("form", "status"),
    [({"reason": ""}, 422), ({"deed": "other"}, 422), ({"question": "x"}, 400), ({"question": 10**8}, 404)],
)
def test_what_cannot_be_is_refused(desk: Desk, form: dict[str, Any], status: int):
    assert desk.post("preview", **form).status_code == status
    assert desk.post("apply", password=PASSWORD, **form).status_code == status
    assert count(Correction) == 0


def test_the_live_page_leads_here_once_somebody_sat(desk: Desk):
    live = desk.client.get(f"/admin/exams/{desk.exam.code}").get_data(as_text=True)
    assert live.count("更正试题") == 1
    other = make_exam(desk.exam.bank, at=desk.at)
    assert "更正试题" not in desk.client.get(f"/admin/exams/{other.code}").get_data(as_text=True)
