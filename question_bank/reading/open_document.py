"""What calamine does not tell of an .ods sheet: which cells are shown as percentages, and what is hidden."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_IMAGE = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}image"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
_HIDDEN = ("collapse", "filter")
#: Repeated rows that are looked at: the guard refuses filled ones beyond this.
_MOST_REPEATED = 1000


@dataclass(slots=True)
class TableFacts:
    """Number formats by (row, column), hidden rows and columns, rows with pictures, all from 0."""

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)


def inspect(content: bytes) -> dict[str, TableFacts]:
    """The facts of each table by its name; empty where the part has nothing of the kind or is no XML.

    The guard has been here: no document type, and no cell that holds something repeats far.
    """
    if not any(word in content for word in (b"percentage", b"visibility", b"draw:image")):
        return {}
    found: dict[str, TableFacts] = {}
    try:
        for _, element in ElementTree.iterparse(io.BytesIO(content)):
            if element.tag == _TABLE + "table":
                found[element.get(_TABLE + "name", "")] = _table(element)
                element.clear()
    except ElementTree.ParseError:
        # calamine says what is wrong with it.
        return {}
    return found


def _table(table: ElementTree.Element) -> TableFacts:
    facts, row, column = TableFacts(), 0, 0
    for element in table.iter(_TABLE + "table-column"):
        times = _times(element, "number-columns-repeated")
        if element.get(_TABLE + "visibility") in _HIDDEN:
            facts.hidden_columns += range(column, column + min(times, _MOST_REPEATED))
        column += times
    for element in table.iter(_TABLE + "table-row"):
        times = _times(element, "number-rows-repeated")
        rows = range(row, row + min(times, _MOST_REPEATED))
        if element.get(_TABLE + "visibility") in _HIDDEN:
            facts.hidden_rows += rows
        if element.find(f".//{_IMAGE}") is not None:
            facts.pictures.append(row)
        for column, code in _percentages(element):
            facts.formats |= {(number, column): code for number in rows}
        row += times
    return facts


def _percentages(row: ElementTree.Element) -> Iterator[tuple[int, str]]:
    """Column and format of each percentage: with as many decimals as the text that is shown has."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _times(cell, "number-columns-repeated")
        if cell.get(_OFFICE + "value-type") == "percentage":
            text = "".join(part.text or "" for part in cell.iter(_TEXT + "p"))
            digits = sum(map(str.isdecimal, text.partition(".")[2]))
            code = f"0.{'0' * digits}%" if digits else "0%"
            yield from ((place, code) for place in range(column, column + min(times, _MOST_REPEATED)))
        column += times


def _times(element: ElementTree.Element, name: str) -> int:
    text = element.get(_TABLE + name, "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
