"""The text of one cell: cleaned of what nobody typed on purpose, and the words that mean yes or no."""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from question_bank.question import FALSE, TRUE, Question, tags_of

#: Characters that are worth a closer look; nearly every cell has none, so the search is the fast path.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\u2e80-\u2fdf\ud800-\udfff\ufeff\ufffe\uffff]"
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LINE_BREAK = re.compile("_x000[dD]_\r?\n?|\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_RADICAL = re.compile("[\u2e80-\u2fdf]")
#: Radicals of the CJK supplement have no compatibility mapping, and two of the Kangxi ones map to
#: traditional forms; text copied out of PDF files means these simplified characters.
_RADICALS = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻩⻬⻮⻰⼾⾭",
        "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟黄齐齿龙户青",
        strict=True,
    )
)
_EDGE = "\u200c\u200d"

_TRUE_WORDS = "正确 对 是 √ ✓ ✔ ☑ ✅ t true y yes right correct 1 同意 可以 能 对的 是的 正确的 真 v"
_FALSE_WORDS = (
    "错误 错 否 × ✗ ✘ ✕ ✖ ☒ ❌ ❎ x f false n no wrong incorrect 0 "
    "不同意 不可以 不能 不对 不是 不正确 错的 错误的 假"
)
_TRUTH = dict.fromkeys(_TRUE_WORDS.split(), TRUE) | dict.fromkeys(_FALSE_WORDS.split(), FALSE)


def is_suspect(text: str) -> bool:
    """Whether ``clean`` may have to do more than trim."""
    # The escape is looked for by itself: as an alternative it would cost more than all of the others.
    return _SUSPECT.search(text) is not None or "_x000" in text


def clean(text: str) -> str:
    """The text without padding, control and invisible characters, with one kind of line break.

    Inner line breaks, tabs and literal markup stay. Radicals become the characters they look like.
    """
    if not is_suspect(text):
        return text.strip()
    text = _LINE_BREAK.sub("\n", text).replace("\xa0", " ")
    text = _RADICAL.sub(lambda found: _plain_radical(found[0]), _INVISIBLE.sub("", text))
    return text.strip().strip(_EDGE)


def repaired(before: str, after: str) -> bool:
    """Whether cleaning did more than trim white space, so that it deserves to be listed."""
    if before == after:
        return False
    bare = before.replace("\xa0", " ").replace("\r\n", "\n").replace("\r", "\n")
    return bare.strip() != after


def _plain_radical(character: str) -> str:
    return _RADICALS.get(character) or unicodedata.normalize("NFKC", character)


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The form in which headings and short words are looked up: NFKC, lower case, no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())


def truth(text: str) -> str | None:
    """``"T"``, ``"F"`` or None for a word, mark, letter or digit that says right or wrong."""
    if len(text) > 12:
        return None
    # × and ✕ survive NFKC; brackets and full stops around the mark mean nothing.
    return _TRUTH.get(bare(text).strip("()[]【】。.!'\""))


def truths(options: tuple[str, ...] | list[str]) -> tuple[str | None, ...] | None:
    """What each option says when exactly two are filled, one right and one wrong; else None.

    Empty options keep their place, so that a letter still points at its own column.
    """
    filled = [option for option in options if option]
    if len(filled) != 2:
        return None
    said = tuple(truth(option) if option else None for option in options)
    return said if {TRUE, FALSE} == {entry for entry in said if entry} else None


def cleaned(question: Question) -> Question:
    """The question with every text as ``clean`` gives it."""
    return replace(
        question,
        stem=clean(question.stem),
        options=tuple(clean(option) for option in question.options),
        key=tuple(clean(entry) for entry in question.key),
        explanation=clean(question.explanation),
        basis=clean(question.basis),
        chapter=clean(question.chapter),
        tags=tags_of("、".join(map(clean, question.tags))),
    )
