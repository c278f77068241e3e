"""Bare sheets of cells, for lists that are no question banks: rosters, above all."""

from pathlib import Path

from question_bank.errors import CannotRead
from question_bank.reading import container, text, workbook
from question_bank.reading.guard import MOST_COLUMNS, MOST_ROWS
from question_bank.reading.sheet import Sheet

_DELIMITERS = ",\t;|，；"
_SAMPLE = 20


def sheets(path: str | Path, *, name: str) -> list[Sheet]:
    """Every worksheet of a workbook, or the one sheet of a delimited text. CannotRead as in ``read``."""
    with Path(path).open("rb") as file:
        data = file.read(container.LARGEST_FILE + 1)
    kind = container.recognise(data)
    if kind is container.Container.TEXT:
        return [_delimited(data, Path(name).stem)]
    if kind in (container.Container.XLSX, container.Container.XLS, container.Container.ODS):
        return workbook.sheets(data, kind)
    raise CannotRead("not-a-table", "这是文档，不是表格。请传 .xlsx、.xls 或 .csv 文件。")


def _delimited(data: bytes, name: str) -> Sheet:
    """Cut by the delimiter that stands in most of the first lines; lines without one are one cell."""
    lines = text.decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    head = [line for line in lines.split("\n", 200)[:200] if line.strip()][:_SAMPLE]
    delimiter = max(_DELIMITERS, key=lambda mark: sum(mark in line for line in head))
    raw = text.rows_of(lines, delimiter)
    width = max(map(len, raw), default=0)
    if width > MOST_COLUMNS or len(raw) > MOST_ROWS:
        message = f"表格太大，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请分成几个文件再传。"
        raise CannotRead("cells-too-far", message)
    sheet = Sheet(name, [])
    for number, cells in enumerate(raw):
        row = [cell and sheet.put_text(number, column, cell) for column, cell in enumerate(cells)]
        sheet.rows.append(row + [""] * (width - len(row)))
    return sheet
