"""The organiser's workbook (.xlsx).

Every cell is written as text or number by its own type, never as what it looks like: a stem that begins
with = stays a stem (promises F1). A text too long for a cell is refused instead of cut (F2).
"""

import io
from collections.abc import Mapping, Sequence

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from question_bank.errors import CannotWrite
from question_bank.question import Question
from question_bank.writing import table

#: What a cell of a workbook holds, counted as the format counts: in UTF-16 units.
LONGEST_CELL = 32_767
_LITERAL = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTHS = {"题型": 9, "答案": 10, "解析": 30, "依据": 20, "章节": 14, "难度": 6, "分值": 6, "标签": 12}


def document(
    questions: Sequence[Question], *, options: int = 4, names: Mapping[str, str] = table.NAMES
) -> bytes:
    """A workbook with one sheet 题目. CannotWrite when a text does not fit into a cell."""
    file, book = new()
    question_sheet(book, "题目", questions, options=options, names=names)
    return closed(file, book)


def new() -> tuple[io.BytesIO, Workbook]:
    """A workbook in memory in which texts stay texts."""
    file = io.BytesIO()
    return file, Workbook(file, {"in_memory": True, **_LITERAL})


def closed(file: io.BytesIO, book: Workbook) -> bytes:
    book.close()
    return file.getvalue()


def question_sheet(
    book: Workbook,
    name: str,
    questions: Sequence[Question],
    *,
    options: int = 4,
    names: Mapping[str, str] = table.NAMES,
) -> Worksheet:
    """Add a sheet in the template's columns, at least ``options`` of them for options."""
    headings = table.headings(questions, options=options, names=names)
    widths = map(width_of, table.headings(questions, options=options))
    rows = [table.row(question, len(headings)) for question in questions]
    return plain_sheet(book, name, list(zip(headings, widths, strict=True)), rows)


def width_of(heading: str) -> int:
    """The width, in characters, of a column with this heading."""
    return _WIDTHS.get(heading, 42 if heading.startswith("题干") else 15)


def plain_sheet(
    book: Workbook,
    name: str,
    columns: Sequence[tuple[str, int]],
    rows: Sequence[Sequence[str | float | None]],
) -> Worksheet:
    """Add a sheet with these headings (each with the width of its column; one may stand twice) and cells."""
    sheet: Worksheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#F3EDE1", "bottom": 1, "valign": "vcenter"})
    # Text format keeps what is typed into the sheet later: 1/2 must not become a date.
    body = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    # On paper: A4 across, as wide as the page, the headings on each.
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width, body)
        sheet.write_string(0, column, heading, head)
    for number, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if isinstance(value, str) and value:
                _check_length(value, number, columns[column][0])
                sheet.write_string(number, column, value, body)
            elif value is not None and value != "":
                sheet.write_number(number, column, value)
    return sheet


def _check_length(text: str, number: int, heading: str) -> None:
    if len(text) * 2 > LONGEST_CELL and len(text.encode("utf-16-le")) // 2 > LONGEST_CELL:
        message = f"第 {number} 题的{heading}超过 {LONGEST_CELL} 个字，写不进表格。请缩短后再试。"
        raise CannotWrite("cell-too-long", message)
