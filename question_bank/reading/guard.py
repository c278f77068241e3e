"""What a zip workbook may hold before calamine may see it (promises §3.1).

calamine aborts the whole process on two cells far apart, and a small zip can unfold to gigabytes, so
sizes, names and cell references are checked first, without building anything.
"""

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from question_bank.errors import CannotRead
from question_bank.reading import pictures

MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS, MOST_COLUMNS = 60_000, 200
MOST_CELLS, MOST_STRINGS = 1_000_000, 1_000_000
_SLICE = 4 * 1024 * 1024

_TOO_BIG = "这个工作簿展开后太大。常见原因是整行整列设了格式，请把题目复制到新的工作簿再传。"
_FAR = (
    f"单元格超出了范围，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。"
    "请删除远处的内容，或把题目复制到新的工作簿再传。"
)
_DAMAGED = "这个文件打不开，可能已损坏。请用 WPS 另存为 .xlsx 后再传。"
_ODD = "这个文件的内部结构不正常，没有读入。请用 WPS 另存为 .xlsx 后再传。"

#: A cell that holds something; blank ones end in ``/>`` or ``></c>`` and only carry a format.
_CELL = rb'<%bc\s+r="([A-Z]{1,3})([0-9]{1,7})"(?:\s+s="([0-9]+)")?(?:\s+t="(\w+)")?[^<>/]*>(?!</)'
_ANY_CELL = rb"<%bc(?:\s[^<>]*[^<>/])?>(?!</)"
#: Any cell but one within MOST_ROWS and MOST_COLUMNS (GR), written as office programs do: see _telling.
_UNUSUAL = re.compile(
    rb'<c(?=[\s/>])(?! r="(?:[A-Z]|[A-F][A-Z]|G[A-R])(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|60000)"'
    rb'(?: s="(?:0|[1-9][0-9]*)")?(?: t="\w+")?/?>)|<c$'
)
_PREFIXED = re.compile(rb":c[\s/>]|:c$")
#: Any cell but a blank one and one of mere text, both usual and nothing to note: with what follows it, so
#: that the other questions are asked only of these.
_TELLING = re.compile(
    rb'(<c(?=[\s/>]|$)(?! r="(?:[A-Z]|[A-F][A-Z]|G[A-R])(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|60000)"'
    rb'(?: s="(?:0|[1-9][0-9]*)")?(?: t="s"><v>| t="inlineStr"><is>|/>))[^<]*)(?=((?:<[^<>\s]*)?))'
)
#: The cells of a usual sheet that have something to note: a number with a style, an error.
_NOTABLE = rb'<c r="([A-Z]{1,2})([0-9]{1,5})"(?= s="[1-9]| t="e")(?: s="([0-9]+)")?(?: t="([nde])")?>(?!</)'
_PREFIX = re.compile(rb"<(\w+:)?(?:worksheet|chartsheet|dialogsheet|macrosheet)\b")
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_STYLE = re.compile(rb"\bs\s*=\s*[\"']([0-9]+)[\"']")
_TYPE = re.compile(rb"\bt\s*=\s*[\"'](\w+)[\"']")
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\br="([0-9]+)"[^<>]*?\bhidden="(?:1|true)"')
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^<>]*>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_SPAN = re.compile(rb"\b(min|max)\s*=\s*[\"']([0-9]{1,5})[\"']")
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\s+r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*><(?:\w+:)?f[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_REPEATED_CELL = re.compile(
    rb'<table:(?:covered-)?table-cell\b[^<>]*number-columns-repeated="([0-9]+)"[^<>]*(?<!/)>'
)
_REPEATED_ROW = re.compile(rb'<table:table-row\b[^<>]*number-rows-repeated="([0-9]+)"[^<>]*(?<!/)>')
_SHEET_PART = re.compile(r"xl/(?:work|chart|dialog|macro)sheets/[^/]+\.xml$", re.IGNORECASE)


BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)


@dataclass(slots=True)
class SheetFacts:
    """What calamine does not tell: styles of number cells by (row, column) from 0, odd cells, what is
    hidden, and whether there are cells that are pictures."""

    styles: dict[tuple[int, int], int] = field(default_factory=dict)
    errors: list[tuple[int, int]] = field(default_factory=list)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    pictured: bool = False


@dataclass(slots=True)
class Parts:
    """The small parts a reader wants, and the facts of each sheet part by its name."""

    texts: dict[str, bytes]
    sheets: dict[str, SheetFacts]


def inspect(data: bytes) -> Parts:
    """Check a zip workbook part by part. CannotRead where it must not be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_directory(archive.infolist())
            return _check_parts(archive)
    except BROKEN_ZIP as wrong:
        raise CannotRead("damaged", _DAMAGED) from wrong


def check_directory(parts: list[zipfile.ZipInfo], *, most: int = MOST_PARTS) -> None:
    """Numbers, sizes and names of the parts, before any is unpacked. CannotRead where they are odd."""
    if len(parts) > most:
        raise CannotRead("too-many-parts", _ODD)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise CannotRead("unpacks-too-large", _TOO_BIG)
    seen = set()
    for part in parts:
        name = part.filename
        odd = name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/")
        link = (part.external_attr >> 16) & 0o170000 == 0o120000
        if odd or link or name.casefold() in seen:
            raise CannotRead("odd-parts", _ODD)
        if part.flag_bits & 0x1:
            raise CannotRead("password", "这个工作簿加了密码。请先去掉密码再传。")
        seen.add(name.casefold())


def _check_parts(archive: zipfile.ZipFile) -> Parts:
    texts: dict[str, bytes] = {}
    sheets: dict[str, SheetFacts] = {}
    for part in archive.infolist():
        name = part.filename
        # Only what calamine opens: customXml and the like may be in any encoding.
        if not name.casefold().startswith(("xl/", "content.xml")) or not name.endswith((".xml", ".rels")):
            continue
        body = archive.read(part)
        check_markup(body)
        if _SHEET_PART.match(name):
            sheets[name] = _sheet_facts(body)
        elif name.casefold() == "xl/sharedstrings.xml":
            if body.count(b"<si") > MOST_STRINGS:
                raise CannotRead("unpacks-too-large", _TOO_BIG)
        elif name == "content.xml":
            _check_repeats(body)
            texts[name] = body
        elif len(body) < 8_000_000:
            texts[name] = body
    return Parts(texts, sheets)


def check_markup(body: bytes) -> None:
    """UTF-8 without a document type: anything else is not made by an office program."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in body[:200]:
        raise CannotRead("odd-encoding", _ODD)
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", body)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise CannotRead("odd-encoding", _ODD)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise CannotRead("dtd", _ODD)


def _sheet_facts(body: bytes) -> SheetFacts:
    prefix = _PREFIX.search(body, 0, 20_000)
    name = (prefix[1] or b"") if prefix else b""
    telling = _telling(body)
    facts, seen, usual = SheetFacts(), 0, telling is not None
    if not usual:
        _check_form(body)
    told, row = (body, b"<" + name + b"row") if telling is None else (telling, b"<c")
    for rows in _slices(told, row):
        cells = re.findall(_NOTABLE, rows) if usual else _cells(rows, name)
        seen += len(cells)
        if seen > MOST_CELLS:
            raise CannotRead("unpacks-too-large", _TOO_BIG)
        _note(cells, facts)
    if b"hidden" in body:
        facts.hidden_rows = [int(row) - 1 for row in _HIDDEN_ROW.findall(body)]
        facts.hidden_columns = _hidden_columns(body)
    facts.pictured = pictures.HINT in body
    if b"<f" in told or b":f" in told:
        facts.without_value = [(int(row) - 1, _column(letters)) for letters, row in _NO_VALUE.findall(body)]
    return facts


def _hidden_columns(body: bytes) -> list[int]:
    """From 0; they are told before the rows, as spans of columns."""
    found: list[int] = []
    for tag in _COLUMN.findall(body, 0, body.find(b"sheetData")):
        if _HIDDEN.search(tag):
            span = {name: int(number) for name, number in _SPAN.findall(tag)}
            found += range(span.get(b"min", 1) - 1, min(span.get(b"max", 0), MOST_COLUMNS))
    return found


def _telling(body: bytes) -> bytes | None:
    """The cells worth a question; None unless every cell is within reach and plainly written."""
    if body.count(b"<c ") > MOST_CELLS or _PREFIXED.search(body):
        return None
    found: list[bytes] = []
    # The last rows first: a sheet that reaches too far is known by them.
    for start, end in reversed(_bounds(body, b"<row")):
        piece = b"".join(itertools.chain.from_iterable(_TELLING.findall(body[start:end])))
        if _UNUSUAL.search(piece):
            _note(re.findall(_CELL % b"", piece), SheetFacts())
            return None
        found.append(piece)
    return b"".join(reversed(found))


def _bounds(body: bytes, row: bytes) -> list[tuple[int, int]]:
    """Where to cut a sheet into pieces of whole rows, so that no large one is held as a list of cells."""
    found, start = [], 0
    while start < len(body):
        end = body.find(row, start + _SLICE)
        end = len(body) if end < 0 else end
        found.append((start, end))
        start = end
    return found


def _slices(body: bytes, row: bytes) -> Iterator[bytes]:
    return (body[start:end] for start, end in _bounds(body, row))


def _cells(rows: bytes, prefix: bytes) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """(letters, row, style, type) of every cell that holds something."""
    cells: list[tuple[bytes, bytes, bytes, bytes]] = re.findall(_CELL % prefix, rows)
    any_cell = re.compile(_ANY_CELL % prefix)
    if len(cells) == sum(1 for _ in any_cell.finditer(rows)):
        return cells
    cells = [_slow_cell(tag) for tag in any_cell.findall(rows)]
    if any(row == b"0" for _, row, _, _ in cells):
        _check_uncounted(rows, any_cell)
    return cells


def _note(cells: list[tuple[bytes, bytes, bytes, bytes]], facts: SheetFacts) -> None:
    columns = {letters: _column(letters) for letters in {cell[0] for cell in cells}}
    far = max(columns.values(), default=0) >= MOST_COLUMNS
    if far or max((int(cell[1]) for cell in cells), default=0) > MOST_ROWS:
        raise CannotRead("cells-too-far", _FAR)
    for letters, row, style, kind in cells:
        # Style 0 is the workbook's default and text cells have no number to show.
        if kind == b"e":
            facts.errors.append((int(row) - 1, columns[letters]))
        elif style.strip(b"0") and kind in (b"", b"n", b"d"):
            facts.styles[int(row) - 1, columns[letters]] = int(style)


def _slow_cell(tag: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """The same groups for a tag written in another order, with other quotes or without a reference."""
    reference, style, kind = _REFERENCE.search(tag), _STYLE.search(tag), _TYPE.search(tag)
    if reference is None and re.search(rb"\br\s*=", tag):
        raise CannotRead("odd-reference", _ODD)
    place = (reference[1].upper(), reference[2]) if reference else (b"A", b"0")
    return (*place, style[1] if style else b"", kind[1] if kind else b"")


def _check_uncounted(body: bytes, any_cell: re.Pattern[bytes]) -> None:
    """Cells without a reference take the next column, so their number is what counts."""
    rows = re.split(rb"<(?:\w+:)?row\b", body)[1:]
    numbered = (re.match(rb"[^<>]*?\br\s*=\s*[\"']([0-9]+)", row) for row in rows)
    far = max((int(found[1]) for found in numbered if found), default=0)
    if max(far, len(rows)) > MOST_ROWS or any(len(any_cell.findall(row)) > MOST_COLUMNS for row in rows):
        raise CannotRead("cells-too-far", _FAR)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _check_form(body: bytes) -> None:
    """What is no XML calamine reads its own way: it looks without end for what closes an .ods table, and
    takes a broken reference for a far one."""
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError as wrong:
        raise CannotRead("damaged", _DAMAGED) from wrong


def _check_repeats(body: bytes) -> None:
    """OpenDocument writes 1,000 equal cells as one: only empty ones may repeat far."""
    _check_form(body)
    if body.count(b"<table:table-cell") + body.count(b"<table:covered-table-cell") > MOST_CELLS:
        raise CannotRead("unpacks-too-large", _TOO_BIG)
    if any(int(times) > MOST_COLUMNS for times in _REPEATED_CELL.findall(body)):
        raise CannotRead("cells-too-far", _FAR)
    for row in body.split(b"</table:table-row>"):
        repeated = _REPEATED_ROW.search(row)
        if repeated and int(repeated[1]) > 1000 and (b"<text:p" in row or b"office:value" in row):
            raise CannotRead("cells-too-far", _FAR)
