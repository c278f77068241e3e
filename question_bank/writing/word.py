"""A printed exercise book (.docx): questions by kind, numbered through, options laid out to save paper.

Written part by part; a few fixed parts are all that Word, WPS and LibreOffice need. Chinese fonts are
named, never shipped. A question stays on one page with its options. With keys the answers stand
together on pages of their own at the end; they may also be had as a book of their own.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from question_bank import blanks, joined
from question_bank.question import LABELS, TRUE, Kind, Question
from question_bank.writing.word_parts import (
    CONTENT_TYPES,
    FOOTER,
    RELATIONS,
    SETTINGS,
    STYLES,
    WORD_RELATIONS,
)
from question_bank.writing.xml import add, finished

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NUMERALS = "一二三四五"
#: A line holds 38 full-width characters; four or two options share one when each fits its part.
_QUARTER, _HALF, _STOP = 8, 17, 8.8
#: Answers in one line of the list, and how wide one may be.
_KEYS_IN_LINE, _KEY_STOP = 5, 7
_ANSWER_LINES = 5
_DATE = (1980, 1, 1, 0, 0, 0)


def document(
    questions: Sequence[Question], *, title: str = "", keys: bool = True, asked: bool = True
) -> bytes:
    """The book; ``keys`` adds the answers and explanations at the end, else nothing tells them.

    Without ``asked`` the answers alone, under the numbers that the questions have in the book.
    """
    root = Element("w:document", {"xmlns:w": _WORDS, "xmlns:r": _LINKS})
    body = add(root, "w:body")
    _paragraph(body, title or "题库", "Title")
    numbered = list(_numbered(questions))
    for heading, group in numbered if asked else ():
        _paragraph(body, heading, "Heading1")
        for number, question in group:
            _question(body, number, question)
    if keys:
        _paragraph(body, "参考答案", "Title", new_page=asked)
        _keys(body, numbered)
    _page(body)
    return _package(finished(root))


Group = tuple[str, list[tuple[int, Question]]]


def _numbered(questions: Sequence[Question]) -> Iterator[Group]:
    """``一、单选题（共 40 题）`` and its questions; numbers run through the whole book."""
    number = 1
    kinds = [kind for kind in Kind if any(question.kind is kind for question in questions)]
    for place, kind in enumerate(kinds):
        group = [question for question in questions if question.kind is kind]
        heading = f"{_NUMERALS[place]}、{kind.chinese}（共 {len(group)} 题）"
        yield heading, list(enumerate(group, start=number))
        number += len(group)


def _question(body: Element, number: int, question: Question) -> None:
    """One paragraph, which no program parts at the end of a page; for a short answer lines to write on."""
    gap = "（　　）" if question.kind is Kind.TRUE_FALSE and not blanks.ends(question.stem) else ""
    lines = [f"{number}. {question.stem}{gap}", *_option_lines(question.options)]
    short = question.kind is Kind.SHORT
    _paragraph(body, "\n".join(lines), "Question", with_next=short)
    for place in range(_ANSWER_LINES if short else 0):
        _paragraph(body, "", "Answer", with_next=place + 1 < _ANSWER_LINES)


def _option_lines(options: Sequence[str]) -> list[str]:
    """Options with their letters, four, two or one to a line, parted by tabs."""
    lettered = [f"{label}. {option}" for label, option in zip(LABELS, options, strict=False)]
    widest = max((_width(text) for text in lettered), default=0)
    plain = not any("\n" in option or "\t" in option for option in options)
    share = 4 if widest <= _QUARTER and plain else 2 if widest <= _HALF and plain else 1
    rows = [lettered[start : start + share] for start in range(0, len(lettered), share)]
    if share == 2:
        # A short first option still leaves the second at the middle of the line, two stops on.
        rows = [[row[0] + "\t" * (_width(row[0]) <= _STOP), *row[1:]] for row in rows]
    return ["\t".join(row).rstrip("\t") for row in rows]


def _width(text: str) -> float:
    """In full-width characters."""
    return sum(0.5 if ord(character) < 0x2E80 else 1 for character in text)


def _keys(body: Element, numbered: Sequence[Group]) -> None:
    for heading, group in numbered:
        _paragraph(body, heading, "Heading1")
        short = [f"{number}. {_key(question)}" for number, question in group]
        for line, style in _key_lines(short):
            _paragraph(body, line, style)
    explained = [(n, q) for _, group in numbered for n, q in group if q.explanation or q.basis]
    if explained:
        _paragraph(body, "解析", "Heading1")
    for number, question in explained:
        basis = f"（{question.basis}）" if question.basis else ""
        _paragraph(body, f"{number}. {question.explanation}{basis}", "Note")


def _key_lines(keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines with their style: short keys several to a line, parted by tabs; a long one on its own."""
    row: list[str] = []
    for key in keys:
        long = _width(key) > _KEY_STOP or "\n" in key or "\t" in key
        if row and (long or len(row) == _KEYS_IN_LINE):
            yield "\t".join(row), "Keys"
            row = []
        if long:
            yield key, "Note"
        else:
            row.append(key)
    if row:
        yield "\t".join(row), "Keys"


def _key(question: Question) -> str:
    if question.kind is Kind.TRUE_FALSE:
        return "正确" if question.key == (TRUE,) else "错误"
    if question.kind is Kind.FILL:
        return "；".join(" 或 ".join(joined.accepted(entry)) for entry in question.key)
    return "".join(question.key) or "略"


def _paragraph(
    body: Element, text: str, style: str, *, new_page: bool = False, with_next: bool = False
) -> None:
    """One paragraph; line breaks and tabs inside the text are kept."""
    paragraph = add(body, "w:p")
    about = add(paragraph, "w:pPr")
    _set(add(about, "w:pStyle"), val=style)
    if with_next:
        add(about, "w:keepNext")
    if new_page:
        add(about, "w:pageBreakBefore")
    run = add(paragraph, "w:r")
    for place, line in enumerate(text.split("\n")):
        if place:
            add(run, "w:br")
        for column, piece in enumerate(line.split("\t")):
            if column:
                add(run, "w:tab")
            if piece:
                add(run, "w:t", piece).set("xml:space", "preserve")


def _set(element: Element, **values: str) -> None:
    for name, value in values.items():
        element.set(f"w:{name}", value)


def _page(body: Element) -> None:
    """A4 with a page number at the foot; lengths in twentieths of a point."""
    section = add(body, "w:sectPr")
    footer = add(section, "w:footerReference")
    footer.set("w:type", "default")
    footer.set("r:id", "rId2")
    _set(add(section, "w:pgSz"), w="11906", h="16838")
    margins = {"top": "1440", "right": "1418", "bottom": "1440", "left": "1418"}
    _set(add(section, "w:pgMar"), **margins, header="851", footer="992", gutter="0")


def _package(main: bytes) -> bytes:
    out = io.BytesIO()
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": main,
        "word/styles.xml": STYLES,
        "word/settings.xml": SETTINGS,
        "word/footer1.xml": FOOTER,
        "word/_rels/document.xml.rels": WORD_RELATIONS,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()
