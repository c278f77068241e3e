"""Joining an open contest through the API."""

from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask.testing import FlaskClient
from sqlalchemy import func, select

from quiz.exams import terms
from quiz.exams.enrolling import Access, Asked, Terms
from quiz.exams.models import Consent, Enrolment, Exam
from quiz.exams.rules import Mode
from quiz.exams.services import copy
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.sittings import queries

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


def test_one_number_joins_a_family_and_no_more(client: FlaskClient, contest: Exam) -> None:
    assert [join(client, contest, name=f"柳{n}")[0] for n in "一二三四五"] == [200] * 5
    status, refused = join(client, contest, name="柳六")
    assert (status, refused["error"]["code"]) == (409, "phone-full")
    assert join(client, contest, name="柳一")[0] == 200


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


def decide(exam: Exam, time: Any, **more: Any) -> Terms:
    with transaction():
        found = Terms(**more)
        terms.decide(exam, terms=found, usual=False, at=time.now(), who="olga")
    return found


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_consent_is_kept_with_its_version_and_its_words(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    join(client, contest, category="进乡村")
    first = db.session.scalars(select(Enrolment)).one()
    assert (first.consent, first.consented_at) == (Terms().version, time.now())
    assert (first.category, first.identity, first.publish) == ("进乡村", "", False)
    newer = decide(contest, time, consent=Terms().consent + "竞赛结束后删除。")
    time.move(minutes=5)
    join(client, contest, publish=True)
    again = db.session.scalars(select(Enrolment).execution_options(populate_existing=True)).one()
    assert (again.consent, again.consented_at) == (newer.version, time.now())
    assert (again.category, again.publish) == ("进乡村", True)
    assert set(db.session.scalars(select(Consent.words))) == {Terms().consent, newer.consent}
    # Somebody who comes back without the tick has not taken it back.
    join(client, contest)
    assert db.session.scalars(select(Enrolment.publish)).one() is True


def test_what_must_be_chosen_is_asked_for(client: FlaskClient, contest: Exam, time: Any) -> None:
    decide(contest, time, identity=Asked.REQUIRED, identities=("群众",))
    assert join(client, contest)[1]["error"]["code"] == "choice-needed"
    assert join(client, contest, identity="网格员")[1]["error"]["code"] == "choice-needed"
    assert join(client, contest, identity="群众")[0] == 200


def test_a_closed_contest_takes_the_roster_only(client: FlaskClient, contest: Exam, time: Any) -> None:
    decide(contest, time, access=Access.ROSTER)
    reply = join(client, contest)
    assert (reply[0], reply[1]["error"]["code"]) == (403, "not-a-contest")
    make_person("柳青", unit=make_unit("双桥镇"), phone="13800000009")
    assert join(client, contest)[0] == 200
    page = client.get(f"/e/{contest.code}?other=1").text
    assert 'name="unit"' not in page
    assert "名单里没有我" in page


def test_who_joined_a_contest_is_expected_nowhere_and_sits_no_cadre_exam(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    exam = make_exam(contest.bank, at=time.now())
    join(client, contest)
    assert list(queries.persons_without_paper(exam, limit=9)) == []
    assert len(queries.persons_without_paper(contest, limit=9)) == 1
    body = {"exam": exam.code, "name": "柳青", "phone": "13800000009"}
    assert client.post("/api/v1/sign-in", json=body).get_json()["error"]["code"] == "not-a-contest"


def test_a_unit_in_other_words_is_the_listed_one_or_stands_outside(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    same = join(client, contest, unit="", other_unit=" 青石 镇")
    assert same[1]["person"]["unit"] == "青石镇"
    outside = join(client, contest, phone="13800000010", unit="", other_unit="青石水厂")
    assert outside[1]["person"]["unit"] == "其他单位（待归并）"
    kept = select(Enrolment.written_unit).where(Enrolment.person_id == outside[1]["person"]["id"])
    assert db.session.scalar(kept) == "青石水厂"
    make_result(contest, db.session.get_one(Person, outside[1]["person"]["id"]), "90", at=time.now())
    rows = client.get(f"/api/v1/exams/{contest.code}/standings/units").get_json()["rows"]
    assert [row["unit"] for row in rows] == ["青石镇"]
    own = client.get(f"/e/{contest.code}/standing")
    assert (own.status_code, "还在等主办方归并" in own.text) == (409, True)
    assert "不计入单位排名" in client.get(f"/e/{contest.code}/notice").text
    # It is no unit to choose.
    assert join(client, contest, phone="13800000011", unit="其他单位（待归并）")[0] == 422
    assert "待归并" not in client.get(f"/e/{contest.code}?other=1").text
    assert join(client, contest, phone="13800000012", unit="", other_unit="厂")[0] == 422


def test_a_poster_names_the_unit(client: FlaskClient, contest: Exam) -> None:
    unit = make_unit("双桥镇")
    page = client.get(f"/e/{contest.code}?u={unit.id}").text
    assert "selected>双桥镇</option>" in page
    for wrong in ("0", "x", "99999999999", "٣"):
        assert "selected>" not in client.get(f"/e/{contest.code}?u={wrong}").text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    client: FlaskClient, contest: Exam
) -> None:
    given = {"name": "柳青", "phone": "1380000", "unit": "青石镇", "category": "进乡村"}
    page = client.post(f"/e/{contest.code}", data=given)
    assert page.status_code == 422
    assert 'id="phone-error"' in page.text
    assert 'id="consent-error"' in page.text
    assert 'value="柳青"' in page.text
    assert "selected>青石镇</option>" in page.text
    assert 'selected value="进乡村"' in page.text
    assert count(Person) == 0


PUPIL = {"class": "0502", "seat": "17", "unit": "青石镇", "once": "a" * 24}


def test_a_pupil_gets_a_number_and_comes_back_with_it(
    client: FlaskClient, contest: Exam, time: Any, app: Any
) -> None:
    decide(contest, time, pupils=True)
    path = f"/api/v1/exams/{contest.code}/join"
    first, again = (client.post(path, json=PUPIL).get_json() for _ in range(2))
    assert first["person"] == again["person"]
    assert first["passcode"] == again["passcode"]
    person = db.session.scalars(select(Person)).one()
    assert (person.name, person.phone, person.number) == (first["number"], None, first["number"])
    enrolled = db.session.scalars(select(Enrolment)).one()
    assert (enrolled.class_code, enrolled.seat, enrolled.consent) == ("0502", "17", None)
    body = {"exam": contest.code, "number": first["number"], "passcode": first["passcode"]}
    assert app.test_client().post("/api/v1/sign-in", json=body).status_code == 200
    # Another press of another button is another pupil, and name and phone are not taken at all.
    assert client.post(path, json=PUPIL | {"once": "b" * 24}).get_json()["person"] != first["person"]
    assert join(client, contest)[0] == 403
    assert client.post(path, json=PUPIL | {"class": "张三", "once": ""}).status_code == 422


def test_a_pupil_sees_the_number_once_on_the_phone(client: FlaskClient, contest: Exam, time: Any) -> None:
    decide(contest, time, pupils=True)
    page = client.get(f"/e/{contest.code}").text
    assert 'name="phone"' not in page
    assert 'name="name"' not in page
    given = {"class_code": "0502", "unit": "青石镇", "once": "c" * 24}
    number = client.post(f"/e/{contest.code}", data=given).text
    person = db.session.scalars(select(Person)).one()
    assert person.number
    assert person.number in number
    assert person.number in client.get(f"/e/{contest.code}/notice").text


def test_terms_travel_with_a_copy_and_may_become_the_usual_ones(
    client: FlaskClient, contest: Exam, time: Any
) -> None:
    from_page = {"access": "roster", "category": "off", "identity": "off", "consent": Terms().consent}
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    path = f"/admin/exams/{contest.code}/joining"
    assert "报名设置" in client.get(path).text
    assert client.post(path, data=from_page | {"consent": "短"}).status_code == 422
    assert client.post(path, data=from_page).status_code == 303
    with transaction():
        copied = copy(contest, at=time.now(), who="olga")
    other = make_exam(contest.bank, at=time.now(), mode=Mode.CONTEST)
    assert terms.terms_of(copied).access is Access.ROSTER
    assert terms.terms_of(other).access is Access.OPEN
    client.post(path, data=from_page | {"usual": "y"})
    assert terms.terms_of(other).access is Access.ROSTER
