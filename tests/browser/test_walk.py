"""The whole day: an organiser imports, makes an exam; a cadre sits it on a phone; the wall shows the unit."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from factories import PASSWORD, make_account, make_questions

from question_bank import Kind

pytestmark = pytest.mark.browser


def bank_file(path: Path) -> Path:
    """A bank of eighty questions in GBK, with one row nobody could use."""
    words = {Kind.SINGLE: "单选题", Kind.MULTIPLE: "多选题", Kind.TRUE_FALSE: "判断题"}
    with path.open("w", encoding="gbk", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案"])
        for question in make_questions():
            options = [*question.options, "", "", "", ""][:4]
            key = "正确" if question.kind is Kind.TRUE_FALSE else "".join(question.key)
            rows.writerow([words[question.kind], question.stem, *options, key])
        rows.writerow(["单选题", "这一行的答案有三个", "甲", "乙", "丙", "丁", "ABD"])
    return path


def roster_file(path: Path) -> Path:
    rows = [["姓名", "单位", "手机号"], ["林晓荷", "柳泉镇", "138 0000 0033"], ["", "柳泉镇", "13800000034"]]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def sign_in(desk: Any) -> None:
    desk.goto("/admin/")
    desk.get_by_label("账号").fill("olga")
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    desk.wait_for_url("**/admin/")


def import_bank(desk: Any, file: Path) -> None:
    desk.goto("/admin/questions/import")
    desk.set_input_files("input[type=file]", str(file))
    desk.select_option("#bank", label="新建题库")
    desk.fill("#name", "走一遍题库")
    desk.get_by_role("button", name="上传并核对").click()
    desk.get_by_text("题型写的是单选，答案有 3 个").first.wait_for()
    desk.get_by_role("button", name=re.compile("入库 80 题")).click()
    desk.get_by_text(re.compile("80 题")).first.wait_for()


def import_roster(desk: Any, file: Path) -> None:
    desk.goto("/admin/roster/import")
    desk.set_input_files("input[type=file]", str(file))
    desk.locator("form button.btn-ink").click()
    desk.get_by_text("没有姓名").first.wait_for()
    fresh = desk.get_by_label(re.compile("新建"))
    if not fresh.first.is_checked():
        fresh.first.check()
    desk.get_by_role("button", name=re.compile("^导入")).last.click()
    desk.wait_for_url("**/admin/roster/**")


def make_exam(desk: Any) -> str:
    desk.goto("/admin/exams/new")
    desk.get_by_label("考试名称").fill("走一遍考试")
    desk.select_option("[name=bank]", label="走一遍题库")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    for field, at in (("opens_at", now - timedelta(hours=1)), ("closes_at", now + timedelta(hours=2))):
        desk.fill(f"[name={field}]", at.strftime("%Y-%m-%dT%H:%M"))
    desk.get_by_role("button", name="建好这场考试").click()
    desk.wait_for_url(re.compile("/admin/exams/[0-9A-Z]{4,}$"))
    return desk.url.rpartition("/")[2]


def sit(page: Any, code: str) -> None:
    page.goto(f"/e/{code}")
    page.get_by_label("姓名").fill("林晓荷")
    page.get_by_label("手机号码").fill("13800000033")
    page.get_by_role("button", name="核对身份，进入考试").click()
    page.locator("label.ck").click()
    page.get_by_role("button", name=re.compile("开始答题")).click()
    page.wait_for_url("**/s/*")
    page.locator("label.op", has_text="对的").first.click()
    page.get_by_text("已保存").first.wait_for()


@pytest.mark.usefixtures("hall")
def test_from_the_organiser_to_the_phone_to_the_wall(
    phone: Callable[..., Any], hall: Any, tmp_path: Path
) -> None:
    with hall.app.app_context():
        make_account(at=datetime.now(ZoneInfo("UTC")))
    desk = phone(1366, 768)
    sign_in(desk)
    import_bank(desk, bank_file(tmp_path / "题库.csv"))
    import_roster(desk, roster_file(tmp_path / "名册.csv"))
    code = make_exam(desk)
    assert code in desk.content()

    wall = phone(1920, 1080)
    # The organiser carries the link to a machine where nobody signs in.
    opened = desk.context.new_page()
    opened.goto(f"/admin/exams/{code}/wall")
    wall.goto(opened.url)
    opened.close()
    cadre = phone()
    sit(cadre, code)
    csrf = cadre.evaluate("document.querySelector('[data-csrf]').dataset.csrf")
    cadre.evaluate(
        "([path, csrf]) => fetch(path, {method: 'POST', headers: {'X-CSRF-Token': csrf}})",
        [f"/api/v1/sittings/{cadre.url.rpartition('/')[2]}/submit", csrf],
    )
    cadre.reload()
    cadre.get_by_text(re.compile(r"\b1\b")).first.wait_for()
    wall.get_by_text("柳泉镇").first.wait_for(timeout=15_000)
    desk.reload()
    desk.get_by_text("柳泉镇").first.wait_for()
