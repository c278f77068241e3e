"""Ways out of a shortage: each offered one has one shortage less and keeps the number of questions."""

import pytest

from question_bank import Difficulty, Kind, Question
from question_bank.paper import PaperSpec, Pool, SpecLine, shortages
from question_bank.remedy import remedies

EASY, MEDIUM, HARD = Difficulty


def pool(**cells: int) -> Pool:
    """``one_hard=2``: two multiples of chapter one that are hard."""
    names = {"one": "第一章", "two": "第二章"}
    return Pool(
        Question(Kind.MULTIPLE, f"{cell}{n}", ("甲", "乙", "丙"), ("A", "B"), "", "", names[chapter], level)
        for cell, count in cells.items()
        for chapter, level in [(cell.split("_")[0], Difficulty[cell.split("_")[1].upper()])]
        for n in range(count)
    )


def line(count: int, chapter: str | None = "第一章", difficulty: Difficulty | None = HARD) -> SpecLine:
    return SpecLine(Kind.MULTIPLE, count, 300, chapter, difficulty)


@pytest.mark.parametrize(
    ("stock", "asked", "sentences"),
    [
        (pool(one_hard=1, one_medium=3), [line(2)], ["改抽 1 题，“中”加 1 题", "改抽 1 题，不限难度加 1 题"]),
        (
            pool(one_hard=1, one_medium=1, two_hard=4),
            [line(2), line(1, difficulty=MEDIUM)],
            [
                "改抽 1 题，“第二章”加 1 题",
                "改抽 1 题，“第二章”、不限难度加 1 题",
                "改抽 1 题，不限章节加 1 题",
            ],
        ),
        (pool(one_medium=2), [line(2)], ["这一格不抽，“中”加 2 题", "这一格不抽，不限难度加 2 题"]),
        (pool(one_hard=1), [line(3)], ["改抽 1 题"]),
        (pool(two_easy=1), [line(1), line(1, "第二章", EASY)], ["这一格不抽"]),
    ],
)
def test_what_is_offered(stock: Pool, asked: list[SpecLine], sentences: list[str]) -> None:
    spec = PaperSpec(tuple(asked))
    missing = shortages(stock, spec)[0]
    found = remedies(stock, spec, missing)
    assert [one.sentence for one in found][: len(sentences)] == sentences
    for one in found:
        assert len(shortages(stock, one.spec)) < len(shortages(stock, spec))
        kept = one.spec.items == spec.items
        assert kept or "加" not in one.sentence


def test_nothing_is_offered_where_nothing_would_be_left() -> None:
    spec = PaperSpec((line(1),))
    empty = Pool([])
    assert remedies(empty, spec, shortages(empty, spec)[0]) == []
