"""More time and a pause as a phone learns of them, in a real browser against a real server."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quiz.exams import queries as exams
from quiz.extensions import transaction
from quiz.sittings import running
from quiz.sittings.running import Whom

pytestmark = pytest.mark.browser

DAY = 86_400_000
#: The phone's own clock is a day behind.
BEHIND = f"""
    const Real = Date;
    Date = class extends Real {{
      constructor(...given) {{ given.length ? super(...given) : super(Real.now() - {DAY}); }}
      static now() {{ return Real.now() - {DAY}; }}
    }};"""


def begin(page: Any, hall: Any) -> None:
    page.goto(f"/e/{hall.code}")
    page.fill("#name", "安宁")
    page.fill("#phone", "138 0000 0001")
    page.click("text=核对身份")
    page.wait_for_url("**/notice")
    page.click("label.ck")
    page.click("#begin")
    page.wait_for_url("**/s/*")


def tap(page: Any, place: int) -> None:
    page.click(f".op >> nth={place}")


def saved(page: Any) -> None:
    page.wait_for_selector("#saved:has-text('已保存')")


def until(check: Callable[[], bool]) -> None:
    """Wait for what happens on the server; the page is watched by playwright itself."""
    end = time.monotonic() + 10
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def do(hall: Any, deed: Any, *given: Any, **more: Any) -> None:
    with hall.app.app_context(), transaction():
        exam = exams.exam_by_code(hall.code)
        seen = running.latest_extension(exam) if deed is running.extend else running.latest_pause(exam)
        deed(exam, *given, seen=seen, at=datetime.now(UTC), who="olga", **more)


def left(page: Any) -> int:
    minutes, seconds = page.text_content("#timer .num").split(":")
    return 60 * int(minutes) + int(seconds)


def really_left(hall: Any) -> float:
    return (hall.sitting().deadline - datetime.now(UTC)).total_seconds()


def test_a_pause_and_more_time_arrive_though_the_phones_clock_is_wrong(phone: Any, hall: Any) -> None:
    page = phone(script=BEHIND)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/clock" in request.url else None)
    begin(page, hall)
    tap(page, 0)
    saved(page)
    do(hall, running.pause, reason="火警")
    page.wait_for_selector("#over:has-text('考试暂停')", timeout=5000)
    assert page.locator("#item").is_hidden()
    do(hall, running.resume)
    page.wait_for_selector("#item", timeout=5000)
    until(lambda: abs(left(page) - really_left(hall)) <= 1.5)
    before = hall.sitting()
    do(hall, running.extend, Whom(), minutes=10, reason="停电", once="a")
    page.wait_for_selector("#toast:has-text('时间已延长')", timeout=5000)
    after = hall.sitting()
    assert (
        after.deadline - before.deadline == after.accept_until - before.accept_until == timedelta(minutes=10)
    )
    until(lambda: abs(left(page) - really_left(hall)) <= 1.5)
    # Asked when there was news (and once at the beginning), not every few seconds.
    assert len(asked) <= 4


def test_a_phone_that_was_offline_meanwhile_goes_on_and_its_answers_count(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    hall.give_time(5)
    tap(page, 0)
    saved(page)
    page.context.set_offline(True)
    page.click("#next")
    tap(page, 1)
    do(hall, running.extend, Whom(), minutes=10, reason="断网", once="a")
    page.wait_for_selector("text=时间到，答案已封存在本机。")
    page.context.set_offline(False)
    page.wait_for_selector("#item", timeout=15_000)
    until(lambda: hall.stored() == {1: ["A"], 2: ["B"]})
    assert hall.sitting().submitted_at is None
    until(lambda: abs(left(page) - really_left(hall)) <= 1.5)
    page.wait_for_selector("#toast:has-text('时间已延长')")
    tap(page, 2)
    until(lambda: hall.stored() == {1: ["A"], 2: ["C"]})
