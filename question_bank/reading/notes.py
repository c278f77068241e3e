"""What there is to say of a sheet besides its rows: what is hidden, doubled, joined, or no question."""

from collections.abc import Iterator, Sequence

from question_bank.cells import bare
from question_bank.columns import letters
from question_bank.reading.sheet import Sheet
from question_bank.reading.table import Table
from question_bank.report import WARNING, Problem, Report


def say(sheet: Sheet, found: list[Table], report: Report) -> None:
    """Add the warnings about a sheet from which these tables are read."""
    rows = {line for table in found for record in table.records for line in record.lines}
    report.problems += [*rows_seen(sheet, rows)]
    for table in found:
        report.problems += columns_seen(sheet, table.row, table.columns.headings, table.columns.used)
        report.problems += _rows(table)


def rows_seen(sheet: Sheet, rows: set[int]) -> Iterator[Problem]:
    """What nobody would know of the rows, from 0, that were read: hidden ones, and pictures."""
    hidden = [row for row in sheet.hidden_rows if row in rows]
    if hidden:
        message = f"有 {len(hidden)} 行是隐藏的，也读入了"
        yield Problem(sheet.name, hidden[0] + 1, "", "hidden-rows", WARNING, message)
    for row in sheet.pictures:
        if row in rows:
            yield Problem(sheet.name, row + 1, "", "has-picture", WARNING, "这一行有图片，没有读入")


def columns_seen(sheet: Sheet, row: int, headings: Sequence[str], used: Sequence[int]) -> Iterator[Problem]:
    """The same of the ``used`` columns under the headings in ``row``, from 1: hidden, or one of two."""
    hidden = [column for column in used if column in sheet.hidden_columns]
    if hidden:
        names = "、".join(_place(column, headings[column]) for column in hidden)
        message = f"{names}是隐藏的，也读入了"
        yield Problem(sheet.name, row, headings[hidden[0]], "hidden-columns", WARNING, message)
    first: dict[str, int] = {}
    for column, heading in enumerate(headings):
        place = first.setdefault(bare(heading), column)
        if heading and place in used and column not in used:
            message = f"有两列都叫“{heading}”，只读了 {letters(place)} 列，没有读 {letters(column)} 列"
            yield Problem(sheet.name, row, heading, "same-heading", WARNING, message)


def _place(column: int, heading: str) -> str:
    return f"{letters(column)} 列" + (f"“{heading}”" if heading else "")


def _rows(table: Table) -> Iterator[Problem]:
    name = table.sheet.name
    if not table.records:
        yield Problem(name, table.row, "", "no-rows", WARNING, "表头下面没有题目")
    for row, joined, text in table.tails:
        message = f"这一行像是第 {joined} 行的后半截，已接上。请核对"
        yield Problem(name, row, "", "joined-row", WARNING, message, text)
    for row, note in table.notes:
        yield Problem(name, row, "", "note-row", WARNING, "这一行像是合计或备注，没有读入", note)
