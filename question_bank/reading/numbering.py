"""The numbers Word writes by itself, worked out from numbering.xml (ECMA-376 part 1, 17.9)."""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_MOST = 100_000
_NUMERALS = "零一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_PLACE = re.compile("%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    shape: str = "decimal"
    text: str = ""
    gap: str = " "
    restarts: bool = True
    legal: bool = False


@dataclass(slots=True)
class _List:
    """What a w:num points at: its counters are shared by all that point at the same w:abstractNum."""

    shared: str
    levels: dict[int, _Level]
    overrides: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Follows the paragraphs of a document in order; ``label`` has to be asked once for each."""

    def __init__(self, numbering: bytes, styles: bytes) -> None:
        self._lists = _lists(numbering)
        self._styles = _styles(styles)
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, paragraph: Element) -> str:
        """``"3. "`` for the third paragraph of a list, empty for bullets and plain paragraphs."""
        number, depth = self._place(paragraph)
        found = self._lists.get(number)
        if found is None or not 0 <= depth < _LEVELS:
            return ""
        level = found.levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(found.shared, [None] * _LEVELS)
        override = found.overrides.get(depth)
        count = counts[depth]
        if override is not None and (number, depth) not in self._begun:
            counts[depth] = override
        else:
            counts[depth] = level.start if count is None else min(count + 1, _MOST)
        self._begun.add((number, depth))
        for below in range(depth + 1, _LEVELS):
            if below not in found.levels or found.levels[below].restarts:
                counts[below] = None
        return _written(level, found.levels, counts)

    def _place(self, paragraph: Element) -> tuple[str, int]:
        """List and level: of the paragraph itself, else of its style or of one that is based on."""
        properties = paragraph.find(W + "pPr")
        if properties is None:
            return "", 0
        own = properties.find(W + "numPr")
        number, depth = _list_of(own)
        style = properties.find(W + "pStyle")
        name = style.get(W + "val", "") if style is not None else ""
        for _ in range(20):
            if number is not None or name not in self._styles:
                break
            number, styled, name = self._styles[name]
            depth = styled if depth is None else depth
        return number or "", depth or 0


def _list_of(properties: Element | None) -> tuple[str | None, int | None]:
    if properties is None:
        return None, None
    number, depth = properties.find(W + "numId"), properties.find(W + "ilvl")
    return (
        number.get(W + "val", "") if number is not None else None,
        _whole(depth.get(W + "val", "")) if depth is not None else None,
    )


def _whole(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise


def _parsed(body: bytes) -> Element | None:
    try:
        return ElementTree.fromstring(body) if body else None
    except ElementTree.ParseError:
        return None


def _styles(body: bytes) -> dict[str, tuple[str | None, int | None, str]]:
    """Style to its list, level and the style it is based on."""
    root = _parsed(body)
    found: dict[str, tuple[str | None, int | None, str]] = {}
    for style in root.findall(W + "style") if root is not None else ():
        number, depth = _list_of(style.find(f"{W}pPr/{W}numPr"))
        based = style.find(W + "basedOn")
        found[style.get(W + "styleId", "")] = (
            number,
            depth,
            based.get(W + "val", "") if based is not None else "",
        )
    return found


def _lists(body: bytes) -> dict[str, _List]:
    root = _parsed(body)
    if root is None:
        return {}
    shared = {entry.get(W + "abstractNumId", ""): _levels(entry) for entry in root.findall(W + "abstractNum")}
    lists = {}
    for entry in root.findall(W + "num"):
        abstract = entry.find(W + "abstractNumId")
        name = abstract.get(W + "val", "") if abstract is not None else ""
        own = _List(name, dict(shared.get(name, {})))
        for override in entry.findall(W + "lvlOverride"):
            depth = _whole(override.get(W + "ilvl", ""), -1)
            start = override.find(W + "startOverride")
            if start is not None:
                own.overrides[depth] = _whole(start.get(W + "val", ""), 1)
            own.levels |= _levels(override)
        lists[entry.get(W + "numId", "")] = own
    lists.pop("0", None)
    return lists


def _levels(parent: Element) -> dict[int, _Level]:
    return {_whole(level.get(W + "ilvl", ""), -1): _level(level) for level in parent.findall(W + "lvl")}


def _level(entry: Element) -> _Level:
    def said(name: str, otherwise: str = "") -> str:
        found = entry.find(W + name)
        return found.get(W + "val", otherwise) if found is not None else otherwise

    return _Level(
        start=_whole(said("start", "0")),
        shape=said("numFmt", "decimal"),
        text=said("lvlText"),
        gap="" if said("suff", "tab") == "nothing" else " ",
        restarts=said("lvlRestart", "1") != "0",
        legal=entry.find(W + "isLgl") is not None,
    )


def _written(level: _Level, levels: dict[int, _Level], counts: list[int | None]) -> str:
    if level.shape in ("bullet", "none"):
        return ""

    def number(found: re.Match[str]) -> str:
        depth = int(found[1]) - 1
        other = levels.get(depth, level)
        count = counts[depth]
        return _shaped(other.start if count is None else count, "decimal" if level.legal else other.shape)

    text = _PLACE.sub(number, level.text)
    # A bare 3 or B is a number or a letter without a doubt, which its text alone would not tell.
    return (f"{text}." if text.isalnum() and text.isascii() else text) + level.gap if text else ""


def _shaped(count: int, shape: str) -> str:
    if shape in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (count - 1) % 26) * min((count - 1) // 26 + 1, 9) if count > 0 else ""
        return letter if shape == "upperLetter" else letter.lower()
    if shape in ("upperRoman", "lowerRoman"):
        return _roman(count) if shape == "upperRoman" else _roman(count).lower()
    if shape.startswith(("decimalEnclosedCircle", "ideographEnclosedCircle")):
        return chr(0x2460 + count - 1) if 0 < count <= 20 else str(count)
    if shape == "ideographTraditional":
        return _STEMS[(count - 1) % 10]
    if shape == "ideographZodiac":
        return _BRANCHES[(count - 1) % 12]
    if shape.startswith(("chinese", "japanese", "taiwanese", "ideograph", "korean")):
        return _chinese(count)
    return f"{count:02}" if shape == "decimalZero" else str(count)


def _roman(count: int) -> str:
    text = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    ):
        text += sign * min(count // value, 9)
        count %= value
    return text


def _chinese(count: int) -> str:
    """32 as 三十二, up to 999; beyond that digits serve."""
    if not 0 < count < 1000:
        return str(count)
    hundreds, tens, ones = count // 100, count // 10 % 10, count % 10
    text = _NUMERALS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _NUMERALS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_NUMERALS[ones] if ones else "")
