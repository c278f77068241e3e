"""A passer-by scans a poster, joins a contest, answers, and the wall shows the unit."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from factories import decide_ranking, make_exam
from sqlalchemy import select

from quiz.exams.queries import exam_by_code
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Unit

pytestmark = pytest.mark.browser


@pytest.fixture
def contest(hall: Any) -> str:
    """Code of a contest of 20 items that is open now, between two units."""
    with hall.app.app_context():
        now = datetime.now(UTC)
        with transaction():
            db.session.add(Unit(name="双桥镇", pinyin="shuang qiao zhen"))
        made = make_exam(exam_by_code(hall.code).bank, at=now, mode=Mode.CONTEST, preset="monthly")
        decide_ranking(made, at=now)
        code: str = made.code
    return code


def poster(hall: Any, code: str, name: str) -> str:
    with hall.app.app_context():
        return f"/e/{code}?u={db.session.scalar(select(Unit.id).where(Unit.name == name))}"


class Thumb:
    """Taps, and counts them; typing into the field one has tapped is none."""

    def __init__(self) -> None:
        self.taps = 0

    def __call__(self, place: Any, text: str = "") -> None:
        self.taps += 1
        place.click()
        if text:
            place.page.keyboard.type(text)


def test_from_the_poster_to_the_first_question_in_six_taps_and_onto_the_wall(
    hall: Any, contest: str, phone: Callable[..., Any]
) -> None:
    page, tap = phone(), Thumb()
    page.goto(poster(hall, contest, "双桥镇"))
    assert page.get_by_label("所在单位").input_value() == "双桥镇"
    assert page.evaluate("document.querySelector('.go').getBoundingClientRect().bottom") <= 844
    tap(page.get_by_label("姓名"), "柳青")
    tap(page.get_by_label("手机号码"), "13900000009")
    tap(page.get_by_text("我已阅读并同意"))
    tap(page.get_by_role("button", name="参加竞赛"))
    tap(page.get_by_text("我承诺本人独立作答"))
    tap(page.get_by_role("button", name=re.compile("开始答题")))
    page.wait_for_url("**/s/*")
    assert tap.taps == 6
    page.locator("label.op").first.click()
    page.get_by_text("已保存").first.wait_for()
    csrf = page.evaluate("document.querySelector('[data-csrf]').dataset.csrf")
    page.evaluate(
        "([path, csrf]) => fetch(path, {method: 'POST', headers: {'X-CSRF-Token': csrf}})",
        [f"/api/v1/sittings/{page.url.rpartition('/')[2]}/submit", csrf],
    )
    wall = phone(1920, 1080)
    wall.goto(f"/board/{contest}#still")
    wall.locator(".lb li", has_text="双桥镇").wait_for(timeout=15_000)


def test_a_unit_is_found_by_its_initials_or_written_by_hand(
    hall: Any, contest: str, phone: Callable[..., Any]
) -> None:
    page = phone(320, 640)
    page.goto(poster(hall, contest, "青石镇"))
    field = page.get_by_label("所在单位")
    page.get_by_role("button", name="更换").click()
    field.fill("sqz")
    assert page.locator("#unit-list [role=option]").all_inner_texts() == ["双桥镇", "列表里没有我的单位"]
    field.press("ArrowDown")
    field.press("Enter")
    assert field.input_value() == "双桥镇"
    assert not page.get_by_label("单位全称").is_visible()
    field.fill("没有")
    page.get_by_role("option", name="列表里没有我的单位").click()
    page.get_by_label("单位全称").fill("绿洲合作社")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("姓名").fill("柳青")
    page.get_by_label("手机号码").fill("1390000")
    page.get_by_role("button", name="参加竞赛").click()
    # What is wrong stands beside its field, and what was right is still there.
    page.get_by_text("少了 4 位").wait_for()
    assert page.get_by_label("单位全称").input_value() == "绿洲合作社"
    page.get_by_label("手机号码").fill("13900000009")
    page.get_by_text("我已阅读并同意").click()
    page.get_by_role("button", name="参加竞赛").click()
    page.get_by_text("等主办方归并").wait_for()
