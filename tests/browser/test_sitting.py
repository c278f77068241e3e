"""A cadre on a phone, in a real browser against a real server: nothing given is ever lost."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_person

from quiz.extensions import db
from quiz.people.models import Unit

pytestmark = pytest.mark.browser

DAY = 86_400_000


def until(check: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for what happens on the server; the page is watched by playwright itself."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def identify(page: Any, hall: Any) -> None:
    page.goto(f"/e/{hall.code}")
    page.fill("#name", "安宁")
    page.fill("#phone", "138 0000 0001")
    page.click("text=核对身份")
    page.wait_for_url("**/notice")


def begin(page: Any, hall: Any) -> None:
    identify(page, hall)
    page.click("label.ck")
    page.click("#begin")
    page.wait_for_url("**/s/*")


def carry_on(page: Any, hall: Any) -> None:
    """Identify on another phone and take the sitting over."""
    identify(page, hall)
    page.click("text=在这里继续，剩余")
    page.wait_for_url("**/s/*")


def tap(page: Any, place: int) -> None:
    page.click(f".op >> nth={place}")


def saved(page: Any) -> None:
    page.wait_for_selector("#saved:has-text('已保存')")


def go_to(page: Any, position: int) -> None:
    page.click("#open-sheet")
    page.click(f".sc >> nth={position - 1}")


def test_a_whole_sitting(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    for position in range(1, 81):
        assert page.text_content("#heading .no") == str(position)
        tap(page, 0)
        if 41 <= position <= 60:
            tap(page, 1)
        page.click("#next")
    page.wait_for_selector("text=80 题全部答完，")
    page.click("#hand-in")
    page.wait_for_url("**/result")
    stored = hall.stored()
    assert len(stored) == 80
    assert (stored[1], stored[41], stored[61]) == (["A"], ["A", "B"], ["T"])
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('mingshi:')).length") == 0
    assert page.text_content(".big b") == f"{hall.sitting().score:.2f}".rstrip("0").rstrip(".")


def test_handing_in_shows_what_is_unanswered(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    for place in range(3):
        tap(page, place)
        page.click("#next")
    page.click("#flag")
    page.click("#open-sheet")
    assert page.text_content("#sheet-count") == "已答 3 / 80"
    assert page.get_attribute(".sc >> nth=3", "aria-label") == "第 4 题，未答，已标记"
    page.click("#ask-submit")
    assert page.text_content("#ask-title") == "还有 77 题未答，确定交卷？"
    assert page.locator(".un button").count() == 5
    page.click(".un button >> nth=1")
    assert page.text_content("#heading .no") == "5"
    assert hall.sitting().submitted_at is None


def test_answers_given_without_network_arrive_later(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    tap(page, 0)
    until(lambda: hall.stored() == {1: ["A"]})
    page.context.set_offline(True)
    page.click("#next")
    for place in range(3):
        tap(page, place)
        page.click("#next")
    page.wait_for_selector("#banner:has-text('网络断开，可继续作答')", timeout=3000)
    page.wait_for_selector("#saved:has-text('已存本机 3 题待上传')")
    assert hall.stored() == {1: ["A"]}
    page.context.set_offline(False)
    page.wait_for_selector("text=已重新联网，3 题答案已上传。", timeout=20_000)
    page.wait_for_selector("#banner", state="hidden")
    assert hall.stored() == {1: ["A"], 2: ["A"], 3: ["B"], 4: ["C"]}


def test_answers_on_the_phone_survive_reloading_and_closing(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    # The server cannot be reached for saving, whatever else works.
    page.context.route("**/responses/*", lambda route: route.abort())
    tap(page, 1)
    page.click("#next")
    tap(page, 2)
    page.click("#flag")
    page.reload()
    assert page.text_content("#heading .no") == "2"
    assert page.locator(".op.on .k").text_content() == "C"
    assert page.get_attribute("#flag", "aria-pressed") == "true"
    assert hall.stored() == {}
    page.close()
    again = page.context.new_page()
    page.context.unroute("**/responses/*")
    again.goto(f"/e/{hall.code}")
    again.click("text=继续作答")
    saved(again)
    until(lambda: hall.stored() == {1: ["B"], 2: ["C"]})


def test_a_lost_acknowledgement_stores_one_answer(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    lost = []

    def lose_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().json())
        route.abort()

    page.route("**/responses/1", lose_first)
    tap(page, 2)
    until(lambda: hall.stored() == {1: ["C"]})
    page.wait_for_selector("#saved:has-text('1 题待上传')")
    saved(page)
    assert lost[0]["kept"] is True
    assert hall.stored() == {1: ["C"]}


def test_a_line_that_hangs_is_noticed_within_three_seconds(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    page.route("**/responses/1", lambda route: None)
    tap(page, 1)
    page.wait_for_selector("#banner:has-text('网络断开，可继续作答')", timeout=3000)
    page.click("#next")
    tap(page, 2)
    until(lambda: hall.stored() == {2: ["C"]})


def test_another_person_on_the_same_phone_does_not_touch_my_sitting(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    with hall.app.app_context():
        make_person("波", unit=db.session.scalars(db.select(Unit)).one(), phone="13800000007")
    other = page.context.new_page()
    other.goto(f"/e/{hall.code}?other=1")
    other.fill("#name", "波")
    other.fill("#phone", "13800000007")
    other.click("text=核对身份")
    other.wait_for_url("**/notice")
    tap(page, 1)
    page.click("#banner >> text=去核对")
    page.fill("#name", "安宁")
    page.fill("#phone", "13800000001")
    page.click("text=核对身份")
    page.wait_for_url("**/s/*")
    until(lambda: hall.stored() == {1: ["B"]})


def test_a_crowded_server_is_waited_for(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    busy = {
        "status": 503,
        "headers": {"Retry-After": "1"},
        "json": {"error": {"code": "busy", "message": ""}},
    }
    page.route("**/responses/1", lambda route: route.fulfill(**busy), times=1)
    tap(page, 1)
    page.wait_for_selector("#banner:has-text('参加人数较多，正在排队')")
    until(lambda: hall.stored() == {1: ["B"]})
    saved(page)


def test_what_was_not_saved_is_said_and_tried_again_by_hand(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    refused = {"status": 400, "json": {"error": {"code": "bad-request", "message": ""}}}
    page.route("**/responses/1", lambda route: route.fulfill(**refused), times=1)
    tap(page, 1)
    page.click("#saved:has-text('没有保存，点此重试')")
    until(lambda: hall.stored() == {1: ["B"]})
    saved(page)


def test_an_old_answer_of_this_phone_gives_way_to_a_newer_one(phone: Any, hall: Any) -> None:
    first, second = phone(), phone()
    begin(first, hall)
    first.route("**/responses/1", lambda route: route.abort())
    tap(first, 0)
    carry_on(second, hall)
    tap(second, 1)
    until(lambda: hall.stored() == {1: ["B"]})
    tap(second, 2)
    until(lambda: hall.stored() == {1: ["C"]})
    first.unroute("**/responses/1")
    first.reload()
    first.wait_for_url("**/notice")
    first.click("text=在这里继续，剩余")
    first.wait_for_selector(".op.on .k:has-text('C')")
    saved(first)
    assert hall.stored() == {1: ["C"]}


def test_the_newest_of_quick_changes_wins(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    for place in (0, 1, 2, 3, 1):
        tap(page, place)
    until(lambda: hall.stored() == {1: ["B"]})
    saved(page)


def test_a_second_phone_goes_on_where_the_first_stopped(phone: Any, hall: Any) -> None:
    first = phone()
    begin(first, hall)
    tap(first, 0)
    until(lambda: hall.stored() == {1: ["A"]})
    second = phone(360, 640)
    identify(second, hall)
    assert "这次答题已在另一台手机上打开，在这里继续？" in second.text_content(".note")
    second.click("text=在这里继续，剩余")
    second.wait_for_url("**/s/*")
    assert second.text_content("#heading .no") == "2"
    second.click("#back")
    assert second.locator(".op.on .k").text_content() == "A"
    tap(second, 3)
    until(lambda: hall.stored() == {1: ["D"]})
    saved(second)
    # The first phone learns of it with its next answer, which counts by its revision like any other.
    first.click("#next")
    tap(first, 1)
    first.wait_for_selector("#over:has-text('已在另一台手机上继续')")
    first.wait_for_selector("#over:has-text('这里的答案都已上传。')")
    assert hall.stored() == {1: ["D"], 2: ["B"]}
    assert first.locator("#item").is_hidden()
    # And what it gave is on the second when that looks.
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    second.wait_for_selector("#open-sheet:has-text('2/80')")
    first.click("text=换回这台手机")
    first.click("text=在这里继续，剩余")
    first.wait_for_url("**/s/*")
    tap(second, 0)
    second.wait_for_selector("#over:has-text('已在另一台手机上继续')")


def test_a_phone_that_was_cut_off_says_what_both_answered(phone: Any, hall: Any) -> None:
    first, second = phone(), phone()
    begin(first, hall)
    first.context.set_offline(True)
    tap(first, 0)
    first.click("#next")
    tap(first, 1)
    carry_on(second, hall)
    tap(second, 3)
    tap(second, 2)
    until(lambda: hall.stored() == {1: ["C"]})
    first.context.set_offline(False)
    first.wait_for_selector("#over:has-text('第 1 题两边都答过，以那边的答案为准。')", timeout=20_000)
    until(lambda: hall.stored() == {1: ["C"], 2: ["B"]})
    assert first.evaluate("Object.keys(localStorage).filter(k => /:\\d+$/.test(k)).length") == 0


def test_a_phone_that_only_wakes_learns_that_it_goes_on_elsewhere(phone: Any, hall: Any) -> None:
    first, second = phone(), phone()
    begin(first, hall)
    carry_on(second, hall)
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    first.wait_for_selector("#over:has-text('已在另一台手机上继续')")


def test_a_second_page_on_the_same_phone_asks_and_the_first_gives_way(phone: Any, hall: Any) -> None:
    first = phone()
    begin(first, hall)
    tap(first, 1)
    saved(first)
    first.wait_for_timeout(600)
    second = first.context.new_page()
    second.goto(first.url)
    second.wait_for_selector("#over:has-text('这次答题已在另一个页面打开，在这里继续？')")
    second.click("#over button")
    second.wait_for_selector(".op.on .k:has-text('B')")
    first.wait_for_selector("#over:has-text('已在另一个页面继续')")
    tap(second, 2)
    until(lambda: hall.stored() == {1: ["C"]})
    first.click("#over button")
    first.wait_for_selector(".op.on .k:has-text('C')")
    second.wait_for_selector("#over:has-text('已在另一个页面继续')")


AWAY = """
    window.goAway = on => {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => on});
      document.dispatchEvent(new Event('visibilitychange'));
    };
    window.shift = 0;
    const now = performance.now.bind(performance);
    performance.now = () => now() + window.shift;
"""


def test_leaving_the_page_is_noted_and_said(phone: Any, hall: Any) -> None:
    page = phone(script=AWAY)
    identify(page, hall)
    assert "离开答题页面 5 秒以上会记录次数和时长" in page.text_content(".rule")
    page.click("label.ck")
    page.click("#begin")
    page.wait_for_url("**/s/*")
    assert page.locator("#away").is_hidden()
    hall.begun_earlier(minutes=10)
    # A glance does not count.
    page.evaluate("goAway(true); shift += 2000; goAway(false)")
    page.context.set_offline(True)
    page.evaluate("goAway(true); shift += 12000; goAway(false)")
    page.evaluate(
        "window.dispatchEvent(new Event('blur')); shift += 23000; window.dispatchEvent(new Event('focus'))"
    )
    page.context.set_offline(False)
    tap(page, 0)
    page.wait_for_selector("#away:has-text('已记录：离开页面 2 次，共 35 秒')", timeout=20_000)
    page.reload()
    assert page.text_content("#away") == "已记录：离开页面 2 次，共 35 秒"
    assert hall.sitting().submitted_at is None


@pytest.mark.parametrize("wrong", [-DAY, DAY])
def test_a_wrong_clock_on_the_phone_changes_nothing(phone: Any, hall: Any, wrong: int) -> None:
    shifted = f"""
        const Real = Date;
        Date = class extends Real {{
          constructor(...given) {{ given.length ? super(...given) : super(Real.now() + {wrong}); }}
          static now() {{ return Real.now() + {wrong}; }}
        }};"""
    page = phone(script=shifted)
    begin(page, hall)
    assert page.text_content("#timer .num")[:2] in ("60", "59")
    hall.give_time(400)
    tap(page, 0)
    saved(page)
    page.wait_for_selector("#timer:has-text('06:3')")


def test_five_minutes_one_minute_and_the_end(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    hall.give_time(301.5)
    tap(page, 0)
    page.wait_for_selector("#toast:has-text('还剩 5 分钟')")
    assert "t5" in page.get_attribute("#timer", "class")
    hall.give_time(61.5)
    tap(page, 1)
    page.wait_for_selector("#toast:has-text('还剩 1 分钟，到时自动交卷')")
    assert "t1" in page.get_attribute("#timer", "class")
    hall.give_time(2.5)
    tap(page, 2)
    page.wait_for_selector("#over:has-text('时间到，正在交卷…')")
    assert page.locator("#item").is_hidden()
    assert page.locator(".op").count() == 0
    page.wait_for_url("**/result")
    assert hall.stored() == {1: ["C"]}
    assert hall.sitting().submitted_at <= hall.sitting().deadline


def test_the_end_without_network_waits_for_it(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    hall.give_time(3)
    tap(page, 0)
    until(lambda: hall.stored() == {1: ["A"]})
    page.context.set_offline(True)
    page.wait_for_selector("text=时间到，答案已封存在本机。请保持本页打开，联网后自动提交。")
    page.context.set_offline(False)
    page.wait_for_url("**/result")
    assert hall.stored() == {1: ["A"]}


def test_what_was_answered_without_network_until_after_the_end_is_taken_down_as_late(
    phone: Any, hall: Any
) -> None:
    page = phone()
    begin(page, hall)
    hall.give_time(8)
    tap(page, 0)
    until(lambda: hall.stored() == {1: ["A"]})
    page.context.set_offline(True)
    page.click("#next")
    tap(page, 1)
    page.wait_for_selector("text=时间到，答案已封存在本机。请保持本页打开，联网后自动提交。", timeout=20_000)
    hall.give_time(-10)
    page.context.set_offline(False)
    page.wait_for_url("**/result", timeout=20_000)
    page.wait_for_selector("#late:has-text('有答案在截止以后才送到：1 题没有计入，已登记备查。')")
    assert hall.stored() == {1: ["A"]}
    [row] = hall.late()
    assert (row.position, row.answer, row.accepted) == (2, '["B"]', None)
    assert 0 < row.left_millis < 8000
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('mingshi:')).length") == 0


def test_without_any_network_answers_are_written_out_and_brought_to_the_desk(phone: Any, hall: Any) -> None:
    with hall.app.app_context():
        make_account(at=datetime.now(UTC))
    page = phone()
    with page.expect_response("**/js/carry.js*"):
        begin(page, hall)
    page.context.set_offline(True)
    tap(page, 1)
    page.wait_for_selector("#banner:has-text('网络一直不通？')")
    hall.give_time(-10)
    page.click("#banner .cy")
    # A hall's address is http: no navigator.clipboard.
    page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.click("text=复制答案码")
    page.wait_for_selector("text=已复制，可以粘贴到微信发出去。")
    code = page.input_value("[aria-label=答案码]")
    with page.expect_download() as file:
        page.click("text=下载答案文件")
    assert Path(file.value.path()).read_text() == code
    desk = phone(width=1366, height=768)
    desk.goto("/admin/sign-in")
    desk.fill("[name=name]", "olga")
    desk.fill("[name=password]", PASSWORD)
    desk.press("[name=password]", "Enter")
    desk.wait_for_url("**/admin/")
    desk.goto(f"/admin/exams/{hall.code}/records/1")
    desk.click("text=收下带来的答案")
    desk.fill("#brought", code)
    desk.click(".bg button")
    desk.wait_for_selector("text=已登记 1 题，算截止后送到的答案。")
    desk.wait_for_selector("h2:has-text('截止后送到的答案')")
    [row] = hall.late()
    assert (row.position, row.answer, row.accepted) == (1, '["B"]', None)


def test_a_phone_opened_again_after_the_end_still_tells_what_it_kept(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    page.route("**/responses/*", lambda route: route.abort())
    tap(page, 2)
    page.goto("about:blank")
    hall.give_time(-10)
    page.goto(f"/e/{hall.code}/notice")
    page.goto("/s/1")
    page.wait_for_url("**/result")
    page.wait_for_selector("#late:has-text('1 题没有计入，已登记备查')")
    assert [row.position for row in hall.late()] == [1]


def test_handing_in_waits_for_answers_on_their_way(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    page.context.set_offline(True)
    tap(page, 3)
    page.click("#open-sheet")
    page.click("#ask-submit")
    page.click("#hand-in")
    page.wait_for_selector("text=还有 1 题没有上传，正在等待网络。")
    assert hall.sitting().submitted_at is None
    page.context.set_offline(False)
    page.wait_for_url("**/result", timeout=20_000)
    assert hall.stored() == {1: ["D"]}


def test_a_failed_submit_can_be_repeated(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    page.route("**/submit", lambda route: route.abort())
    page.click("#open-sheet")
    page.click("#ask-submit")
    page.click("#hand-in")
    page.wait_for_selector("text=交卷没有成功。答案都在，请保持联网后再点一次“交卷”。")
    page.unroute("**/submit")
    page.click("#ask .btn-zhu")
    page.wait_for_url("**/result")


def test_an_expired_sign_in_keeps_the_answers(phone: Any, hall: Any) -> None:
    page = phone()
    begin(page, hall)
    page.context.clear_cookies(name="mingshi")
    tap(page, 1)
    page.click("#banner >> text=去核对")
    page.fill("#name", "安宁")
    page.fill("#phone", "13800000001")
    page.click("text=核对身份")
    # Without its cookie the phone is not known to be the same.
    page.click("text=在这里继续，剩余")
    page.wait_for_url("**/s/*")
    saved(page)
    until(lambda: hall.stored() == {1: ["B"]})


def test_no_local_storage_is_said_and_everything_still_works(phone: Any, hall: Any) -> None:
    page = phone(script="Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }});")
    identify(page, hall)
    assert "不让网页暂存内容" in page.text_content("#no-store")
    assert page.locator("#no-store").is_visible()
    page.click("label.ck")
    page.click("#begin")
    page.wait_for_url("**/s/*")
    tap(page, 0)
    until(lambda: hall.stored() == {1: ["A"]})
    saved(page)


def test_answering_by_keyboard_alone(phone: Any, hall: Any) -> None:
    page = phone()
    press = page.keyboard.press
    page.goto(f"/e/{hall.code}")
    page.focus("#name")
    page.keyboard.type("安宁")
    press("Tab")
    page.keyboard.type("13800000001")
    press("Enter")
    page.wait_for_url("**/notice")
    page.focus("#promise")
    press("Space")
    for _ in range(4):
        press("Tab")
        if page.evaluate("document.activeElement.id") == "begin":
            break
    assert page.evaluate("document.activeElement.id") == "begin"
    press("Enter")
    page.wait_for_url("**/s/*")
    press("Tab")
    press("Tab")
    press("Space")
    press("ArrowDown")
    until(lambda: hall.stored() == {1: ["B"]})
    saved(page)
    for _ in range(6):
        press("Tab")
        if page.evaluate("document.activeElement.id") == "next":
            break
    press("Enter")
    assert page.evaluate("document.activeElement.id") == "heading"
    assert page.text_content("#heading .no") == "2"
    page.focus("#open-sheet")
    press("Enter")
    for _ in range(100):
        press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "ask-submit":
            break
    assert page.evaluate("document.getElementById('sheet').contains(document.activeElement)")
    press("Escape")
    assert page.evaluate("document.activeElement.id") == "open-sheet"
    assert page.locator("#sheet").is_hidden()


@pytest.mark.parametrize(
    ("width", "root"), [(320, "16px"), (320, "20px"), (360, "20px"), (360, "32px"), (390, "32px")]
)
def test_no_sideways_scroll_on_narrow_screens_and_in_large_type(
    phone: Any, hall: Any, width: int, root: str
) -> None:
    grow = f"document.documentElement.style.fontSize = '{root}'"
    large = f"document.addEventListener('DOMContentLoaded', () => {{ {grow} }});"
    page = phone(width, 640, large)

    def fits(where: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{where}: {wide}"
        cut = page.evaluate(
            """w => [...document.querySelectorAll('button,a,input,h1,h2')].filter(e => {
                 const r = e.getBoundingClientRect();
                 return r.width && getComputedStyle(e).clip === 'auto' && (r.right > w + 1 || r.left < -9);
               }).map(e => e.outerHTML.slice(0, 120))""",
            width,
        )
        assert cut == [], where

    page.goto("/")
    fits("home")
    page.goto(f"/e/{hall.code}")
    fits("join")
    begin(page, hall)
    fits("sitting")
    go_to(page, 41)
    page.context.set_offline(True)
    tap(page, 0)
    page.wait_for_selector("#banner:visible")
    fits("offline")
    page.click("#open-sheet")
    fits("sheet")
    page.click("#ask-submit")
    fits("dialog")
    page.keyboard.press("Escape")
    page.context.set_offline(False)
    page.goto(f"/e/{hall.code}/notice")
    fits("notice")


def test_large_type_is_remembered(phone: Any, hall: Any) -> None:
    page = phone()
    page.goto("/")
    page.click("[data-elder]")
    identify(page, hall)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert page.get_attribute("[data-elder]", "aria-pressed") == "true"


def test_targets_are_large_enough_for_thumbs(phone: Any, hall: Any) -> None:
    page = phone(320, 640)
    begin(page, hall)
    small = """() => [...document.querySelectorAll('button:not([disabled]),.op')].filter(e => {
        const r = e.getBoundingClientRect(); return r.width && (r.height < 44 || r.width < 44);
      }).map(e => e.outerHTML.slice(0, 100))"""
    assert page.evaluate(small) == []
    page.click("#open-sheet")
    found = [html for html in page.evaluate(small) if "lnk" not in html]
    assert found == []
