"""Certificates: who gets one, who sees it, what anybody may verify, and the PDF."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask
from sqlalchemy import select

from quiz.exams import posters
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.reports import certificate_pdf, certificates, certifying
from quiz.reports.certificate_pdf import JOINED, lines
from quiz.reports.certificates import Choice
from quiz.reports.certifying import BadCertificate, Kind, Whom
from quiz.reports.models import Certificate
from quiz.standings import freezing
from quiz.standings.tables import Board, Table

SCORES = (100, 90, 90, 50)


@pytest.fixture
def exam(app: Flask, time: Any) -> Exam:
    """Four sat, three passed, and it is over; 安0 to 安3."""
    made = make_exam(make_bank(at=time.now()), at=time.now(), preset="monthly")
    for place, score in enumerate(SCORES):
        person = make_person(f"安{place}", unit=make_unit(f"第 {place} 镇"), phone=f"1380000000{place}")
        make_result(made, person, str(score), at=time.now() + timedelta(minutes=30), minutes=5)
    time.move(hours=3)
    return made


def issue(exam: Exam, *, at: Any, **chosen: Any) -> int:
    given = {"kind": Kind.PASS, "whom": Whom.PASSED, "issuer": "县信访局"} | chosen
    with transaction():
        return certificates.issue(Board(exam, table=Table.JURY, at=at), Choice(**given), at=at, who="olga")


def holders() -> list[str]:
    return list(db.session.scalars(select(Certificate.name).order_by(Certificate.id)))


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["安0", "安1", "安2"]),
        ({"kind": Kind.PART, "whom": Whom.ALL}, ["安0", "安1", "安2", "安3"]),
        ({"whom": Whom.SCORE, "first": 91}, ["安0"]),
        # Whoever shares a rank shares the prize.
        ({"kind": Kind.HONOUR, "award": "二等奖", "whom": Whom.RANKS, "first": 2, "last": 2}, ["安1", "安2"]),
        ({"kind": Kind.HONOUR, "award": "优秀组织奖", "whom": Whom.UNITS, "last": 1}, ["第 0 镇"]),
    ],
)
def test_who_gets_one_and_nobody_twice(
    exam: Exam, time: Any, chosen: dict[str, Any], names: list[str]
) -> None:
    assert issue(exam, at=time.now(), **chosen) == len(names)
    assert holders() == names
    assert issue(exam, at=time.now(), **chosen) == 0


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ({"issuer": " "}, "发证单位"),
        ({"kind": Kind.HONOUR, "whom": Whom.RANKS}, "奖项"),
        ({"whom": Whom.RANKS, "first": 3, "last": 2}, "名次"),
        ({"whom": Whom.UNITS}, "荣誉证书"),
    ],
)
def test_what_cannot_be_given(exam: Exam, time: Any, chosen: dict[str, Any], wrong: str) -> None:
    with pytest.raises(BadCertificate, match=wrong):
        issue(exam, at=time.now(), **chosen)
    with pytest.raises(BadCertificate, match="结束"):
        issue(exam, at=exam.opens_at)


def test_none_while_the_standings_are_frozen(exam: Exam, time: Any) -> None:
    with transaction():
        freezing.schedule(exam, freezes_at=time.now(), at=time.now(), who="olga")
    with pytest.raises(BadCertificate, match="封榜"):
        issue(exam, at=time.now())


def test_a_number_cannot_be_guessed_from_another(exam: Exam, time: Any) -> None:
    issue(exam, at=time.now(), kind=Kind.PART, whom=Whom.ALL)
    numbers = list(db.session.scalars(select(Certificate.number)))
    assert len({number[5:] for number in numbers}) == 4
    assert all(
        re.fullmatch(rf"{exam.code}-[2-9A-HJKMNP-Z]{{4}}-[2-9A-HJKMNP-Z]{{4}}", one) for one in numbers
    )
    assert certifying.clean_number(f" {numbers[0].lower()} ") == numbers[0]
    assert [certifying.clean_number(text) for text in ("", "7K3Q", "7K3Q-0000", "x\0", "%", "..-..")] == [
        None
    ] * 6


def test_everybody_verifies_only_the_own_phone_shows(exam: Exam, app: Flask, time: Any) -> None:
    issue(exam, at=time.now())
    person, other = db.session.scalars(select(Person).order_by(Person.id).limit(2)).all()
    [one] = certificates.of_person(exam, person.id)
    stranger = app.test_client()
    page = stranger.get(f"/verify/{one.number}").get_data(as_text=True)
    assert "证书真实有效" in page
    assert "安*" in page
    assert "安0" not in page
    assert stranger.get("/verify?number=2222-2222-2222").status_code == 404
    address = f"/e/{exam.code}/certificates/{one.number}"
    assert stranger.get(address).status_code == 401
    assert Phone(app.test_client(), exam, other).client.get(address).status_code == 404
    mine = Phone(app.test_client(), exam, person).client
    assert "安　0" in mine.get(address).get_data(as_text=True)
    assert address in mine.get(f"/e/{exam.code}/notice").get_data(as_text=True)
    with transaction():
        certificates.revoke(exam, one.number, reason="替考", at=time.now(), who="olga")
    assert "已经作废" in stranger.get(f"/verify/{one.number}").get_data(as_text=True)
    assert mine.get(address).status_code == 404
    # Taken back, it may be given again.
    assert issue(exam, at=time.now()) == 1


def test_the_desk_gives_prints_and_takes_back(exam: Exam, app: Flask, time: Any, monkeypatch: Any) -> None:
    make_account(at=time.now())
    desk, base = app.test_client(), f"/admin/exams/{exam.code}/certificates"
    desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    sent = {
        "kind": "honour",
        "whom": "ranks",
        "first": "1",
        "last": "3",
        "award": "一等奖",
        "issuer": "县信访局",
    }
    assert desk.post(base, data=sent | {"award": ""}).status_code == 422
    assert desk.post(base, data=sent).status_code == 303
    assert "一等奖" in desk.get(base).get_data(as_text=True)
    printed = desk.get(f"{base}/print").get_data(as_text=True)
    assert printed.count('class="cert"') == 3
    number = re.search(rf"{exam.code}-\w{{4}}-\w{{4}}", printed)[0]
    told = []
    monkeypatch.setattr(posters, "drawn", lambda program, order: told.append((program, order)) or b"%PDF")
    assert desk.get(f"{base}.pdf").mimetype == "application/pdf"
    assert told[0][0].is_file()
    assert len(told[0][1]["pages"]) == 3
    assert desk.post(f"{base}/revoke", data={"number": number, "reason": "重复"}).status_code == 303
    assert desk.get(f"{base}/print").get_data(as_text=True).count('class="cert"') == 2


def test_a_line_never_begins_with_what_belongs_to_the_one_before() -> None:
    def measure(text: str) -> float:
        return len(text)

    assert lines("甲乙丙，丁", width=3, measure=measure) == ["甲乙", "丙，丁"]
    assert lines("甲乙《丙丁》", width=3, measure=measure) == ["甲乙", "《丙", "丁》"]
    assert lines("，，，，", width=3, measure=measure) == ["，", "，，，"]
    assert lines("甲乙丙" + JOINED + "丁", width=3, measure=measure) == ["甲乙", f"丙{JOINED}丁"]
    assert "".join(lines("甲" * 10, width=3, measure=measure)) == "甲" * 10
    assert lines("", width=3, measure=measure) == []


def test_the_pdf_is_drawn_by_a_child() -> None:
    try:
        fonts = posters.fonts("")
    except posters.NoType:
        pytest.skip("no Chinese font here")
    page = {"title": "合格证书", "to": "安　宁", "issuer": "县信访局", "day": "2026 年 11 月 24 日"}
    page |= {"parts": [["参加“考试”，成绩", False], ["合格", True], ["。特发此证。", False]]}
    page |= {"number": "7K3Q-2222-3333", "address": "http://localhost/verify/7K3Q-2222-3333"}
    order = {"fonts": fonts | {"text": fonts["song"]}, "pages": [page]}
    assert posters.drawn(Path(certificate_pdf.__file__), order).startswith(b"%PDF")
    with pytest.raises(posters.NoPosters):
        posters.drawn(Path("no-such-program.py"), order)
