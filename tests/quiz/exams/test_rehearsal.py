"""A trial run is sat like the exam to come, marked as what it is, and counted nowhere."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import select

from quiz.exams import rules
from quiz.exams.models import Exam
from quiz.extensions import db


@pytest.fixture
def desk(app: Flask, time: Any) -> Any:
    make_account(at=time.now())
    client = app.test_client()
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


@pytest.fixture
def trial(app: Flask, desk: Any, time: Any) -> Exam:
    exam = make_exam(make_bank(at=time.now()), at=time.now() + timedelta(minutes=30), preset="monthly")
    assert desk.post(f"/admin/exams/{exam.code}/rehearse").status_code == 303
    return db.session.scalars(select(Exam).where(Exam.rehearsal)).one()


def test_it_is_open_until_the_exam_opens_and_has_its_own_code(trial: Exam, desk: Any, time: Any) -> None:
    exam = db.session.scalars(select(Exam).where(Exam.rehearsal.is_(False))).one()
    assert (trial.opens_at, trial.closes_at, trial.chances) == (time.now(), exam.opens_at, 0)
    assert trial.code != exam.code
    assert f"/e/{trial.code}" in desk.get(f"/admin/exams/{trial.code}").get_data(as_text=True)
    assert (trial.title, trial.spec, trial.pass_mark) == (f"试考：{exam.title}", exam.spec, exam.pass_mark)


def test_it_is_marked_wherever_it_shows(trial: Exam, desk: Any, app: Flask, time: Any) -> None:
    person = make_person(unit=make_unit())
    phone = Phone(app.test_client(), trial, person)
    number = phone.start().get_json()["sitting"]
    sat = [f"/e/{trial.code}/notice", f"/s/{number}"]
    pages = [phone.client.get(address).get_data(as_text=True) for address in sat]
    phone.submit(number)
    pages.append(phone.client.get(f"/s/{number}/result").get_data(as_text=True))
    at_desk = [
        "/admin/",
        "/admin/exams/",
        *(f"/admin/exams/{trial.code}{end}" for end in ("", "/poster", "/rules")),
    ]
    pages += [desk.get(address).get_data(as_text=True) for address in at_desk]
    pages.append(app.test_client().get("/").get_data(as_text=True))
    assert [n for n, page in enumerate(pages) if "试考" not in page] == []
    book = desk.get(f"/admin/exams/{trial.code}/scores.xlsx").get_data()
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "试考" in texts
    assert "单位排名" not in texts


def test_it_is_counted_nowhere(trial: Exam, desk: Any, app: Flask, time: Any) -> None:
    person = make_person(unit=make_unit())
    phone = Phone(app.test_client(), trial, person)
    for _ in range(3):
        phone.submit(phone.start().get_json()["sitting"])
    for address in (f"/board/{trial.code}", f"/api/v1/exams/{trial.code}/standings/units"):
        assert app.test_client().get(address).status_code == 404
    time.move(minutes=30)
    refused = desk.post(f"/admin/exams/{trial.code}/make-up", data={})
    assert "试考不计成绩，没有补考" in refused.get_data(as_text=True)
    page = desk.get(f"/admin/exams/{trial.code}").get_data(as_text=True)
    assert "安排补考" not in page
    assert "投屏" not in page
    real = db.session.scalars(select(Exam).where(Exam.rehearsal.is_(False))).one()
    assert app.test_client().get(f"/api/v1/exams/{real.code}/standings/units").get_json()["took_part"] == 0
    assert Phone(app.test_client(), real, person).start().status_code == 201


def test_only_an_exam_to_come_is_rehearsed(trial: Exam, desk: Any, time: Any) -> None:
    assert desk.post(f"/admin/exams/{trial.code}/rehearse").status_code == 409
    time.move(minutes=30)
    real = db.session.scalars(select(Exam).where(Exam.rehearsal.is_(False))).one()
    reply = desk.post(f"/admin/exams/{real.code}/rehearse")
    assert (reply.status_code, "只有还没开考的考试才能试考" in reply.get_data(as_text=True)) == (409, True)


@pytest.mark.parametrize(
    ("title", "marked"),
    [("考试", "试考：考试"), ("试考：考试", "试考：考试"), ("长" * 60, "试考：" + "长" * 57)],
)
def test_the_mark_cannot_be_lost(title: str, marked: str) -> None:
    assert rules.title_of_rehearsal(title) == marked
    assert not rules.title_of_copy(marked).startswith("试考")
