"""OpenDocument sheets and old .xls: percentages as they are shown, hidden rows noticed and said."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.reading import open_document, read

TABLE = "urn:oasis:names:tc:opendocument:xmlns"
HEADINGS = ("题干", "A", "B", "答案")


def text(value: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def percent(value: str, shown: str, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="percentage" office:value="{value}"{more}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def content(*rows: str) -> bytes:
    return (
        f'<office:document-content xmlns:office="{TABLE}:office:1.0" xmlns:table="{TABLE}:table:1.0" '
        f'xmlns:text="{TABLE}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def file(path: Path, body: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{TABLE}:manifest:1.0"/>')
        archive.writestr("content.xml", body)
    return path


HEAD = row(*map(text, HEADINGS))


def test_percentages_are_read_as_they_are_shown(tmp_path: Path) -> None:
    asked = row(text("甲？"), percent("0.3", "30%"), percent("0.125", "12.50%"), text("A"))
    report = read(file(tmp_path / "题库.ods", content(HEAD, asked)))
    assert [placed.question.options for placed in report.questions] == [("30%", "12.50%")]
    assert {(change.from_, change.to) for change in report.changed} == {("0.3", "30%"), ("0.125", "12.50%")}


def test_repeated_cells_and_rows_are_counted() -> None:
    found = open_document.inspect(
        content(
            row(text(""), more=' table:number-rows-repeated="3"'),
            row(text("x"), percent("0.3", "30%", ' table:number-columns-repeated="2"')),
            row(text("y"), more=' table:visibility="filter" table:number-rows-repeated="2"'),
        )
    )["S"]
    assert found.formats == {(3, 1): "0%", (3, 2): "0%"}
    assert found.hidden_rows == [4, 5]


@pytest.mark.parametrize("how", ["collapse", "filter"])
def test_hidden_rows_are_read_and_said(tmp_path: Path, how: str) -> None:
    hidden = row(*map(text, ("乙？", "红", "绿", "B")), more=f' table:visibility="{how}"')
    report = read(
        file(tmp_path / "题库.ods", content(HEAD, row(*map(text, ("甲？", "红", "绿", "A"))), hidden))
    )
    assert len(report.questions) == 2
    [told] = report.problems
    assert (told.code, told.row, told.message) == ("hidden-rows", 3, "有 1 行是隐藏的，也读入了")


def test_hidden_rows_of_an_old_workbook_are_read_and_said(
    tmp_path: Path, old_workbook: Callable[..., bytes]
) -> None:
    rows = [HEADINGS, ("甲？", "红", "绿", "A"), ("乙？", "红", "绿", "B")]
    cells = [(row, column, cell) for row, texts in enumerate(rows) for column, cell in enumerate(texts)]
    (tmp_path / "题库.xls").write_bytes(old_workbook(cells, hidden=[2]))
    report = read(tmp_path / "题库.xls")
    assert len(report.questions) == 2
    assert [(told.code, told.row) for told in report.problems] == [("hidden-rows", 3)]


COLUMN = "<table:table-column{}/>"
HIDDEN = [("hidden-columns", 1, "B 列“A”、D 列“答案”是隐藏的，也读入了")]


def test_hidden_columns_are_read_and_said(tmp_path: Path) -> None:
    hidden = ' table:visibility="collapse"'
    columns = COLUMN.format("") + COLUMN.format(hidden) + COLUMN.format("")
    columns += COLUMN.format(hidden + ' table:number-columns-repeated="9"')
    asked = row(*map(text, ("甲？", "红", "绿", "A")))
    report = read(file(tmp_path / "题库.ods", content(columns, HEAD, asked)))
    assert [(told.code, told.row, told.message) for told in report.problems] == HIDDEN


def test_hidden_columns_of_an_old_workbook_are_said(
    tmp_path: Path, old_workbook: Callable[..., bytes]
) -> None:
    rows = [HEADINGS, ("甲？", "红", "绿", "A")]
    cells = [(row, column, cell) for row, texts in enumerate(rows) for column, cell in enumerate(texts)]
    (tmp_path / "题库.xls").write_bytes(old_workbook(cells, hidden_columns=[1, 3, 7]))
    report = read(tmp_path / "题库.xls")
    assert [(told.code, told.row, told.message) for told in report.problems] == HIDDEN


def test_pictures_are_said_at_their_row(tmp_path: Path) -> None:
    picture = '<table:table-cell><draw:frame xmlns:draw="' + TABLE + ':drawing:1.0"><draw:image/>'
    asked = row(*map(text, ("甲？", "红", "绿", "A")), picture + "</draw:frame></table:table-cell>")
    report = read(file(tmp_path / "题库.ods", content(HEAD, asked)))
    assert [(told.code, told.row) for told in report.problems] == [("has-picture", 2)]


def test_what_is_no_xml_has_no_facts() -> None:
    assert open_document.inspect(b"<a percentage") == {}
