"""A proctor's page in a real browser: the code and the room keep up by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import PASSWORD, make_account

from quiz.access import Role
from quiz.exams import queries as exams
from quiz.exams.models import Room, Seat
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.sittings import services

pytestmark = pytest.mark.browser


def arrange(hall: Any) -> None:
    """Ann has seat 7 of room 1, which 周到 watches; the room asks for its code."""
    with hall.app.app_context():
        account = make_account("周到", role=Role.PROCTOR, at=datetime.now(UTC))
        with transaction():
            exam = exams.exam_by_code(hall.code)
            exam.room_secret = "s" * 32
            room = Room(exam_id=exam.id, name="第 1 考场", place="三楼", seats=9, proctors=[account])
            db.session.add(room)
            db.session.flush()
            db.session.add(Seat(exam_id=exam.id, person_id=1, room_id=room.id, number=7))


def begin(hall: Any) -> None:
    with hall.app.app_context(), transaction():
        exam = exams.exam_by_code(hall.code)
        exam.room_secret, secret = None, exam.room_secret
        services.start(exam=exam, person=db.session.get(Person, 1), at=datetime.now(UTC))
        exam.room_secret = secret


def test_the_room_on_a_proctors_phone_keeps_up(phone: Any, hall: Any) -> None:
    arrange(hall)
    page = phone()
    page.goto("/admin/sign-in")
    page.fill("#name", "周到")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/admin/rooms")
    page.click("text=第 1 考场")
    page.wait_for_selector(".ps:has-text('未到')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown = page.text_content("#code")
    begin(hall)
    page.wait_for_selector(".ps:has-text('答题中')", timeout=8000)
    # A code that has run out is asked for anew; here the page only believes that it has.
    page.evaluate("document.getElementById('code').textContent = ''")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector(r"#code:text-matches('^\\d{3} \\d{3}$')")
    assert len(shown) == 7
    page.click("summary")
    page.fill("[name=reason]", "停电")
    page.click("text=延长时间 >> nth=-1")
    page.wait_for_selector("text=已延长 10 分钟")
    sitting = hall.sitting()
    assert sitting.deadline - sitting.started_at == timedelta(minutes=70)
    page.click(".ps a")
    page.fill("#tx", "看手机两次")
    page.click("text=记下 >> nth=-1")
    page.wait_for_selector(".nt:has-text('看手机两次')")
