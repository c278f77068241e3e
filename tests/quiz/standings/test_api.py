"""The standings over HTTP: one body a second, 304, strict numbers, and nobody's name or phone."""

import gzip
import json
from datetime import timedelta

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.memory import Memory

CANARY, PHONE, NUMBER = "司马云岚", "13812345678", "GH90210"


@pytest.fixture
def exam(app: Flask, time) -> Exam:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    return fill(exam, time.at)


def fill(exam: Exam, at) -> Exam:
    unit = make_unit("青石镇")
    make_result(exam, make_person(CANARY, unit=unit, phone=PHONE, number=NUMBER), "92.5", at=at)
    make_person("上官静", unit=unit, phone="13812345679")
    make_result(exam, make_person("诸葛明", unit=make_unit("望河镇"), phone="13812345670"), "70", at=at)
    return exam


def units(client: FlaskClient, exam: Exam, query: str = "", **headers: str):
    return client.get(f"/api/v1/exams/{exam.code}/standings/units{query}", headers=headers)


def test_units_are_public_and_complete(client: FlaskClient, exam: Exam) -> None:
    response = units(client, exam)
    document = response.get_json()
    assert (document["formula"], document["frozen"], document["total"]) == ("r50m50", False, 2)
    assert [(row["rank"], row["unit"], row["score"]) for row in document["rows"]] == [
        (1, "望河镇", 85.0),
        (2, "青石镇", 71.25),
    ]
    assert [(row["expected"], row["took_part"]) for row in document["rows"]] == [(1, 1), (2, 1)]
    assert units(client, exam).data == client.get(f"/api/v1/exams/{exam.code.lower()}/standings/units").data


def test_the_tag_names_the_figures_not_the_second(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    first = units(client, exam)
    time.move(seconds=5)
    app.extensions["mingshi_memory"] = Memory()
    assert units(client, exam, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert units(client, exam).get_json()["as_of"] != first.get_json()["as_of"]
    make_result(exam, make_person("公孙策", unit=make_unit("云台镇"), phone="13812345671"), "99", at=time.at)
    assert units(client, exam, **{"If-None-Match": first.headers["ETag"]}).status_code == 304, (
        "within a second"
    )
    app.extensions["mingshi_memory"] = Memory()
    changed = units(client, exam, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_one_body_serves_everybody(client: FlaskClient, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    units(client, exam)
    monkeypatch.setattr("quiz.standings.queries.units_document", pytest.fail)
    for query in ("", "?limit=24", "?limit=1&offset=1"):
        assert units(client, exam, query).status_code == 200


def test_packed_and_plain_are_one_document_with_one_tag(client: FlaskClient, exam: Exam) -> None:
    plain, packed = units(client, exam), units(client, exam, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert units(client, exam, **again).status_code == 304


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?limit=1", ["望河镇"]),
        ("?limit=1&offset=1", ["青石镇"]),
        ("?offset=2", []),
        ("?limit=0", []),
        ("?limit=999999999", ["望河镇", "青石镇"]),
        ("?offset=999999999", []),
    ],
)
def test_slices(client: FlaskClient, exam: Exam, query: str, expected: list[str]) -> None:
    document = units(client, exam, query).get_json()
    assert [row["unit"] for row in document["rows"]] == expected
    assert document["total"] == 2


@pytest.mark.parametrize("text", ["-1", "1.0", "٣", "１", "1e3", "", "NaN", "9" * 10, "²", "0x1", "%00"])
def test_other_numbers_are_refused(client: FlaskClient, exam: Exam, text: str) -> None:
    for path in ("units", "persons"):
        for name in ("limit", "offset"):
            response = client.get(f"/api/v1/exams/{exam.code}/standings/{path}?{name}={text}")
            assert (response.status_code, response.get_json()["error"]["code"]) == (400, "bad-request")


def test_unknown_codes_and_practice_have_no_standings(app: Flask, client: FlaskClient, time) -> None:
    practice = make_exam(make_bank(at=time.at), at=time.at, mode=Mode.PRACTICE)
    for what in ("units", "persons"):
        assert client.get(f"/api/v1/exams/ZZZZ/standings/{what}").status_code == 404
        response = client.get(f"/api/v1/exams/{practice.code}/standings/{what}")
        assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not-ranked")


def test_an_exam_just_made_is_found_at_once(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    units(client, exam)
    later = make_exam(exam.bank, at=time.at)
    assert units(client, later).status_code == 200


def test_before_anybody_sat_it_is_valid_json_without_nan(app: Flask, client: FlaskClient, time) -> None:
    for formula in ("mean", "rate", "percap", "r50m50", "sum", "count"):
        bank = make_bank(at=time.at, name=formula)
        exam = make_exam(bank, at=time.at, formula=formula, unit_ids=[make_unit(formula).id])
        text = units(client, exam).get_data(as_text=True)
        document = json.loads(text, parse_constant=pytest.fail)
        assert document["rows"][0]["mean"] is None


def test_persons_of_an_exam_are_for_the_desk(client: FlaskClient, exam: Exam, time) -> None:
    path = f"/api/v1/exams/{exam.code}/standings/persons"
    refused = client.get(path)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "desk-only")
    make_account(at=time.at)
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    document = client.get(path).get_json()
    assert [(row["rank"], row["name"], row["score"]) for row in document["rows"]] == [
        (1, "司**岚", 92.5),
        (2, "诸*明", 70.0),
    ]
    client.post("/admin/sign-out")
    assert client.get(path).status_code == 403


def test_persons_of_a_contest_are_public_and_masked(app: Flask, client: FlaskClient, time) -> None:
    contest = fill(make_exam(make_bank(at=time.at), at=time.at, mode=Mode.CONTEST), time.at)
    path = f"/api/v1/exams/{contest.code}/standings/persons"
    assert [row["name"] for row in client.get(path).get_json()["rows"]] == ["司**岚", "诸*明"]
    assert [row["rank"] for row in client.get(path + "?limit=1&offset=1").get_json()["rows"]] == [2]


@pytest.mark.parametrize("mode", [Mode.EXAM, Mode.CONTEST])
def test_no_public_path_holds_name_phone_or_number(app: Flask, client: FlaskClient, time, mode: Mode) -> None:
    exam = fill(make_exam(make_bank(at=time.at), at=time.at, mode=mode), time.at)
    for path in (
        f"/board/{exam.code}",
        f"/api/v1/exams/{exam.code}/standings/units",
        f"/api/v1/exams/{exam.code}/standings/persons",
    ):
        text = client.get(path).get_data(as_text=True)
        assert not [word for word in (CANARY, "诸葛明", "上官静", PHONE, PHONE[-4:], NUMBER) if word in text]


def test_the_state_follows_the_clock(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    assert units(client, exam).get_json()["state"] == "open"
    time.at += timedelta(hours=3)
    app.extensions["mingshi_memory"] = Memory()
    assert units(client, exam).get_json()["window"] == "今日 14:00 已结束"
