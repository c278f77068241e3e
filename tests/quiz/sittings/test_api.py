"""The candidate's API as INTERFACE.md promises it."""

from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from quiz.people.services import hash_secret
from quiz.sittings import services


@pytest.fixture
def phone(client: FlaskClient, time: Any) -> Phone:
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    return Phone(client, exam, make_person(unit=make_unit()))


def test_a_sitting_from_start_to_score(phone: Phone) -> None:
    started = phone.start()
    assert started.status_code == 201
    paper = started.get_json()
    assert len(paper["items"]) == 80
    assert paper["seconds_left"] == 3600.0

    first = paper["items"][0]
    assert set(first) == {"position", "kind", "stem", "points", "options"}
    right = next(o["label"] for o in first["options"] if o["text"].startswith("对的"))
    assert phone.save(paper["sitting"], 1, [right]).get_json() == {
        "kept": True,
        "revision": 1,
        "seconds_left": 3600.0,
    }

    done = phone.submit(paper["sitting"])
    assert done.status_code == 200
    assert done.get_json()["score"] == 1.0
    assert phone.submit(paper["sitting"]).get_json() == done.get_json()


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_start_needs_no_body_whatever_its_content_type_says(
    phone: Phone, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, begin = [1], services.start

    def beaten(**given: Any) -> Any:
        if losses:
            losses.pop()
            raise IntegrityError("INSERT INTO paper", {}, Exception("uq_paper_exam_id_person_id_number"))
        return begin(**given)

    monkeypatch.setattr(services, "start", beaten)
    path = f"/api/v1/exams/{phone.code}/sittings"
    headers = {"X-CSRF-Token": phone.csrf, "Content-Type": "application/json"}
    assert phone.client.post(path, headers=headers, data=body).status_code == 201


def test_a_start_that_loses_twice_to_another_phone_is_decided_a_third_time(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other phone started, handed in and started its next chance between two looks of this one."""
    losses, begin = [1, 2], services.start

    def beaten(**given: Any) -> Any:
        if losses:
            losses.pop()
            raise IntegrityError("INSERT INTO paper", {}, Exception("uq_paper_exam_id_person_id_number"))
        return begin(**given)

    monkeypatch.setattr(services, "start", beaten)
    monkeypatch.setattr(services, "hand_out", lambda **given: None)
    assert phone.start().status_code == 201


def test_starting_again_finds_the_open_sitting_with_its_answers(phone: Phone, time: Any) -> None:
    sitting = phone.start().get_json()["sitting"]
    phone.save(sitting, 61, ["T"], 3)
    time.move(minutes=10)
    again = phone.start()
    assert again.status_code == 200
    assert again.get_json()["sitting"] == sitting
    assert again.get_json()["responses"] == {"61": {"answer": ["T"], "revision": 3}}
    assert again.get_json()["seconds_left"] == 3000.0


def test_guessing_is_stopped_however_the_number_is_written(client: FlaskClient, time: Any) -> None:
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    make_person(unit=make_unit())
    writings = ("13800000001", "138 0000 0001", "+86 13800000001", "138-0000-0001")
    codes = [
        client.post(
            "/api/v1/sign-in", json={"exam": exam.code, "name": f"某人{n}", "phone": writings[n % 4]}
        ).status_code
        for n in range(12)
    ]
    assert codes == [401] * 10 + [429] * 2
    right = {"exam": exam.code, "name": "安宁", "phone": "13800000001"}
    refused = client.post("/api/v1/sign-in", json=right)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")


def test_a_number_typed_full_width_or_spaced_is_the_same_number(client: FlaskClient, time: Any) -> None:
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    make_person(unit=make_unit(), number="AL0003", passcode_hash=hash_secret("258036"))
    for typed in ("AL0003", " AL 0003", "ＡＬ０００３"):
        body = {"exam": exam.code, "number": typed, "passcode": "258036"}
        assert client.post("/api/v1/sign-in", json=body).status_code == 200, typed
