"""Cells that hold more than their text: formats, dates, errors, formulas, other containers."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from question_bank.reading import read
from tests.question_bank.reading.test_guard import parts_of, sheet_of, zipped

HEADINGS = ["题干", "选项A", "选项B", "选项C", "答案"]


def test_pictures_over_rows_and_in_cells_are_said(tmp_path: Path) -> None:
    drawn = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    anchor = "<x:oneCellAnchor><x:from><x:row>{}</x:row></x:from><x:{}/></x:oneCellAnchor>"
    drawing = "".join((anchor.format(1, "pic"), anchor.format(2, "sp"), anchor.format(9, "pic")))
    shown = '<f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v>'
    rows = [["题干", "A", "B", "答案"], ["甲？", "红", "绿", "A"], ["乙？", "红", shown, "A"]]
    cells = [
        "".join(
            f'<c r="{column}{number}" t="str">{text if text == shown else f"<v>{text}</v>"}</c>'
            for column, text in zip("ABCD", row, strict=True)
        )
        for number, row in enumerate(rows, start=1)
    ]
    sheet = sheet_of("".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(cells, start=1)))
    link = '<Relationships><Relationship Id="a" Target="../drawings/drawing1.xml"/></Relationships>'
    more = {"xl/drawings/drawing1.xml": f'<x:wsDr xmlns:x="{drawn}">{drawing}</x:wsDr>'}
    path = tmp_path / "题库.xlsx"
    path.write_bytes(zipped(parts_of(sheet, **{"xl/worksheets/_rels/sheet1.xml.rels": link}, **more)))
    found = [(told.row, told.code, told.column) for told in read(path).problems]
    assert found == [(3, "picture-cell", "B"), (3, "too-few-options", "A"), (2, "has-picture", "")]


def test_numbers_are_read_as_the_sheet_shows_them(bank: Any) -> None:
    def dress(book: openpyxl.Workbook) -> None:
        sheet = book["Sheet1"]
        for cell, code in (("B2", "0%"), ("C2", "$#,##0"), ("D2", 'm"月"d"日"'), ("C3", "[h]:mm:ss")):
            sheet[cell].number_format = code

    rows = [
        HEADINGS,
        ["甲？", 0.3, 1500, datetime(2025, 9, 1), "A"],  # noqa: DTZ001
        ["乙？", 15, timedelta(hours=300, minutes=29, seconds=1), 5.12, "A"],
    ]
    report = bank(rows, prepare=dress)
    assert [placed.question.options for placed in report.questions] == [
        ("30%", "$1,500", "9月1日"),
        ("15", "300:29:01", "5.12"),
    ]
    assert [(problem.row, problem.column, problem.code, problem.severity) for problem in report.problems] == [
        (2, "选项C", "date-cell", "warning"),
        (3, "选项B", "duration-cell", "warning"),
    ]
    assert "300:29:1" in report.problems[1].message
    assert [(change.from_, change.to) for change in report.changed] == [("0.3", "30%"), ("1500", "$1,500")]


def test_numbers_that_lost_their_digits_are_said(bank: Any) -> None:
    report = bank([HEADINGS, ["甲？", 110101199003078812, 2, 3, "B"]])
    assert [problem.code for problem in report.problems] == ["long-number"]


def test_formulas_without_value_and_error_values_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "题库.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    for row, value in enumerate(("", "#DIV/0!", "7"), 1):
        sheet.write_row(row, 0, [f"甲{row}？", "红", "绿", "", "A"])
        sheet.write_formula(row, 3, "=1+6", None, value)
    book.close()
    report = read(path)
    assert [(problem.row, problem.column, problem.code) for problem in report.errors] == [
        (2, "选项C", "formula-without-value"),
        (3, "选项C", "error-value"),
    ]
    assert [placed.question.options for placed in report.questions] == [("红", "绿", "7")]


def test_old_workbooks_show_their_formats_and_errors_too(
    tmp_path: Path, old_workbook: Callable[..., bytes]
) -> None:
    path = tmp_path / "题库.xls"
    rows = [HEADINGS, ["甲？", 0.285, "绿", "", "A"], ["乙？", "红", "#N/A", "", "A"]]
    cells = [
        (row, column, value) for row, line in enumerate(rows) for column, value in enumerate(line) if value
    ]
    path.write_bytes(old_workbook(cells))
    report = read(path)
    assert [placed.question.options for placed in report.questions] == [("28.5%", "绿")]
    assert [(problem.row, problem.column, problem.code) for problem in report.errors][:1] == [
        (3, "选项B", "error-value")
    ]


def test_a_workbook_under_a_wrong_name_is_read_by_its_content(tmp_path: Path, bank: Any) -> None:
    bank([HEADINGS, ["甲？", "红", "绿", None, "B"]])
    path = tmp_path / "题库.xls"
    path.write_bytes((tmp_path / "题库.xlsx").read_bytes())
    assert len(read(path).questions) == 1


def test_the_name_its_owner_knows_stands_in_the_report(tmp_path: Path, bank: Any) -> None:
    bank([["题干", "答案"], ["水往低处流。", "1"]], name="a1b2.xlsx")
    report = read(tmp_path / "a1b2.xlsx", name="判断题.xlsx")
    assert report.file == "判断题.xlsx"
    assert report.by_kind()["true_false"] == 1


def test_open_document_sheets(tmp_path: Path) -> None:
    def row(*texts: str) -> str:
        cells = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
            for text in texts
        )
        return f"<table:table-row>{cells}</table:table-row>"

    rest = '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        '<office:body><office:spreadsheet><table:table table:name="题">'
        + row("题干", "选项A", "选项B", "答案")
        + row("甲？", "红", "绿", "B")
        + rest
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    path = tmp_path / "题库.ods"
    path.write_bytes(out.getvalue())
    assert [placed.question.key for placed in read(path).questions] == [("B",)]
