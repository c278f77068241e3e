"""Workbooks (.xlsx, .xls, .ods, and .et which is .xls): sheets of texts through calamine."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from question_bank.cells import is_suspect
from question_bank.errors import CannotRead
from question_bank.reading import biff, guard, open_document, pictures
from question_bank.reading.container import Container
from question_bank.reading.number_formats import BUILT_IN, plain, shown
from question_bank.reading.sheet import Remark, Sheet

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LONG = 1e15
#: Rows whose columns are looked at together.
_BLOCK = 1000


@dataclass(slots=True)
class _Facts:
    """What is known of one sheet besides its values."""

    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    errors: list[tuple[int, int]] = field(default_factory=list)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    pictured: bool = False


def sheets(data: bytes, container: Container) -> list[Sheet]:
    """Every worksheet in order. CannotRead when the file is unsafe, damaged or behind a password."""
    known = _known(data, container)
    try:
        return _read_all(data, known)
    except PasswordError as wrong:
        raise CannotRead("password", "这个工作簿加了密码。请先去掉密码再传。") from wrong
    except (CalamineError, ValueError, OSError, OverflowError) as wrong:
        raise CannotRead("damaged", "这个文件打不开，可能已损坏。请用 WPS 另存为 .xlsx 后再传。") from wrong
    except BaseException as wrong:
        # A panic in calamine's Rust derives from nothing better and has no public name.
        if type(wrong).__name__ != "PanicException":
            raise
        message = "有一格的数字或日期读不出来，文件可能已损坏。请用 WPS 另存为 .xlsx 后再传。"
        raise CannotRead("damaged", message) from wrong


def _read_all(data: bytes, known: Callable[[str], _Facts]) -> list[Sheet]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        found = []
        for meta in workbook.sheets_metadata:
            if meta.typ == SheetTypeEnum.WorkSheet:
                sheet = workbook.get_sheet_by_name(meta.name)
                found.append(_sheet(sheet, meta.visible != Visible.Visible, known(meta.name)))
        return found


def _known(data: bytes, container: Container) -> Callable[[str], _Facts]:
    """The guard's findings by sheet name."""
    if container is Container.XLS:
        old = biff.inspect(data)
        return lambda name: _Facts(
            old.formats.get(name, {}),
            old.errors.get(name, []),
            hidden_rows=old.hidden_rows.get(name, []),
            hidden_columns=old.hidden_columns.get(name, []),
        )
    parts = guard.inspect(data)
    if container is Container.ODS:
        tables = open_document.inspect(parts.texts.get("content.xml", b""))
        known = {
            name: _Facts(
                one.formats,
                hidden_rows=one.hidden_rows,
                hidden_columns=one.hidden_columns,
                pictures=one.pictures,
            )
            for name, one in tables.items()
        }
        return lambda name: known.get(name, _Facts())
    codes = _style_codes(parts.texts.get("xl/styles.xml", b""))
    paths = _sheet_paths(parts.texts)

    def facts(name: str) -> _Facts:
        path = paths.get(name, "")
        found = parts.sheets.get(path, guard.SheetFacts())
        formats = {place: codes[style] for place, style in found.styles.items() if codes.get(style)}
        hidden = found.hidden_rows, found.hidden_columns
        floating = pictures.rows_of(path, parts.texts)
        return _Facts(formats, found.errors, found.without_value, *hidden, floating, found.pictured)

    return facts


def _style_codes(styles: bytes) -> dict[int, str]:
    """Cell style number to number format code, General left out."""
    root = _parsed(styles)
    if root is None:
        return {}
    custom = {entry.get("numFmtId", ""): entry.get("formatCode", "") for entry in root.iter(_MAIN + "numFmt")}
    codes = {}
    for style, entry in enumerate(root.findall(f"{_MAIN}cellXfs/{_MAIN}xf")):
        number = entry.get("numFmtId", "0")
        # A Chinese program shows its built-in dates its own way, whatever the file writes for them.
        code = BUILT_IN[14] if number == "14" else custom.get(number, "")
        code = code or (BUILT_IN.get(int(number), "") if number.isdecimal() else "")
        if code and code.lower() != "general":
            codes[style] = code
    return codes


def _sheet_paths(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet name to part name, through the workbook's relationships."""
    links = _parsed(texts.get("xl/_rels/workbook.xml.rels", b""))
    book = _parsed(texts.get("xl/workbook.xml", b""))
    if links is None or book is None:
        return {}
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    paths = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            link = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            target = targets.get(link, "")
            paths[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else "xl/" + target
    return paths


def _parsed(text: bytes) -> ElementTree.Element | None:
    """The guard has refused document types already, so nothing can be expanded here."""
    try:
        return ElementTree.fromstring(text) if text else None
    except ElementTree.ParseError:
        return None


def _sheet(source: CalamineSheet, hidden: bool, facts: _Facts) -> Sheet:
    sheet = Sheet(source.name, [], hidden=hidden, hidden_rows=facts.hidden_rows)
    sheet.hidden_columns, sheet.pictures = facts.hidden_columns, facts.pictures
    merged = source.merged_cell_ranges or []
    sheet.merges = [(first[0], first[1], last[0], last[1]) for first, last in merged]
    rows = source.to_python(skip_empty_area=False)
    for start in range(0, len(rows), _BLOCK):
        columns = enumerate(zip(*rows[start : start + _BLOCK], strict=True))
        texts = [_column(sheet, start, column, values, facts) for column, values in columns]
        sheet.rows += map(list, zip(*texts, strict=True))
    for row, column in facts.errors:
        message = "这一格是公式错误，没有读出内容"
        sheet.remark(row, Remark(column, "", "error-value", "error", message))
    for row, column in facts.without_value:
        message = "这一格是公式，但没有算出的值。请用 WPS 打开后保存再传"
        sheet.remark(row, Remark(column, "", "formula-without-value", "error", message))
    if facts.pictured:
        _drop_pictures(sheet)
    return sheet


def _drop_pictures(sheet: Sheet) -> None:
    """A cell that is a picture holds no text: the formula that shows it is nobody's question."""
    for number, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            if pictures.IN_CELL.match(text):
                row[column] = ""
                sheet.remark(number, Remark(column, "", "picture-cell", "error", pictures.MESSAGE))


def _column(sheet: Sheet, start: int, column: int, values: Sequence[Any], facts: _Facts) -> list[str]:
    """The texts of one column of a block of rows. Clean strings, which most are, take one look together."""
    try:
        if not is_suspect("\n".join(values)):
            return list(map(str.strip, values))
    except TypeError:
        pass  # not all are texts
    return [
        (value and sheet.put_text(row, column, value))
        if isinstance(value, str)
        else _put_value(sheet, row, column, value, facts)
        for row, value in enumerate(values, start)
    ]


def _put_value(
    sheet: Sheet,
    row: int,
    column: int,
    value: int | float | bool | time | date | datetime | timedelta,
    facts: _Facts,
) -> str:
    """A number or date as the sheet shows it, with what there is to say about it."""
    code = facts.formats.get((row, column), "")
    text = shown(value, code)
    if isinstance(value, bool):
        return text
    if isinstance(value, int | float):
        sheet.numeric.add(column)
        if abs(value) >= _LONG:
            message = "数字太长，末尾的数字已经丢失。请改成文本再传"
            sheet.remark(row, Remark(column, text, "long-number", "warning", message))
        elif text != plain(value):
            sheet.remark(row, Remark(column, plain(value)))
        return text
    return _put_moment(sheet, row, column, value, text)


def _put_moment(
    sheet: Sheet, row: int, column: int, value: time | date | datetime | timedelta, text: str
) -> str:
    if isinstance(value, timedelta):
        shape = re.sub(r"\b0(\d)", r"\1", text)
        message = f"这一格被当成了时间，显示为“{text}”，原来可能是“{shape}”。请核对"
        sheet.remark(row, Remark(column, text, "duration-cell", "warning", message))
    else:
        what = "时间" if isinstance(value, time) else "日期"
        message = f"这一格是{what}，按“{text}”读入。请核对"
        sheet.remark(row, Remark(column, text, "date-cell", "warning", message))
    return text
