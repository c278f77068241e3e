"""The organiser signs in, uploads a roster, looks it over, takes it over and finds people in it."""

import io
from typing import Any

import pytest
from factories import PASSWORD, make_account, make_person, make_unit
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import event, func, select

from quiz.extensions import db, transaction
from quiz.people.models import Person, RosterImport, Unit

HEADINGS = ["姓名", "单位", "手机号", "工号", "口令"]


@pytest.fixture
def desk(client: FlaskClient, time: Any) -> FlaskClient:
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


def xlsx(*rows: list[Any], headings: list[str] = HEADINGS) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in [headings, *rows]:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def upload(desk: FlaskClient, content: bytes, name: str = "名册.xlsx") -> Any:
    return desk.post("/admin/roster/import", data={"file": (io.BytesIO(content), name)})


def text(reply: Any) -> str:
    return reply.get_data(as_text=True)


def persons() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_upload_look_over_and_take_over(desk: FlaskClient) -> None:
    reply = upload(desk, xlsx(["王一", "青石镇", 13800000001], ["李二", "柳泉镇", "1.38E+10"]))
    assert reply.status_code == 303
    address = reply.headers["Location"]
    page = text(desk.get(address))
    assert persons() == 0, "looking changes nothing"
    assert "导入 1 人" in page
    assert "后面几位已经丢失" in page
    assert "没有见过的单位" in page
    done = desk.post(f"{address}/import", data={"create_units": "y"})
    assert done.headers["Location"] == address
    page = text(desk.get(address))
    assert "新增 1，更新 0，没有变化 0" in page
    assert "后面几位已经丢失" in page
    assert db.session.scalars(select(Person.phone)).all() == ["13800000001"]


def test_without_a_word_on_the_units_nobody_comes_in(desk: FlaskClient) -> None:
    address = upload(desk, xlsx(["王一", "青石镇", "13800000001"])).headers["Location"]
    desk.post(f"{address}/import", data={})
    assert (persons(), db.session.scalar(select(func.count()).select_from(Unit))) == (0, 0)
    assert "有 1 人的单位没有新建" in text(desk.get(address))


@pytest.mark.parametrize(
    ("choice", "unit"), [("县水利局", "县水利局"), ("+", "水利局"), ("", None), ("别的局", None)]
)
def test_a_unit_that_looks_like_another_is_asked_about(
    desk: FlaskClient, choice: str, unit: str | None
) -> None:
    make_unit("县水利局")
    address = upload(desk, xlsx(["王一", "水利局", "13800000001"])).headers["Location"]
    assert "就是“县水利局”" in text(desk.get(address))
    desk.post(f"{address}/import", data={"create_units": "y", "unit-0": choice})
    found = db.session.scalars(select(Unit.name).join(Person, Person.unit_id == Unit.id)).all()
    assert found == ([unit] if unit else [])


def test_pressing_twice_imports_once_and_forgets_the_persons(desk: FlaskClient) -> None:
    content = xlsx(["王一", "青石镇", "13800000001", "A1", "8273"])
    address = upload(desk, content).headers["Location"]
    kept = db.session.scalars(select(RosterImport)).one()
    assert "8273" not in kept.document, "no passcode is kept as typed"
    for _ in range(2):
        desk.post(f"{address}/import", data={"create_units": "y"})
    assert "新增 1，更新 0，没有变化 0" in text(desk.get(address))
    db.session.refresh(kept)
    assert "13800000001" not in kept.document


def test_a_roster_that_waits_is_listed_and_can_be_discarded(desk: FlaskClient) -> None:
    address = upload(desk, xlsx(["王一", "青石镇", "13800000001"])).headers["Location"]
    assert address in text(desk.get("/admin/roster/"))
    done = desk.post(f"{address}/discard", follow_redirects=True)
    assert "已丢弃，名册没有改动。" in text(done)
    assert address not in text(done)
    assert (persons(), db.session.scalar(select(func.count()).select_from(RosterImport))) == (0, 0)
    assert desk.get(address).status_code == 404


def test_what_was_imported_cannot_be_discarded(desk: FlaskClient) -> None:
    address = upload(desk, xlsx(["王一", "青石镇", "13800000001"])).headers["Location"]
    desk.post(f"{address}/import", data={"create_units": "y"})
    assert desk.post(f"{address}/discard").status_code == 409
    assert persons() == 1


def test_phones_put_right_are_shown_masked(desk: FlaskClient) -> None:
    address = upload(desk, xlsx(["王一", "青石镇", "138-0000-0001"])).headers["Location"]
    page = text(desk.get(address))
    assert "138-****-0001" in page
    assert "138****0001" in page
    assert "13800000001" not in page


def test_the_same_file_again_says_that_nothing_is_new(desk: FlaskClient) -> None:
    content = xlsx(["王一", "青石镇", "13800000001"])
    address = upload(desk, content).headers["Location"]
    desk.post(f"{address}/import", data={"create_units": "y"})
    page = text(desk.get(upload(desk, content).headers["Location"]))
    assert "没有新的人，<b>1</b> 人没有变化" in page
    assert "导入 1 人" not in page


def test_a_namesake_with_another_phone_can_be_the_same_person(desk: FlaskClient) -> None:
    person = make_person("王一", unit=make_unit("青石镇"))
    address = upload(desk, xlsx(["王一", "青石镇", "13900000001"])).headers["Location"]
    assert "138****0001 换成 139****0001" in text(desk.get(address))
    desk.post(f"{address}/import", data={"moved": "Sheet:2"})
    db.session.refresh(person)
    assert (persons(), person.phone) == (1, "13900000001")


@pytest.mark.parametrize("moved", ["Sheet", "Sheet:x", ":", "Sheet:-1", "Sheet:１", "Sheet:" + "9" * 5000])
def test_nonsense_in_the_confirmation_is_no_choice(desk: FlaskClient, moved: str) -> None:
    make_person("王一", unit=make_unit("青石镇"))
    address = upload(desk, xlsx(["王一", "青石镇", "13900000001"])).headers["Location"]
    assert desk.post(f"{address}/import", data={"moved": moved, "unit-9": "+"}).status_code == 303
    assert persons() == 2


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"%PDF-1.7", "a.xlsx", "PDF"),
        (b"PK\x03\x04 broken", "a.xlsx", "打不开"),
        ("姓名,手机号\n王一,13800000001".encode("gbk"), "a.csv", "“单位”"),
        ("单位,手机号\n青石镇,13800000001".encode(), "a.csv", "“姓名”"),
        ("随便写的一段话".encode(), "a.txt", "没有找到表头"),
        (b"\xff\xfe\x00", "a.csv", "WPS"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(
    desk: FlaskClient, content: bytes, name: str, words: str
) -> None:
    reply = upload(desk, content, name)
    assert reply.status_code == 422
    assert words in text(reply)
    assert "题目" not in text(reply)
    assert db.session.scalar(select(func.count()).select_from(RosterImport)) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_csv_in_any_usual_encoding(desk: FlaskClient, encoding: str) -> None:
    content = "姓名;单位;手机号\n王一;青石镇;13800000001".encode(encoding)
    address = upload(desk, content, "名册.csv").headers["Location"]
    assert "导入 1 人" in text(desk.get(address))


def test_nothing_chosen_or_two_files(desk: FlaskClient) -> None:
    assert "请先选择一个文件" in text(desk.post("/admin/roster/import", data={}))
    two = {"file": [(io.BytesIO(b"a"), "a.csv"), (io.BytesIO(b"b"), "b.csv")]}
    assert "一次只能传一个文件" in text(desk.post("/admin/roster/import", data=two))


def test_an_upload_beyond_the_limit_gets_the_form_again(desk: FlaskClient) -> None:
    desk.application.config["MAX_CONTENT_LENGTH"] = 1000
    reply = upload(desk, xlsx(["王一", "青石镇", "13800000001"]))
    assert (reply.status_code, "超过 20 MB" in text(reply)) == (422, True)


def test_cells_never_become_markup(desk: FlaskClient) -> None:
    rows = (["<script>alert(1)</script>", "<b>镇</b>", "{{7*7}}"], ["<i>李</i>", "<b>镇</b>", "13800000001"])
    address = upload(desk, xlsx(*rows), "<img src=x>.xlsx").headers["Location"]
    for page in (text(desk.get(address)), text(desk.post(f"{address}/import", data={"create_units": "y"}))):
        assert "<script>alert" not in page
        assert "<b>镇" not in page
        assert "<img" not in page
    assert "<i>李" not in text(desk.get("/admin/roster/"))


@pytest.fixture
def county(desk: FlaskClient) -> FlaskClient:
    first, second = make_unit("青石镇"), make_unit("柳泉镇")
    make_person("安宁", unit=first, phone="13800000001", number="A01", post="主任")
    make_person("安_然", unit=second, phone="13912345678")
    make_person("薄云", unit=first, phone="13800000003", active=False)
    return desk


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"安宁", "安_然"}),
        ("安宁", {"安宁"}),
        ("安 宁", {"安宁"}),
        ("_", {"安_然"}),
        ("%", set()),
        ("青石", {"安宁"}),
        ("5678", {"安_然"}),
        ("13800000001", {"安宁"}),
        ("3912", set()),
        ("A01", {"安宁"}),
        ("薄云", set()),
        ("\0", {"安宁", "安_然"}),
    ],
)
def test_finding_people(county: FlaskClient, query: str, names: set[str]) -> None:
    page = text(county.get("/admin/roster/", query_string={"q": query}))
    assert {name for name in ("安宁", "安_然", "薄云") if f">{name}</a></td>" in page} == names


def test_a_unit_shows_its_own_and_its_count(county: FlaskClient) -> None:
    unit = db.session.scalars(select(Unit).where(Unit.name == "青石镇")).one()
    page = text(county.get(f"/admin/roster/?unit={unit.id}"))
    assert "<span>青石镇</span><b>1</b>" in page, "who has left does not count"
    assert "安_然" not in page


def test_no_phone_is_shown_whole(county: FlaskClient) -> None:
    page = text(county.get("/admin/roster/"))
    assert "138****0001" in page
    assert "13800000001" not in page


def test_pages_of_fifty(county: FlaskClient) -> None:
    unit = make_unit("望河镇")
    with transaction():
        db.session.add_all(
            Person(name=f"王{n}", name_key=f"王{n}", unit_id=unit.id, phone=str(13700000000 + n))
            for n in range(120)
        )
    sizes = []
    for number in (1, 2, 3, 9):
        page = text(county.get(f"/admin/roster/?unit={unit.id}&page={number}"))
        sizes.append(page.count('<td class="nm">'))
    assert sizes == [50, 50, 20, 20]


def queries_of(desk: FlaskClient, path: str) -> int:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert desk.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_roster_costs_the_same_with_one_and_with_three(desk: FlaskClient) -> None:
    make_person("王零", unit=make_unit("零镇"), phone="13800000009")
    one = queries_of(desk, "/admin/roster/")
    for n in range(3):
        make_person(f"王{n}", unit=make_unit(f"第{n}镇"), phone=f"1390000000{n}")
    assert queries_of(desk, "/admin/roster/") == one


def test_the_template_can_be_filled_in_and_read(desk: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(desk.get("/admin/roster/template").data))
    sheet = book["名册"]
    for column, value in enumerate(["王一", "青石镇", "13800000001", "007", "8273"], 1):
        sheet.cell(2, column, value)
    file = io.BytesIO()
    book.save(file)
    address = upload(desk, file.getvalue()).headers["Location"]
    assert "导入 1 人" in text(desk.get(address))
    desk.post(f"{address}/import", data={"create_units": "y"})
    assert db.session.scalars(select(Person.number)).one() == "007"


def test_signing_in_says_only_that_it_is_wrong(client: FlaskClient, time: Any) -> None:
    make_account(at=time.now())
    pages = []
    for name in ("olga", "nobody"):
        reply = client.post("/admin/sign-in", data={"name": name, "password": "wrong-one"})
        assert reply.status_code == 401
        pages.append(text(reply).replace(name, ""))
    assert pages[0].count("账号或密码不对") == 1
    assert ("wrong-one" in pages[0]) is False


def test_signing_in_leads_back_but_never_elsewhere(client: FlaskClient, time: Any) -> None:
    make_account(at=time.now())
    good = {"name": "olga", "password": PASSWORD}
    for wanted, reached in [
        ("/admin/roster/", "/admin/roster/"),
        ("https://example.org/", "/admin/"),
        ("//example.org/admin/", "/admin/"),
        ("/admin/\\example.org", "/admin/"),
    ]:
        reply = client.post("/admin/sign-in", query_string={"next": wanted}, data=good)
        assert reply.headers["Location"] == reached
