"""操作记录: looking through the ledger, taking it away, and that nothing in it changes."""

import ast
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from factories import PASSWORD, make_account, make_unit
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from quiz.access import Role
from quiz.audit import chain, rules
from quiz.audit.services import record
from quiz.extensions import db, transaction
from quiz.people.models import Account
from quiz.questions.wording import MOVES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def desk(app: Flask, time: Any) -> FlaskClient:
    make_account(role=Role.AUDITOR, at=time.at)
    with transaction():
        for number, (who, what) in enumerate(
            [
                ("何静安", "exam.create"),
                ("温如言", "exam.end"),
                ("命令行", "roster.import"),
                ("何静安", "future.deed"),
            ]
        ):
            at = time.at - timedelta(days=number)
            record(who=who, what=what, subject=f"exam:{number}", at=at, title="=1+1", rows=number)
    client = app.test_client()
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def found(desk: FlaskClient, **query: str) -> list[str]:
    """The subjects on the page, without that of signing in."""
    page = str(desk.get("/admin/audit/", query_string=query).get_data(as_text=True))
    return re.findall(r"<td>exam:(\d)</td>", page)


def test_the_newest_first_and_filtered_by_who_what_and_when(desk: FlaskClient, time: Any) -> None:
    assert found(desk) == ["3", "2", "1", "0"], "in the order they were written"
    assert found(desk, who="静安") == ["3", "0"]
    assert found(desk, what="exam.end") == ["1"]
    assert found(desk, what="exam") == ["1", "0"]
    assert found(desk, subject="exam:2") == ["2"]
    assert found(desk, since="2026-11-23", until="2026-11-23") == ["1"]
    assert found(desk, until="2026-11-22") == ["3", "2"]
    assert found(desk, who="%") == []
    for nonsense in ("2026-13-45", "x", "99999-01-01", "0000-00-00"):
        assert found(desk, since=nonsense) == ["3", "2", "1", "0"]


def test_pages(desk: FlaskClient, time: Any) -> None:
    with transaction():
        for number in range(100):
            record(who="何静安", what="bank.fix", subject=f"bank:{number}", at=time.at)
    assert found(desk) == []
    assert found(desk, page="2", who="温") == []
    assert found(desk, page="2") == ["3", "2", "1", "0"]


def test_a_file_to_take_away_is_itself_recorded(desk: FlaskClient) -> None:
    reply = desk.get("/admin/audit/export?what=exam")
    sheet = openpyxl.load_workbook(io.BytesIO(reply.get_data())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [(row[1], row[2], row[5]) for row in rows] == [
        ("温如言", "结束考试", "exam.end"),
        ("何静安", "新建考试", "exam.create"),
    ]
    assert rows[0][4] == "名称 =1+1，行数 1"
    page = desk.get("/admin/audit/?what=export.audit").get_data(as_text=True)
    assert "导出操作记录" in page
    assert "行数 2" in page


@pytest.mark.parametrize("statement", ["UPDATE deed SET who = 'x'", "DELETE FROM deed"])
def test_the_database_itself_refuses_to_change_the_ledger(desk: FlaskClient, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(sql(statement))
    with db.engine.connect() as connection:
        assert connection.scalar(sql("SELECT count(*) FROM deed")) == 5


def test_every_detail_of_the_program_has_words() -> None:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "quiz").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {"record", "_record"}
    recorded = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in named]
    names = {word.arg for call in recorded for word in call.keywords if word.arg}
    assert len(names) > 20
    assert names - {"who", "what", "subject", "at"} - set(rules.DETAILS) == set()


def test_every_deed_of_the_program_has_words() -> None:
    sources = [path.read_text() for path in (ROOT / "quiz").rglob("*.py")]
    named = r'(?:what=|_record\(found, )"([a-z_]+[.][a-z_.-]+)"'
    codes = {code for text in sources for code in re.findall(named, text)}
    codes |= {f"question.{deed}" for deed in MOVES}
    assert len(codes) > 5
    assert {code for code in codes if code not in rules.WORDS} == set(), "add them in quiz/audit/rules.py"


def test_details_in_words() -> None:
    assert rules.detail_words({"title": "一", "active": False, "unit": ""}) == "名称 一，在用 否"
    assert rules.detail_words({"before": ["组织者", ""], "after": []}) == "原来 组织者，改成 无"
    assert len(rules.detail_words({"title": "长" * 900})) == rules.LONGEST_DETAIL + 1
    assert rules.words("future.deed") == "其他：future.deed"


def test_the_page_says_whether_the_seals_hold(app: Flask, desk: FlaskClient, time: Any) -> None:
    chain.seal(at=time.at)
    # With a unit, which the page reads of whoever asks after the ledger was verified.
    unit = make_unit()
    with transaction():
        db.session.scalars(db.select(Account)).one().unit_id = unit.id
    page = str(desk.get("/admin/audit/?verify=1").get_data(as_text=True))
    assert "操作记录 5 条，封记都对得上" in page
    assert unit.name in page
