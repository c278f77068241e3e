"""Delimited text (.csv, .tsv, and text that is called .xlsx): decoded, its delimiter found, one Sheet."""

import csv
import io
import re
from collections import Counter

from question_bank.columns import recognise
from question_bank.errors import CannotRead
from question_bank.reading.guard import MOST_COLUMNS, MOST_ROWS
from question_bank.reading.sheet import Sheet

_DELIMITERS = "\t,;|，；"
_SAMPLE = 40
#: A quoted cell with more lines than this was never closed.
MOST_LINES = 60
_LONGEST_LINE = 200_000
_TOO_LONG = "有一行文字太长，文件可能已损坏。请用 WPS 另存为 .xlsx 后再传。"
_COMPUTED = re.compile("'*[=+\\-@＝＋－＠\t]")
_PLAIN_NUMBER = re.compile(r"[+\-]?[0-9]+(?:\.[0-9]+)?%?")
_HAN = re.compile("[\u4e00-\u9fff]")


def guarded(cell: str) -> str:
    """The cell as it is written: an apostrophe in front of what a program would compute (promises F1)."""
    return "'" + cell if _COMPUTED.match(cell) and not _PLAIN_NUMBER.fullmatch(cell) else cell


def _unguarded(cell: str) -> str:
    guard = cell.startswith("'") and _COMPUTED.match(cell[1:]) and not _PLAIN_NUMBER.fullmatch(cell[1:])
    return cell[1:] if guard else cell


def sheet(data: bytes, name: str) -> Sheet:
    """The one sheet of a delimited text. CannotRead when it is prose, binary or mixes encodings."""
    text = decoded(data)
    if not text.strip():
        raise CannotRead("empty-file", "文件里没有内容。请检查后重新上传。")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        raise CannotRead("damaged", _TOO_LONG)
    found = Sheet(name, [])
    raw = rows_of(text, _delimiter(text))
    width = max(map(len, raw))
    if width > MOST_COLUMNS or len(raw) > MOST_ROWS:
        message = f"表格太大，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请分成几个文件再传。"
        raise CannotRead("cells-too-far", message)
    for number, cells in enumerate(raw):
        row = [cell and found.put_text(number, column, _unguarded(cell)) for column, cell in enumerate(cells)]
        found.rows.append(row + [""] * (width - len(row)))
    return found


def decoded(data: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 with mark, else GB18030. CannotRead when none fits."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_mixture(data)
        text = _strictly(data, "gb18030")
    if "\x00" in text[:2000]:
        raise CannotRead("binary", "这个文件打不开。请用 WPS 另存为 .xlsx 后再传。")
    return text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as wrong:
        message = "文件的文字编码认不出来。请用 WPS 另存为 .xlsx 后再传。"
        raise CannotRead("unknown-encoding", message) from wrong


def _refuse_mixture(data: bytes) -> None:
    """Two Chinese characters of UTF-8 in a row, in a line of their own, are next to impossible in GBK."""
    for line in data.splitlines():
        if line.isascii():
            continue
        try:
            chinese = len(_HAN.findall(line.decode("utf-8")))
        except UnicodeDecodeError:
            continue
        if chinese > 3:
            message = "文件里混有两种文字编码，读出来会是乱码。请用 WPS 另存为 .xlsx 后再传。"
            raise CannotRead("mixed-encoding", message)


def _delimiter(text: str) -> str:
    """The delimiter under which headings appear, else the one that cuts lines most evenly.

    CannotRead when nothing does: the text is prose, or a question bank in a text format.
    """
    sample = "\n".join(text.split("\n", 400)[:400])
    best, evenness = "", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for row in _parsed(sample, delimiter, csv.QUOTE_MINIMAL) or [] if any(row)]
        if _headed(rows):
            return delimiter
        widths = Counter(len(row) for row in rows[:_SAMPLE])
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        if width > 1 and delimiter in "\t,;|" and count > 2 and count / widths.total() > evenness:
            best, evenness = delimiter, count / widths.total()
    if evenness < 0.8:
        message = "这是纯文字，不是表格。请把题目整理成 .xlsx 表格后再传。"
        raise CannotRead("plain-text", message)
    return best


def has_headings(text: str) -> bool:
    """Whether a row of headings stands near the top, under any delimiter."""
    sample = "\n".join(text.split("\n", 40)[:40])
    return any(_headed(_parsed(sample, delimiter, csv.QUOTE_MINIMAL) or []) for delimiter in _DELIMITERS)


def _headed(rows: list[list[str]]) -> bool:
    return any(recognise([cell.strip() for cell in row]) for row in [row for row in rows if any(row)][:15])


def rows_of(text: str, delimiter: str) -> list[list[str]]:
    """Rows, with quotes honoured unless that swallows lines: some programs write quotes as they come."""
    rows = _parsed(text, delimiter, csv.QUOTE_MINIMAL)
    unclosed = _unclosed(text, delimiter)
    if (
        rows is None
        or unclosed
        or any(cell.count("\n") > MOST_LINES for row in rows for cell in row if "\n" in cell)
    ):
        rows = _parsed(text, delimiter, csv.QUOTE_NONE)
    if not rows:
        raise CannotRead("damaged", _TOO_LONG)
    if unclosed and max(map(len, rows)) > len(next(filter(any, rows), ())):
        # Quotes that are there for a reason hold a delimiter somewhere.
        message = f"第 {unclosed} 行有一个双引号没有成对，后面几行会并进这一格。请补上或删掉后再传。"
        raise CannotRead("open-quote", message)
    return rows


def _unclosed(text: str, delimiter: str) -> int:
    """The line, from 1, with a quote that is never closed; 0 where there is none."""
    if text.count('"') % 2 == 0:
        return 0
    reader, line = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True), 0
    try:
        for _ in reader:
            line = reader.line_num
    except csv.Error:
        return line + 1
    return 0


def _parsed(text: str, delimiter: str, quoting: int) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, quoting=quoting))  # type: ignore[arg-type]
    except csv.Error:
        return None
