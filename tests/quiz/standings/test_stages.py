"""Stages of a contest: totals, who goes on, and what of it anybody may see."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    decide_ranking,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_result,
    make_unit,
)
from flask import Flask
from sqlalchemy import select

from quiz.audit.models import Deed
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.standings import freezing, stages, staging
from quiz.standings.models import Admission, Series
from quiz.standings.tables import Board, Table


def points(**scores: float) -> dict[int, tuple[Decimal, int]]:
    """a=80 is key 1 with 80 points in 80 seconds."""
    return {ord(name) - 96: (Decimal(str(score)), int(score * 1000)) for name, score in scores.items()}


@pytest.mark.parametrize(
    ("given", "weights", "expected"),
    [
        # Nothing of a stage is 0; weights of a hundred add up plainly.
        ([points(a=80, b=90), points(a=70)], [100, 100], [(1, 1, "150"), (2, 2, "90")]),
        ([points(a=80, b=90), points(a=70, b=69)], [30, 70], [(1, 2, "75.3"), (2, 1, "73")]),
        # Only the last counts.
        ([points(a=100, b=0), points(a=1, b=2)], [0, 100], [(1, 2, "2"), (2, 1, "1")]),
        ([{}, {}], [100, 100], []),
    ],
)
def test_totals_over_stages(given: Any, weights: list[int], expected: list[tuple[int, int, str]]) -> None:
    found = staging.totals(given, weights, by_time=True)
    assert [(rank, one.key, one.total) for rank, one in found] == [
        (rank, key, Decimal(total)) for rank, key, total in expected
    ]


def test_equal_totals_less_time_first_or_the_last_stage_and_then_shared() -> None:
    slow, quick = (Decimal(50), 60_000), (Decimal(50), 30_000)
    by_time = staging.totals([{1: slow, 2: quick, 3: quick}], [100], by_time=True)
    assert [(rank, one.key) for rank, one in by_time] == [(1, 2), (1, 3), (3, 1)]
    first, last = points(a=90, b=50, c=50), points(a=10, b=50, c=50)
    by_last = staging.totals([first, last], [100, 100], by_time=False)
    assert [(rank, one.key) for rank, one in by_last] == [(1, 2), (1, 3), (3, 1)]


@pytest.mark.parametrize(
    ("wanted", "ranks", "said"),
    [
        (2, [1, 2], "前 2 名晋级，共 2 人。"),
        (3, [1, 2, 3, 3], "前 3 名晋级，第 3 名并列 2 人，一并晋级，共 4 人。"),
        (9, [1, 2, 3, 3, 5], "前 9 名晋级，共 5 人。"),
    ],
)
def test_whoever_shares_the_last_place_goes_on(wanted: int, ranks: list[int], said: str) -> None:
    rows = [(rank, place) for place, rank in enumerate((1, 2, 3, 3, 5))]
    assert [rank for rank, _ in staging.admitted(rows, wanted=wanted)] == ranks
    assert staging.cut_sentence(wanted=wanted, ranks=ranks, of="人") == said
    assert staging.admitted([], wanted=3) == []


class Contest:
    """初赛 from noon for two hours, 决赛 a day later; six people of three units."""

    def __init__(self, at: Any) -> None:
        bank, settings = make_bank(at=at), {"preset": "monthly", "mode": Mode.CONTEST}
        self.first = make_exam(bank, at=at, title="初赛", **settings)
        self.last = make_exam(bank, at=at + timedelta(days=1), title="决赛", **settings)
        self.units = [make_unit(name) for name in ("甲镇", "乙镇", "丙局")]
        self.people = [
            make_person(f"安{number}", unit=self.units[number % 3], phone=f"1380000000{number}")
            for number in range(6)
        ]
        with transaction():
            self.series: Series = stages.make(title="条例知识竞赛", at=at, who="olga")
            for exam, name, weight in ((self.first, "初赛", 30), (self.last, "决赛", 70)):
                stages.add(self.series, exam, name=name, weight=weight, at=at, who="olga")

    def sit(self, exam: Exam, scores: list[int], *, at: Any) -> None:
        for person, score in zip(self.people, scores, strict=False):
            make_result(exam, person, str(score), at=at, minutes=5)

    def admit(self, at: Any, **more: Any) -> Admission:
        with transaction():
            board = Board(self.first, table=Table.JURY, at=at)
            given = {"kind": "persons", "wanted": 2, **more}
            return stages.admit(board, self.last, at=at, who="olga", **given)


@pytest.fixture
def contest(app: Flask, time: Any) -> Contest:
    return Contest(time.now())


def test_the_first_and_whoever_is_equal_may_sit_the_next_and_nobody_else(
    contest: Contest, app: Flask, time: Any
) -> None:
    contest.sit(contest.first, [100, 90, 90, 80, 70], at=time.now() + timedelta(minutes=30))
    with pytest.raises(stages.CannotAdmit, match="结束"):
        contest.admit(time.now())
    time.move(hours=3)
    found = contest.admit(time.now())
    assert stages.said(found) == "前 2 名晋级，第 2 名并列 2 人，一并晋级，共 3 人。"
    assert exams.named_persons(contest.last) == [person.id for person in contest.people[:3]]
    lines = [f"{rank}\t{p.id}\t{p.name}\t{p.unit.name}\t{score}" for (rank, score), p in
             zip([(1, 100), (2, 90), (2, 90)], contest.people, strict=False)]  # fmt: skip
    assert found.fingerprint == staging.fingerprint(lines)
    # Decided anew before the opening: the other list takes its place, and the ledger has both.
    first = found.fingerprint
    assert contest.admit(time.now(), wanted=1).fingerprint != first
    assert exams.named_persons(contest.last) == [contest.people[0].id]
    deeds = list(db.session.scalars(select(Deed).where(Deed.what == "series.admit").order_by(Deed.id)))
    assert [deed.detail["count"] for deed in deeds] == [3, 1]
    time.move(hours=22)
    assert Phone(app.test_client(), contest.last, contest.people[0]).start().status_code == 201
    body = {"exam": contest.last.code, "name": "安1", "phone": "13800000001"}
    assert app.test_client().post("/api/v1/sign-in", json=body).status_code == 403
    with pytest.raises(stages.CannotAdmit, match="已经开考"):
        contest.admit(time.now())


def test_units_go_on_with_all_their_people(contest: Contest, time: Any) -> None:
    decide_ranking(contest.first, at=time.now())
    contest.sit(contest.first, [100, 90, 50, 100, 90, 50], at=time.now() + timedelta(minutes=30))
    time.move(hours=3)
    found = contest.admit(time.now(), kind="units", wanted=1)
    assert (contest.last.unit_ids, found.entries[0][2]) == ([contest.units[0].id], "甲镇")
    with pytest.raises(stages.CannotAdmit, match="名额"):
        contest.admit(time.now(), wanted=0)


def test_a_frozen_stage_sends_nobody_on_and_the_public_totals_stand_still(
    contest: Contest, app: Flask, time: Any
) -> None:
    decide_ranking(contest.first, at=time.now())
    contest.sit(contest.first, [80], at=time.now() + timedelta(minutes=10))
    with transaction():
        freezing.schedule(
            contest.first, freezes_at=time.now() + timedelta(minutes=20), at=time.now(), who="olga"
        )
    make_result(contest.first, contest.people[1], "95", at=time.now() + timedelta(minutes=30), minutes=5)
    time.move(hours=3)
    with pytest.raises(stages.CannotAdmit, match="封榜"):
        contest.admit(time.now())
    address, client = f"/series/{contest.series.code}", app.test_client()
    frozen = client.get(address).get_data(as_text=True)
    assert "24.00" in frozen
    assert "28.50" not in frozen
    with transaction():
        freezing.publish(contest.first, at=time.now(), who="olga")
    assert "28.50" in client.get(address).get_data(as_text=True)


def test_what_anybody_sees_is_masked_and_only_where_every_stage_is_open_to_all(
    contest: Contest, app: Flask, time: Any
) -> None:
    contest.sit(contest.first, [80, 95], at=time.now() + timedelta(minutes=10))
    address, client = f"/series/{contest.series.code}", app.test_client()
    page = client.get(address).get_data(as_text=True)
    assert "初赛占 30%，决赛占 70%" in page
    assert "个人总榜" in page
    assert "安0" not in page
    assert "安*" in page
    decide_ranking(contest.last, at=time.now(), visibility="own")
    closed = client.get(address).get_data(as_text=True)
    assert "个人总榜" not in closed
    assert "单位总榜" not in closed
    assert "条例知识竞赛" in client.get(f"/e/{contest.first.code}").get_data(as_text=True)


def test_the_desk_links_weighs_and_admits(contest: Contest, app: Flask, time: Any) -> None:
    make_account(at=time.now())
    desk, code = app.test_client(), contest.series.code
    desk.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    third = make_exam(
        exams.exam_by_code(contest.first.code).bank, at=time.now() + timedelta(days=2), preset="monthly"
    )
    sent = {"exam": third.code, "name": "附加赛", "weight": "10"}
    assert desk.post(f"/admin/series/{code}/add", data=sent).status_code == 303
    assert "已经是一个阶段" in desk.post(f"/admin/series/{code}/add", data=sent).get_data(as_text=True)
    refused = desk.post(f"/admin/series/{code}/weigh", data={"exam": third.code, "weight": "101"})
    assert (refused.status_code, "0 至 100" in refused.get_data(as_text=True)) == (422, True)
    assert desk.post(f"/admin/series/{code}/drop", data={"exam": third.code}).status_code == 303
    contest.sit(contest.first, [80, 95], at=time.now() + timedelta(minutes=10))
    time.move(hours=2, minutes=50)
    sent = {"first": contest.first.code, "exam": contest.last.code, "kind": "persons", "wanted": "1"}
    assert desk.post(f"/admin/series/{code}/admit", data=sent).status_code == 303
    page = desk.get(f"/admin/series/{code}").get_data(as_text=True)
    assert "前 1 名晋级，共 1 人" in page
    assert "安1" in page
    assert db.session.scalars(
        select(Person.name).where(Person.id.in_(exams.named_persons(contest.last)))
    ).all() == ["安1"]
    assert desk.post("/admin/series", data={"title": " "}).status_code == 422
    assert desk.get("/admin/series").status_code == 200
