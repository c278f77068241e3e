"""The board on the wall in a real browser: it moves, it pages, it survives the network, it fits."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from factories import decide_ranking, make_person, make_result, make_unit
from sqlalchemy import select

from quiz.exams.queries import exam_by_code
from quiz.extensions import db, transaction
from quiz.people.models import Unit
from quiz.standings import freezing, services
from quiz.standings.method import Grouping
from quiz.standings.programme import Programme, Scene
from quiz.tokens import sign_wall

pytestmark = pytest.mark.browser

LONG = "中国邮政储蓄银行股份有限公司安澜县城关街道支行营业部"


def sit(hall: Any, unit: str, score: str, phone: int) -> None:
    """Somebody of a new unit hands in."""
    with hall.app.app_context():
        person = make_person(f"欧阳{phone}", unit=make_unit(unit), phone=f"1390000{phone:04}")
        make_result(exam_by_code(hall.code), person, score, at=datetime.now(UTC), minutes=20)


@pytest.fixture
def wall(hall: Any, phone: Callable[..., Any]) -> Callable[..., Any]:
    def open_(width: int = 1920, height: int = 1080, mark: str = "#still") -> Any:
        page = phone(width, height)
        with hall.app.app_context():
            key = sign_wall(hall.app.config["SECRET_KEY"], exam=exam_by_code(hall.code).id)
        page.goto(f"/board/{hall.code}?key={key}{mark}")
        return page

    return open_


def names(page: Any) -> list[str]:
    return page.locator(".lb li .nm").all_inner_texts()


def test_the_first_hand_in_opens_the_board_and_a_better_one_rises(
    hall: Any, wall: Callable[..., Any]
) -> None:
    page = wall()
    page.get_by_text("榜单还空着").wait_for()
    sit(hall, "望河镇", "80", 1)
    page.locator(".lb li").wait_for()
    assert names(page) == ["望河镇"]
    assert page.locator(".sc").inner_text() == "90.0"
    assert not page.get_by_text("榜单还空着").is_visible()
    sit(hall, "县司法局", "95", 2)
    page.locator(".mv.dn").wait_for()
    assert names(page) == ["县司法局", "望河镇"]
    assert page.locator(".mv.dn").inner_text() == "▼1"


def test_without_network_it_keeps_the_board_says_how_old_it_is_and_heals(
    hall: Any, wall: Callable[..., Any]
) -> None:
    sit(hall, "望河镇", "80", 1)
    page = wall()
    page.locator(".lb li").wait_for()
    page.context.set_offline(True)
    page.locator("#old").wait_for(timeout=15_000)
    assert "秒前，正在重新连接" in page.locator("#old").inner_text()
    assert names(page) == ["望河镇"]
    sit(hall, "县司法局", "95", 2)
    page.context.set_offline(False)
    page.get_by_text("县司法局").wait_for()
    page.locator("#old").wait_for(state="hidden")


def test_pages_turn_and_never_show_who_did_not_take_part(hall: Any, wall: Callable[..., Any]) -> None:
    for number in range(10):
        sit(hall, f"第{number}单位", str(90 - number), number)
    with hall.app.app_context():
        with transaction():
            db.session.scalars(select(Unit).where(Unit.name == "第9单位")).one().kind = "镇"
        decide_ranking(exam_by_code(hall.code), at=datetime.now(UTC), grouping=Grouping.KIND)
    page = wall(mark="")
    page.get_by_text("第 1 至 8 家").wait_for()
    assert len(names(page)) == 8
    page.get_by_text("第 9 至 9 家").wait_for(timeout=15_000)
    assert names(page) == ["第8单位"]
    assert page.locator("#group").inner_text() == "其他"
    # The best of every group come to the wall, group by group.
    page.locator("#group", has_text="镇").wait_for(timeout=15_000)
    assert names(page) == ["第9单位"]
    # 青石镇 of the hall is expected and nobody of it came.
    assert "青石镇" not in page.content()


@pytest.mark.parametrize(
    ("width", "height", "columns"), [(1920, 1080, 1), (2048, 1024, 1), (3840, 1080, 2), (1024, 768, 1)]
)
def test_everything_fits_on_every_wall(
    hall: Any, wall: Callable[..., Any], width: int, height: int, columns: int
) -> None:
    for number in range(9):
        sit(hall, LONG if number == 4 else f"第{number}单位", str(90 - number), number)
    page = wall(width, height)
    page.locator(".lb li").first.wait_for()
    shown = page.locator(".lb li:visible")
    assert shown.count() == (8 if columns == 1 else 9)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.lb li, .nm, .sd, .sd *, .ft, .sh1 *')].filter(one => {
            const box = one.getBoundingClientRect();
            return box.width && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.top < 0);
        }).map(one => one.className || one.tagName)"""
    )
    assert outside == []
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.nm')].filter(one => one.offsetParent &&
            (one.scrollWidth > one.clientWidth || one.offsetHeight > one.parentNode.clientHeight)).length"""
    )
    assert cut == 0


def test_places_are_told_on_the_wall_and_the_board_comes_back(hall: Any, wall: Callable[..., Any]) -> None:
    for number in range(3):
        sit(hall, f"第{number}单位", str(90 - number), number)
    page = wall()
    page.locator(".lb li").first.wait_for()
    deed(hall, freezing.begin, rehearsal=True, group="", prizes=[1, 1, 1])
    page.locator("#bang .col").first.wait_for()
    assert page.locator("#bang .sld").count() == 3
    assert "第0单位" not in page.locator("#tell").inner_text()
    with hall.app.app_context(), transaction():
        freezing.step(exam_by_code(hall.code), seen=0, to=1)
    page.locator("#bang .now").wait_for()
    assert "第2单位" in page.locator("#said").inner_text()
    deed(hall, freezing.finish)
    page.locator(".lb li").first.wait_for()


def test_other_scenes_come_in_turn(hall: Any, wall: Callable[..., Any], phone: Callable[..., Any]) -> None:
    sit(hall, "望河镇", "80", 1)
    shown = Programme((Scene.UNITS, Scene.PROGRESS, Scene.SLOGANS), ("群众利益无小事",))
    deed(hall, services.show, programme=shown)
    page = wall(mark="")
    page.locator(".scene .pbig").wait_for(timeout=25_000)
    page.locator(".lb li").first.wait_for(timeout=25_000)
    page.get_by_text("群众利益无小事").wait_for(timeout=25_000)


def deed(hall: Any, name: Callable[..., Any], **more: Any) -> None:
    with hall.app.app_context(), transaction():
        name(exam_by_code(hall.code), at=datetime.now(UTC), who="test", **more)
