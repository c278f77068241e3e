"""No page breaks a rule that axe-core can check: WCAG 2.2 A and AA, contrast and size of targets included.

Every GET route is opened in a real browser, as the administrator of the sample county who sits an exam on
the same machine, and what an administrator does not see as those who do. axe finds about half of what can be
wrong: the rest is in promises L2 to L6.

A new route is opened by itself when ``known()`` has a value for each name in its address; one that is no page
goes into NO_PAGES, one that is seen on the way or cannot be seen here into ELSEWHERE, with the reason.
"""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import skip_or_fail
from factories import PASSWORD, Phone, make_account, make_bank, make_exam
from flask import Flask

from question_bank import Kind, Question
from question_bank.paper import PRESETS, PaperSpec
from question_bank.spec import Preset, SpecLine
from quiz import config, create_app
from quiz.access import Role
from quiz.demo import county as sample
from quiz.demo import making
from quiz.draws import services as draws
from quiz.draws.rules import Eligible, Tier
from quiz.exams.models import Exam, Room
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Account, Person, Unit
from quiz.questions import models as questions
from quiz.reports import certificates, certifying
from quiz.sittings import hand_marks, rooming, rooms, seating
from quiz.sittings.models import ShortAnswer
from quiz.standings import stages
from quiz.standings.tables import Board, Table

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:
    Axe = None

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": True}},
    "resultTypes": ["violations"],
    "preload": False,
}
#: Rows of a table are alike, and each costs as much as the first.
RUN = """options => {
  document.querySelectorAll('tbody > tr:nth-child(n+9)').forEach(row => row.remove());
  return axe.run(options).then(found => found.violations);
}"""
#: Not pages: files, pictures, documents for scripts, and parts of pages.
NO_PAGES = {
    "web.healthz web.readyz web.openapi static audit.export standings.absent standings.live_part exams.qr",
    "reports.make_up reports.scores reports.standings room_screen.code questions.export questions.template",
    "people.template draws.published draws.listed draws.state imports.problem_rows standing_api.units",
    "standing_api.persons standing_api.wall sitting_api.exam sitting_api.show sitting_api.clock",
    "sitting_api.time posters.pdf puzzles.picture proctoring.part proctoring.code",
    "certificates.file certificates.my_file mine.as_json mine.as_workbook",
}
ELSEWHERE = {
    "sso.begin": "leads to another service",
    "sso.back": "comes from another service",
    "proctoring.index": "of a proctor alone: ROLES",
    "certificates.mine": "the sheet of certificates.sheets with a link",
    "profile.change": "join() looks at it, with the cookie of the contest",
    "imports.columns": "upload() looks at it, when the file without headings is there",
}
#: Whose code stands in the address, where it is not the open exam's.
CODES = {
    "contest": {"flags.index", "posters.page", "terms.change"},
    "short": {"marking.index", "marking.next_", "marking.answer"},
    "series": {"stages.page", "stages.show"},
    "past": {"certificates.page", "certificates.sheets"},
    "draw": {"draws.notice", "draws.recompute", "draws.screen", "draws.mine", "draw_desk.show"},
}
#: Pages an administrator does not see, or sees otherwise.
ROLES = {
    Role.UNIT_MANAGER: ("exams.home", "people.roster", "persons.show", "standings.live", "leave.index"),
    Role.SUPERVISOR: ("exams.home", "standings.live"),
    Role.PROCTOR: ("proctoring.index", "proctoring.show"),
    Role.MARKER: ("marking.mine", "marking.answer"),
}
SHORT = PaperSpec((SpecLine(Kind.SINGLE, 2, 1000), SpecLine(Kind.SHORT, 2, 1000)))
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
def county(
    served: Callable[[Flask], str], empty_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Flask, str]:
    """The sample county, with a tenth of its people, on a real server, and its address."""
    shutil.copy(empty_sqlite, tmp_path / "mingshi.db")
    monkeypatch.setattr(sample, "PERSONS", 40)
    monkeypatch.setitem(PRESETS, "short", Preset("short", "简答", SHORT, minutes=60, pass_mark=2500))
    app = create_app(config.load({}, data=tmp_path))
    with app.app_context():
        making.make(at=datetime.now(UTC))
    return app, served(app)


def open_exam() -> Exam:
    """The sample county's, with rooms: number one is watched by the proctor."""
    at = datetime.now(UTC)
    exam = making.open_exam(at=at)
    with transaction():
        exam.room_secret = "00" * 16
        seating.split(exam, seats=60, how=rooming.How.TOGETHER, at=at, who=making.ACCOUNT)
        rooms.of_exam(exam)[0].proctors = [db.session.query(Account).filter_by(role=Role.PROCTOR.value).one()]
    return exam


def accounts() -> None:
    """One of each role in ROLES, named like it."""
    unit = db.session.scalars(db.select(Unit)).first()
    for role in ROLES:
        of = {"unit": unit} if role is Role.UNIT_MANAGER else {}
        make_account(role.value, role=role, at=datetime.now(UTC), **of)


def contest() -> Exam:
    at = datetime.now(UTC)
    bank = db.session.scalars(db.select(questions.Bank)).first()
    return make_exam(bank, at=at, mode=Mode.CONTEST, preset="monthly")


def short_answers(app: Flask) -> Exam:
    """An exam in which one person has written an answer that the marker has to mark."""
    at = datetime.now(UTC)
    asked = [Question(Kind.SINGLE, f"单选 {n}", ("对", "错"), ("A",)) for n in range(2)]
    asked += [Question(Kind.SHORT, f"简答 {n}", (), (f"参考答案 {n}",)) for n in range(2)]
    exam = make_exam(make_bank(asked, name="简答", at=at), at=at, preset="short")
    phone = Phone(app.test_client(), exam, db.session.scalars(db.select(Person)).first())
    paper = phone.start().get_json()
    for item in paper["items"]:
        answer = ["A"] if item["kind"] == "single" else ["先登记，再转送。"]
        phone.save(paper["sitting"], item["position"], answer)
    phone.submit(paper["sitting"])
    with transaction():
        hand_marks.choose_markers(exam, markers=1, at=at, who=making.ACCOUNT)
    return exam


def certificates_given() -> str:
    """Code of the sample county's exam that is over, with a certificate for each who passed."""
    at = datetime.now(UTC)
    exam = db.session.scalars(db.select(Exam).where(Exam.closes_at < at)).first()
    choice = certificates.Choice(
        kind=certifying.Kind.PASS, whom=certifying.Whom.PASSED, issuer="安澜县信访局"
    )
    with transaction():
        certificates.issue(Board(exam, table=Table.JURY, at=at), choice, at=at, who=making.ACCOUNT)
    return exam.code


def known(app: Flask, sitting: str, contest: str) -> tuple[dict[str, str], dict[str, str]]:
    """What stands in an address for each name in a route, and for <code> in those of CODES."""
    at, who = datetime.now(UTC), making.ACCOUNT
    tables = {"account": Account, "person": Person, "unit": Unit, "bank": questions.Bank}
    tables |= {"question": questions.Question, "regulation": questions.Regulation, "room": Room}
    with app.app_context():
        accounts()
        exam, short = open_exam(), short_answers(app)
        with transaction():
            wishes = draws.Settings("宣传月抽奖", [Tier("一等奖", 3)], Eligible.PASSED)
            draw = draws.prepare(exam, settings=wishes, at=at, who=who)
            draws.publish(draw, at=at, who=who)
            series = stages.make(title="擂台赛", at=at, who=who)
            stages.add(series, exam, name="初赛", weight=100, at=at, who=who)
        codes = {
            "past": certificates_given(),
            "contest": contest,
            "short": short.code,
            "series": series.code,
            "draw": draw.code,
        }
        values = {"code": exam.code, "int:sitting_id": sitting, "int:import_id": "1", "which": "seats"}
        values["int:number"] = str(db.session.scalar(db.select(db.func.min(ShortAnswer.id))))
        values["number"] = db.session.scalar(db.select(db.func.min(certificates.Certificate.number)))
        for name, table in tables.items():
            values[f"int:{name}_id"] = str(db.session.scalar(db.select(db.func.min(table.id))))
    return values, {endpoint: codes[what] for what, endpoints in CODES.items() for endpoint in endpoints}


def addresses(app: Flask, values: dict[str, str], codes: dict[str, str]) -> dict[str, str]:
    """Endpoint → address of every page."""
    found, missing = {}, []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in FILES | ELSEWHERE.keys() - {"proctoring.index"}:
            continue
        path = rule.rule
        for name, value in {**values, "code": codes.get(rule.endpoint, values["code"])}.items():
            path = path.replace(f"<{name}>", value)
        found[rule.endpoint] = path
        if "<" in path:
            missing.append(f"{rule.endpoint}: {path}")
    told = "give known() a value, or say why not in NO_PAGES or ELSEWHERE:"
    assert not missing, "\n".join([told, *missing])
    return found


def look(page: Any, where: str) -> list[str]:
    """Rule, where and the element of each violation on what the page shows now."""
    return [
        f"{where}: {one['id']} {node['target']} {node['failureSummary'][:400]}"
        for one in page.evaluate(RUN, OPTIONS)
        for node in one["nodes"]
    ]


def visit(page: Any, addresses: dict[str, str], who: str) -> list[str]:
    found = []
    for endpoint, path in addresses.items():
        page.set_viewport_size(WALL if endpoint in WIDE else DESK)
        assert page.goto(path).status < 400, f"{endpoint}: {path} as {who}"
        found += look(page, f"{path} as {who}")
    return found


def sign_in(page: Any, name: str, password: str) -> None:
    page.context.clear_cookies(name="mingshi_desk")
    page.goto("/admin/sign-in")
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def join(page: Any, code: str) -> list[str]:
    """A contest from its poster to one's own particulars, looked at on the way."""
    page.goto(f"/e/{code}")
    found = look(page, "joining a contest")
    page.get_by_label("所在单位").fill("柳泉镇")
    page.get_by_label("姓名").fill("柳青")
    page.get_by_label("手机号码").fill("13900000009")
    page.get_by_text("我已阅读并同意").click()
    page.get_by_role("button", name="参加竞赛").click()
    page.wait_for_url("**/notice")
    page.goto(f"/e/{code}/me")
    return found + look(page, "what one said at joining")


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


def upload(page: Any, folder: Path) -> list[str]:
    """Banks and a roster, each with a row that needs attention, to the page where it is looked through."""
    bank, bare, roster = (folder / name for name in ("题库.csv", "没有表头.csv", "名册.csv"))
    bank.write_text("题型,题干,选项A,选项B,答案\n单选题,甲还是乙？,甲,乙,A\n单选题,都对？,甲,乙,AB\n")
    rows = (f"关于信访事项办理的第 {n} 个说法正确的是,甲方案,乙方案,丙方案,{'ABC'[n % 3]}" for n in range(12))
    bare.write_text("\n".join(rows))
    roster.write_text("姓名,单位,手机号\n林晓荷,柳泉镇,13800990033\n,柳泉镇,13800990034\n")
    for file, where in ((bank, "**/questions/imports/1*"), (bare, "**/columns")):
        page.goto("/admin/questions/import")
        page.set_input_files("input[type=file]", str(file))
        page.get_by_role("button", name="上传并核对").click()
        page.wait_for_url(where)
    found = look(page, "what the columns mean")
    page.goto("/admin/roster/import")
    page.set_input_files("input[type=file]", str(roster))
    page.locator("form button.btn-ink").click()
    page.wait_for_url("**/roster/imports/1*")
    return found


def test_no_page_breaks_a_rule(chromium: Any, county: tuple[Flask, str], tmp_path: Path) -> None:
    if Axe is None:
        skip_or_fail("browser", "axe-playwright-python is not installed")
    app, address = county
    phone = {"width": 390, "height": 844}
    # Nothing moves, or a colour would be measured while it fades in.
    context = chromium.new_context(viewport=phone, base_url=address, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    context.add_init_script(Axe().axe_script)
    page = context.new_page()
    with app.app_context():
        code, open_to_all = making.open_exam(at=datetime.now(UTC)).code, contest().code
    found = join(page, open_to_all)
    sitting, seen = sit(page, code)
    found += seen + hand_in(page)
    where = addresses(app, *known(app, sitting, open_to_all))
    of_proctors = where.pop("proctoring.index")
    sign_in(page, making.ACCOUNT, making.PASSWORD)
    found += upload(page, tmp_path) + visit(page, where, "admin")
    where["proctoring.index"] = of_proctors
    for role, endpoints in ROLES.items():
        sign_in(page, role.value, PASSWORD)
        found += visit(page, {endpoint: where[endpoint] for endpoint in endpoints}, role.value)
    page.set_content("<p style='color:#bbb;background:#fff'>看不清的字</p>")
    control = "\n".join(look(page, "the control"))
    assert "color-contrast" in control
    assert "html-has-lang" in control
    context.close()
    assert found == [], "\n".join(found)
