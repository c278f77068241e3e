"""Workbooks from sheets of plain values, and the record of who took them away."""

import hashlib
import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from quiz.audit.services import record
from quiz.exams.models import Exam
from quiz.reports.queries import Cell, Sheet

#: A cell holds 32,767 characters; more would be cut without a word (promises F2).
LONGEST_CELL = 32_000
_CUT = "……（内容过长，以下略去）"
_SONG, _BLACK = "宋体", "黑体"


def workbook(sheets: Sequence[Sheet], *, at: datetime) -> bytes:
    """An .xlsx in which no text is ever a formula or a link."""
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"in_memory": True, **options}) as book:
        book.set_properties({"author": "明试", "created": at.replace(tzinfo=None)})
        formats = _formats(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return file.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    font = {"font_name": _SONG, "font_size": 11, "valign": "vcenter"}
    cell = font | {"border": 1}
    head = cell | {"font_name": _BLACK, "align": "center", "bg_color": "#F3EDE1"}
    centred = cell | {"align": "center"}
    return {
        "title": book.add_format(font | {"font_size": 18, "bold": True, "align": "center"}),
        "note": book.add_format(font | {"font_size": 10, "text_wrap": True, "font_color": "#4B443A"}),
        "head": book.add_format(head),
        "text": book.add_format(cell),
        # The mark a spreadsheet itself sets before such text: editing the cell keeps it text.
        "quoted": book.add_format(cell | {"quote_prefix": True}),
        "short": book.add_format(centred),
        "whole": book.add_format(centred | {"num_format": "0"}),
        "points": book.add_format(centred | {"num_format": "0.00"}),
    }


def _write(page: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    last = len(sheet.headings) - 1
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    page.set_row(0, 34)
    page.merge_range(0, 0, 0, last, clean(sheet.title), formats["title"])
    # Two characters of a width are one Chinese one.
    lines = -(-2 * len(sheet.note) // sum(sheet.widths))
    page.set_row(1, 4 + 15 * lines)
    page.merge_range(1, 0, 1, last, clean(sheet.note), formats["note"])
    for column, heading in enumerate(sheet.headings):
        page.write_string(2, column, heading, formats["head"])
    for number, row in enumerate(sheet.rows, 3):
        for column, cell in enumerate(row):
            _write_cell(page, number, column, cell, formats)
    page.freeze_panes(3, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.set_footer("&C第 &P 页，共 &N 页")


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, formats: dict[str, Format]) -> None:
    if cell is None or cell == "":
        page.write_blank(row, column, None, formats["text"])
    elif isinstance(cell, int):
        page.write_number(row, column, cell, formats["whole"])
    elif isinstance(cell, Decimal):
        page.write_number(row, column, float(cell), formats["points"])
    else:
        text = clean(cell)
        page.write_string(row, column, text, formats[_text_format(text)])


def _text_format(text: str) -> str:
    if may_be_formula(text):
        return "quoted"
    return "short" if (text.isascii() and len(text) <= 20) or len(text) <= 3 else "text"


def may_be_formula(text: str) -> bool:
    """Whether a spreadsheet would compute this if somebody typed it: = + - @ first, full-width too."""
    return unicodedata.normalize("NFKC", text).strip()[:1] in {"=", "+", "-", "@"}


def clean(text: str) -> str:
    """``text`` without what a workbook cannot hold: control characters, lone surrogates, U+FFFE, U+FFFF."""
    kept = "".join(c for c in text if c in "\n\t" or _storable(c))
    return kept if len(kept) <= LONGEST_CELL else kept[:LONGEST_CELL] + _CUT


def _storable(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"


def record_export(
    exam: Exam,
    *,
    what: str,
    content: bytes,
    sheets: Sequence[Sheet],
    at: datetime,
    who: str,
    **more: str,
) -> None:
    """Into the ledger: who took which file of how many rows; the hash finds the file again (promises F4)."""
    rows = sum(len(sheet.rows) for sheet in sheets)
    digest = hashlib.sha256(content).hexdigest()
    record(
        who=who, what=f"export.{what}", subject=f"exam:{exam.code}", at=at, rows=rows, sha256=digest, **more
    )
