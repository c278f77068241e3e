"""Taking a bank away: every format for people, in the organiser's own column names."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_questions
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from question_bank import Difficulty, Kind, Question
from question_bank.reading import read
from question_bank.writing import table
from quiz.audit.models import Deed
from quiz.extensions import db, transaction
from quiz.questions import exporting, queries, rules
from quiz.questions.models import Bank

OWN = {"kind": "试题类型", "stem": "试题内容", "answer": "标准答案", "basis": "出处", "option": "选项 "}
ASKED = [
    replace(question, difficulty=Difficulty.HARD, points=1.5)
    for question in make_questions(single=2, multiple=2, true_false=2, fill=2)
]
ASKED.append(
    Question(
        Kind.SHORT,
        "简述“三到位一处理”。",
        (),
        ("诉求合理的解决问题到位",),
        chapter="第三章",
        tags=("重点", "三到位"),
    )
)


@pytest.fixture
def bank(app: Flask, time: Any) -> Bank:
    return make_bank(ASKED, name="条例", at=time.now())


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def export(bank: Bank, way: str, time: Any, **names: str) -> exporting.File:
    with transaction():
        told = {"way": way, "names": exporting.checked(names), "at": time.now(), "who": "olga"}
        return exporting.export(bank, queries.approved(bank.id), **told)


@pytest.mark.parametrize("way", ["xlsx", "gift", "moodle", "qti"])
def test_what_was_taken_away_reads_back_the_same(bank: Bank, time: Any, tmp_path: Path, way: str) -> None:
    file = export(bank, way, time)
    (tmp_path / file.name).write_bytes(file.content)
    assert [placed.question for placed in read(tmp_path / file.name).questions] == ASKED
    assert db.session.query(Deed).filter_by(what="bank.export").one().detail["format"] == way


def test_columns_have_the_organisers_own_names_and_keep_them(bank: Bank, time: Any, tmp_path: Path) -> None:
    file = export(bank, "xlsx", time, **OWN)
    sheet = load_workbook(io.BytesIO(file.content)).active
    row = [cell.value for cell in sheet[1]]
    assert row[:4] == ["试题类型", "试题内容", "选项A", "选项B"]
    assert row[-7:] == ["标准答案", "解析", "出处", "章节", "难度", "分值", "标签"]
    (tmp_path / "out.xlsx").write_bytes(file.content)
    assert [placed.question for placed in read(tmp_path / "out.xlsx").questions] == ASKED
    assert exporting.names_of(bank)["stem"] == "试题内容"


@pytest.mark.parametrize(
    "names", [{"basis": "不认识的"}, {"stem": "答案"}, {"option": "解析"}, {"stem": "=1+1"}]
)
def test_a_name_that_would_not_be_known_again_is_refused(names: dict[str, str]) -> None:
    with pytest.raises(exporting.BadNames, match="认不出来"):
        exporting.checked(names)


def test_the_templates_names_are_all_known() -> None:
    assert table.unread(table.NAMES) == []


def test_a_text_longer_than_a_cell_is_said_not_cut(app: Flask, time: Any) -> None:
    bank = make_bank([Question(Kind.TRUE_FALSE, "长" * 40_000, (), ("T",))], at=time.now())
    with pytest.raises(rules.CannotExport, match="超过 32767 个字"):
        export(bank, "xlsx", time)


def test_the_page_offers_every_way_and_the_filtered_questions(desk: FlaskClient, bank: Bank) -> None:
    page = desk.get(f"/admin/questions/banks/{bank.id}/export?kind=single").text
    assert "2 题" in page
    for way in exporting.WAYS.values():
        assert way.title in page
    for way in exporting.WAYS:
        sent = desk.post(f"/admin/questions/banks/{bank.id}/export", data={"way": way, "kind": "single"})
        assert sent.status_code == 200
        assert "attachment" in sent.headers["Content-Disposition"]


def test_a_refusal_is_said_on_the_page(desk: FlaskClient, bank: Bank) -> None:
    where = f"/admin/questions/banks/{bank.id}/export"
    told = desk.post(where, data={"way": "xlsx", "name-basis": "不认识的"})
    assert told.status_code == 422
    assert "认不出来" in told.text
    assert 'value="不认识的"' in told.text
    assert desk.post(where, data={"way": "pdf"}).status_code == 409
