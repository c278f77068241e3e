"""What is fuzzed: each target takes any bytes and fails when a promise of the readers is broken.

A reader gives a Report or CannotRead with one sentence, a report holds no unfit question and survives
its journey as JSON; the small parsers take any text. Anything else that is raised is a bug.
"""

import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from question_bank import answers, blanks, cells, columns, kinds, options
from question_bank.errors import CannotRead
from question_bank.question import LABELS, comparable, faults
from question_bank.reading import number_formats, read
from question_bank.report import ERROR, Report

_FOLDER = Path(tempfile.gettempdir())
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = f'<worksheet xmlns="{_MAIN}"><sheetData>', "</sheetData></worksheet>"
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>"
)
_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_ROOT = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
_CELL = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'
_ODS = (
    f'<office:document-content xmlns:office="{_OASIS}:office:1.0" xmlns:table="{_OASIS}:table:1.0" '
    f'xmlns:text="{_OASIS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">',
    "</table:table></office:spreadsheet></office:body></office:document-content>",
)
_ODS_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
_DOCX = f'<w:document xmlns:w="{_WORD}"><w:body>', "</w:body></w:document>"
_PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
_PROSE = "一、单选题\n1. 谁负责？\nA. 甲\nB. 乙\n答案：A\n解析：甲\n二、判断题\n2、对。（√）\n"
_ROWS = (("题干", "A", "B", "答案", "分值"), ("甲？", "红", "绿", "A", "2"))


def whole_file(data: bytes) -> None:
    """Any bytes as an uploaded file."""
    path = _FOLDER / f"mingshi-fuzz-{os.getpid()}"
    path.write_bytes(data)
    try:
        report = read(path, name="题库.xlsx")
    except CannotRead as refusal:
        if not refusal.message.endswith("。"):
            raise AssertionError(refusal.message) from refusal
        return
    finally:
        path.unlink()
    for placed in report.questions:
        assert [fault for fault in faults(placed.question) if fault.severity == ERROR] == []
    assert Report.from_json(report.to_json()) == report


def table(data: bytes) -> None:
    """Below a row of headings, any text cut into cells."""
    text = data.decode("utf-8", "replace")
    whole_file(("题型,题干,选项A,选项B,选项C,答案,难度,分值\n" + text).encode())


def prose(data: bytes) -> None:
    """Any text as a bank without a table."""
    whole_file((_PROSE + data.decode("utf-8", "replace")).encode())


def workbook(data: bytes) -> None:
    """Any bytes as the rows of an .xlsx sheet: a zip of them would never pass its own checksums."""
    parts = {"[Content_Types].xml": _TYPES.encode(), "xl/workbook.xml": _BOOK.encode()}
    parts |= {"_rels/.rels": _ROOT.encode(), "xl/_rels/workbook.xml.rels": _LINKS.encode()}
    whole_file(zipped(parts | {"xl/worksheets/sheet1.xml": _between(_SHEET, data)}))


def open_document(data: bytes) -> None:
    """Any bytes as the rows of an .ods sheet."""
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<m:manifest xmlns:m="{_OASIS}:manifest:1.0"/>'.encode()
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": _between(_ODS, data)}
    whole_file(zipped(parts))


def document(data: bytes) -> None:
    """Any bytes as the body of a .docx."""
    whole_file(zipped({"word/document.xml": _between(_DOCX, data)}))


def _between(around: tuple[str, str], data: bytes) -> bytes:
    return around[0].encode() + data + around[1].encode()


def parsers(data: bytes) -> None:
    """The parsers of one answer, blank, option, heading, number format."""
    text = data.decode("utf-8", "surrogateescape")
    first, _, rest = text.partition("\n")
    texts = tuple(rest.split("\t"))
    for how in (answers.Writing(), answers.Writing(indexed=True, counted=True)):
        key = answers.choice_key(first, texts, how, single=len(texts) % 2 == 0)
        assert key is None or set(key[0]) <= set(LABELS)
        assert answers.truth_key(first, texts, how) in (None, "T", "F")
    assert all(piece for piece in blanks.pieces(first, len(texts))) or not first.strip()
    assert blanks.count(text) >= 0
    assert cells.clean(cells.clean(text)) == cells.clean(text)
    assert comparable(comparable(text)) == comparable(text)
    assert options.split(text) or not text
    columns.recognise(texts)
    (
        kinds.kind_of_word(first),
        kinds.kind_of_section(first),
        kinds.kind_in_stem(text),
        kinds.kind_of_name(first),
    )
    answers.embedded(text)
    for value in (0.3, -1.5, 44927):
        number_formats.shown(value, first)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "file": whole_file,
    "table": table,
    "prose": prose,
    "workbook": workbook,
    "open_document": open_document,
    "document": document,
    "parsers": parsers,
}
_XLSX_ROWS = "".join(
    f'<row r="{n}">{"".join(_CELL.format("ABCDE"[place], n, text) for place, text in enumerate(row))}</row>'
    for n, row in enumerate(_ROWS, start=1)
)
_ODS_ROWS = "".join(
    f"<table:table-row>{''.join(map(_ODS_CELL.format, row))}</table:table-row>" for row in _ROWS
)
#: Where the search begins: one whole input for each target.
SEEDS: Mapping[str, bytes] = {
    "file": b"\xef\xbb\xbf" + _PROSE.encode(),
    "table": '单选题,甲？,红,绿,,A,易,2\n多选题,乙？,A.红,B.绿,蓝,"A,C",难,1\n判断题,丙,,,,√,,\n'.encode(),
    "prose": _PROSE.encode(),
    "workbook": _XLSX_ROWS.encode(),
    "open_document": _ODS_ROWS.encode(),
    "document": "".join(map(_PARAGRAPH.format, _PROSE.split("\n"))).encode(),
    "parsers": "A、C\n甲\t乙\t丙____（　）[$-404]yyyy".encode(),
}
