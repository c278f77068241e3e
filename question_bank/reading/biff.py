"""The records of an .xls workbook: far cells, passwords and the number format of each number cell.

calamine gives values without formats and, as with .xlsx, allocates whatever area two far cells span.
Structures after [MS-CFB] and [MS-XLS]; only what is needed is read, nothing is trusted.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from question_bank.errors import CannotRead
from question_bank.reading.guard import MOST_COLUMNS, MOST_ROWS
from question_bank.reading.number_formats import BUILT_IN

_FREE = 0xFFFFFFFA
_MINI = 4096
_BOF, _EOF, _SHEET, _FILEPASS, _FORMAT, _XF = 0x0809, 0x000A, 0x0085, 0x002F, 0x041E, 0x00E0
_NUMBER, _RK, _MULRK, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
_BOOL_OR_ERROR, _ROW, _COLUMNS = 0x0205, 0x0208, 0x007D
_HIDDEN, _HIDDEN_COLUMN = 0x20, 0x01
_FILLED = {_NUMBER, _RK, _MULRK, _FORMULA, _BOOL_OR_ERROR, 0x00FD, 0x0204, 0x00D6}
_DAMAGED = "这个 .xls 文件已损坏，没有读入。请用 WPS 另存为 .xlsx 后再传。"


@dataclass(slots=True)
class BiffFacts:
    """By sheet name, rows and columns from 0: number formats but General, cells in error, what is hidden."""

    formats: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    errors: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    hidden_rows: dict[str, list[int]] = field(default_factory=dict)
    hidden_columns: dict[str, list[int]] = field(default_factory=dict)


def inspect(data: bytes) -> BiffFacts:
    """Check an .xls workbook. CannotRead where calamine must not see it."""
    try:
        return _facts(_workbook_stream(data))
    except (struct.error, IndexError, UnicodeDecodeError) as wrong:
        raise CannotRead("damaged", _DAMAGED) from wrong


def _workbook_stream(data: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise CannotRead("damaged", _DAMAGED)
    (first_directory,) = struct.unpack_from("<I", data, 48)
    table = _allocation(data, size)
    directory = _chain(data, size, table, first_directory)
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if name.casefold() in ("workbook", "book"):
            start, bytes_long = struct.unpack_from("<II", directory, at + 116)
            if bytes_long < _MINI:
                raise CannotRead("damaged", _DAMAGED)
            return _chain(data, size, table, start)[:bytes_long]
    raise CannotRead("damaged", _DAMAGED)


def _allocation(data: bytes, size: int) -> tuple[int, ...]:
    """The sector allocation table, joined from the sectors the header and its extensions name."""
    sectors = [entry for entry in struct.unpack_from("<109I", data, 76) if entry < _FREE]
    (extension,) = struct.unpack_from("<I", data, 68)
    per_sector = size // 4
    while extension < _FREE and len(sectors) * size <= len(data):
        entries = struct.unpack_from(f"<{per_sector}I", data, (extension + 1) * size)
        sectors += [entry for entry in entries[:-1] if entry < _FREE]
        extension = entries[-1]
    table: list[int] = []
    for sector in sectors:
        table += struct.unpack_from(f"<{per_sector}I", data, (sector + 1) * size)
    return tuple(table)


def _chain(data: bytes, size: int, table: tuple[int, ...], sector: int) -> bytes:
    out: list[bytes] = []
    while sector < _FREE and len(out) * size <= len(data):
        at = (sector + 1) * size
        out.append(data[at : at + size])
        sector = table[sector]
    return b"".join(out)


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """``(position, code, length)`` of every record; the position is that of its payload."""
    at, end = 0, len(stream) - 3
    unpack = struct.Struct("<HH").unpack_from
    while at < end:
        code, length = unpack(stream, at)
        yield at + 4, code, length
        at += 4 + length


def _facts(stream: bytes) -> BiffFacts:
    """One walk over the records. Globals come first: formats and styles are known when cells begin."""
    facts, globals_ = BiffFacts(), _Globals()
    depth, cells, name = 0, None, ""
    for at, code, length in _records(stream):
        if code in _FILLED:
            if cells is not None and depth == 1 and length >= 6:
                _cell(stream, at, code, length, cells, globals_)
                if _is_error(stream, at, code):
                    facts.errors.setdefault(name, []).append(struct.unpack_from("<HH", stream, at))
        elif code == _BOF:
            depth += 1
            # A substream inside a sheet is a chart; at the top it is a sheet, named by where it starts.
            if depth == 1 and at - 4 in globals_.sheets:
                name = globals_.sheets[at - 4]
                cells = facts.formats.setdefault(name, {})
        elif code == _EOF:
            depth -= 1
        elif code == _ROW and length >= 14:
            if cells is not None and depth == 1 and stream[at + 12] & _HIDDEN:
                facts.hidden_rows.setdefault(name, []).append(struct.unpack_from("<H", stream, at)[0])
        elif code == _COLUMNS and length >= 10:
            first, last, _, _, flags = struct.unpack_from("<5H", stream, at)
            if cells is not None and depth == 1 and flags & _HIDDEN_COLUMN:
                facts.hidden_columns.setdefault(name, []).extend(range(first, min(last + 1, MOST_COLUMNS)))
        elif code == _FILEPASS:
            raise CannotRead("password", "这个工作簿加了密码。请先去掉密码再传。")
        elif code == _FORMAT and length > 4:
            globals_.formats[struct.unpack_from("<H", stream, at)[0]] = _format_code(stream, at, length)
        elif code == _XF and length >= 4:
            globals_.styles.append(struct.unpack_from("<H", stream, at + 2)[0])
        elif code == _SHEET and length > 8:
            globals_.sheets[struct.unpack_from("<I", stream, at)[0]] = _sheet_name(stream, at)
    return facts


@dataclass(slots=True)
class _Globals:
    formats: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    styles: list[int] = field(default_factory=list)
    sheets: dict[int, str] = field(default_factory=dict)

    def code(self, style: int) -> str:
        return self.formats.get(self.styles[style], "") if style < len(self.styles) else ""


def _cell(
    stream: bytes, at: int, code: int, length: int, cells: dict[tuple[int, int], str], globals_: _Globals
) -> None:
    row, column, style = struct.unpack_from("<HHH", stream, at)
    styles = [style]
    if code == _MULRK:
        styles = [struct.unpack_from("<H", stream, at + 4 + 6 * n)[0] for n in range((length - 6) // 6)]
    if row >= MOST_ROWS or column + len(styles) > MOST_COLUMNS:
        message = f"单元格超出了范围，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请删除远处的内容再传。"
        raise CannotRead("cells-too-far", message)
    if code in (_NUMBER, _RK, _MULRK, _FORMULA):
        for offset, entry in enumerate(styles):
            shape = globals_.code(entry)
            if shape and shape.lower() != "general":
                cells[row, column + offset] = shape


def _is_error(stream: bytes, at: int, code: int) -> bool:
    """An error value such as #N/A, typed in or left by a formula."""
    if code == _BOOL_OR_ERROR:
        return stream[at + 7] == 1
    return code == _FORMULA and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2


def _format_code(stream: bytes, at: int, length: int) -> str:
    """The text of a FORMAT record: counted in characters, one or two bytes each (BIFF8)."""
    count, wide = struct.unpack_from("<HB", stream, at + 2)
    body = stream[at + 5 : at + length]
    if wide & 1:
        return body[: 2 * count].decode("utf-16-le", "replace")
    return body[:count].decode("latin-1")


def _sheet_name(stream: bytes, at: int) -> str:
    count, wide = struct.unpack_from("<BB", stream, at + 6)
    if wide & 1:
        return stream[at + 8 : at + 8 + 2 * count].decode("utf-16-le", "replace")
    return stream[at + 8 : at + 8 + count].decode("latin-1")
