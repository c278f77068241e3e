"""The organiser's table as comma-separated text (.csv), in UTF-8 with the mark that Excel looks for."""

import csv
import io
from collections.abc import Sequence

from question_bank.errors import CannotWrite
from question_bank.question import Question
from question_bank.reading.text import MOST_LINES, guarded
from question_bank.writing import table


def document(questions: Sequence[Question]) -> bytes:
    """The file. A text that a spreadsheet program would compute gets an apostrophe in front, which the
    reader takes off again. CannotWrite when a text has more lines than the reader believes in."""
    out = io.StringIO()
    writer = csv.writer(out)
    headings = table.headings(questions)
    writer.writerow(headings)
    for number, question in enumerate(questions, start=1):
        cells = table.row(question, len(headings))
        _check_lines(cells, number, headings)
        writer.writerow([guarded(cell) if isinstance(cell, str) else _number(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _check_lines(cells: Sequence[object], number: int, headings: Sequence[str]) -> None:
    for cell, heading in zip(cells, headings, strict=True):
        if isinstance(cell, str) and cell.count("\n") > MOST_LINES:
            message = f"第 {number} 题的{heading}超过 {MOST_LINES} 行，这种格式写不下。请改用 .xlsx。"
            raise CannotWrite("too-many-lines", message)
