"""A first look at a file whose columns nobody can name: its first rows, and a mark to know such files by.

What an organiser said about one file holds for the next of the same make. With headings the mark is
that of the headings; without, of the shape: how many columns there are and what stands in each.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from question_bank.cells import bare, truth
from question_bank.kinds import is_code, kind_of_word
from question_bank.reading import container, text, word, workbook
from question_bank.reading.sheet import Sheet
from question_bank.reading.table import why_left_out

#: Rows and columns that are shown, characters of a cell, and rows that the shape is taken from.
ROWS, COLUMNS, CHARACTERS, _LOOKED_AT = 8, 30, 120, 60


@dataclass(frozen=True, slots=True)
class Sample:
    """The first filled rows of a sheet, ``first_row`` being the row, from 1, of the first of them."""

    sheet: str
    first_row: int
    rows: tuple[tuple[str, ...], ...]
    signature: str
    #: What each column looks like: kind, code, letters, truth, long, short or empty.
    looks: tuple[str, ...]

    @classmethod
    def from_document(cls, found: dict[str, Any] | None) -> "Sample | None":
        """What ``asdict`` gave after a journey as JSON."""
        if found is None:
            return None
        rows = tuple(tuple(row) for row in found["rows"])
        return cls(found["sheet"], found["first_row"], rows, found["signature"], tuple(found["looks"]))


def sample(path: str | Path) -> Sample | None:
    """The first visible sheet with rows of several cells; None where there is none. Raises CannotRead."""
    data = Path(path).read_bytes()
    found = next((sheet for sheet in _sheets(data) if not sheet.hidden and _is_table(sheet)), None)
    if found is None:
        return None
    filled = [(index, row) for index, row in enumerate(found.rows) if any(row)][:_LOOKED_AT]
    width = min(max(len(row) for _, row in filled), COLUMNS)
    looks = tuple(_look([row[column] for _, row in filled if column < len(row)]) for column in range(width))
    rows = tuple(tuple(cell[:CHARACTERS] for cell in row[:width]) for _, row in filled[:ROWS])
    return Sample(found.name, filled[0][0] + 1, rows, _mark("shape", looks), looks)


def heading_signature(headings: Sequence[str]) -> str:
    """The mark of a table with these headings, however they are spaced."""
    return _mark("headings", [bare(heading) for heading in headings])


def _sheets(data: bytes) -> list[Sheet]:
    kind = container.recognise(data)
    if kind is container.Container.DOCX:
        return word.read(data).sheets
    if kind is container.Container.TEXT:
        return [text.sheet(data, "")]
    return workbook.sheets(data, kind)


def _is_table(sheet: Sheet) -> bool:
    return why_left_out(sheet) in ("no-headings", "lookup") and max(map(len, sheet.rows), default=0) > 1


def _look(cells: Sequence[str]) -> str:
    seen = Counter(_look_of(cell) for cell in cells if cell)
    return seen.most_common(1)[0][0] if seen else "empty"


def _look_of(cell: str) -> str:
    if kind_of_word(cell):
        return "kind"
    if is_code(cell):
        return "code"
    if len(cell) <= 8 and set(cell) <= set("ABCDEFGH,、， "):
        return "letters"
    if truth(cell):
        return "truth"
    return "long" if len(cell) > 12 else "short"


def _mark(what: str, parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps([what, *parts], ensure_ascii=False).encode()).hexdigest()
