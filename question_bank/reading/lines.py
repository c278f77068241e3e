"""Prose cut into lines that each say one thing, with what is nobody's text (page numbers, rules) left out."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from unicodedata import east_asian_width

from question_bank.errors import CannotRead
from question_bank.reading import marks
from question_bank.reading.sheet import Sheet

MOST_LINES = 200_000
_LONGEST_LINE = 200_000
_LONG_GAP = re.compile(r"([ \t\u3000])[ \t\u3000]{30,}")
_RULE = re.compile(r"[-=*_—~@#·.─━─]{3,}")
_PAGE = re.compile(
    r"第?\s*[0-9]{1,4}\s*页\s*(?:[/,，]?\s*共?\s*[0-9]{1,4}\s*页)?|[0-9]{1,4}\s*/\s*[0-9]{1,4}"
    r"|[-–—·]\s*[0-9]{1,4}\s*[-–—·]|page\s*[0-9]{1,4}(?:\s*of\s*[0-9]{1,4})?|[0-9]{1,3}",
    re.IGNORECASE,
)
#: What a course page prints below an answer: the points somebody got.
_GOT = re.compile(r"(?:得分[:：]?\s*)?[0-9]{1,3}(?:\.[0-9])?\s*分")
_STRONG = (
    r"\\ans\s*[:：]|\^\*\^|【(?:正确|参考|标准)?答案】|[(（]\s*(?:正确|参考|标准)?答案\s*[:：]\s*(?=\S)"
    r"|(?<![故选择出的为是填写])(?:正确|参考|标准)答案\s*[:：]\s*(?=\S)"
)
_WEAK = (
    r"(?:【(?:答案)?(?:解析|详解|分析)】|【(?:难度|知识点|考点|分值|出处|依据)】|[(（]?答案\s*[:：]\s*(?=\S)"
    r"|(?:答案|试题)?解析\s*[:：]|难度(?:系数)?\s*[:：]|知识点\s*[:：]|分[值数]\s*[:：]|(?:法律|政策)?依据\s*[:：]"
    r"|我的答案\s*[:：])"
)
_INSIDE = re.compile(rf"({_STRONG})|(?<=[\s。；;？?）)\]】！!，,.])({_WEAK})")
#: A line with this much on it may hold a whole bank.
_WHOLE = 300
_NEXT_NUMBER = re.compile(r"(?<![0-9.])([0-9]{1,4})(?:[、．]|\.(?![0-9]))")
_NEXT_SECTION = re.compile(
    r"(?<=\s)[一二三四五六七八九十]、\s*(?=(?:单|多|判断|填空|简答|不定|选择|问答|论述|案例))"
)
_ANSWERED = re.compile(r"答案\s*[:：】]|[\s）)。]A[.、．]")
_MOST_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of prose. ``row`` is the line of a text or the paragraph of a document, from 1.

    ``gap`` counts the empty lines before it; ``ruled`` says that a separator stands before it; ``full``
    that it runs to the margin, so that the next line may be its continuation.
    """

    row: int
    text: str
    gap: int = 0
    ruled: bool = False
    full: bool = False


@dataclass(slots=True)
class Prose:
    """The lines of a file, and the sheet that stands for it in the report."""

    sheet: Sheet
    lines: list[Line] = field(default_factory=list)
    #: (row, text) of lines that repeat on every page.
    running: list[tuple[int, str]] = field(default_factory=list)


def of_text(text: str) -> Prose:
    """The prose of a text file; CannotRead when it is no text that people wrote."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split("\n"))) > _LONGEST_LINE and "答案" not in text:
        message = "有一行文字太长，文件可能已损坏。请用 WPS 另存为 .docx 后再传。"
        raise CannotRead("damaged", message)
    _refuse_other(text)
    return prose(enumerate(text.split("\n"), 1))


def _refuse_other(text: str) -> None:
    """Text that a program wrote: data, or the source of a web page whatever stands at its top."""
    start = text[:20_000].lstrip("\ufeff \t\n")
    if start[:1] in "[{" and re.match(r"[\[{]\s*[\[{\"]", start):
        raise CannotRead("json", "这是 JSON 数据，不是题库。请把题目整理成 .xlsx 表格后再传。")
    if (
        re.search(r"<!doctype html|<html[\s>]", start, re.IGNORECASE)
        or len(re.findall("</?(?:div|span|td|p)[ >]", start)) > 20
    ):
        message = "这是网页的源代码，不是题库。请把题目复制到 WPS，另存为 .xlsx 或 .docx 后再传。"
        raise CannotRead("web-page", message)


def prose(texts: Iterable[tuple[int, str]]) -> Prose:
    """Prose of (row, text) pairs in order; a text may hold several lines of one paragraph."""
    found = Prose(Sheet("正文", []))
    kept: list[tuple[int, str]] = []
    for row, text in texts:
        while len(found.sheet.rows) < row:
            found.sheet.rows.append([""])
        cleaned = found.sheet.put_text(row - 1, 0, text)
        found.sheet.rows[row - 1] = [cleaned]
        kept += [(row, _LONG_GAP.sub(r"\1" * 12, line.strip())) for line in cleaned.split("\n")]
        if len(kept) > MOST_LINES:
            raise CannotRead("too-many-lines", f"文字超过 {MOST_LINES} 行。请分成几个文件再传。")
    margin = _margin(kept)
    running = _running(kept)
    gap, ruled = 0, False
    for row, text in kept:
        if not text:
            gap += 1
        elif _RULE.fullmatch(text):
            ruled = True
        elif _GOT.fullmatch(text):
            continue
        elif text in running or _PAGE.fullmatch(text):
            found.running.append((row, text))
        else:
            full = bool(margin) and _width(text) >= 0.85 * margin
            for place, piece in enumerate(_pieces(text)):
                found.lines.append(Line(row, piece, 0 if place else gap, ruled and not place, full))
            gap, ruled = 0, False
    return found


def _width(text: str) -> int:
    """Columns as a typewriter counts them: two for a Chinese character."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _margin(kept: list[tuple[int, str]]) -> int:
    """The width at which a program broke the lines, 0 where none did: lines that go on are equally long."""
    widths = sorted(
        _width(text)
        for (_, text), (_, below) in pairwise(kept)
        if 20 < len(text) < 200 and not _INSIDE.search(text) and below and _is_plain(below)
    )
    if len(widths) < 5:
        return 0
    middle = widths[len(widths) // 2]
    close = sum(1 for width in widths if abs(width - middle) <= 0.15 * middle)
    return middle if close >= 0.7 * len(widths) else 0


def _is_plain(text: str) -> bool:
    """Whether nothing at its beginning says that the line is one of its own."""
    return not (
        marks.option_letter(text)
        or marks.field(text)
        or marks.number(text)
        or marks.section(text)
        or marks.chapter(text)
        or marks.truth_option(text)
        or marks.is_short_answer(text)
        or marks.heads_keys(text)
    )


def _running(kept: list[tuple[int, str]]) -> set[str]:
    """Heads and feet of pages: the same words on many lines, in a text whose questions are numbered."""
    seen = Counter(text for _, text in kept if 3 < len(text) <= 40)
    numbered = sum(1 for _, text in kept if text[:1].isdecimal() and marks.number(text))
    often = {text for text, count in seen.items() if count >= _MOST_REPEATS}
    return {text for text in often if numbered > _MOST_REPEATS and _is_running(text)}


def _is_running(text: str) -> bool:
    if any(character in text for character in "（）()。？?：:；;，,_√×"):
        return "http" in text or "www." in text
    return _is_plain(text)


def _pieces(text: str) -> list[str]:
    """The line cut where answers and the like begin inside it, or where a whole bank stands on it."""
    if len(text) > _WHOLE and len(_ANSWERED.findall(text)) > 1:
        return [piece for part in _numbered_parts(text) for piece in _cut(part)]
    return _cut(text)


def _cut(text: str) -> list[str]:
    if "错误答案" in text:
        return [text]
    cuts = [0]
    for found in _INSIDE.finditer(text):
        if found.start() > cuts[-1]:
            cuts.append(found.start())
    pieces = [text[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]
    return [piece.removeprefix("^*^").strip() for piece in pieces if piece.strip("^* ")]


def _numbered_parts(text: str) -> list[str]:
    """1.甲（ ）A.… 2.乙（ ）A.…: cut before each next number in order, and before sections."""
    cuts = {0} | {found.start() for found in _NEXT_SECTION.finditer(text)}
    expected = 0
    sections = sorted(cuts)
    for found in _NEXT_NUMBER.finditer(text):
        value = int(found[1])
        if value == expected or (value == 1 and (expected == 0 or _near(found.start(), sections))):
            cuts.add(found.start())
            expected = value + 1
    ordered = sorted(cuts)
    return [text[start:end].strip() for start, end in zip(ordered, [*ordered[1:], len(text)], strict=True)]


def _near(position: int, sections: list[int]) -> bool:
    """Whether a section begins at most a heading's length before."""
    place = bisect_left(sections, position) - 1
    return place > 0 and position - sections[place] < 80
