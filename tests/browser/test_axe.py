"""No page breaks a rule that axe-core can check: WCAG 2.2 A and AA, contrast and size of targets included.

Every GET route is opened in a real browser, as the administrator of the sample county who sits an exam on
the same machine; a route without an address fails. axe finds about half of what can be wrong: the rest is
in promises L2 to L6.
"""

import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import skip_or_fail
from flask import Flask
from werkzeug.serving import make_server

from quiz import config, create_app
from quiz.demo import making
from quiz.draws import services as draws
from quiz.draws.rules import Eligible, Tier
from quiz.extensions import db, saver, transaction
from quiz.people.models import Account, Person, Unit
from quiz.questions.models import Bank, Question, Regulation

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:
    Axe = None

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": True}},
    "resultTypes": ["violations"],
}
#: Not pages: files, pictures, documents for scripts, and parts of pages.
NO_PAGES = {
    "web.healthz web.readyz web.openapi static audit.export standings.absent standings.live_part exams.qr",
    "reports.make_up reports.scores reports.standings room_screen.code questions.export questions.template",
    "people.template draws.published draws.listed draws.state imports.problem_rows standing_api.units",
    "standing_api.persons standing_api.wall sitting_api.exam sitting_api.show sitting_api.clock",
    "sitting_api.time",
}
#: Not in the county: sign-in through another service, short answers, a contest, a file without headings.
ABSENT = {"sso.begin", "sso.back", "marking.answer", "flags.index", "imports.columns"}
FILES = {name for line in NO_PAGES for name in line.split()}
#: What a screen reader is given of an answered question: where one is, what is chosen, that it is saved.
HEARD = (
    "第 1 题，共 80 题",
    r'radio "B [^"]+" \[checked\]',
    "status: 已保存",
    'timer "剩余时间"',
    "已答 1 题",
)
#: On the screen of the hall.
WIDE = {"standings.board", "standings.wall", "draws.screen", "room_screen.page"}
DESK, WALL = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}


@pytest.fixture
def county(empty_sqlite: Path, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """The sample county on a real server, and its address."""
    shutil.copy(empty_sqlite, tmp_path / "mingshi.db")
    app = create_app(config.load({}, data=tmp_path))
    with app.app_context():
        making.make(at=datetime.now(UTC))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    running.join()
    server.server_close()
    with app.app_context():
        saver().close()
        db.engine.dispose()


def known(app: Flask, sitting: str) -> dict[str, str]:
    """What stands in the address for each name in a route."""
    tables = {"account": Account, "person": Person, "unit": Unit, "bank": Bank, "question": Question}
    with app.app_context(), transaction():
        at = datetime.now(UTC)
        exam = making.open_exam(at=at)
        exam.room_secret = "00" * 16
        wishes = draws.Settings("宣传月抽奖", [Tier("一等奖", 3)], Eligible.PASSED)
        draw = draws.prepare(exam, settings=wishes, at=at, who=making.ACCOUNT)
        draws.publish(draw, at=at, who=making.ACCOUNT)
        found = {
            "<code>": exam.code,
            "<draw>": draw.code,
            "<int:sitting_id>": sitting,
            "<int:import_id>": "1",
        }
        for name, table in {**tables, "regulation": Regulation}.items():
            found[f"<int:{name}_id>"] = str(db.session.scalar(db.select(db.func.min(table.id))))
    return found


def addresses(app: Flask, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in FILES | ABSENT:
            continue
        path = rule.rule.replace("<code>", "<draw>") if "draw" in rule.endpoint else rule.rule
        for name, value in values.items():
            path = path.replace(name, value)
        yield rule.endpoint, path


def look(page: Any, where: str) -> list[str]:
    """Rule, where and the element of each violation on what the page shows now."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{where}: {one['id']} {node['target']} {node['failureSummary'][:400]}"
        for one in found
        for node in one["nodes"]
    ]


def hand_in(page: Any) -> list[str]:
    page.click("#open-sheet")
    page.click("#ask-submit")
    found = look(page, "the question before handing in")
    page.click("text=仍要交卷")
    page.wait_for_url("**/result")
    return found


def sit(page: Any, code: str) -> tuple[str, list[str]]:
    """An exam from the address on the poster to the result, looked at on the way; the sitting's number."""
    page.goto(f"/e/{code}")
    page.fill("#name", "安宁")
    page.fill("#phone", "13800000001")
    page.click("text=核对身份")
    page.wait_for_url("**/notice")
    found = look(page, "the notice")
    page.click("label.ck")
    page.click("#begin")
    page.wait_for_url("**/s/*")
    page.click(".op >> nth=1")
    page.wait_for_selector("#saved:has-text('已保存')")
    found += look(page, "answering")
    heard = page.locator("body").aria_snapshot()
    for words in HEARD:
        assert re.search(words, heard), heard
    page.click("[data-elder]")
    found += look(page, "answering, large type")
    page.click("#open-sheet")
    found += look(page, "the answer sheet")
    page.click("#close-sheet")
    return page.url.rpartition("/")[2], found


def upload(page: Any, folder: Path) -> None:
    """A bank and a roster, each with a row that needs attention, to the page where it is looked through."""
    bank, roster = folder / "题库.csv", folder / "名册.csv"
    bank.write_text("题型,题干,选项A,选项B,答案\n单选题,甲还是乙？,甲,乙,A\n单选题,都对？,甲,乙,AB\n")
    roster.write_text("姓名,单位,手机号\n林晓荷,柳泉镇,13800990033\n,柳泉镇,13800990034\n")
    page.goto("/admin/questions/import")
    page.set_input_files("input[type=file]", str(bank))
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/questions/imports/1*")
    page.goto("/admin/roster/import")
    page.set_input_files("input[type=file]", str(roster))
    page.locator("form button.btn-ink").click()
    page.wait_for_url("**/roster/imports/1*")


def test_no_page_breaks_a_rule(chromium: Any, county: tuple[Flask, str], tmp_path: Path) -> None:
    if Axe is None:
        skip_or_fail("browser", "axe-playwright-python is not installed")
    app, address = county
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=address)
    context.set_default_timeout(20_000)
    page = context.new_page()
    with app.app_context():
        code = making.open_exam(at=datetime.now(UTC)).code
    sitting, found = sit(page, code)
    found += hand_in(page)
    page.goto("/admin/")
    page.fill("#name", making.ACCOUNT)
    page.fill("#password", making.PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/admin/")
    upload(page, tmp_path)
    for endpoint, path in addresses(app, known(app, sitting)):
        assert "<" not in path, f"no address for {endpoint}"
        page.set_viewport_size(WALL if endpoint in WIDE else DESK)
        assert page.goto(path).status < 400, path
        found += look(page, path)
    page.set_content("<p style='color:#bbb;background:#fff'>看不清的字</p>")
    control = "\n".join(look(page, "the control"))
    assert "color-contrast" in control
    assert "html-has-lang" in control
    context.close()
    assert found == [], "\n".join(found)
