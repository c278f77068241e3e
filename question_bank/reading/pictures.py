"""Pictures of an .xlsx workbook: nobody reads them, so the rows they stand at are named.

They float over cells (a drawing of the sheet), or lie in one, as WPS does: =DISPIMG("ID_…",1).
"""

import posixpath
import re
from collections.abc import Mapping
from xml.etree import ElementTree

_TARGET = re.compile(rb"\bTarget\s*=\s*[\"']([^\"']*drawings/[^\"']+\.xml)[\"']")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
#: The text of a cell that holds a picture, and what a sheet with such cells has in it.
IN_CELL, HINT = re.compile(r"=(?:_xlfn\.)?DISPIMG\("), b"DISPIMG("
MESSAGE = "这一格是图片，没有读入。请把内容写成文字"


def rows_of(sheet: str, texts: Mapping[str, bytes]) -> list[int]:
    """Rows, from 0, at which a picture of this sheet part begins, each once."""
    folder, name = posixpath.split(sheet)
    found: set[int] = set()
    for target in _TARGET.findall(texts.get(f"{folder}/_rels/{name}.rels", b"")):
        path = posixpath.normpath(posixpath.join(folder, target.decode("utf-8", "replace"))).lstrip("/")
        found |= _rows(texts.get(path, b""))
    return sorted(found)


def _rows(drawing: bytes) -> set[int]:
    try:
        anchors = list(ElementTree.fromstring(drawing)) if drawing else []
    except ElementTree.ParseError:
        return set()
    pictured = (one for one in anchors if one.find(f".//{_DRAWING}pic") is not None)
    rows = (one.findtext(f"{_DRAWING}from/{_DRAWING}row") or "" for one in pictured)
    return {int(row) for row in rows if row.isascii() and row.isdecimal() and len(row) < 8}
