"""One round of practising, in a real browser against a real server; once more without scripts."""

from typing import Any

import pytest

from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.practice.models import PracticeAnswer

pytestmark = pytest.mark.browser


@pytest.fixture
def free(hall: Any) -> Any:
    """A hall where no exam pauses practice: the one that is open is a contest."""
    with hall.app.app_context(), transaction():
        db.session.scalars(db.select(Exam)).one().mode = "contest"
    return hall


def records(hall: Any) -> list[tuple[int, int, bool]]:
    with hall.app.app_context():
        rows = db.session.scalars(db.select(PracticeAnswer).order_by(PracticeAnswer.question_id))
        return [(row.right, row.wrong, row.in_book) for row in rows]


def identify(page: Any) -> None:
    page.goto("/")
    page.click("text=自由练习")
    page.fill("#name", "安宁")
    page.fill("#phone", "138 0000 0001")
    page.click("text=核对身份，开始练习")
    page.wait_for_url("**/practice/1")


def answer(page: Any, place: int) -> None:
    page.click(f".op >> nth={place}")
    page.click("text=看答案")
    page.wait_for_selector(".got")


def test_a_round(phone: Any, free: Any) -> None:
    page = phone()
    identify(page)
    page.click(".chs a >> nth=0")
    answer(page, 1)
    assert page.text_content(".got").strip() == "答错了"
    assert page.text_content(".op.good em").strip() == "正确答案"
    page.click(".bb >> text=下一题")
    answer(page, 0)
    assert page.text_content(".got").strip() == "答对了"
    page.click("text=目录")
    assert "已练 2 题，答对 1 题" in page.text_content(".chs li >> nth=0")
    page.click("text=错题本")
    answer(page, 2)
    page.click("text=已掌握")
    page.wait_for_url("**/practice/1")
    page.wait_for_selector("text=还没有错题")
    assert records(free) == [(0, 2, False), (1, 0, False)]


def test_the_keyboard_chooses_and_sends(phone: Any, free: Any) -> None:
    page = phone()
    identify(page)
    page.goto("/practice/1/start?way=chapter&chapter=第一章 总则")
    page.focus(".op input >> nth=0")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".got")
    assert records(free) == [(0, 1, True)]


def test_it_works_without_scripts(chromium: Any, free: Any) -> None:
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, base_url=free.address, java_script_enabled=False
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    identify(page)
    page.click("text=随机练")
    answer(page, 0)
    assert len(records(free)) == 1
    page.go_back()
    page.click("text=看答案")
    page.wait_for_selector(".got")
    page.click(".bb .btn")
    page.wait_for_selector("text=看答案")
    context.close()
