"""The puzzle comes to a browser that does what few honest ones do, and to nobody else."""

import re
from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz import tokens
from quiz.exams.models import Exam
from quiz.exams.rules import Mode


@pytest.fixture
def contest(app: Flask, time: Any) -> Exam:
    make_unit()
    return make_exam(make_bank(at=time.now()), at=time.now(), mode=Mode.CONTEST, preset="monthly")


def form(n: int, **more: str) -> dict[str, str]:
    return {"name": f"人{n}", "phone": f"1390000{n:04}", "unit": "青石镇", "consent": "y", **more}


def asked(page: str) -> str:
    return re.search(r'name="puzzle" value="([^"]+)"', page)[1]


def test_a_fourth_person_on_one_browser_answers_a_puzzle_once(
    app: Flask, contest: Exam, client: FlaskClient, time: Any
) -> None:
    address = f"/e/{contest.code}?other=1"
    for n in (0, 0, 1, 2):
        assert client.post(address, data=form(n)).status_code == 303
    page = client.get(address).text
    token = asked(page)
    found = tokens.read_puzzle(app.config["SECRET_KEY"], token, now=0)
    right = str(found.first + found.second)
    assert found.digits not in page
    assert client.get(f"/puzzle/{token}.png").data.startswith(b"\x89PNG")
    without = client.post(address, data=form(3))
    assert (without.status_code, "请先答对下面的核对题" in without.text) == (422, True)
    wrong = client.post(address, data=form(3, puzzle=token, puzzle_answer="0"))
    assert wrong.status_code == 422
    assert client.post(address, data=form(3, puzzle=token, puzzle_answer=right)).status_code == 422
    token = asked(wrong.text)
    found = tokens.read_puzzle(app.config["SECRET_KEY"], token, now=0)
    assert client.post(address, data=form(3, puzzle=token, puzzle_answer=found.digits)).status_code == 303
    # Whoever else sits behind the same address is asked nothing, and after ten minutes nobody is.
    assert app.test_client().post(address, data=form(9)).status_code == 303
    time.move(minutes=11)
    assert 'name="puzzle"' not in client.get(address).text
    assert client.get(f"/puzzle/{token}.png").status_code == 404


def test_wrong_tries_on_one_browser_bring_a_puzzle_in_a_contest(
    app: Flask, contest: Exam, client: FlaskClient
) -> None:
    address = f"/e/{contest.code}?by=number"
    wrong = [{"number": f"A{n}", "passcode": "000000"} for n in range(6)]
    assert [client.post(address, data=one).status_code for one in wrong[:5]] == [401] * 5
    page = client.post(address, data=wrong[5])
    assert page.status_code == 422
    assert "加" in re.search(r'id="puzzle-words">([^？]+)', page.text)[1]
    assert app.test_client().post(address, data=wrong[5]).status_code == 401


def test_who_is_on_a_roster_meets_no_puzzle(app: Flask, time: Any, client: FlaskClient) -> None:
    """A cadre who mistypes, or a phone that a whole room shares, must not be held up (promise L8)."""
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    person = make_person(unit=make_unit())
    for n in range(6):
        assert client.post(f"/e/{exam.code}", data=form(n)).status_code == 401
    own = {"name": person.name, "phone": person.phone}
    assert client.post(f"/e/{exam.code}", data=own).status_code == 303


def test_the_api_never_asks(app: Flask, contest: Exam, client: FlaskClient) -> None:
    body = [{**form(n), "consent": True} for n in range(8)]
    answers = [client.post(f"/api/v1/exams/{contest.code}/join", json=one).status_code for one in body]
    assert answers == [200] * 8
