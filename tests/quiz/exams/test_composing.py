"""The table of what is asked: availability, remedies, saving, papers by rank."""

import re
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
    make_questions,
    make_unit,
)
from flask.testing import FlaskClient
from sqlalchemy import func, select

from question_bank import Difficulty, Kind, Question
from question_bank.paper import PRESETS, PaperSpec, Pool
from quiz import closer
from quiz.audit.models import Deed
from quiz.exams import grid, rules
from quiz.exams.models import Exam, Paper, PoolQuestion
from quiz.exams.rules import Group
from quiz.extensions import db
from quiz.questions.models import Bank


def questions(count: int = 10) -> list[Question]:
    """``count`` singles in each chapter and difficulty, and two hard multiples in chapter two."""
    made = [
        Question(Kind.SINGLE, f"{chapter}{level}{n}", ("甲", "乙"), ("A",), "", "", chapter, level)
        for chapter in ("第十章 附则", "第二章 体制")
        for level in Difficulty
        for n in range(count)
    ]
    made += [
        Question(Kind.MULTIPLE, f"多{n}", ("甲", "乙"), ("A", "B"), "", "", "第二章 体制", Difficulty.HARD)
        for n in range(2)
    ]
    return made


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


@pytest.fixture
def bank(app: object, time: Any) -> Bank:
    return make_bank(at=time.now())


def test_the_table_reads_back_what_it_shows() -> None:
    pool = Pool(questions())
    sent = {"n-single-1-1": "3", "n-single-0-0": " 2", "n-multiple-1-3": "1", "n-multiple-2-3": "0"}
    sent |= {"points-single": "2", "points-multiple": "2.5"}
    spec = grid.parsed(sent, grid.chapters_of(pool.questions))
    assert [(one.count, one.chapter, one.difficulty, one.points) for one in spec.lines] == [
        (2, None, None, 200),
        (3, "第二章 体制", Difficulty.EASY, 200),
        (1, "第二章 体制", Difficulty.HARD, 250),
    ]
    found = grid.grid(pool, spec)
    cells = {cell.name: (cell.wanted, cell.have, cell.short) for row in found.rows for cell in row.cells}
    assert [row.chapter for row in found.rows] == [None, "第二章 体制", "第十章 附则"]
    assert cells["n-single-1-1"] == (3, 10, False)
    assert cells["n-single-0-0"] == (2, 60, False)
    assert cells["n-multiple-1-3"] == (1, 2, False)
    assert found.points == {Kind.SINGLE: "2", Kind.MULTIPLE: "2.5"}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "还没有填要抽的题数"),
        ({"n-single-0-0": "1.5", "points-single": "1"}, "题数应当是整数"),
        ({"n-single-0-0": "1", "points-single": ""}, "请填写单选题的每题分值"),
        ({"n-single-0-0": "1", "points-single": "nan"}, "请填写单选题的每题分值"),
        ({"n-single-0-0": "1", "points-single": "0"}, "每题分值应当大于 0"),
        ({"n-single-0-0": "9999", "points-single": "1"}, "题数应当在"),
    ],
)
def test_what_cannot_be_read_is_said(sent: dict[str, str], words: str) -> None:
    with pytest.raises(rules.BadSettings, match=words):
        grid.parsed(sent, [])


def test_shares_and_overlap() -> None:
    pool = Pool(questions())
    spec = grid.parsed({"n-single-1-1": "5", "n-single-0-3": "5", "points-single": "1"}, ["第二章 体制"])
    assert grid.shares(pool, spec) == {Difficulty.EASY: 0.5, Difficulty.MEDIUM: 0, Difficulty.HARD: 0.5}
    assert grid.overlap(pool, spec) == pytest.approx(10 * 0.5**2 + 20 * 0.25**2)


def filled(**more: str) -> dict[str, str]:
    points = {"points-single": "2", "points-multiple": "2", "points-true_false": "2"}
    return points | {"n-single-0-0": "30", "n-multiple-0-0": "10", "n-true_false-0-0": "10"} | more


def test_a_saved_table_freezes_the_pool_anew_and_papers_are_drawn_by_it(
    desk: FlaskClient, bank: Bank, time: Any
) -> None:
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    person = make_person(unit=make_unit())
    closer.draw_ahead(at=time.now())
    seed = exam.seed
    assert desk.post(f"/admin/exams/{exam.code}/spec", data=filled(save="1")).status_code == 303
    db.session.refresh(exam)
    assert (exam.items, exam.full, exam.seed == seed) == (50, Decimal(100), False)
    assert db.session.scalar(select(func.count()).select_from(Paper)) == 0
    closer.draw_ahead(at=time.now())
    paper = db.session.scalars(select(Paper)).one()
    ids = set(db.session.scalars(select(PoolQuestion.id)))
    assert (len(paper.items), {row[0] for row in paper.items} <= ids) == (50, True)
    assert db.session.scalars(select(Deed.what).order_by(Deed.id.desc())).first() == "exam.spec"
    time.move(hours=1)
    started = Phone(desk.application.test_client(), exam, person).start()
    assert (started.status_code, len(started.get_json()["items"])) == (201, 50)


def test_a_shortage_is_put_right_with_one_tap(desk: FlaskClient, time: Any) -> None:
    bank = make_bank(questions() + make_questions(), at=time.now())
    exam = make_exam(bank, at=time.now() + timedelta(hours=1), preset="monthly")
    sent = {"points-single": "2", "points-multiple": "3", "n-single-2-1": "12"}
    refused = desk.post(f"/admin/exams/{exam.code}/spec", data=sent | {"save": "1"})
    assert (refused.status_code, "还差 2 道" in refused.get_data(as_text=True)) == (422, True)
    page = desk.post(f"/admin/exams/{exam.code}/spec", data=sent).get_data(as_text=True)
    assert "改抽 10 题，“中”加 2 题" in page
    page = desk.post(f"/admin/exams/{exam.code}/spec", data=sent | {"remedy": "0"}).get_data(as_text=True)
    assert "还没有保存" in page
    assert re.search('name="n-single-2-1" value="10"', page)
    assert re.search('name="n-single-2-2" value="2"', page)


def test_a_preset_fills_the_table(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    page = desk.post(f"/admin/exams/{exam.code}/spec", data={"preset": "fifty"}).get_data(as_text=True)
    assert 'name="n-single-0-0" value="25"' in page
    db.session.refresh(exam)
    assert exam.items == 80, "nothing is saved yet"


def test_after_the_opening_the_table_is_for_reading(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now())
    assert "抽题规则不能再改" in desk.get(f"/admin/exams/{exam.code}/spec").get_data(as_text=True)
    reply = desk.post(f"/admin/exams/{exam.code}/spec", data=filled(save="1"))
    assert (reply.status_code, "抽题规则不能再改" in reply.get_data(as_text=True)) == (422, True)


def group(name: str = "科级", ranks: tuple[str, ...] = ("正科",), preset: str = "jining") -> Group:
    return Group(name, ranks, PRESETS[preset].spec)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([group()], None),
        ([group(" ")], "请填写这一组的名称"),
        ([group(ranks=())], "选至少一个职级"),
        ([group(), group("处级", ("正科",))], "一个职级只能考一份试卷"),
        ([Group("科级", ("正科",), PaperSpec(PRESETS["jining"].spec.lines[:1]))], "满分要相同"),
    ],
)
def test_groups_of_ranks(groups: list[Group], words: str | None) -> None:
    if words is None:
        rules.check_groups(groups, full=Decimal(100))
        return
    with pytest.raises(rules.BadSettings, match=words):
        rules.check_groups(groups, full=Decimal(100))


@pytest.mark.parametrize(("rank", "name"), [("正科", "科级"), (" 正科", "科级"), ("副处", None), ("", None)])
def test_whose_paper_a_rank_sits(rank: str, name: str | None) -> None:
    found = rules.group_of([group(), group("空", ("",))], rank)
    assert (found and found.name) == name


def test_a_rank_has_a_paper_of_its_own(desk: FlaskClient, bank: Bank, time: Any) -> None:
    exam, unit = make_exam(bank, at=time.now() + timedelta(hours=1)), make_unit()
    ann = make_person(unit=unit, rank="正科")
    bo = make_person("柳青", unit=unit, phone="13800000002")
    sent = filled(save="1", group="科级", rank="正科")
    assert desk.post(f"/admin/exams/{exam.code}/spec", data=sent).status_code == 303
    closer.draw_ahead(at=time.now())
    drawn = dict(db.session.execute(select(Paper.person_id, Paper.items)).all())
    assert {person: len(items) for person, items in drawn.items()} == {ann.id: 50, bo.id: 80}
    said = desk.get(f"/admin/exams/{exam.code}/rules").get_data(as_text=True)
    assert "科级：共 50 题" in said
    assert "其他人员：共 80 题" in said
    copy = desk.post(f"/admin/exams/{exam.code}/copy")
    assert copy.status_code == 303
    assert [len(one) for one in db.session.scalars(select(Exam.groups))] == [1, 1]
    desk.post(f"/admin/exams/{exam.code}/spec/drop", data={"group": "科级"})
    db.session.refresh(exam)
    assert exam.groups == []
