#!/usr/bin/env python3
"""Take the pictures of docs/pictures anew from a running demo.

.venv/bin/python -m quiz demo --port 8113 --data DIR --fresh     in one terminal
.venv/bin/python docs/pictures.py http://127.0.0.1:8113          in another

Signs in as the organiser and the first two candidates of the demo. It begins one sitting, hands nothing in
and imports nothing, so it may run again on the same demo. With ImageMagick's ``convert`` the pictures get
a palette, which makes them a quarter of the size.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: What the demo prints when it starts.
ACCOUNT, PASSWORD = "安澜", "anlan-2026"
OPEN_TITLE, CLOSED_TITLE = "应知应会考试", "学习测试"
FIRST, SECOND = ("安宁", "13800000001"), ("陈思远", "13800000002")
PHONE, DESK, WALL, PAPER = (390, 844), (1366, 768), (1920, 1080), (794, 1123)

BANK = """题型,题干,选项A,选项B,选项C,选项D,答案,依据
单选题,信访工作坚持的首要原则是（　）,坚持党的全面领导,坚持速战速决,坚持层层转交,坚持一律劝返,A,第五条
多选题,信访工作应当坚持的原则包括（　）,以人民为中心,依法按政策解决问题,坚持源头治理,坚持层层转交,ABC,第五条
单选题,各级机关、单位应当畅通的是（　）,信访渠道,广告渠道,销售渠道,投资渠道,E,第十七条
判断题,信访人可以用书信、电话、走访等形式提出信访事项,,,,,√,第十七条
判断题,信访事项的处理意见应当书面答复信访人,,,,,基本正确,第三十二条
多选题,信访工作责任体系包括（　）,党委统一领导,政府组织落实,信访工作联席会议协调,信访部门推动,,第六条
"""
ROSTER = """姓名,单位,手机号,职务
郑文静,青石镇,13900000101,副镇长
何明远,城关街道,1.39E+10,科员
孙晓东,城关街道办,13900000103,主任
吴丽华,县司法局,1390000010,股长
安宁,城关街道,13800000001,主任
"""

OVERVIEW = """<!doctype html><meta charset="utf-8"><style>
body{{margin:0;width:1600px;height:760px;background:#E9E0CF;position:relative;overflow:hidden}}
img{{position:absolute;display:block;border-radius:10px;box-shadow:0 10px 30px rgba(33,28,22,.28)}}
</style><img src="{wall}" style="left:48px;top:48px;width:880px"><img src="{live}"
style="left:420px;top:280px;width:770px"><img src="{phone}"
style="left:1238px;top:48px;width:306px;border-radius:22px">
"""


class Camera:
    """Pages of one demo in one browser, each signed in as somebody."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base

    def page(self, size: tuple[int, int], *, scale: float = 1) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        mobile = {"is_mobile": True, "has_touch": True} if size == PHONE else {}
        context = self.browser.new_context(
            base_url=self.base, viewport=viewport, device_scale_factor=scale, locale="zh-CN", **mobile
        )
        return context.new_page()


def shoot(page: Page, name: str, *, dither: bool = False) -> None:
    """The window as it stands, once fonts, polls and motion have settled, as docs/pictures/<name>.png."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # until what slides in has arrived
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file)
    shrink(file, dither=dither)


def shrink(file: Path, *, dither: bool) -> None:
    """Smooth shades need dithering, which triples the size of the wall: only for the picture of README."""
    if shutil.which("convert"):
        palette = ["-colors", "256"] if dither else ["+dither", "-colors", "128"]
        subprocess.run(["convert", file, "-strip", *palette, f"PNG8:{file}"], check=True)


def sign_in(page: Page) -> None:
    page.goto("/admin/sign-in")
    page.fill("#name", ACCOUNT)
    page.fill("#password", PASSWORD)
    page.click("form button")
    page.wait_for_url("**/admin/")


def desk(camera: Camera) -> tuple[str, str]:
    """The organiser's pages; returns the codes of the open and of the closed exam."""
    page = camera.page(DESK)
    page.goto("/admin/sign-in")
    shoot(page, "desk-sign-in")
    sign_in(page)
    shoot(page, "desk-home")
    page.goto("/admin/exams/")
    shoot(page, "desk-exams")
    open_, closed = (code_of(page, title) for title in (OPEN_TITLE, CLOSED_TITLE))
    page.goto("/admin/exams/new")
    page.fill("#title", "2026 年第四季度《信访工作条例》考试")
    shoot(page, "desk-exam-new")
    page.goto(f"/admin/exams/{open_}/settings")
    shoot(page, "desk-exam-settings")
    page.goto(f"/admin/exams/{open_}/spec")
    shoot(page, "desk-exam-spec")
    page.goto("/admin/roster/")
    shoot(page, "desk-roster")
    page.goto("/admin/questions/")
    page.locator("a[href*='/banks/']").first.click()
    shoot(page, "desk-bank")
    bank(page)
    upload(page, "/admin/roster/import", "名册.csv", ROSTER)
    shoot(page, "desk-roster-import")
    page.goto("/admin/questions/import")
    page.select_option("#bank", index=0)
    upload(page, None, "题库.csv", BANK)
    shoot(page, "desk-import")
    page.goto(f"/admin/exams/{open_}")
    shoot(page, "desk-live")
    page.goto(f"/admin/exams/{open_}/poster")
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.emulate_media(media="print")
    shoot(page, "desk-poster")
    return open_, closed


def bank(page: Page) -> None:
    """From the page of a bank: a question, the coverage of the regulation, taking the bank away, practice."""
    here = page.url
    page.goto("/admin/questions/12")
    shoot(page, "desk-question")
    for end, name in (("/coverage", "desk-coverage"), ("/export", "desk-export")):
        page.goto(here + end)
        shoot(page, name)
    page.goto("/admin/practice/")
    shoot(page, "desk-practice")


def code_of(page: Page, title: str) -> str:
    address = page.locator("td.nm a", has_text=title).first.get_attribute("href") or ""
    return re.sub(".*/", "", address)


def upload(page: Page, path: str | None, name: str, text: str) -> None:
    if path:
        page.goto(path)
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    page.set_input_files("#file", file)
    with page.expect_navigation():
        page.click("#go")


def identify(page: Page, code: str, who: tuple[str, str]) -> None:
    """Sign in as a member of the demo's cast and stand before the notice."""
    page.goto(f"/e/{code}")
    page.fill("#name", who[0])
    page.fill("#phone", who[1])
    page.click("main form button")
    page.wait_for_url("**/notice")


def phone(camera: Camera, open_: str, closed: str) -> None:
    """A sitting of the second of the cast, left open; the result of the first from the exam that is over."""
    page = camera.page(PHONE)
    page.goto("/")
    shoot(page, "phone-home")
    page.goto(f"/e/{open_}")
    shoot(page, "phone-join")
    identify(page, open_, SECOND)
    if page.locator("#go-on").count():
        page.click("#go-on")
    else:
        shoot(page, "phone-notice")
        page.click("label.ck")
        page.click("#begin")
    page.wait_for_url("**/s/*")
    sitting(page)
    page = camera.page(PHONE)
    identify(page, closed, FIRST)
    page.locator(".runs a").last.click()
    shoot(page, "phone-result")
    page.click("text=看错题")
    shoot(page, "phone-review")


def sitting(page: Page) -> None:
    """Thirteen answers, one flag; then each kind of page a candidate sees before handing in."""
    for position in (*range(1, 11), 61, 62):
        show(page, position)
        choose(page, (0,))
    show(page, 9)
    shoot(page, "phone-single")
    show(page, 41)
    choose(page, (0, 1, 3))
    if page.get_attribute("#flag", "aria-pressed") == "false":
        page.click("#flag")
    shoot(page, "phone-multiple")
    page.click("#open-sheet")
    shoot(page, "phone-sheet")
    page.click("#sheet-foot button >> nth=-1")
    page.wait_for_selector("#ask:not([hidden])")
    shoot(page, "phone-submit")


def show(page: Page, position: int) -> None:
    page.click("#open-sheet")
    page.click(f".sc >> nth={position - 1}")


def choose(page: Page, places: Sequence[int]) -> None:
    for place in places:
        option = page.locator("#question input").nth(place)
        if not option.is_checked():
            page.click(f".op >> nth={place}")
    page.wait_for_selector("#saved:has-text('已保存')")


def wall(camera: Camera, open_: str) -> None:
    page = camera.page(WALL)
    page.goto(f"/board/{open_}")
    page.wait_for_selector("#first li")
    # The marks of risers shine for three seconds after the first sort.
    page.wait_for_timeout(4000)
    shoot(page, "wall")


def draw(camera: Camera) -> None:
    """A prize draw on the way: nine of ten uncovered on the wall, then its notice on a phone."""
    desk = camera.page(DESK)
    sign_in(desk)
    desk.goto("/admin/draws/new")
    desk.fill("#title", "宣传月知识竞答抽奖")
    desk.fill("#tiers", "幸运奖 10")
    desk.click(".bar1 button")
    code = desk.url.rpartition("/")[2]
    desk.get_by_role("button", name="公布名单").click()
    for place, number in enumerate(("385", "027", "914")):
        desk.locator("[name=guest]").nth(place).fill(f"嘉宾 {place + 1}")
        desk.locator("[name=number]").nth(place).fill(number)
    desk.fill("[name=witnesses]", "县纪委监委 2 人")
    desk.get_by_role("button", name="登记，定下种子").click()
    desk.fill("[name=password]", PASSWORD)
    desk.get_by_role("button", name="开奖").click()
    for _ in range(9):
        desk.get_by_role("button", name="揭晓下一名").click()
    shoot(desk, "desk-draw")
    screen = camera.page(WALL)
    screen.goto(f"/draws/{code}/screen")
    screen.wait_for_selector("#winners li")
    shoot(screen, "wall-draw")
    desk.get_by_role("button", name="开始公示").click()
    notice = camera.page(PHONE)
    notice.goto(f"/draws/{code}")
    shoot(notice, "phone-draw")


def ranks(camera: Camera, open_: str) -> None:
    """How ranks are decided, what a change would do, and a rehearsal of telling them."""
    page = camera.page(DESK)
    page.goto("/admin/sign-in")
    page.fill("#name", ACCOUNT)
    page.fill("#password", PASSWORD)
    page.click("form button")
    page.wait_for_url("**/admin/")
    page.goto(f"/admin/exams/{open_}/ranking")
    page.fill("#weight", "30")
    page.click("text=试算")
    page.wait_for_selector("text=试算：按左边的办法")
    shoot(page, "desk-ranking")
    page.goto(f"/admin/exams/{open_}/reveal")
    page.click("button[name=rehearsal]")
    for _ in range(2):
        with page.expect_navigation():
            page.click("#next")
    shoot(page, "desk-reveal")
    hall = camera.page(WALL)
    hall.goto(f"/board/{open_}#still")
    hall.wait_for_selector("#bang .now")
    shoot(hall, "wall-reveal")
    page.click("text=大屏回到榜单")


def overview(camera: Camera) -> None:
    """What README shows, from the three pictures taken before."""
    names = {"wall": "wall", "live": "desk-live", "phone": "phone-single"}
    places = {key: (PICTURES / f"{name}.png").as_uri() for key, name in names.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(OVERVIEW.format(**places))
        file.flush()
        page = camera.page((1600, 760))
        page.goto(Path(file.name).as_uri())
        shoot(page, "overview", dither=True)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.exit(__doc__)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        camera = Camera(playwright.chromium.launch(executable_path=program, args=FLAGS), arguments[0])
        open_, closed = desk(camera)
        phone(camera, open_, closed)
        wall(camera, open_)
        draw(camera)
        ranks(camera, open_)
        overview(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
