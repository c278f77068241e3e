"""What stands beside a question: how difficult it is and how many points its author suggests."""

import re
from functools import lru_cache

from question_bank.cells import bare
from question_bank.question import Difficulty

#: Explanation, basis, chapter, difficulty, points and tags.
Side = tuple[str, str, str, Difficulty, float | None, tuple[str, ...]]

_HARDNESS = {
    Difficulty.EASY: "易 低 简单 容易 较易 较容易 基础 初级 入门 easy simple low",
    Difficulty.MEDIUM: "中 中等 一般 适中 普通 常规 中级 较常见 无 normal medium middle",
    Difficulty.HARD: "难 高 困难 较难 极难 很难 高级 高难度 中难 hard difficult high",
}
_WORDS = {word: level for level, words in _HARDNESS.items() for word in words.split()}
_SHARE = re.compile(r"0\.[0-9]+")
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]{1,2}0*)?)分?")


@lru_cache(maxsize=1024)
def level_of(cell: str, levels: int) -> Difficulty | None:
    """What a cell says about difficulty where numbers go up to ``levels``; MEDIUM when it is empty."""
    text = bare(cell)
    if not text or text in _WORDS:
        return _WORDS.get(text, Difficulty.MEDIUM)
    if text.isdecimal() and 1 <= int(text) <= 5 and len(text) == 1:
        return Difficulty(int(text) if levels <= 3 else (1, 2, 2, 3, 3)[int(text) - 1])
    if _SHARE.fullmatch(text):
        # 难度系数 is the expected score rate: the higher, the easier.
        share = float(text)
        return Difficulty.EASY if share >= 0.7 else Difficulty.MEDIUM if share >= 0.4 else Difficulty.HARD
    return None


@lru_cache(maxsize=1024)
def points_of(cell: str) -> float | None:
    found = _NUMBER.fullmatch(bare(cell))
    return float(found[1]) if found and 0 < float(found[1]) <= 1000 else None
