"""Word documents (.docx): paragraphs with the numbers Word adds, tables, and what could not be read."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from question_bank.columns import recognise
from question_bank.errors import CannotRead
from question_bank.reading import guard
from question_bank.reading.lines import Prose, prose
from question_bank.reading.numbering import Numbering, W
from question_bank.reading.sheet import Remark, Sheet
from question_bank.report import ERROR, WARNING, LeftOut

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LARGEST_PART = 64 * 1024 * 1024
_DEEPEST = 100
_MOST_PARAGRAPHS = 200_000
_SENTENCES = {
    "password": "这个文档加了密码。请先去掉密码再传。",
    "unpacks-too-large": "这个文档展开后太大。请去掉图片，或把题目复制到新的文档再传。",
}
_DAMAGED = "这个文档打不开，可能已损坏。请用 WPS 另存为新的 .docx 后再传。"
#: What a document may hold besides text, by the reason it is left out for.
IN_WORD = {"pictures": "图片", "formulas": "公式", "embedded": "嵌入的另一种格式的内容"}
#: Deleted text, field codes, formatting, and what an old program would show instead.
_UNSEEN = {W + name for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr", "tblPr")}
_UNSEEN |= {_FALLBACK}
_WRAPPERS = {W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_PICTURES = {W + "drawing", W + "pict", W + "object"}
#: Symbol fonts hold their ticks and crosses at these places (Wingdings; Wingdings 2).
_SYMBOLS = {"FC": "√", "FB": "×", "FE": "√", "FD": "×", "50": "√", "4F": "×", "52": "√", "51": "×"}
_WINGDINGS = ("FC", "FB", "FE", "FD")


@dataclass(slots=True)
class Document:
    """The prose of a document, those of its tables that have headings, and what was left out."""

    prose: Prose
    sheets: list[Sheet]
    left_out: list[LeftOut]


@dataclass(slots=True)
class _Text:
    """The text of one paragraph, and what stands in it besides."""

    text: str = ""
    formulas: int = 0
    pictures: int = 0
    symbols: int = 0
    boxes: list[Element] = field(default_factory=list)


def read(data: bytes) -> Document:
    """The document behind the guard. CannotRead where it is unsafe, damaged or empty."""
    parts = _parts(data)
    reader = _Reader(Numbering(parts.get("numbering", b""), parts.get("styles", b"")))
    try:
        reader.take_all(parts["document"])
    except ElementTree.ParseError as wrong:
        raise CannotRead("damaged", _DAMAGED) from wrong
    found = prose(reader.lines)
    for row, remark in reader.remarks:
        found.sheet.remark(row - 1, remark)
    if not found.lines and not reader.sheets:
        if reader.chunks:
            message = "这个文档里嵌着另一种格式的内容，读不出来。请用 WPS 打开，另存为新的 .docx 后再传。"
            raise CannotRead("embedded-content", message)
        raise CannotRead("empty-file", "文档里没有文字。题目如果是图片，请改成文字再传。")
    left_out = [LeftOut("正文", reason) for reason, count in reader.left.items() if count]
    return Document(found, reader.sheets, left_out)


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts wanted: document, numbering and styles, found by their relationship-free usual names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            guard.check_directory(archive.infolist())
            bodies = {}
            for name in ("document", "numbering", "styles"):
                part = next((one for one in archive.infolist() if one.filename == f"word/{name}.xml"), None)
                if part is not None and part.file_size <= _LARGEST_PART:
                    bodies[name] = archive.read(part)
                    guard.check_markup(bodies[name])
                elif part is not None:
                    raise CannotRead("unpacks-too-large", "")
    except CannotRead as refusal:
        message = _SENTENCES.get(
            refusal.code, "这个文档的内部结构不正常，没有读入。请用 WPS 另存为新的 .docx 后再传。"
        )
        raise CannotRead(refusal.code, message) from refusal
    except guard.BROKEN_ZIP as wrong:
        raise CannotRead("damaged", _DAMAGED) from wrong
    if "document" not in bodies:
        raise CannotRead("damaged", _DAMAGED)
    return bodies


class _Reader:
    """Takes the blocks of a body one by one, so that a long document is never held as a whole."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self.lines: list[tuple[int, str]] = []
        self.sheets: list[Sheet] = []
        self.remarks: list[tuple[int, Remark]] = []
        self.left = {"pictures": 0, "formulas": 0, "embedded": 0}
        self.row = 0
        self.pending = ""

    @property
    def chunks(self) -> int:
        return self.left["embedded"]

    def take_all(self, body: bytes) -> None:
        depth = 0
        parents: list[Element] = []
        for event, element in ElementTree.iterparse(io.BytesIO(body), events=("start", "end")):
            if event == "start":
                depth += 1
                parents.append(element)
                if depth > _DEEPEST:
                    raise CannotRead("odd-parts", _DAMAGED)
                continue
            depth -= 1
            parents.pop()
            if depth == 2 and parents[-1].tag == W + "body":
                for block in self._blocks(element):
                    self._take(block)
                parents[-1].clear()

    def _blocks(self, element: Element) -> Iterator[Element]:
        """Paragraphs and tables in order, wherever they are wrapped."""
        if element.tag in (W + "p", W + "tbl"):
            yield element
        elif element.tag == W + "altChunk":
            self.left["embedded"] += 1
        elif element.tag in _WRAPPERS:
            for child in element:
                yield from self._blocks(child)

    def _take(self, block: Element) -> None:
        if block.tag == W + "tbl":
            self._table(block)
        else:
            self.lines += self._paragraph(block)

    def _paragraph(self, element: Element) -> list[tuple[int, str]]:
        """The lines of a paragraph, those of text boxes in it included; empty ones too."""
        self.row += 1
        if self.row > _MOST_PARAGRAPHS:
            raise CannotRead("too-many-lines", f"文档超过 {_MOST_PARAGRAPHS} 段。请分成几个文件再传。")
        row, label = self.row, self.numbering.label(element)
        found = _Text()
        _gather(element, found)
        self._note(row, found)
        text = self.pending + found.text
        self.pending = ""
        if element.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            # The mark of this paragraph is deleted, so that the next goes on in it.
            self.pending = (label if text.strip() else "") + text
            return []
        lines = [(row, label + text.strip() if text.strip() else "")]
        for box in found.boxes:
            for child in box:
                for block in self._blocks(child):
                    lines += self._paragraph(block) if block.tag == W + "p" else []
        return lines

    def _note(self, row: int, found: _Text) -> None:
        self.left["pictures"] += found.pictures
        self.left["formulas"] += found.formulas
        if found.formulas:
            message = "这里有公式，没有读出来。请改成文字再传"
            self.remarks.append((row, Remark(0, "", "formula-left-out", ERROR, message)))
        if found.symbols:
            message = "这里有符号字体写的字，没有读出来。请改成普通文字再传"
            self.remarks.append((row, Remark(0, "", "symbol-left-out", ERROR, message)))
        if found.pictures:
            message = "这里有图片，没有读入。请核对题目是否还完整"
            self.remarks.append((row, Remark(0, "", "picture-left-out", WARNING, message)))

    def _table(self, table: Element) -> None:
        rows = self._rows(table)
        texts = [["\n".join(text for _, text in cell if text) for cell in row] for row in rows]
        if any(recognise(row) for row in texts[:3]):
            sheet = Sheet(f"表格 {len(self.sheets) + 1}", [])
            width = max(map(len, texts))
            for number, row in enumerate(texts):
                cells = [sheet.put_text(number, column, cell) for column, cell in enumerate(row)]
                sheet.rows.append(cells + [""] * (width - len(row)))
            self.sheets.append(sheet)
            return
        for cells_of_row in rows:
            filled = [[line for line in cell if line[1]] for cell in cells_of_row]
            if all(len(cell) <= 1 for cell in filled):
                firsts = [cell[0] for cell in filled if cell]
                self.lines += [(firsts[0][0], "\t".join(text for _, text in firsts))] if firsts else []
            else:
                self.lines += [line for cell in filled for line in cell]

    def _rows(self, table: Element) -> list[list[list[tuple[int, str]]]]:
        """Rows of cells of lines; a table inside a cell gives the lines of its cells."""
        rows = []
        for row in _within(table, W + "tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue
            cells = []
            for cell in _within(row, W + "tc"):
                lines: list[tuple[int, str]] = []
                for child in cell:
                    for block in self._blocks(child):
                        if block.tag == W + "tbl":
                            lines += [line for inner in self._rows(block) for one in inner for line in one]
                        else:
                            lines += self._paragraph(block)
                cells.append(lines)
            rows.append(cells)
        return rows


def _within(element: Element, tag: str) -> Iterator[Element]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _within(child, tag)


def _gather(element: Element, found: _Text) -> None:
    """Text as it reads with all changes accepted; depth is limited, so recursion is."""
    pieces = []
    for child in _seen(element, found):
        if child.tag == W + "t":
            pieces.append(child.text or "")
        elif child.tag in (W + "tab", W + "ptab"):
            pieces.append("\t")
        elif child.tag == W + "cr" or (
            child.tag == W + "br" and child.get(W + "type", "") in ("", "textWrapping")
        ):
            pieces.append("\n")
        elif child.tag == W + "noBreakHyphen":
            pieces.append("-")
        elif child.tag == W + "sym":
            sign = _symbol(child)
            found.symbols += not sign
            pieces.append(sign)
    found.text = "".join(pieces)


def _seen(element: Element, found: _Text) -> Iterator[Element]:
    for child in element:
        if child.tag in _UNSEEN:
            continue
        if child.tag in (_MATH + "oMath", _MATH + "oMathPara"):
            found.formulas += 1
        elif child.tag in _PICTURES:
            boxes = list(child.iter(W + "txbxContent"))
            found.boxes += boxes[:1]
            found.pictures += not boxes
        else:
            yield child
            yield from _seen(child, found)


def _symbol(element: Element) -> str:
    """The tick or cross of a symbol font; empty for any other sign."""
    font = element.get(W + "font", "").casefold()
    place = element.get(W + "char", "").upper()[-2:]
    if font == "wingdings":
        return _SYMBOLS.get(place, "") if place in _WINGDINGS else ""
    return _SYMBOLS.get(place, "") if font == "wingdings 2" and place not in _WINGDINGS else ""
