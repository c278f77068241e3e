"""Who sees whole phone numbers: a crawl of every page and file, as each role, for one that was planted."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from factories import (
    PASSWORD,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient

from quiz.access import EDITORS, Role
from quiz.audit.models import Deed
from quiz.draws import services as draws
from quiz.draws.rules import Eligible, Tier
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction

TEL = "13912345678"
#: Whoever puts somebody's number right must see it.
_EDITS = "persons.show"


class County:
    """A contest that is over, with a draw, in which the one with the number won."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.unit = app, make_unit()
        opens = time.now() - timedelta(hours=3)
        made = {"mode": Mode.CONTEST, "preset": "monthly"}
        self.exam: Exam = make_exam(make_bank(at=opens), at=opens, **made)
        person = make_person("欧阳清泉", unit=self.unit, phone=TEL, joined=True)
        make_person("缺席的人", unit=self.unit, phone="13912345679")
        make_result(self.exam, person, "95", at=time.now() - timedelta(hours=2), minutes=0.1)
        wishes = draws.Settings(title="奖", tiers=[Tier("奖", 1)], eligible=Eligible.FINISHED)
        given = {"at": time.now(), "who": "test"}
        with transaction():
            draw = draws.prepare(self.exam, settings=wishes, **given)
            draws.publish(draw, **given)
        self.codes = {True: draw.code, False: self.exam.code}

    def desk(self, role: Role, time: Any) -> FlaskClient:
        make_account(role=role, at=time.now(), unit=self.unit if role is Role.UNIT_MANAGER else None)
        client = self.app.test_client()
        client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
        return client

    def shown(self, client: FlaskClient) -> dict[str, str]:
        """Endpoint → everything that came back, files unpacked."""
        found = {}
        for rule in self.app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.endpoint in ("static", "people.sign_out"):
                continue
            code = self.codes[rule.endpoint.startswith("draw")]
            address = rule.rule.replace("<code>", code)
            for name in rule.arguments:
                address = address.replace(f"<int:{name}>", "1").replace(f"<{name}>", "1")
            reply = client.get(address, follow_redirects=True)
            found[rule.endpoint] = unpacked(reply.data)
            reply.close()
        return found


def unpacked(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return data.decode(errors="replace")


@pytest.fixture
def county(app: Flask, time: Any) -> County:
    return County(app, time)


SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@SQLITE
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.NONE])
def test_no_page_and_no_file_shows_a_whole_number(county: County, time: Any, role: Role) -> None:
    shown = county.shown(county.desk(role, time))
    leaks = {endpoint for endpoint, text in shown.items() if TEL in text or "13912345679" in text}
    assert leaks == ({_EDITS} if role in EDITORS else set())
    if role in EDITORS:
        assert "139****5678" in shown["reports.scores"]  # the crawl reads workbooks


@SQLITE
def test_nor_to_anybody_without_an_account(county: County) -> None:
    shown = county.shown(county.app.test_client())
    assert {endpoint for endpoint, text in shown.items() if TEL in text or "欧阳清泉" in text} == set()


def test_whole_numbers_need_the_right_and_a_reason_and_are_recorded(county: County, time: Any) -> None:
    desk, address = county.desk(Role.ORGANISER, time), f"/admin/exams/{county.codes[False]}"
    assert desk.post(f"{address}/full.xlsx", data={"what": "scores", "reason": ""}).status_code == 422
    given = {"reason": "电话通知获奖"}
    assert TEL in unpacked(desk.post(f"{address}/full.xlsx", data=given | {"what": "scores"}).data)
    assert "13912345679" in unpacked(desk.post(f"{address}/full.xlsx", data=given | {"what": "make_up"}).data)
    kept = list(db.session.scalars(db.select(Deed).where(Deed.what == "export.full")))
    assert [deed.detail["reason"] for deed in kept] == ["电话通知获奖"] * 2
    assert not any(TEL in str(deed.detail) for deed in db.session.scalars(db.select(Deed)))


@SQLITE
def test_others_have_no_button_for_it_and_no_right(county: County, time: Any) -> None:
    watching, address = county.desk(Role.SUPERVISOR, time), f"/admin/exams/{county.codes[False]}"
    assert "完整手机号" not in watching.get(f"{address}/export").text
    assert watching.post(f"{address}/full.xlsx", data={"reason": "想看看"}).status_code == 403
