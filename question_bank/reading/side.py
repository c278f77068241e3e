"""What stands beside a question: how difficult it is and how many points its author suggests."""

import re
from functools import lru_cache

from question_bank.cells import bare
from question_bank.columns import Columns
from question_bank.question import Difficulty, tags_of
from question_bank.reading.table import Table

#: Explanation, basis, chapter, difficulty, points and tags.
Side = tuple[str, str, str, Difficulty, float | None, tuple[str, ...]]

_MEDIUM = Difficulty.MEDIUM
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


def levels_of(table: Table) -> int:
    """How many steps a numeric difficulty has in this table."""
    column = table.columns.difficulty
    if column is None:
        return 3
    steps = {record.cells[column] for record in table.records}
    return max((int(step) for step in steps if step.isdecimal() and len(step) == 1), default=3)


def side_of(columns: Columns, cells: list[str], levels: int, chapter: str) -> Side | None:
    """What stands beside a question; None where the difficulty or the points are not known.

    ``chapter`` is that of the rows above, for a row that names none.
    """
    level = points = None
    if columns.difficulty is not None:
        level = level_of(cells[columns.difficulty], levels)
        if level is None:
            return None
    if columns.points is not None:
        points = points_of(cells[columns.points])
        if points is None and cells[columns.points]:
            return None
    return (
        cells[columns.explanation] if columns.explanation is not None else "",
        _joined(" ", columns.basis, cells),
        _joined(" / ", columns.chapters, cells) or chapter,
        level or _MEDIUM,
        points,
        tags_of(cells[columns.tags]) if columns.tags is not None else (),
    )


def _joined(between: str, columns: tuple[int, ...], cells: list[str]) -> str:
    """The texts of these cells, each once."""
    if len(columns) < 2:
        return cells[columns[0]] if columns else ""
    return between.join(dict.fromkeys(cells[column] for column in columns if cells[column]))
