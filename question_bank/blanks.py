"""The gaps of a fill question and the pieces of its answer (bank_formats §2)."""

import re

_BLANK = re.compile(
    r"\[\s*(?:填空|BlankArea)\s*[(（]?\s*[0-9]*\s*[)）]?\s*\]"
    r"|[(（【\[{][_＿\s]*[)）】\]}]"
    r"|[_＿]{2,}"
)
_WIDE_GAP = re.compile(r"(?<=\S)[ \u3000]{6,}(?=\S)|(?<=\S)[ \u3000]{8,}$")
#: Tried in this order; the first that cuts the answer into as many pieces as there are blanks is meant.
_SEPARATORS = (
    r"\\",
    r"(?<!\|)\|(?!\|)",
    r"\n+",
    "[；;]",
    "&&|&",
    "#",
    "、",
    "[，,]",
    "[、，,；;]",
    r"\t+|\s{2,}",
    "/",
    r"\s+",
)
_SPLITTERS = tuple(re.compile(separator) for separator in _SEPARATORS)


def count(stem: str) -> int:
    """How many gaps the stem leaves; underscores, empty brackets, [填空(1)], else wide spaces."""
    return len(_BLANK.findall(stem)) or len(_WIDE_GAP.findall(stem))


def ends(stem: str) -> list[int]:
    """Where each gap made of signs ends in the stem; wide spaces are none of these."""
    return [found.end() for found in _BLANK.finditer(stem)]


def ends_in_gap(text: str) -> bool:
    """Whether the text ends with a gap made of signs; only its last part is looked at."""
    tail = text[-1000:]
    return len(tail) in ends(tail)


def pieces(answer: str, blanks: int) -> tuple[str, ...]:
    """One accepted text per blank where the answer splits into exactly as many, else the whole as one."""
    if blanks > 1:
        for splitter in _SPLITTERS:
            parts = [part.strip() for part in splitter.split(answer)]
            parts = parts[:-1] if parts and not parts[-1] else parts
            if len(parts) == blanks and all(parts):
                return tuple(parts)
    return (answer,)
