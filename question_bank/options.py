"""Options: several in one cell, and the letters people type in front of them (bank_formats §3)."""

import json
import re
from collections.abc import Sequence

from question_bank.question import LABELS

_WIDE = str.maketrans("ＡＢＣＤＥＦＧＨＩＪ", "ABCDEFGHIJ")
_PREFIX = re.compile(r"[(（]?\s*([A-Za-zＡ-Ｊ])\s*(?:[)）]\s*[.、．:：]?|[.、．，]|[:：](?![\\/]))\s*(?=\S)")
#: What _PREFIX and _SPACED begin with; the empty text is none of these.
BEFORE_TEXT = frozenset("(（" + LABELS + LABELS.lower() + "ＡＢＣＤＥＦＧＨＩＪ")
_SPACED = re.compile(r"([A-Za-zＡ-Ｊ])[ \u3000\t]+(?=\S)")
_MARK = re.compile(
    r"(?:^|(?<=[\s;；,，|&。）)?？]))[(（]?([A-ZＡ-Ｊ])(?:[)）]\s*[.、．:：]?|[.、．:：])[ \u3000\t]*"
    r"|[(（]([A-ZＡ-Ｊ])[)）][ \u3000\t]*"
)
_IN_STEM = re.compile(r"(?:(?<=[\n\t&])|(?<=[\s&][ \u3000]))[(（]?A(?:[)）]|[.、．:：])")
_GLUED = re.compile("([A-Z])(?=[\u4e00-\u9fff])")
_HAN = re.compile("[\u4e00-\u9fff]")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_TEXT_NAMES = ("optionContent", "content", "text", "value", "label", "title", "name")
#: Tried in order; the comma last, for it is the one that also stands inside options.
_SEPARATORS = (re.compile(r"\$;\$|\|\|\|?|@@+"), re.compile(r"\n+"), re.compile(r"\|"))
_WEAKER = tuple(re.compile(separator) for separator in (r"[;；]", "&&?", r"\t+|[ \u3000]{2,}", "、", "[,，]"))


def split(cell: str) -> list[str]:
    """The options held in one cell, without their letters, or the cell as the only one.

    ``$;$``, lettered marks, JSON and python lists, lines, ``|``, ``;``, ``&``, wide gaps and commas.
    """
    if cell.startswith("[") and cell.endswith("]"):
        listed = listed_texts(cell)
        if len(listed) > 1:
            return without_letters(listed)
    first = _SEPARATORS[0]
    if first.search(cell):
        return without_letters(_parts(first, cell)) or [cell]
    marked = split_marked(cell)
    if marked:
        return marked[1]
    for separator in _SEPARATORS[1:] + _WEAKER:
        parts = _parts(separator, cell)
        if len(parts) > 1:
            return _without_bare_letters(without_letters(parts))
    return [cell]


def loosely(cell: str) -> list[str]:
    """``五日 七日 十日`` and ``A五日B七日C十日``, for a cell in which nothing plainer divides the options.

    At least three, each with Chinese of its own, so that 2 小时 30 分 stays whole.
    """
    spaced = cell.split()
    if 2 < len(spaced) <= len(LABELS) and all(map(_HAN.search, spaced)):
        return _without_bare_letters(spaced)
    glued = _GLUED.split(cell)
    texts = [text.strip(" ,，;；、") for text in glued[2::2]]
    in_order = "".join(glued[1::2]) == LABELS[: len(texts)] and not glued[0].strip()
    return texts if in_order and len(set(texts)) == len(texts) > 2 and all(texts) else [cell]


def _without_bare_letters(parts: list[str]) -> list[str]:
    """``A本国企业  B外国企业``: letters without a mark go where every part has its own and differs."""
    lettered = all(part[0] == label for part, label in zip(parts, LABELS, strict=False))
    rest = [part[1:].strip() for part in parts]
    return rest if lettered and all(rest) and len(set(rest)) == len(rest) else parts


def split_marked(text: str) -> tuple[str, list[str]] | None:
    """What stands before the first mark, and the texts after A. B. C. … when they run in order from A."""
    marks: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        if (mark[1] or mark[2]).translate(_WIDE) == LABELS[len(marks)]:
            marks.append(mark)
            if len(marks) == len(LABELS):
                break
    if len(marks) < 2:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    texts = [text[mark.end() : end].strip(" \t\n\u3000;；|&") for mark, end in zip(marks, ends, strict=True)]
    return text[: marks[0].start()].strip(" \t\n\u3000;；|&"), texts


def inside_stem(stem: str) -> tuple[str, list[str]] | None:
    """Stem and options where the options were typed into the stem's own cell, else None."""
    start = _IN_STEM.search(stem)
    found = split_marked(stem[start.start() :]) if start else None
    return (stem[: start.start()].strip(), found[1]) if start and found and all(found[1]) else None


def listed_texts(cell: str) -> list[str]:
    """The texts of ``['a', 'b']`` or of ``[{"optionContent": "a"}, …]``; nothing is evaluated."""
    try:
        entries = json.loads(cell)
    except (ValueError, RecursionError):
        return [(one or other).strip() for one, other in _QUOTED.findall(cell)]
    if not isinstance(entries, list):
        return []
    return [text for text in map(_text_of, entries) if text]


def _text_of(entry: object) -> str:
    if isinstance(entry, dict):
        entry = next((entry[name] for name in _TEXT_NAMES if name in entry), "")
    return str(entry).strip() if isinstance(entry, str | int | float) else ""


def _parts(separator: re.Pattern[str], cell: str) -> list[str]:
    return [part.strip() for part in separator.split(cell) if part.strip()]


def without_letters(options: Sequence[str]) -> list[str]:
    """The options without a leading ``B.`` where the letter is the option's own.

    ``B `` with a mere space is a prefix only when every option of the question has its own letter in
    front, so that C++, A类火灾 and B 超 stay whole.
    """
    if not any(option[:1] in BEFORE_TEXT for option in options):
        return list(options)
    bared = [_bared(option, place) for place, option in enumerate(options)]
    filled = [place for place, option in enumerate(options) if option]
    spaced = {place: found for place in filled if (found := _own(_SPACED, options[place], place))}
    if (
        spaced
        and len(filled) > 1
        and all(place in spaced or bared[place] != options[place] for place in filled)
    ):
        for place, found in spaced.items():
            bared[place] = options[place][found.end() :].strip()
    return bared


def _bared(option: str, place: int) -> str:
    found = _own(_PREFIX, option, place)
    return option[found.end() :].strip() if found else option


def _own(pattern: re.Pattern[str], option: str, place: int) -> re.Match[str] | None:
    found = pattern.match(option)
    own = found and place < len(LABELS) and found[1].translate(_WIDE).upper() == LABELS[place]
    return found if own else None
