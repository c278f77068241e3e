"""The organiser's question pages, with real uploads through the route."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bank_files import BAD, GOOD, sign_in, upload, xlsx
from factories import (
    Phone,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_unit,
)
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event

from question_bank.reading import child
from quiz.audit.models import Deed
from quiz.extensions import db
from quiz.questions.models import Bank, BankImport, Question


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    """Olga the organiser, signed in."""
    make_account(at=time.now())
    return sign_in(client, "olga")


def other(app: Flask) -> FlaskClient:
    """A client of somebody else: requests of a test share one context, which remembers who signed in."""
    g.pop("_login_user", None)
    return app.test_client()


def uploads(app: Flask) -> list[Path]:
    """Files left of uploads."""
    return [path for path in (Path(app.config["DATA"]) / "uploads").rglob("*") if path.is_file()]


def count(model: type[Any]) -> int:
    return db.session.query(model).count()


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_good_file_is_shown_then_imported(desk: FlaskClient, app: Flask) -> None:
    sent = upload(desk, xlsx(GOOD), name="各镇汇总/题库（终稿3）.xlsx")
    assert sent.status_code == 303
    shown = desk.get(sent.location).text
    assert "题库（终稿3）.xlsx" in shown
    assert "入库 4 题" in shown
    assert count(Question) == 0
    assert uploads(app) == []

    done = desk.post(sent.location + "/import", follow_redirects=True).text
    assert "已于 11 月 24 日 12:00 入库 <b>4</b> 题" in done
    assert count(Question) == 4
    [deed] = db.session.query(Deed).filter_by(what="bank.import")
    assert (deed.who, deed.detail["imported"]) == ("olga", 4)


def test_every_bad_row_is_shown_with_its_place_and_reason(desk: FlaskClient) -> None:
    where = upload(desk, xlsx(BAD + GOOD)).location
    shown = desk.get(where).text
    assert "单选" in shown
    for words in (">2</a>", ">3</a>", "ABD", "题型写的是单选，答案有 3 个", "答案 E 不在选项 A 至 D 中"):
        assert words in shown
    assert "其余 <b>2</b> 行留在待处理" in shown
    assert "改为“正确”" in desk.get(where + "?tab=changed").text
    desk.post(where + "/import")
    assert count(Question) == 4


def test_opening_the_page_starts_the_reader_ahead(desk: FlaskClient) -> None:
    desk.get("/admin/questions/import")
    ready = child._spare._child
    assert ready is not None
    assert upload(desk, xlsx(GOOD)).status_code == 303
    assert ready.returncode == 0


def test_a_file_that_is_too_large_gets_the_page_with_the_limit(desk: FlaskClient, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 50_000
    refused = upload(desk, bytes(60_000))
    assert refused.status_code == 422
    assert "文件超过 20 MB" in refused.text
    assert count(BankImport) == 0


def test_a_stranger_with_a_large_file_learns_nothing(client: FlaskClient, app: Flask, time: Any) -> None:
    make_bank(name="内部题库", at=time.now())
    app.config["MAX_CONTENT_LENGTH"] = 50_000
    refused = upload(client, bytes(60_000))
    assert "内部题库" not in refused.text


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"file": None}, "请先选择一个文件。"),
        ({"bank": " "}, "题库名称要有"),
        ({"bank": "长" * 81}, "题库名称要有"),
        ({"which": "一", "bank": ""}, "题库名称要有"),
        ({"which": "9" * 30, "bank": ""}, "题库名称要有"),
    ],
)
def test_an_incomplete_form_says_what_is_missing(
    desk: FlaskClient, more: dict[str, Any], sentence: str
) -> None:
    refused = upload(desk, b"x", **more)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert count(Bank) == 0


def test_two_files_at_once_are_refused(desk: FlaskClient) -> None:
    files = [(io.BytesIO(xlsx(GOOD)), f"{n}.xlsx") for n in range(2)]
    assert "一次只能传一个文件" in upload(desk, b"", file=files).text


def test_content_decides_not_the_extension(desk: FlaskClient) -> None:
    assert upload(desk, xlsx(GOOD), name="题库.csv").status_code == 303


def test_an_odd_file_name_is_shown_harmless(desk: FlaskClient) -> None:
    where = upload(desk, xlsx(GOOD), name="..\\a\u202e<b>坏</b>.xlsx").location
    shown = desk.get(where).text
    assert "a&lt;b&gt;坏&lt;" not in shown
    assert "<b>坏</b>" not in shown


def test_importing_the_same_file_again_adds_nothing(desk: FlaskClient) -> None:
    for expected in (4, None):
        where = upload(desk, xlsx(GOOD)).location
        desk.post(where + "/import")
        assert db.session.get(BankImport, int(where.rsplit("/", 1)[1])).imported == expected
    assert count(Question) == 4
    assert count(Bank) == 1


def test_what_is_in_the_bank_is_named_before_it_is_imported(desk: FlaskClient) -> None:
    desk.post(upload(desk, xlsx(GOOD)).location + "/import")
    shown = desk.get(upload(desk, xlsx(GOOD)).location).text
    assert "题库里已有完全相同的题，不重复入库" in shown
    assert "没有新的题可以入库" in shown


def test_repeated_rows_of_one_file_are_named(desk: FlaskClient) -> None:
    other = [*GOOD[0][:6], "B", *GOOD[0][7:]]
    where = upload(desk, xlsx([*GOOD, GOOD[0], other])).location
    assert "与第 2 行完全相同，不重复入库" in desk.get(where + "?tab=repeated").text
    assert "与第 2 行近似 100%，答案不同" in desk.get(where + "?tab=near").text
    desk.post(where + "/import")
    assert count(Question) == 4
    desk.post(where + "/near", data={"choice": "keep"})
    desk.post(where + "/import")
    assert count(Question) == 5


def test_pressing_twice_imports_once(desk: FlaskClient) -> None:
    where = upload(desk, xlsx(GOOD)).location
    for _ in range(2):
        assert desk.post(where + "/import").status_code == 303
    assert count(Question) == 4
    assert db.session.query(Deed).filter_by(what="bank.import").count() == 1


def test_a_discarded_preview_leaves_nothing(desk: FlaskClient, time: Any) -> None:
    kept = make_bank(name="已有的", at=time.now())
    for bank in ("条例", kept.name):
        where = upload(desk, xlsx(GOOD), bank=bank).location
        assert desk.post(where + "/discard").status_code == 303
        assert desk.get(where).status_code == 404
    assert [bank.name for bank in db.session.query(Bank)] == ["已有的"]


def test_an_imported_file_cannot_be_discarded(desk: FlaskClient) -> None:
    where = upload(desk, xlsx(GOOD)).location
    desk.post(where + "/import")
    assert desk.post(where + "/discard").status_code == 409
    assert count(Question) == 4


def test_only_desks_may_open_a_preview(desk: FlaskClient, app: Flask, time: Any) -> None:
    where = upload(desk, xlsx(GOOD)).location
    make_account("otto", at=time.now())
    assert sign_in(other(app), "otto").get(where).status_code == 200

    stranger = other(app)
    assert stranger.get(where).status_code == 302
    assert stranger.post(where + "/import").status_code == 401
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    phone = Phone(other(app), exam, make_person(unit=make_unit()))
    assert phone.client.get(where).status_code == 302
    assert phone.client.get("/admin/questions/").status_code == 302


def test_addresses_that_mean_nothing_are_not_found(desk: FlaskClient) -> None:
    for path in ("banks/99", "imports/99", "imports/99/problems.xlsx", f"banks/{10**30}"):
        assert desk.get(f"/admin/questions/{path}").status_code == 404
    for path in ("imports/99/import", "imports/99/discard", "banks/99/export"):
        assert desk.post(f"/admin/questions/{path}").status_code == 404


def test_the_list_shows_counts_and_waiting_files(desk: FlaskClient, time: Any) -> None:
    assert "还没有题库" in desk.get("/admin/questions/").text
    make_bank(make_questions(single=3, multiple=2, true_false=1), at=time.now())
    upload(desk, xlsx(GOOD), name="新题.xlsx", bank="另一个")
    shown = desk.get("/admin/questions/").text
    for words in ("条例题库", "11 月 24 日 12:00", "新题.xlsx", "另一个", "还没有题"):
        assert words in shown


def test_a_bank_is_filtered_and_paged(desk: FlaskClient, time: Any) -> None:
    bank = make_bank(make_questions(single=120, multiple=2, true_false=0), at=time.now())
    page = f"/admin/questions/banks/{bank.id}"
    first = desk.get(page).text
    assert first.count("<details") == 50
    assert "第 1 / 3 页" in first
    assert desk.get(page + "?page=3").text.count("<details") == 22
    assert desk.get(page + "?page=99999999999999999999").text.count("<details") == 22
    assert desk.get(page + "?kind=multiple").text.count("<details") == 2
    assert desk.get(page + "?text=单选题干 119").text.count("<details") == 1
    assert desk.get(page + "?text=%25").text.count("<details") == 0
    assert desk.get(page + "?chapter=第一章 总则&difficulty=3").text.count("<details") == 0
    assert desk.get(page + "?kind=x&difficulty=九&page=-1&text=%00&chapter=%00").status_code == 200


def test_pages_cost_the_same_however_many_rows(desk: FlaskClient, time: Any) -> None:
    def cost(path: str) -> int:
        db.session.expire_all()
        with statements() as seen:
            assert desk.get(path).status_code == 200
        return len(seen)

    bank = make_bank(make_questions(single=1, multiple=0, true_false=0), at=time.now())
    upload(desk, xlsx(GOOD), bank="待一")
    one = cost("/admin/questions/"), cost(f"/admin/questions/banks/{bank.id}")
    for number in range(3):
        make_bank(make_questions(single=number + 2), name=f"题库{number}", at=time.now())
        upload(desk, xlsx(GOOD), bank=f"待{number}")
    make_bank(make_questions(single=3), at=time.now())
    assert (cost("/admin/questions/"), cost(f"/admin/questions/banks/{bank.id}")) == one


def test_a_long_preview_is_paged(desk: FlaskClient) -> None:
    rows = [["判断题", f"第 {n} 句话对不对。", "", "", "", "", "对", "", "", "", ""] for n in range(450)]
    where = upload(desk, xlsx(rows)).location
    shown = desk.get(where + "?tab=fresh&page=3").text
    assert shown.count('class="pick"') == 50 + 1  # and 下一处
    assert "第 3 / 3 页" in shown
    assert desk.get(where + "?tab=odd&page=999&at=999").status_code == 200


def test_markup_in_a_question_is_shown_not_run(desk: FlaskClient) -> None:
    evil = [
        "单选题",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "乙",
        "",
        "",
        "A",
        "",
        "",
        "",
        "",
    ]
    where = upload(desk, xlsx([evil])).location
    desk.post(where + "/import")
    for path in (where + "?tab=fresh", f"/admin/questions/banks/{db.session.query(Bank).one().id}"):
        shown = desk.get(path).text
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
