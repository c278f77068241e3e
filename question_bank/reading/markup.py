"""Formatted text to plain text: what a reader of the page would see, tags that are no tags included."""

import re
from html import unescape
from xml.etree.ElementTree import Element

_BLOCK_NAMES = """
address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td
tfoot th thead tr ul prompt contentbody itembody
"""
_INLINE_NAMES = """
a abbr acronym audio b bdi bdo big br button cite code col colgroup data del dfn em embed font head i iframe
img input ins kbd label link map area mark math meta meter noscript object option output param picture
progress q rp rt ruby s samp script select small source span strike strong style sub sup svg template
textarea time title track tt u var video wbr o:p
"""
_BLOCKS, _INLINE = frozenset(_BLOCK_NAMES.split()), frozenset(_INLINE_NAMES.split())
_PICTURES = frozenset(("img", "audio", "video", "object", "embed", "picture", "svg"))
_UNSEEN = frozenset(("script", "style", "head", "template", "title"))
_TAG = re.compile(r"<(/?)([A-Za-z][\w:\-]*)[^<>]*>")
_SPACE = re.compile(r"[ \t\n\r\f]+")


class Flow:
    """Text put together as a page would: white space runs shrink to one space, except where it counts."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.exact = 0
        self.pictures = 0

    def text(self, text: str) -> None:
        if self.exact:
            first, *rest = text.split("\n")
            self.line += first
            for further in rest:
                self.lines.append(self.line)
                self.line = further
            return
        text = _SPACE.sub(" ", text)
        self.line += text.lstrip(" ") if not self.line or self.line.endswith(" ") else text

    def picture(self) -> None:
        self.pictures += 1
        self.text("［图］")

    def break_line(self) -> None:
        self._push()

    def block(self) -> None:
        """The next text begins a new line, whatever stands before."""
        if self.line.strip(" "):
            self._push()
        elif not self.exact:
            self.line = ""

    def _push(self) -> None:
        self.lines.append(self.line if self.exact else self.line.rstrip(" "))
        self.line = ""

    def result(self) -> str:
        return "\n".join([*self.lines, self.line]).strip()


class _Page:
    """Tags and texts of one HTML text, put into a Flow. Every pattern is linear, unlike html.parser's."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.unseen = ""

    def take(self, text: str) -> None:
        place = 0
        for tag in _TAG.finditer(text):
            self._text(text[place : tag.start()])
            place = tag.end()
            self._tag(tag[2].lower(), tag[0], closing=bool(tag[1]))
        self._text(text[place:])

    def _text(self, text: str) -> None:
        if not self.unseen:
            self.flow.text(unescape(text))

    def _tag(self, name: str, written: str, *, closing: bool) -> None:
        if self.unseen or name in _UNSEEN:
            opens = not closing and not self.unseen and not written.endswith("/>")
            self.unseen = name if opens else "" if name == self.unseen and closing else self.unseen
        elif name in _BLOCKS:
            self.flow.block()
            if name == "pre":
                self.flow.exact = max(0, self.flow.exact + (-1 if closing else 1))
        elif name == "br":
            self.flow.break_line()
        elif name in _PICTURES:
            if not closing:
                self.flow.picture()
        elif name not in _INLINE:
            self._text(written)


def from_html(text: str) -> tuple[str, int]:
    """The plain text, and how many pictures and recordings it had to leave behind.

    Entities become characters, blocks and <br> line breaks. A tag that HTML does not have (<T>, <% %>)
    was meant as text and stays.
    """
    page = _Page()
    page.take(_without_comments(text))
    return page.flow.result(), page.flow.pictures


def _without_comments(text: str) -> str:
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[place:start])
        place = end + 3
    return "".join(kept) + text[place:]


def local(name: str) -> str:
    """The name of an element or attribute without namespace, ``qti-`` and hyphens, in lower case.

    So that QTI 2 and 3 read alike: simpleChoice and qti-simple-choice are both simplechoice.
    """
    return name.rpartition("}")[2].removeprefix("qti-").replace("-", "").lower()


def flow_element(element: Element, flow: Flow) -> None:
    """What an element of XHTML shows, without the element's own tail."""
    tag = local(element.tag) if isinstance(element.tag, str) else "comment"
    if tag in _UNSEEN or tag == "comment":
        return
    if tag in _PICTURES:
        flow.picture()
        return
    if tag == "br":
        flow.break_line()
        return
    block = tag in _BLOCKS
    if block:
        flow.block()
    flow.exact += tag == "pre"
    flow.text(element.text or "")
    for child in element:
        flow_element(child, flow)
        flow.text(child.tail or "")
    if block:
        flow.block()
    flow.exact -= tag == "pre"
