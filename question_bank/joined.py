"""Several blanks in formats that know one gap only: the texts of all blanks in one line, and back.

GIFT short answers and Moodle's shortanswer hold one accepted text per line. A key of several blanks
becomes lines such as ``信访局；30``, one for each alternative, and the format says beside them how many
blanks there are and what stands between them.
"""

from collections.abc import Sequence
from itertools import zip_longest

from question_bank.question import ALTERNATIVE

#: The first that occurs in no text is used.
_BETWEEN = ("；", "，", " / ", " ¦ ", " ‖ ")


def accepted(entry: str) -> list[str]:
    """The texts accepted in one blank."""
    return entry.split(ALTERNATIVE)


def lines(key: Sequence[str]) -> tuple[list[str], str]:
    """Accepted lines and what stands between their blanks; nothing stands between where there is one.

    Every alternative of every blank occurs in some line; ``separated`` collects them again.
    """
    if len(key) == 1:
        return accepted(key[0]), ""
    whole = "".join(key)
    between = next((mark for mark in _BETWEEN if mark not in whole), _BETWEEN[-1] * 2)
    blanks = [accepted(entry) for entry in key]
    rows = zip_longest(*blanks)
    firsts = [texts[0] for texts in blanks]
    return [
        between.join(first if text is None else text for text, first in zip(row, firsts, strict=True))
        for row in rows
    ], between


def separated(texts: Sequence[str], blanks: int, between: str) -> tuple[str, ...] | None:
    """The key of ``blanks`` entries that ``lines`` wrote; None when a line has another number of pieces."""
    if blanks == 1 or not between:
        return (ALTERNATIVE.join(dict.fromkeys(texts)),) if texts else ()
    rows = [text.split(between) for text in texts]
    if not rows or any(len(row) != blanks for row in rows):
        return None
    return tuple(ALTERNATIVE.join(dict.fromkeys(column)) for column in zip(*rows, strict=True))
