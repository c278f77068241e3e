"""The course of a sitting, its review and its printed file, from the phone to the desk."""

from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.sittings import corrections, queries, records
from quiz.sittings.correcting import Amendment
from quiz.sittings.correcting import Deed as CorrectionDeed
from quiz.sittings.models import Appeal, Sitting


class Office:
    """An exam that Ann sat on two phones, and the organiser's desk."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        self.person = make_person(unit=make_unit())
        self.phone = Phone(app.test_client(), self.exam, self.person)
        self.id = self.phone.start().get_json()["sitting"]
        # The key of every single is its first option, wherever this paper shows it.
        order = queries.items_of(self.sitting.paper)[0].order
        self.first, self.second = [label for label, place in zip("ABCD", order, strict=True) if place][:2]
        make_account(at=time.now())
        self.desk = app.test_client()
        self.desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})

    @property
    def sitting(self) -> Sitting:
        db.session.rollback()
        return db.session.get(Sitting, self.id)

    def sat(self) -> None:
        """Answers, leaves, changes the phone, hands in."""
        self.time.move(minutes=1)
        self.phone.save(self.id, 1, [self.first], 1)
        self.time.move(minutes=1)
        self.phone.save(self.id, 1, [self.second], 2)
        self.time.move(seconds=1)
        told = [{"mark": "a1", "kind": "left", "ago": 20, "seconds": 12}]
        self.phone._send("post", f"/api/v1/sittings/{self.id}/events", json={"events": told})
        other = Phone(self.app.test_client(), self.exam, self.person)
        other.client.post(f"/s/{self.id}/take-over")
        self.time.move(minutes=1)
        other.submit(self.id)

    def ask(self, reason: str = "第 1 题的答案有误") -> Any:
        return self.phone.client.post(f"/s/{self.id}/appeal", data={"reason": reason})

    def decide(self, decision: str, answer: str = "经核对，原判分无误。") -> Any:
        path = f"/admin/exams/{self.exam.code}/records/{self.id}/decide"
        return self.desk.post(path, data={"decision": decision, "answer": answer})

    def correct(self) -> None:
        first = queries.items_of(self.sitting.paper)[0]
        amendment = Amendment(first.index, CorrectionDeed.ALL_POINTS)
        with transaction():
            corrections.apply(
                self.exam, amendment=amendment, reason="题干有歧义", at=self.time.now(), who="olga"
            )

    def page(self, path: str) -> str:
        reply = self.desk.get(f"/admin/exams/{self.exam.code}/{path}")
        assert reply.status_code == 200
        return reply.get_data(as_text=True)

    def result(self) -> str:
        return self.phone.client.get(f"/s/{self.id}/result").get_data(as_text=True)


@pytest.fixture
def office(app: Flask, time: Any) -> Office:
    return Office(app, time)


def test_everything_is_in_the_course_in_order(office: Office) -> None:
    office.sat()
    words = [line.words for line in records.log(office.sitting, at=office.time.now())]
    assert words == [
        "开始答题（第 1 次）",
        f"第 1 题：{office.first}",
        "离开页面 12 秒",
        f"第 1 题：{office.second}（第 2 次改动）",
        "换到另一台手机继续",
        "本人交卷",
    ]


def test_the_history_of_an_answer_cannot_be_made_to_grow(office: Office) -> None:
    for revision in range(1, 301):
        office.phone.save(office.id, 1, ["A"], revision)
    found = queries.history_of(office.id)
    assert 50 < len(found) < 200
    assert queries.responses_of(office.id)[1] == (["A"], 300)


def test_a_repeat_and_an_older_answer_are_not_in_the_history(office: Office) -> None:
    for answer, revision in ((["B"], 2), (["B"], 2), (["A"], 1), (["C"], 3)):
        office.phone.save(office.id, 1, answer, revision)
    assert [(one.revision, one.answer) for one in queries.history_of(office.id)] == [(2, ["B"]), (3, ["C"])]


def test_a_review_from_the_question_to_the_answer(office: Office) -> None:
    office.sat()
    assert "申请复核" in office.result()
    assert "3 个工作日内可以申请复核" in office.phone.client.get(f"/e/{office.exam.code}/notice").text
    assert office.ask("不对").status_code == 422
    assert office.ask().status_code == 303
    assert "已申请，等待答复" in office.result()
    assert office.ask("再来一次可以吗").status_code == 409
    assert "1 件复核待答复" in office.page("records")
    assert "第 1 题的答案有误" in office.page(f"records/{office.id}")
    refused = office.decide("corrected")
    assert refused.status_code == 409
    assert "请先在“更正试题”里更正" in refused.text
    office.correct()
    assert office.decide("corrected", "第 1 题作废，已全员给分。").status_code == 303
    result = office.result()
    assert "成绩已更正" in result
    assert "第 1 题作废，已全员给分。" in result
    assert office.decide("maintained").status_code == 409
    assert "件复核待答复" not in office.page("records")
    words = [line.words for line in records.log(office.sitting, at=office.time.now())]
    assert "答复：成绩已更正。第 1 题作废，已全员给分。" in words
    assert any(line.startswith("试题更正（作废，全员给分），题干有歧义：0 分 → ") for line in words)


def test_a_review_is_not_asked_for_too_late_nor_for_somebody_else(office: Office) -> None:
    office.sat()
    stranger = make_person("波", unit=office.person.unit, phone="13800000007")
    other = Phone(office.app.test_client(), office.exam, stranger)
    assert other.client.post(f"/s/{office.id}/appeal", data={"reason": "替别人问问"}).status_code == 404
    office.time.move(days=9)
    assert office.ask().status_code == 409
    assert office.phone.client.get(f"/s/{office.id}/appeal").status_code == 302
    assert "申请复核" not in office.result()
    assert db.session.scalars(db.select(Appeal)).all() == []


def test_nobody_disputes_a_score_that_is_not_shown(office: Office) -> None:
    with transaction():
        office.exam.score_release = "close"
    office.sat()
    assert office.ask().status_code == 409
    office.time.move(hours=3)
    assert office.ask().status_code == 303


def test_the_desk_may_ask_on_behalf(office: Office) -> None:
    office.sat()
    path = f"/admin/exams/{office.exam.code}/records/{office.id}/appeal"
    assert office.desk.post(path, data={"reason": "单位来函，请核对"}).status_code == 303
    assert db.session.scalars(db.select(Appeal.asked_by)).all() == ["olga"]


def test_the_printed_file_holds_everything_and_is_on_record(office: Office) -> None:
    office.sat()
    office.ask()
    office.correct()
    page = office.page(f"records/{office.id}/pack")
    for words in (
        "换到另一台手机继续",
        "离开页面 12 秒",
        "第 1 题的答案有误",
        "题干有歧义",
        f"作答：<b>{office.second}</b>",
        "单选题干",
        f"第 1 题：{office.first}",
        "导出：olga",
        "更正前",
    ):
        assert words in page, words
    assert page.count("<article>") == 80
    taken = db.session.scalars(db.select(Deed).where(Deed.what == "sitting.pack")).all()
    assert [(deed.who, deed.detail["sitting"]) for deed in taken] == [("olga", office.id)]
    assert "导出复核材料" in office.page(f"records/{office.id}")


@pytest.mark.parametrize(("tab", "there"), [("all", 1), ("appeals", 0), ("away", 1), ("phones", 1)])
def test_the_list_and_its_tabs(office: Office, tab: str, there: int) -> None:
    office.sat()
    found = records.listing(office.exam, tab=tab, text="安宁", number=1, within=None)
    assert len(found.rows) == there
    if there:
        [row] = found.rows
        assert (row.times, row.away, row.phones, row.appeal) == (1, "12 秒", 1, "")
    elsewhere = records.listing(office.exam, tab=tab, text="", number=1, within=frozenset())
    assert elsewhere.rows == []


def test_settings_of_the_conduct_are_on_record(office: Office) -> None:
    path = f"/admin/exams/{office.exam.code}/conduct"
    assert office.desk.post(path, data={"appeal_days": "31"}).status_code == 422
    assert office.desk.post(path, data={"appeal_days": "0"}).status_code == 303
    db.session.rollback()
    assert (office.exam.watch_leaving, office.exam.appeal_days) == (False, 0)
    [deed] = db.session.scalars(db.select(Deed).where(Deed.what == "exam.conduct"))
    assert deed.detail["before"] == ["记录离开页面 开", "复核期限 3 个工作日"]
    assert deed.detail["after"] == ["记录离开页面 关", "复核期限 0 个工作日"]
    office.sat()
    assert "申请复核" not in office.result()
    notice = office.phone.client.get(f"/e/{office.exam.code}/notice").text
    assert "离开答题页面" not in notice
