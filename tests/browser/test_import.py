"""A messy file of 500 rows in a real browser: upload, put right, import, the rest later."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bank_files import HEADINGS
from factories import PASSWORD, make_account
from flask import Flask
from openpyxl import Workbook

from quiz import config, create_app
from quiz.extensions import db
from quiz.questions.models import Bank, Question

pytestmark = pytest.mark.browser

ROWS = 500
OPTIONS = ["由属地负责", "逐级走访", "书面告知", "公开听证"]
WORDS = [
    "登记",
    "受理",
    "转送",
    "交办",
    "办理",
    "答复",
    "回访",
    "归档",
    "评议",
    "通报",
    "移送",
    "告知",
    "督查",
    "约谈",
    "会商",
    "研判",
]


def messy(path: Path) -> None:
    """Good rows but for 6 singles with three letters, 2 rows without a key, 1 beyond its options, 1 twin."""
    chosen = random.Random(7)
    asked = [f"{number}、{'，'.join(chosen.sample(WORDS, 9))}，说法正确的是" for number in range(1, ROWS + 1)]
    rows = [["单选题", stem, *OPTIONS, "ABCD"[n % 4], "", "", "第一章", "中"] for n, stem in enumerate(asked)]
    for n in (20, 60, 100, 140, 180, 220):
        rows[n][6] = "ABD"
    for n in (40, 240):
        rows[n][6] = ""
    rows[130][6] = "E"
    rows[300][1] = asked[10].replace("说法", "讲法")
    rows[350][6] = "ａ"
    book = Workbook()
    for row in [HEADINGS, *rows]:
        book.active.append(row)
    book.save(path)


@pytest.fixture
def office(served: Callable[[Flask], str], empty_sqlite: Path, tmp_path: Path) -> tuple[Flask, str]:
    """An application without exams on a real server, and its address."""
    shutil.copy(empty_sqlite, tmp_path / "mingshi.db")
    app = create_app(config.load({}, data=tmp_path))
    with app.app_context():
        make_account(at=datetime.now(UTC))
    return app, served(app)


@pytest.fixture
def desk(chromium: Any, office: tuple[Flask, str]) -> Iterator[Any]:
    """Olga's screen of 1366 × 768, signed in. Any error of a script fails the test."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=office[1])
    context.set_default_timeout(20_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/admin/sign-in")
    page.fill("[name=name]", "olga")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert not errors


def stored(app: Flask) -> int:
    """Questions of the bank that the file goes into."""
    with app.app_context():
        bank = db.select(Bank.id).where(Bank.name == "另一个题库").scalar_subquery()
        return db.session.query(Question).filter(Question.bank_id == bank).count()


def figures(page: Any) -> list[str]:
    return page.locator(".sum b").all_inner_texts()


def send(page: Any, path: Path) -> None:
    page.goto("/admin/questions/import")
    page.select_option("#bank", "0")
    page.fill("#name", "另一个题库")
    page.set_input_files("#file", str(path))
    page.click("#go")


def test_a_messy_file_from_upload_to_the_last_row(
    desk: Any, office: tuple[Flask, str], tmp_path: Path
) -> None:
    messy(tmp_path / "汇总.xlsx")
    send(desk, tmp_path / "汇总.xlsx")
    desk.wait_for_url("**/admin/questions/imports/*")
    assert figures(desk) == ["500", "490", "9", "1"]

    desk.click("text=这 6 行都改为多选题")
    assert "6 行一起改好了" in desk.inner_text(".note")
    desk.click(".foot >> text=入库 496 题")
    assert "4 行待处理，不会丢失" in desk.inner_text(".foot")
    assert stored(office[0]) == 496

    # The rest, later: from the list of banks, in place.
    desk.goto("/admin/questions/")
    desk.click("text=汇总.xlsx")
    assert desk.inner_text("#row h2") == "第 42 行"
    desk.click("#row .kt >> nth=1")
    desk.click("text=保存改动")
    assert "第 42 行已改好" in desk.inner_text(".note")
    desk.click("text=下一处")
    desk.wait_for_selector("#row h2:has-text('第 242 行')")
    desk.click("text=这一行不入库")
    desk.click("#row .kt >> nth=3")
    desk.select_option("#f-kind", "multiple")
    desk.click("#row .kt >> nth=0")
    desk.click("text=保存改动")
    desk.click(".tabs >> text=疑似重复")
    assert desk.inner_text("#row mark >> nth=0") == "讲"
    desk.click("text=都保留")
    assert "再入库 3 题" in desk.inner_text(".foot")
    desk.click(".foot .btn-zhu")
    assert "没有待处理的行" in desk.inner_text(".foot")
    assert stored(office[0]) == 499

    desk.click("text=撤销入库")
    desk.click("text=确定撤销")
    assert "从题库去掉 499 题" in desk.inner_text(".note")
    assert stored(office[0]) == 0


def test_the_kind_decides_how_the_answer_is_given(desk: Any, tmp_path: Path) -> None:
    messy(tmp_path / "汇总.xlsx")
    send(desk, tmp_path / "汇总.xlsx")
    desk.wait_for_url("**/admin/questions/imports/*")
    assert desk.is_visible("#row .for-choice")
    desk.select_option("#f-kind", "true_false")
    assert desk.is_visible("#row .for-truth")
    assert desk.is_hidden("#row .for-choice")
    desk.check("#row [value=F]")
    desk.click("text=保存改动")
    assert "第 22 行已改好" in desk.inner_text(".note")


def test_a_file_that_is_refused_leaves_the_form_as_it_was(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"%PDF-1.7\n")
    send(desk, tmp_path / "坏.xlsx")
    desk.wait_for_selector("#refusal:not([hidden])")
    assert "PDF" in desk.inner_text("#refusal")
    assert desk.input_value("#name") == "另一个题库"
    assert desk.is_enabled("#go")
