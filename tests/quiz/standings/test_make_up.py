"""补考: who may make up, the linked exam for them alone, and what it leaves untouched."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams import rules
from quiz.exams.models import Exam, ExamPerson, PoolQuestion
from quiz.extensions import db, transaction
from quiz.sittings import corrections, queries, services
from quiz.sittings.correcting import Amendment
from quiz.sittings.correcting import Deed as Correcting
from quiz.sittings.models import Result
from quiz.standings import make_up
from quiz.standings import queries as standings


class Hall:
    """安合格 passed, 安不及 failed, 安缺席 was absent, 安离岗 was absent and is no longer on the roster."""

    def __init__(self, time: Any) -> None:
        self.time = time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now(), preset="monthly")
        unit = make_unit()
        names = ("安合格", "安不及", "安缺席", "安离岗")
        self.passed, self.failed, self.absent, self.gone = (
            make_person(name, unit=unit, phone=f"1380000000{n}", active=n < 3) for n, name in enumerate(names)
        )
        make_result(self.exam, self.passed, "90", at=time.now())
        make_result(self.exam, self.failed, "3", at=time.now())

    def arrange(self) -> Exam:
        at = self.time.now()
        with transaction():
            return make_up.arrange(
                self.exam,
                title="补考",
                opens_at=at,
                closes_at=at + timedelta(hours=2),
                minutes=15,
                at=at,
                who="olga",
            )


@pytest.fixture
def hall(app: Flask, time: Any) -> Hall:
    found = Hall(time)
    time.move(hours=3)
    return found


def test_candidates_are_the_absent_and_the_failed(hall: Hall):
    found = [(row.name, row.why, row.score) for row in make_up.candidates(hall.exam)]
    assert found == [("安不及", "不合格", Decimal(3)), ("安缺席", "缺考", None)]


def test_the_make_up_is_like_the_first_and_for_the_named_only(hall: Hall, app: Flask):
    made = hall.arrange()
    assert (made.make_up_of_id, made.named, made.minutes) == (hall.exam.id, True, 15)
    assert (made.spec, made.full, made.pass_mark) == (hall.exam.spec, hall.exam.full, hall.exam.pass_mark)
    named = set(db.session.scalars(select(ExamPerson.person_id).where(ExamPerson.exam_id == made.id)))
    assert named == {hall.failed.id, hall.absent.id}
    with pytest.raises(rules.NotNamed):
        services.check_invited(made, hall.passed)
    # Expected, absent and papers made ready all count the named only.
    assert standings.summed(standings.unit_rows(made)).expected == 2
    assert {row.id for row in queries.persons_without_paper(made, limit=9)} == named
    assert {name for name, _ in standings.absent(made, within=None)} == {"安不及", "安缺席"}


def test_hand_out_starts_the_named_and_nobody_else(hall: Hall, app: Flask):
    made = hall.arrange()
    with transaction():
        assert services.make_papers(made, limit=9) == 2
    assert Phone(app.test_client(), made, hall.failed).start().status_code == 201
    refused = app.test_client().post(
        "/api/v1/sign-in", json={"exam": made.code, "name": "安合格", "phone": hall.passed.phone}
    )
    assert refused.status_code == 403
    assert refused.get_json()["error"]["message"].startswith("补考名单里没有你")


def test_the_first_result_is_never_overwritten(hall: Hall, app: Flask):
    made = hall.arrange()
    phone = Phone(app.test_client(), made, hall.failed)
    number = phone.start().get_json()["sitting"]
    for item in queries.items_of(queries.sittings_of(made.id, hall.failed.id)[0].paper):
        phone.save(number, item.position, list(item.key))
    phone.submit(number)
    page = phone.client.get(f"/s/{number}/result").get_data(as_text=True)
    assert "补考" in page
    db.session.rollback()
    own = select(Result.exam_id, Result.score).where(Result.person_id == hall.failed.id)
    assert dict(db.session.execute(own).all()) == {hall.exam.id: Decimal(3), made.id: made.full}
    found = {row.name: (row.score, row.again) for row in make_up.candidates(hall.exam)}
    assert found == {"安不及": (Decimal(3), made.full), "安缺席": (None, None)}


def test_what_was_corrected_and_still_stands_so_is_left_out(hall: Hall):
    question = db.session.scalars(select(PoolQuestion).where(PoolQuestion.exam_id == hall.exam.id)).first()
    with transaction():
        amendment = Amendment(question.id, Correcting.ALL_POINTS)
        corrections.apply(hall.exam, amendment=amendment, reason="错题", at=hall.time.now(), who="olga")
    made = hall.arrange()
    pool = set(db.session.scalars(select(PoolQuestion.question_id).where(PoolQuestion.exam_id == made.id)))
    assert question.question_id not in pool
    assert len(pool) == 79


def test_too_early_and_nobody(app: Flask, time: Any):
    hall = Hall(time)
    with pytest.raises(rules.TooEarlyToMakeUp):
        hall.arrange()
    time.move(hours=3)
    for person in (hall.failed, hall.absent):
        make_result(hall.exam, person, "90", at=time.now(), number=2)
    with pytest.raises(rules.NobodyToMakeUp):
        hall.arrange()


@pytest.fixture
def desk(app: Flask, client: FlaskClient, hall: Hall) -> FlaskClient:
    make_account(at=hall.time.at)
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def test_the_page_arranges_it(hall: Hall, desk: FlaskClient):
    path = f"/admin/exams/{hall.exam.code}/make-up"
    text = desk.get(path).get_data(as_text=True)
    assert "缺考 1 人，不合格 1 人" in text
    assert "安排补考" in desk.get(f"/admin/exams/{hall.exam.code}").get_data(as_text=True)
    form = {"title": "补考", "opens_at": "2026-11-25T09:00", "closes_at": "2026-11-25T11:00", "minutes": "15"}
    assert desk.post(path, data=form | {"closes_at": "2026-11-25T08:00"}).status_code == 422
    assert desk.post(path, data=form | {"minutes": ""}).status_code == 422
    done = desk.post(path, data=form)
    assert done.status_code == 303
    made = db.session.scalar(select(Exam).where(Exam.make_up_of_id == hall.exam.id))
    assert done.location.endswith(f"/admin/exams/{made.code}")
    assert f'原场次 <a href="/admin/exams/{hall.exam.code}"' in desk.get(done.location).get_data(as_text=True)
    assert "已经安排过补考" in desk.get(path).get_data(as_text=True)
    deed = db.session.scalars(select(Deed).where(Deed.what == "exam.make_up")).one()
    assert (deed.who, deed.detail["first"], deed.detail["persons"]) == ("olga", hall.exam.code, 2)


def test_the_lists_as_a_workbook(hall: Hall, desk: FlaskClient):
    reply = desk.get(f"/admin/exams/{hall.exam.code}/make-up.xlsx")
    book = load_workbook(io.BytesIO(reply.data))
    names = {sheet.title: [row[1].value for row in sheet.iter_rows(min_row=4)] for sheet in book}
    assert names == {"缺考": ["安缺席"], "不合格": ["安不及"], "补考名单": ["安不及", "安缺席"]}
    assert "13800000001" not in str([[cell.value for cell in row] for sheet in book for row in sheet])
    assert db.session.scalars(select(Deed).where(Deed.what == "export.make_up")).one().detail["rows"] == 4
