"""What an organiser may change of an exam, before it opens and after; deleting and putting away."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from quiz import closer
from quiz.audit.models import Deed
from quiz.exams import amending, rules
from quiz.exams.models import Exam, Paper, PoolQuestion
from quiz.extensions import db, transaction
from quiz.people.models import Account
from quiz.questions.models import Bank
from quiz.sittings import changing, running
from quiz.sittings.models import Result, Sitting


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


@pytest.fixture
def bank(app: object, time: Any) -> Bank:
    return make_bank(at=time.now())


def filled(**more: Any) -> dict[str, Any]:
    return {
        "title": "改过的考试",
        "host": "县信访局",
        "opens_at": "2026-11-24T14:00",
        "closes_at": "2026-11-24T16:00",
        "minutes": "45",
        "pass_mark": "70",
        "excellent_mark": "95",
        "chances": "2",
        "counts": "last",
        "multiple_policy": "half",
        "review": "submit",
        "answers_release": "submit",
        "score_release": "submit",
        "everybody": "y",
    } | more


def change(exam: Exam, *, at: Any, reason: str = "", **values: Any) -> list[str]:
    with transaction():
        return changing.change(exam, values=values, reason=reason, at=at, who="olga")


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_everything_may_be_set_before_the_opening(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    assert desk.post(f"/admin/exams/{exam.code}/settings", data=filled()).status_code == 303
    db.session.refresh(exam)
    found = (exam.title, exam.minutes, exam.pass_mark, exam.excellent_mark, exam.chances, exam.counts)
    assert found == ("改过的考试", 45, Decimal(70), Decimal(95), 2, "last")
    assert exam.opens_at.isoformat() == "2026-11-24T06:00:00+00:00"
    deed = db.session.scalars(select(Deed).where(Deed.what == "exam.change")).one()
    assert deed.detail["changed"]["pass_mark"] == ["80", "70"]
    assert "合格分" in desk.get(f"/admin/exams/{exam.code}/settings").get_data(as_text=True)
    # Hours of a day, of which 0:00 is the end; nothing filled in is day and night.
    hours = filled(day_opens="08:30", day_closes="00:00", least_seconds="3")
    assert desk.post(f"/admin/exams/{exam.code}/settings", data=hours).status_code == 303
    db.session.refresh(exam)
    assert (exam.hours, exam.least_seconds) == ((510, 1440), 3)
    assert 'value="08:30"' in desk.get(f"/admin/exams/{exam.code}/settings").get_data(as_text=True)
    for wrong in ({"day_opens": "08:30", "day_closes": ""}, {"counts": "sum", "chances": "0"}):
        refused = desk.post(f"/admin/exams/{exam.code}/settings", data=filled(**wrong))
        assert refused.status_code == 422, wrong


@pytest.mark.parametrize(
    ("opened", "over", "changed", "reason", "words"),
    [
        (False, False, {"minutes", "pass_mark", "unit_ids"}, "", None),
        (True, False, {"title"}, "写错了", None),
        (True, False, {"title"}, " ", "改动要写明原因"),
        (True, False, {"minutes"}, "太短", "已经开考：答题时间，不能再改"),
        (True, False, {"pass_mark"}, "太高", "合格分，考试结束、全部交卷后才能改"),
        (True, True, {"pass_mark", "counts"}, "县里决定", None),
        (True, True, {"closes_at"}, "再开放", "结束时间，不能再改"),
        (True, True, {"multiple_policy"}, "放宽", "多选题计分，不能再改"),
        (True, True, set(), "", None),
    ],
)
def test_what_freezes_at_the_opening(
    opened: bool, over: bool, changed: set[str], reason: str, words: str | None
) -> None:
    def check() -> None:
        amending.check_change(changed=changed, opened=opened, over=over, reason=reason.strip())

    if words is None:
        check()
        return
    with pytest.raises(rules.BadSettings, match=words):
        check()


def test_after_the_opening_the_page_offers_only_what_may_change(
    desk: FlaskClient, bank: Bank, time: Any
) -> None:
    exam = make_exam(bank, at=time.now())
    page = desk.get(f"/admin/exams/{exam.code}/settings").get_data(as_text=True)
    assert 'name="title"' in page
    assert 'name="minutes"' not in page
    given = filled(password=PASSWORD)
    without = desk.post(f"/admin/exams/{exam.code}/settings", data=given)
    assert (without.status_code, "改动要写明原因" in without.get_data(as_text=True)) == (422, True)
    given["reason"] = "名称有误"
    assert desk.post(f"/admin/exams/{exam.code}/settings", data=given).status_code == 303
    db.session.refresh(exam)
    assert (exam.title, exam.chances, exam.minutes, exam.pass_mark) == ("改过的考试", 2, 60, Decimal(80))
    deed = db.session.scalars(select(Deed).where(Deed.what == "exam.change")).one()
    assert (deed.detail["reason"], "minutes" in deed.detail["changed"]) == ("名称有误", False)


@pytest.mark.parametrize("name", ["review", "answers_release", "score_release"])
def test_letting_out_scores_or_keys_needs_the_password(
    desk: FlaskClient, bank: Bank, time: Any, name: str
) -> None:
    exam = make_exam(bank, at=time.now())
    page, before = f"/admin/exams/{exam.code}/settings", getattr(exam, name)
    as_it_is = {one: getattr(exam, one) for one in ("review", "answers_release", "score_release")}
    other = {"review": "never"}.get(name, "close" if before == "submit" else "submit")
    given = filled(reason="提前公布", **as_it_is | {name: other})
    for password in ("", "x"):
        assert desk.post(page, data=given | {"password": password}).status_code == 401
    db.session.refresh(exam)
    assert getattr(exam, name) == before
    assert desk.post(page, data=given | {"password": PASSWORD}).status_code == 303
    db.session.refresh(exam)
    assert getattr(exam, name) == other


def test_with_two_persons_a_release_waits_for_the_second(app: Flask, bank: Bank, time: Any) -> None:
    app.config["TWO_PERSONS"] = True
    exam = make_exam(bank, at=time.now())
    page, clients = f"/admin/exams/{exam.code}/settings", {}
    for name in ("olga", "何静安", "温如言"):
        make_account(name, at=time.now())
        clients[name] = app.test_client()
        clients[name].post("/admin/sign-in", data={"name": name, "password": PASSWORD})

    def sent(who: str, **more: Any) -> str:
        as_it_is = {one: getattr(exam, one) for one in ("answers_release", "score_release")}
        given = filled(reason="提前公布", review="never", **as_it_is, **{"password": PASSWORD} | more)
        assert clients[who].post(page, data=given).status_code == 303
        db.session.refresh(exam)
        return exam.review

    before = exam.review
    assert before != "never"
    assert (sent("olga"), sent("olga")) == (before, before), "the same person twice is one"
    assert "olga申请把" in clients["何静安"].get(page).get_data(as_text=True)
    assert sent("何静安", title="还改了名称") == before, "not the same: asked for anew"
    time.move(hours=2)
    with transaction():
        db.session.scalars(select(Account).where(Account.name == "olga")).one().active = False
    assert sent("温如言") == before, "who asked is there no more"
    assert sent("何静安") == "never"
    told = [deed.what for deed in db.session.scalars(select(Deed).where(Deed.what.startswith("second")))]
    assert told == ["second.ask"] * 3 + ["second.give"]


def test_a_new_pass_mark_counts_everybody_anew(bank: Bank, time: Any) -> None:
    exam, unit = make_exam(bank, at=time.now(), chances=2), make_unit()
    ann, bo = make_person(unit=unit), make_person("柳青", unit=unit, phone="13800000002")
    for person, first, second in ((ann, "75", "60"), (bo, "85", "90")):
        make_result(exam, person, first, at=time.now() + timedelta(minutes=40))
        make_result(exam, person, second, at=time.now() + timedelta(minutes=80), number=2)
    time.move(hours=3)
    change(exam, at=time.now(), reason="按通知调整", pass_mark=Decimal(70), counts="last")
    found = select(Result.score, Result.passed).order_by(Result.person_id)
    assert [tuple(row) for row in db.session.execute(found)] == [(60, False), (90, True)]
    passed = select(Sitting.passed).order_by(Sitting.id)
    assert list(db.session.scalars(passed)) == [True, False, True, True]


def test_while_somebody_is_answering_the_pass_mark_stays(bank: Bank, time: Any, client: FlaskClient) -> None:
    exam, person = make_exam(bank, at=time.now()), make_person(unit=make_unit())
    Phone(client, exam, person).start()
    time.move(hours=2)
    with pytest.raises(rules.SettingFrozen, match="全部交卷后才能改"):
        change(exam, at=time.now(), reason="按通知调整", pass_mark=Decimal(70))


def test_papers_made_ready_are_drawn_for_whoever_may_sit_now(bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    one, two = make_unit("青石镇"), make_unit("双桥镇")
    make_person(unit=one)
    bo = make_person("柳青", unit=two, phone="13800000002")
    closer.draw_ahead(at=time.now())
    assert count(Paper) == 2
    change(exam, at=time.now(), unit_ids=[two.id])
    closer.draw_ahead(at=time.now())
    assert list(db.session.scalars(select(Paper.person_id))) == [bo.id]


def test_a_scheduled_exam_is_deleted_by_its_name(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    person = make_person(unit=make_unit())
    with transaction():
        more = {"percent": 150, "minutes": 0, "reason": "视力障碍", "at": time.now(), "who": "olga"}
        running.set_extra(exam, person, **more)
    closer.draw_ahead(at=time.now())
    wrong = desk.post(f"/admin/exams/{exam.code}/delete", data={"title": "别的", "password": PASSWORD})
    bare = desk.post(f"/admin/exams/{exam.code}/delete", data={"title": exam.title, "password": "x"})
    assert (bare.status_code, count(Exam)) == (401, 1)
    assert (wrong.status_code, "没有删除" in wrong.get_data(as_text=True)) == (422, True)
    code, title = exam.code, exam.title
    assert (
        desk.post(f"/admin/exams/{code}/delete", data={"title": title, "password": PASSWORD}).status_code
        == 303
    )
    assert [count(table) for table in (Exam, Paper, PoolQuestion)] == [0, 0, 0]
    assert db.session.scalars(select(Deed.detail).where(Deed.what == "exam.delete")).one()["title"] == title


def test_an_exam_with_a_sitting_is_archived_instead(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam, person = make_exam(bank, at=time.now()), make_person(unit=make_unit())
    early = desk.post(f"/admin/exams/{exam.code}/archive")
    assert early.status_code == 409
    make_result(exam, person, "90", at=time.now() + timedelta(minutes=30))
    time.move(hours=3)
    desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    given = {"title": exam.title, "password": PASSWORD}
    refused = desk.post(f"/admin/exams/{exam.code}/delete", data=given)
    assert (refused.status_code, "已经有人作答" in refused.get_data(as_text=True)) == (409, True)
    assert desk.post(f"/admin/exams/{exam.code}/archive").status_code == 303
    assert exam.code not in desk.get("/admin/exams/").get_data(as_text=True)
    assert exam.code in desk.get("/admin/exams/?archived=1").get_data(as_text=True)
    assert desk.get(f"/admin/exams/{exam.code}").status_code == 200
    desk.post(f"/admin/exams/{exam.code}/restore")
    assert exam.code in desk.get("/admin/exams/").get_data(as_text=True)


def test_a_copy_has_the_settings_and_its_own_pool(desk: FlaskClient, bank: Bank, time: Any) -> None:
    unit = make_unit()
    exam = make_exam(bank, at=time.now(), unit_ids=[unit.id], chances=3, counts="mean")
    reply = desk.post(f"/admin/exams/{exam.code}/copy")
    copy = db.session.scalars(select(Exam).where(Exam.id != exam.id)).one()
    assert reply.headers["Location"] == f"/admin/exams/{copy.code}/settings"
    assert (copy.unit_ids, copy.chances, copy.counts) == ([unit.id], 3, "mean")
    assert copy.opens_at - exam.opens_at == timedelta(days=2)
    assert copy.closes_at - copy.opens_at == exam.closes_at - exam.opens_at
    assert (copy.title, copy.seed == exam.seed) == ("《信访工作条例》学习考试（副本）", False)
    assert count(PoolQuestion) == 160


def test_the_rules_page_says_what_the_notice_says(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now())
    page = desk.get(f"/admin/exams/{exam.code}/rules").get_data(as_text=True)
    said = desk.get(f"/api/v1/exams/{exam.code}").get_json()["rules"]
    assert all(sentence in page for sentence in said)
    assert "2026 年 11 月 24 日 12:00 至 14:00" in page


ALL_WELL = {"everybody": False, "chosen": 1, "named": False, "over": False, "reason": "漏了一家"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, None),
        ({"everybody": True}, "不用再加"),
        ({"named": True}, "按名单参加"),
        ({"chosen": 0}, "至少选一个"),
        ({"over": True}, "不能再加单位"),
        ({"reason": "漏"}, "写明原因"),
        ({"reason": "漏" * 101}, "写明原因"),
    ],
)
def test_when_more_units_may_come_in(wrong: dict[str, Any], words: str | None) -> None:
    if words is None:
        amending.check_more_units(**ALL_WELL)
        return
    with pytest.raises(rules.BadSettings, match=words):
        amending.check_more_units(**(ALL_WELL | wrong))
