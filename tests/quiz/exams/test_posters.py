"""Posters of a contest: a page for each unit with an address of its own, in the browser and as PDF."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_bank, make_exam, make_unit
from flask import Flask
from flask.testing import FlaskClient

from quiz.exams import posters
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import transaction


@pytest.fixture
def contest(app: Flask, client: FlaskClient, time: Any) -> Exam:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    for name in ("青石镇", "双桥镇"):
        make_unit(name)
    return make_exam(make_bank(at=time.now()), at=time.now(), mode=Mode.CONTEST, preset="monthly")


def test_each_unit_has_a_poster_with_its_own_address(
    client: FlaskClient, contest: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get(f"/admin/exams/{contest.code}/posters/").text
    assert re.findall('class="un">(.+?)<', page) == ["双桥镇", "青石镇"]
    assert "核对单位，填姓名和手机号码" in page
    assert "@page{size:A3 portrait" in client.get(f"/admin/exams/{contest.code}/posters/?size=A3&unit=1").text
    orders: list[Any] = []
    monkeypatch.setattr(posters, "drawn", lambda program, order: orders.append(order) or b"%PDF-")
    reply = client.get(f"/admin/exams/{contest.code}/posters/pdf?size=A3")
    assert (reply.mimetype, reply.data) == ("application/pdf", b"%PDF-")
    addresses = [sheet["address"].partition("/e/")[2] for sheet in orders[0]["sheets"]]
    assert addresses == [f"{contest.code}?u=2", f"{contest.code}?u=1"]
    assert orders[0]["size"] == "A3"


def test_without_type_the_page_says_to_print_from_it(
    client: FlaskClient, contest: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "_SYSTEM", {"song": [], "sans": []})
    monkeypatch.setattr(posters, "_PACKAGE", "no_such_package")
    reply = client.get(f"/admin/exams/{contest.code}/posters/pdf")
    assert reply.status_code == 503
    assert "没有中文字体" in reply.text
    assert "打印 2 张" in reply.text


def test_only_contests_have_posters_for_units(client: FlaskClient, contest: Exam) -> None:
    with transaction():
        contest.mode = Mode.EXAM.value
    assert client.get(f"/admin/exams/{contest.code}/posters/").status_code == 404


ORDER = {
    "title": "安澜县 2026 年《信访工作条例》知识竞答",
    "host": "安澜县信访工作联席会议办公室",
    "by_hand": "或打开 ks.example.gov.cn，填场次码 7K3Q",
    "facts": [["时间", "2026 年 11 月 24 日 9:00 至 11 月 30 日 18:00"]],
    "steps": ["扫码，核对单位，填姓名和手机号码", "看规则", "交卷"],
    "foot": "断网、换手机都能接着答。",
}


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("A3", (842, 1191))])
def test_the_program_draws_a_page_for_each_sheet(size: str, points: tuple[int, int]) -> None:
    try:
        fonts = posters.fonts("")
    except posters.NoType:
        pytest.skip("type: no Chinese font on this machine")
    long = "中国邮政储蓄银行股份有限公司安澜县城关街道支行营业部"
    sheets = [{"unit": unit, "address": f"https://ks.example.gov.cn/e/7K3Q?u={place}"}
              for place, unit in enumerate(("青石镇", long))]  # fmt: skip
    order = json.dumps(ORDER | {"size": size, "fonts": fonts, "sheets": sheets}).encode()
    program = Path(posters.__file__).with_name("printing.py")
    made = subprocess.run([sys.executable, str(program)], input=order, capture_output=True, check=True).stdout
    assert len(re.findall(rb"/Type /Page\b(?!s)", made)) == 2
    box = re.search(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", made)
    assert box is not None
    assert tuple(round(float(side)) for side in box.groups()) == points
