"""Short answers: no score before people have marked them, and then the score they make."""

from decimal import Decimal
from typing import Any

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import select

from question_bank import Kind, Question
from question_bank.paper import PRESETS, PaperSpec
from question_bank.spec import Preset, SpecLine
from quiz.access import Role
from quiz.audit.models import Deed as AuditDeed
from quiz.errors import NotFound
from quiz.exams import rules as exam_rules
from quiz.extensions import db, transaction
from quiz.reports import queries as reports
from quiz.sittings import blind, corrections, hand_marks, queries
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import Result, ShortAnswer, Sitting
from quiz.standings import make_up
from quiz.standings import queries as standings
from quiz.standings.tables import Board, Table

SPEC = PaperSpec((SpecLine(Kind.SINGLE, 2, 1000), SpecLine(Kind.SHORT, 2, 1000)))


class Room:
    """Two persons, a paper of two singles and two short items of ten points each, three markers."""

    def __init__(self, app: Flask, time: Any) -> None:
        self.app, self.time = app, time
        questions = [Question(Kind.SINGLE, f"单选 {n}", ("对", "错"), ("A",)) for n in range(2)]
        questions += [Question(Kind.SHORT, f"简答 {n}", (), (f"参考答案 {n}",)) for n in range(2)]
        self.exam = make_exam(make_bank(questions, at=time.now()), at=time.now(), preset="short")
        unit = make_unit()
        self.people = [make_person(f"安{n}", unit=unit, phone=f"1380000000{n}") for n in range(2)]
        names = ("何静安", "评甲", "评乙", "评丙")
        roles = (Role.ORGANISER, Role.MARKER, Role.MARKER, Role.MARKER)
        made = [make_account(name, role=role, at=time.now()) for name, role in zip(names, roles, strict=True)]
        self.markers = [account.id for account in made[1:]]

    def sit(self, person: Any, *, texts: tuple[str, str] = ("写了一段", "又写一段")) -> Any:
        phone = Phone(self.app.test_client(), self.exam, person)
        paper = phone.start().get_json()
        places = {"single": iter((["A"], ["B"])), "short": iter([text] for text in texts)}
        right = {o["label"] for i in paper["items"] for o in i.get("options", []) if o["text"] == "对"}
        for item in paper["items"]:
            answer = next(places[item["kind"]])
            if item["kind"] == "single":
                answer = [next(o["label"] for o in item["options"] if o["text"] == "对")]
            phone.save(paper["sitting"], item["position"], answer)
        assert right
        self.time.move(minutes=1)
        return paper["sitting"], phone.submit(paper["sitting"]), phone

    def give(self, marker: int, points: float) -> ShortAnswer:
        found = hand_marks.next_for(self.exam, self.markers[marker])
        assert found is not None
        with transaction():
            return hand_marks.give(
                self.exam,
                found.id,
                account_id=self.markers[marker],
                mark=int(points * 100),
                at=self.time.now(),
            )

    def count(self) -> int:
        with transaction():
            return hand_marks.count_in(self.exam, at=self.time.now(), who="何静安")

    def score(self, sitting: int) -> Decimal | None:
        db.session.rollback()
        return db.session.get(Sitting, sitting).score


@pytest.fixture
def room(app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setitem(PRESETS, "short", Preset("short", "简答", SPEC, minutes=60, pass_mark=2500))
    return Room(app, time)


def test_there_is_no_score_before_all_is_marked(room: Room) -> None:
    sitting, reply, phone = room.sit(room.people[0])
    assert reply.status_code == 200
    assert (reply.get_json()["score"], reply.get_json()["passed"]) == (None, None)
    assert phone.submit(sitting).get_json() == reply.get_json()
    assert db.session.scalar(select(Result)) is None
    with pytest.raises(blind.NothingToCount):
        room.count()
    for marker in (0, 1):
        for points in (6, 7.5):
            room.give(marker, points)
    assert room.score(sitting) is None
    assert room.count() == 1
    assert room.score(sitting) == Decimal("33.5")
    result = db.session.scalar(select(Result))
    assert (result.score, result.passed) == (Decimal("33.5"), True)
    assert phone.show(sitting).get_json()["score"] == 33.5


def test_an_empty_answer_needs_nobody(room: Room) -> None:
    _, reply, _ = room.sit(room.people[0], texts=("", "  "))
    assert reply.get_json()["score"] == 20.0


def test_nobody_gets_the_same_answer_twice_or_one_that_has_enough(room: Room) -> None:
    room.sit(room.people[0])
    first = {room.give(0, 5).id for _ in range(2)}
    assert hand_marks.next_for(room.exam, room.markers[0]) is None
    assert {room.give(1, 5).id for _ in range(2)} == first
    assert hand_marks.next_for(room.exam, room.markers[2]) is None


def test_two_too_far_apart_call_a_third(room: Room) -> None:
    sitting, _, _ = room.sit(room.people[0], texts=("写了一段", ""))
    room.give(0, 3)
    assert room.give(1, 9).mark is None
    assert hand_marks.progress(room.exam)[0].apart == 1
    assert room.give(2, 8).mark == Decimal("8.5")
    room.count()
    assert room.score(sitting) == Decimal("28.5")


def test_ones_own_mark_can_be_changed_until_it_is_counted(room: Room) -> None:
    room.sit(room.people[0], texts=("写了一段", ""))
    room.give(0, 3)
    answer = room.give(1, 9)
    with transaction():
        hand_marks.give(room.exam, answer.id, account_id=room.markers[0], mark=800, at=room.time.now())
    db.session.refresh(answer)
    assert (answer.wanted, answer.mark) == (2, Decimal("8.5"))
    room.count()
    with pytest.raises(blind.AlreadyMarked), transaction():
        hand_marks.give(room.exam, answer.id, account_id=room.markers[0], mark=100, at=room.time.now())


def test_one_marker_is_enough_when_the_organiser_says_so_in_time(room: Room) -> None:
    sitting, _, _ = room.sit(room.people[0])
    with transaction():
        hand_marks.choose_markers(room.exam, markers=1, at=room.time.now(), who="何静安")
    room.give(0, 4)
    room.give(1, 5)
    with pytest.raises(blind.CannotChoose), transaction():
        hand_marks.choose_markers(room.exam, markers=2, at=room.time.now(), who="何静安")
    room.count()
    assert room.score(sitting) == Decimal(29)


def test_a_voided_question_takes_its_answers_from_the_markers(room: Room) -> None:
    sitting, _, _ = room.sit(room.people[0])
    question = hand_marks.next_for(room.exam, room.markers[0]).pool_question_id
    with transaction():
        amendment = Amendment(question, Deed.ALL_POINTS)
        corrections.apply(room.exam, amendment=amendment, reason="超纲", at=room.time.now(), who="何静安")
    for marker in (0, 1):
        assert room.give(marker, 5).pool_question_id != question
    room.count()
    assert room.score(sitting) == Decimal(35)


def test_a_correction_afterwards_keeps_what_people_gave(room: Room) -> None:
    sitting, _, _ = room.sit(room.people[0])
    for marker in (0, 1):
        for _ in range(2):
            room.give(marker, 5)
    room.count()
    singles = [i for i in queries.items_of(db.session.get(Sitting, sitting).paper) if i.order]
    with transaction():
        amendment = Amendment(singles[0].index, Deed.REKEY, ("B",))
        corrections.apply(room.exam, amendment=amendment, reason="印错", at=room.time.now(), who="何静安")
    assert room.score(sitting) == Decimal(20)


def test_a_decision_changes_the_score_and_is_on_record(room: Room) -> None:
    sitting, _, _ = room.sit(room.people[0], texts=("写了一段", ""))
    room.give(0, 5)
    answer = room.give(1, 5)
    with pytest.raises(NotFound), transaction():
        decide(room, answer.id, 800)
    room.count()
    with transaction():
        assert decide(room, answer.id, 800) == (Decimal(25), Decimal(28))
    assert room.score(sitting) == Decimal(28)
    deed = db.session.scalars(select(AuditDeed).where(AuditDeed.what == "marking.decide")).one()
    assert deed.detail["reason"] == "要点写全了"
    assert deed.detail["before"].startswith("25")


def decide(room: Room, answer: int, mark: int) -> Any:
    return hand_marks.decide(
        room.exam, answer, mark=mark, reason="要点写全了", at=room.time.now(), who="何静安"
    )


def test_the_pages_from_the_first_mark_to_the_phone(room: Room) -> None:
    sitting, _, phone = room.sit(room.people[0], texts=("写了<一段>", ""))
    waiting = phone.client.get(f"/s/{sitting}/result").get_data(as_text=True)
    assert "简答题由人工阅卷" in waiting
    assert "待阅卷" in phone.client.get(f"/e/{room.exam.code}/notice").get_data(as_text=True)
    for name, points in (("评甲", "3"), ("评乙", "9"), ("评丙", "8")):
        desk = signed_in(room, name)
        assert room.exam.title in desk.get("/admin/marking/").get_data(as_text=True)
        page = desk.get(f"/admin/exams/{room.exam.code}/marking/next", follow_redirects=True)
        text = page.get_data(as_text=True)
        assert "写了&lt;一段&gt;" in text
        assert "参考答案" in text
        assert not [word for word in ("安0", "青石镇", "3 分") if word in text]
        refused = desk.post(page.request.path, data={"mark": "11"})
        assert refused.status_code == 422
        assert desk.post(page.request.path, data={"mark": points}).status_code == 303
        assert desk.get(f"/admin/exams/{room.exam.code}/marking").status_code == 403
        last = desk.get(f"/admin/exams/{room.exam.code}/marking/next").get_data(as_text=True)
        assert "现在没有要你评的答案" in last
    desk = signed_in(room, "何静安")
    overview = f"/admin/exams/{room.exam.code}/marking"
    assert "评完待计入" in desk.get(overview).get_data(as_text=True)
    counted = desk.post(overview + "/count", follow_redirects=True).get_data(as_text=True)
    assert "1 份答卷的成绩已经计入" in counted
    answer = db.session.scalar(select(ShortAnswer.id))
    change = {"mark": "9", "reason": "要点写全了", "password": "不对的密码"}
    assert "密码" in desk.post(f"{overview}/answers/{answer}/decide", data=change).get_data(as_text=True)
    assert room.score(sitting) == Decimal("28.5")
    change["password"] = PASSWORD
    desk.post(f"{overview}/answers/{answer}/decide", data=change)
    assert room.score(sitting) == Decimal(29)
    assert "29" in phone.client.get(f"/s/{sitting}/result").get_data(as_text=True)


def signed_in(room: Room, name: str) -> Any:
    client = room.app.test_client()
    reply = client.post("/admin/sign-in", data={"name": name, "password": PASSWORD})
    assert reply.headers["Location"] == ("/admin/" if name == "何静安" else "/admin/marking/")
    return client


def test_whoever_waits_for_the_markers_is_not_absent(room: Room) -> None:
    room.sit(room.people[0])
    room.time.move(hours=3)
    [row] = standings.unit_rows(room.exam)
    assert (row.expected, row.took_part, row.sitting, row.not_started) == (2, 0, 1, 1)
    assert [name for name, _ in standings.absent(room.exam, within=None)] == ["安1"]
    states = {r.name: (r.answering, r.waiting) for r in standings.absent_rows(room.exam, within=None)}
    assert states == {"安0": (False, True), "安1": (False, False)}
    board = Board(room.exam, table=Table.JURY, at=room.time.now())
    sheets = reports.scores_sheets(board, within=None)
    found = {row[1]: row[-1] for row in sheets[-1].rows}
    assert found == {"安0": "待阅卷", "安1": "缺考"}
    with pytest.raises(exam_rules.TooEarlyToMakeUp):
        make_up.check_over(room.exam, at=room.time.now())
