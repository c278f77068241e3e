"""The standings over HTTP: one body a second, 304, strict numbers, and nobody's name or phone."""

import gzip
import json
from datetime import timedelta

import pytest
from factories import (
    PASSWORD,
    Phone,
    decide_ranking,
    forget,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.standings import documents
from quiz.standings.method import Grouping
from quiz.tokens import sign_wall

CANARY, PHONE, NUMBER = "司马云岚", "13812345678", "GH90210"


@pytest.fixture
def exam(app: Flask, time) -> Exam:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    return fill(exam, time.at)


def fill(exam: Exam, at) -> Exam:
    decide_ranking(exam, at=at)
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
    forget(app)
    assert units(client, exam, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert units(client, exam).get_json()["as_of"] != first.get_json()["as_of"]
    make_result(exam, make_person("公孙策", unit=make_unit("云台镇"), phone="13812345671"), "99", at=time.at)
    assert units(client, exam, **{"If-None-Match": first.headers["ETag"]}).status_code == 304, (
        "within a second"
    )
    forget(app)
    changed = units(client, exam, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_one_body_serves_everybody(client: FlaskClient, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    units(client, exam)
    monkeypatch.setattr(documents, "units_document", pytest.fail)
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


def test_a_wall_gets_the_first_of_each_group(client: FlaskClient, exam: Exam, time) -> None:
    with transaction():
        for unit in db.session.scalars(select(Unit).where(Unit.name == "望河镇")):
            unit.kind = "镇"
    decide_ranking(exam, at=time.at, grouping=Grouping.KIND)
    rows = units(client, exam, "?limit=1&each=1").get_json()["rows"]
    assert len(rows) == len({row["group"] for row in rows}) == 2
    assert len(units(client, exam, "?limit=1").get_json()["rows"]) == 1


def test_unknown_codes_and_practice_have_no_standings(app: Flask, client: FlaskClient, time) -> None:
    practice = make_exam(make_bank(at=time.at), at=time.at, mode=Mode.PRACTICE)
    for what in ("units", "persons"):
        assert client.get(f"/api/v1/exams/ZZZZ/standings/{what}").status_code == 404
        response = client.get(f"/api/v1/exams/{practice.code}/standings/{what}")
        assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not-ranked")


def test_an_exam_just_made_is_found_at_once(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    units(client, exam)
    later = make_exam(exam.bank, at=time.at)
    decide_ranking(later, at=time.at)
    assert units(client, later).status_code == 200


def test_before_anybody_sat_it_is_valid_json_without_nan(app: Flask, client: FlaskClient, time) -> None:
    for formula in ("mean", "rate", "percap", "r50m50", "sum", "count"):
        bank = make_bank(at=time.at, name=formula)
        exam = make_exam(bank, at=time.at, formula=formula, unit_ids=[make_unit(formula).id])
        decide_ranking(exam, at=time.at)
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
    forget(app)
    assert units(client, exam).get_json()["window"] == "今日 14:00 已结束"


def test_who_sees_what(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    """仅本单位: strangers nothing, a person the row of the own unit, the wall's link everything."""
    decide_ranking(exam, at=time.at, visibility="own")
    names = lambda reply: [row["unit"] for row in reply.get_json()["rows"]]  # noqa: E731
    address = f"/api/v1/exams/{exam.code}/standings/units"
    key = sign_wall(app.config["SECRET_KEY"], exam=exam.id)
    for query in ("", "?limit=24"):
        forget(app)
        mark = "&" if query else "?"
        assert names(client.get(address + query)) == []
        assert names(client.get(f"{address}{query}{mark}key={key}")) == ["望河镇", "青石镇"]
        assert names(client.get(f"{address}{query}{mark}key=guessed")) == []
        assert names(client.get(address + query)) == []
    person = db.session.scalars(select(Person).where(Person.name == "上官静")).one()
    phone = Phone(app.test_client(), exam, person)
    [own] = phone.client.get(address).get_json()["rows"]
    assert (own["unit"], own["rank"]) == ("青石镇", 2)
    assert names(client.get(address)) == []


def test_nobody_means_nobody(app: Flask, client: FlaskClient, exam: Exam, time) -> None:
    decide_ranking(exam, at=time.at, visibility="nobody")
    key = sign_wall(app.config["SECRET_KEY"], exam=exam.id)
    person = db.session.scalars(select(Person).where(Person.name == CANARY)).one()
    phone = Phone(app.test_client(), exam, person)
    for who in (client, phone.client):
        assert units(who, exam).get_json()["rows"] == []
        assert units(who, exam, f"?key={key}").get_json()["rows"] == []


def test_the_default_is_the_own_unit_for_cadres_and_all_for_a_contest(
    app: Flask, client: FlaskClient, time
) -> None:
    bank = make_bank(at=time.at)
    make_person(unit=make_unit("青石镇"))
    cadres, public = (make_exam(bank, at=time.at, mode=mode) for mode in (Mode.EXAM, Mode.CONTEST))
    assert units(client, cadres).get_json()["rows"] == []
    assert len(units(client, public).get_json()["rows"]) == 1


def test_what_many_ask_for_is_answered_before_flask(
    app: Flask, client: FlaskClient, exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/exams/{exam.code}/standings/units?limit=24"
    slow = client.get(address)
    monkeypatch.setattr(app.extensions["mingshi_shortcut"], "_next", pytest.fail)
    quick = client.get(address)
    assert (quick.status_code, quick.data) == (200, slow.data)
    for name in ("ETag", "Cache-Control", "Content-Type", "X-Content-Type-Options", "Vary"):
        assert quick.headers[name] == slow.headers[name], name
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == slow.data
    again = client.get(address, headers={"If-None-Match": slow.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_depends_on_who_asks_is_never_answered_before_flask(app: Flask, exam: Exam, time) -> None:
    decide_ranking(exam, at=time.at, visibility="own")
    make_account(at=time.at)
    desk, stranger = app.test_client(), app.test_client()
    desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    assert len(units(desk, exam).get_json()["rows"]) == 2
    assert units(stranger, exam).get_json()["rows"] == []
