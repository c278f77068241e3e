"""XML from elsewhere as a tree, refused where it declares document types, or is too deep or too large."""

import re
from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from question_bank.errors import CannotRead

DEEPEST = 100
MOST_ELEMENTS = 600_000
_BEFORE = r"<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>"
_PROLOG = re.compile(rf"\s*(?:(?:{_BEFORE})\s*)*<(?:[\w.\-]+:)?([\w.\-]+)", re.DOTALL)
_DECLARED = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^<>]*?encoding\s*=\s*[\"']([^\"']+)[\"'][^<>]*\?>")


def root_name(data: bytes) -> str:
    """The name of the outermost element, without prefix; empty when the data is no XML."""
    head = data[:65536]
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8", "ignore").lstrip("\ufeff")
    if not text.lstrip().startswith("<"):
        return ""
    found = _PROLOG.match(text)
    return found[1] if found else ""


def parse(data: bytes) -> Element:
    """The root element. CannotRead when the data is not well-formed or must not be parsed."""
    data = _in_unicode(data)
    try:
        _check(data)
        return ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as wrong:
        line = getattr(wrong, "lineno", 0)
        place = f"第 {line} 行有错，" if line else ""
        raise CannotRead("damaged", f"这个 XML 文件{place}读不下去。请从原来的系统重新导出。") from wrong


def _check(data: bytes) -> None:
    """One pass that builds nothing: entities can only be declared in a document type."""
    parser = expat.ParserCreate(namespace_separator="}")
    depth = elements = 0

    def refuse_type(*_: object) -> NoReturn:
        message = "文件里有文档类型声明，可能有害，没有读入。请从原来的系统重新导出。"
        raise CannotRead("dtd", message)

    def start(_: str, __: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > DEEPEST or elements > MOST_ELEMENTS:
            raise CannotRead("unpacks-too-large", "文件的内部结构太大或太深，没有读入。请分成几个文件再传。")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse_type
    parser.EntityDeclHandler = refuse_type
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)


def _in_unicode(data: bytes) -> bytes:
    """Chinese programs write GBK, which the parser does not know."""
    found = _DECLARED.match(data[:500])
    if found and found[1].lower() in (b"gbk", b"gb2312", b"gb18030", b"cp936"):
        try:
            return data[found.end() :].decode("gb18030").encode()
        except UnicodeDecodeError as wrong:
            raise CannotRead(
                "unknown-encoding", "文件的文字编码认不出来。请从原来的系统重新导出。"
            ) from wrong
    return data
