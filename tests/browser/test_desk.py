"""The organiser's pages on the screen of an ordinary office computer, and the poster on paper."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_exam, make_person, make_unit

from quiz import clock
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.questions.models import Bank

pytestmark = pytest.mark.browser

LONG = "二〇二六年度安澜县县乡村三级干部学习贯彻《信访工作条例》应知应会知识无纸化考试（第十一场）补考场次"


@pytest.fixture
def desk(phone: Callable[..., Any], hall: Any) -> Any:
    """Signed in, with thirty units, a hundred people and one exam of the longest name."""
    with hall.app.app_context():
        at = clock.now()
        make_account(at=at)
        for number in range(30):
            unit = make_unit(f"第{number}街道综合治理和网格化服务管理中心")
            for one in range(3):
                made = f"139{number:04}{one:04}"
                make_person(f"张{number}{one}", unit=unit, phone=made, post="四级主任科员")
        bank = db.session.scalars(db.select(Bank)).one()
        make_exam(bank, at=at, title=LONG, host="中共安澜县委信访工作联席会议办公室" * 2)
    page = phone(1366, 768)
    page.goto("/admin/")
    page.fill("#name", "olga")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_url("**/admin/")
    return page


def long_exam(hall: Any) -> str:
    with hall.app.app_context():
        return db.session.scalars(db.select(Exam.code).where(Exam.title == LONG)).one()


@pytest.mark.parametrize("width", [1366, 1349, 1200])
def test_nothing_scrolls_sideways(desk: Any, hall: Any, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 625})
    paths = ["", "exams/", "exams/new", "roster/", "roster/import", f"exams/{long_exam(hall)}"]
    for path in paths:
        desk.goto(f"/admin/{path}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("width", [320, 390])
def test_signing_in_fits_a_phone(phone: Callable[..., Any], width: int) -> None:
    page = phone(width, 640)
    page.goto("/admin/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.activeElement.id") == "name"


@pytest.mark.parametrize("margin", ["0", "10mm", "20mm"])
def test_the_poster_is_one_page(desk: Any, hall: Any, margin: str) -> None:
    for code in (hall.code, long_exam(hall)):
        desk.goto(f"/admin/exams/{code}/poster")
        ends = desk.evaluate(
            "['footer', '.a4'].map(s => document.querySelector(s).getBoundingClientRect().bottom)"
        )
        assert ends[0] < ends[1], f"{code}: the last line is cut off"
        side = desk.evaluate("document.querySelector('.qr svg').getBoundingClientRect().height")
        assert side >= 44 * 96 / 25.4, f"{code}: too small to scan from a few steps away"
        sides = dict.fromkeys(("top", "right", "bottom", "left"), margin)
        paper = desk.pdf(format="A4", margin=sides)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1, code


def test_the_import_counts_along_with_the_choices(desk: Any, tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_text("姓名,单位,手机号\n王一,青石镇,13700000001\n李二,新镇,13700000002\n赵三,石镇,13700000003")
    desk.goto("/admin/roster/import")
    desk.set_input_files("#file", str(file))
    desk.click("#go")
    go = desk.locator("footer #go")
    # The script counts once the page is there: only 青石镇 is known.
    desk.wait_for_selector("footer #go:text-is('导入 1 人')")
    desk.check("#create")
    assert go.text_content() == "导入 2 人"
    desk.select_option("select", index=1)
    assert go.text_content() == "导入 3 人"
    go.click()
    desk.wait_for_selector("text=新增 3，更新 0")
