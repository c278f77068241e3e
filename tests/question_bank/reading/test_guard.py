"""Containers that must be refused, in one sentence and at once (promises §3.1, cases 1 to 14)."""

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from question_bank.errors import CannotRead
from question_bank.reading import read
from question_bank.reading.container import LARGEST_FILE

HEADINGS = ["题型", "题干", "选项A", "选项B", "答案"]
ROW = ["单选题", "地球绕什么转？", "太阳", "月亮", "A"]
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


ROOT_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def sheet_of(rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def parts_of(sheet: str, **more: str) -> dict[str, str]:
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT_LINKS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": LINKS,
        "xl/worksheets/sheet1.xml": sheet,
        **more,
    }


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def two_far_cells() -> bytes:
    return zipped(
        parts_of(
            sheet_of(
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            )
        )
    )


def far_cell_in_odd_spelling() -> bytes:
    return zipped(
        parts_of(
            sheet_of(
                "<row><c t='n' r = 'A1'><v>1</v></c></row><row><c t='n' r='XFD1048576'><v>1</v></c></row>"
            )
        )
    )


def uncounted_cells() -> bytes:
    return zipped(parts_of(sheet_of("<row>" + "<c><v>1</v></c>" * 5000 + "</row>")))


def many_rows() -> bytes:
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    return zipped(parts_of(sheet_of(row * 3_000_000)))


def many_strings() -> bytes:
    return zipped(parts_of(sheet_of(""), **{"xl/sharedStrings.xml": "<sst>" + "<si><t/></si>" * 9_000_000}))


def one_huge_cell() -> bytes:
    return zipped(parts_of(sheet_of(f'<row r="1"><c r="A1" t="str"><v>{"x" * 110_000_000}</v></c></row>')))


def lying_size() -> bytes:
    data = bytearray(zipped(parts_of(sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>' * 50_000))))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", data, at + 24, 10)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def billion_laughs() -> bytes:
    dtd = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    return zipped(parts_of(sheet_of("", dtd)))


def external_entity() -> bytes:
    dtd = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return zipped(parts_of(sheet_of("", dtd)))


def entity_in_utf_16() -> bytes:
    out = io.BytesIO(zipped(parts_of(sheet_of(""))))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", '<!DOCTYPE x [<!ENTITY a "b">]><sst/>'.encode("utf-16"))
    return out.getvalue()


def climbing_name() -> bytes:
    return zipped(parts_of(sheet_of(""), **{"xl/../../evil.xml": "x"}))


def absolute_name() -> bytes:
    return zipped(parts_of(sheet_of(""), **{"/etc/evil.xml": "x"}))


def names_in_two_cases() -> bytes:
    return zipped(parts_of(sheet_of(""), **{"XL/Workbook.xml": BOOK}))


def ten_thousand_parts() -> bytes:
    return zipped(parts_of(sheet_of("")) | {f"xl/media/{n}.png": "" for n in range(10_000)})


def symlink() -> bytes:
    out = io.BytesIO(zipped(parts_of(sheet_of(""))))
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo("xl/link.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def encrypted_ole() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 600
    )


def nested_zip() -> bytes:
    return zipped({"题库.xlsx": zipped({"a": "b"}).decode("latin-1")})


def repeated_ods() -> bytes:
    cell = (
        '<table:table-cell office:value-type="string" table:number-columns-repeated="1000000">'
        "<text:p>x</text:p></table:table-cell>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<office:document><table:table-row table:number-rows-repeated="1000000">{cell}'
            "</table:table-row></office:document>",
        }
    )


REFUSED: list[tuple[Callable[[], bytes], str]] = [
    (two_far_cells, "cells-too-far"),
    (far_cell_in_odd_spelling, "cells-too-far"),
    (uncounted_cells, "cells-too-far"),
    (many_rows, "unpacks-too-large"),
    (many_strings, "unpacks-too-large"),
    (one_huge_cell, "unpacks-too-large"),
    (lying_size, "damaged"),
    (billion_laughs, "dtd"),
    (external_entity, "dtd"),
    (entity_in_utf_16, "odd-encoding"),
    (climbing_name, "odd-parts"),
    (absolute_name, "odd-parts"),
    (names_in_two_cases, "odd-parts"),
    (ten_thousand_parts, "too-many-parts"),
    (symlink, "odd-parts"),
    (encrypted_ole, "password"),
    (nested_zip, "archive"),
    (repeated_ods, "cells-too-far"),
    (lambda: b"", "empty-file"),
    (lambda: b"P", "plain-text"),
    (lambda: b"PK\x03\x04rubbish", "damaged"),
    (lambda: b"PK\x05\x06" + b"\0" * 18, "archive"),
    (lambda: workbook([HEADINGS, ROW])[:-400], "damaged"),
    (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 3000, "damaged"),
    (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 3000 + "Workbook".encode("utf-16-le"),
        "damaged",
    ),
    (lambda: b"%PDF-1.7\n", "not-a-table"),
    (lambda: b"\x89PNG\r\n\x1a\n", "not-a-table"),
    (lambda: b"<!DOCTYPE html><html><table><tr><td>x", "web-page"),
    (
        lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "web-page",
    ),
    (lambda: zipped({"word/document.xml": "<w/>"}), "empty-file"),
    (lambda: zipped({"xl/workbook.bin": "x"}), "xlsb"),
    (lambda: zipped({"Index/Document.iwa": "x"}), "numbers"),
    (lambda: b"x" * (LARGEST_FILE + 1), "file-too-large"),
]


@pytest.mark.parametrize(("make", "code"), REFUSED, ids=lambda made: getattr(made, "__name__", str(made)))
def test_a_dangerous_or_foreign_file_is_refused_at_once(
    make: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    path = tmp_path / "题库.xlsx"
    path.write_bytes(make())
    # Of our own processor, once in three: a neighbour's work slows even that.
    assert any(_refused(path, code) < 0.3 for _ in range(3))


def _refused(path: Path, code: str) -> float:
    """Seconds of processor time until the file was refused."""
    began = time.process_time()
    with pytest.raises(CannotRead) as refused:
        read(path)
    spent = time.process_time() - began
    assert refused.value.code == code
    assert refused.value.message.endswith("。")
    assert not any(letter in refused.value.message for letter in "!！")
    return spent


def test_a_cleared_sheet_of_formatted_blank_rows_is_read(tmp_path: Path) -> None:
    cells = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in zip("ABCDE", HEADINGS, strict=True)
    )
    data = "".join(
        f'<c r="{letter}2" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in zip("ABCDE", ROW, strict=True)
    )
    blank = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>' for n in range(3, 1_048_577))
    path = tmp_path / "题库.xlsx"
    path.write_bytes(zipped(parts_of(sheet_of(f'<row r="1">{cells}</row><row r="2">{data}</row>{blank}'))))
    assert len(read(path).questions) == 1


def test_a_far_cell_in_an_old_workbook_is_refused(tmp_path: Path, old_workbook: Callable[..., bytes]) -> None:
    """An .xls made by hand: calamine would allocate whatever its far cell spans."""
    path = tmp_path / "题库.xls"
    path.write_bytes(old_workbook([(0, 0, 1.0), (65_535, 60_000, 1.0)]))
    with pytest.raises(CannotRead) as refused:
        read(path)
    assert refused.value.code == "cells-too-far"


def test_an_encrypted_old_workbook_is_named(tmp_path: Path, old_workbook: Callable[..., bytes]) -> None:
    path = tmp_path / "题库.xls"
    path.write_bytes(old_workbook([(0, 0, 1.0)], protected=True))
    with pytest.raises(CannotRead, match="密码"):
        read(path)


def test_a_macro_workbook_is_read_for_its_cells_alone(tmp_path: Path) -> None:
    path = tmp_path / "题库.xlsm"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    sheet.write_row(1, 0, ROW)
    book.close()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"rubbish that nobody runs")
    assert len(read(path).questions) == 1
