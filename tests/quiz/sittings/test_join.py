"""Joining an open contest through the API."""

from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_unit
from flask.testing import FlaskClient
from sqlalchemy import func, select

from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.people.models import Person

BODY = {"name": "柳 青", "phone": "138 0000 0009", "unit": "青石镇", "consent": True}


@pytest.fixture
def contest(app: object, time: Any) -> Exam:
    make_unit()
    return make_exam(make_bank(at=time.now()), at=time.now(), mode=Mode.CONTEST)


def join(client: FlaskClient, exam: Exam, **more: Any) -> tuple[int, Any]:
    reply = client.post(f"/api/v1/exams/{exam.code}/join", json=BODY | more)
    return reply.status_code, reply.get_json()


def test_a_stranger_joins_and_starts(client: FlaskClient, contest: Exam) -> None:
    status, found = join(client, contest)
    assert (status, found["person"]["name"], found["person"]["unit"]) == (200, "柳 青", "青石镇")
    headers = {"X-CSRF-Token": found["csrf"]}
    assert client.post(f"/api/v1/exams/{contest.code}/sittings", headers=headers).status_code == 201


def test_joining_again_is_the_same_person(client: FlaskClient, contest: Exam) -> None:
    first, again = join(client, contest), join(client, contest, name="柳青")
    assert first[1]["person"]["id"] == again[1]["person"]["id"]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_somebody_known_stays_with_their_unit(client: FlaskClient, contest: Exam) -> None:
    make_person("柳青", unit=make_unit("双桥镇"), phone="13800000009")
    assert join(client, contest)[1]["person"]["unit"] == "双桥镇"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"consent": False}, 422, "no-consent"),
        ({"consent": "true"}, 422, "no-consent"),
        ({"unit": "没有的镇"}, 422, "unknown-unit"),
        ({"phone": "1380000"}, 422, "bad-phone"),
        ({"name": " \u200b"}, 422, "no-name"),
        ({"name": None}, 400, "bad-request"),
    ],
)
def test_what_is_missing_is_said(
    client: FlaskClient, contest: Exam, more: dict[str, Any], status: int, code: str
) -> None:
    reply = join(client, contest, **more)
    assert (reply[0], reply[1]["error"]["code"]) == (status, code)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_cadre_exam_cannot_be_joined(client: FlaskClient, app: object, time: Any) -> None:
    make_unit()
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    reply = join(client, exam)
    assert (reply[0], reply[1]["error"]["code"]) == (403, "not-a-contest")
