"""What became of an answer, in the words of the phone's pages: the review of a sitting and practising.

Plain values only. Whoever calls decides who may see it: these words tell the key.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from question_bank.question import ALTERNATIVE, FALSE, TRUE

#: The options of a true_false, as phones show them.
TRUTH = ({"label": TRUE, "text": "正确"}, {"label": FALSE, "text": "错误"})


def option(label: str, *, key: Sequence[str], answer: Sequence[str], several: bool) -> dict[str, str]:
    """``tone`` good, bad or empty, and ``words`` beside an option."""
    chosen = label in answer
    if label in key:
        missed = "漏选" if several and answer else "正确答案"
        return {"tone": "good", "words": "你选对了" if chosen else missed}
    if chosen:
        return {"tone": "bad", "words": "多选了" if several else "你的答案"}
    return {"tone": "", "words": ""}


def blanks(key: Iterable[str], answer: Iterable[str]) -> list[dict[str, str]]:
    """Blank by blank what was ``given``, and the ``entry`` and the words of the ``key``."""
    return [
        {"given": given, "entry": entry, "key": entry.replace(ALTERNATIVE, " 或 ")}
        for given, entry in zip_longest(answer, key, fillvalue="")
    ]
