"""Small banks of our own, written as workbooks and read back."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from question_bank.columns import ColumnMapping
from question_bank.reading import read
from question_bank.report import Report

Rows = Sequence[Sequence[Any]]
Bank = Callable[..., Report]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """``bank(rows, name=…, mapping=…, Sheet=rows…)``: the report on a workbook with these sheets."""

    def made(
        rows: Rows | None = None,
        *,
        name: str = "题库.xlsx",
        mapping: ColumnMapping | None = None,
        prepare: Callable[[openpyxl.Workbook], None] | None = None,
        **sheets: Rows,
    ) -> Report:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, content in (({"Sheet1": rows} if rows is not None else {}) | sheets).items():
            sheet = book.create_sheet(title)
            for row in content or ():
                sheet.append(list(row))
        if prepare:
            prepare(book)
        book.save(tmp_path / name)
        return read(tmp_path / name, mapping=mapping)

    return made


@pytest.fixture(scope="session")
def old_workbook() -> Callable[..., bytes]:
    return _old_workbook


def _record(code: int, body: bytes) -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _cell(row: int, column: int, value: float | str) -> bytes:
    """Numbers carry style 1, which shows them as 0.0%; the text #N/A becomes an error cell."""
    if value == "#N/A":
        return _record(0x0205, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)
    return _record(0x0203, struct.pack("<HHHd", row, column, 1, value))


def _old_workbook(
    cells: list[tuple[int, int, float | str]],
    *,
    protected: bool = False,
    hidden: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
) -> bytes:
    """A compound file with one Workbook stream, as [MS-CFB] and [MS-XLS] describe."""
    bof = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    first = bof + (_record(0x002F, b"\0" * 6) if protected else b"")
    first += _record(0x041E, struct.pack("<HHB", 164, 4, 0) + b"0.0%")
    first += b"".join(_record(0x00E0, struct.pack("<HH", 0, code) + b"\0" * 16) for code in (0, 164))
    name = struct.pack("<BB", 1, 0) + b"S"
    start = len(first) + 4 + 6 + len(name) + 4
    first += _record(0x0085, struct.pack("<IH", start, 0) + name) + _record(0x000A, b"")
    rows = b"".join(
        _record(0x0208, struct.pack("<HHHHHHI", row, 0, 9, 0, 0, 0, 0x20 if row in hidden else 0))
        for row in range(9)
    )
    rows += b"".join(
        _record(0x007D, struct.pack("<6H", column, column, 2048, 0, 1, 0)) for column in hidden_columns
    )
    stream = first + bof + rows + b"".join(_cell(*cell) for cell in cells) + _record(0x000A, b"")
    stream = stream.ljust(4608, b"\0")
    sectors = len(stream) // 512
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    header += b"\0" * 10 + struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    directory = b"".join(
        text.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB", 2 * len(text) + 2 if text else 0, kind, 1)
        + b"\xff" * 12
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
        for text, kind, start, size in (
            ("Root Entry", 5, 0xFFFFFFFE, 0),
            ("Workbook", 2, 2, len(stream)),
            ("", 0, 0, 0),
            ("", 0, 0, 0),
        )
    )
    return header + fat + directory + stream
