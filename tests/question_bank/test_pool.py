import hashlib
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.pool import Pool, pool_fingerprint, shortages
from question_bank.question import Difficulty, Kind, Question
from question_bank.spec import PaperSpec, SpecLine

EASY, HARD = Difficulty.EASY, Difficulty.HARD


def judge(number: int, chapter: str = "", difficulty: Difficulty = EASY) -> Question:
    return Question(Kind.TRUE_FALSE, f"第{number}题", key=("T",), chapter=chapter, difficulty=difficulty)


def line(count: int, chapter: str | None = None, difficulty: Difficulty | None = None) -> SpecLine:
    return SpecLine(Kind.TRUE_FALSE, count, 100, chapter, difficulty)


def test_the_fingerprint_is_of_the_distinct_questions_in_any_order() -> None:
    questions = [judge(1), judge(2), judge(3)]
    expected = hashlib.sha256(
        "\n".join(sorted(question.fingerprint for question in questions)).encode()
    ).hexdigest()
    assert pool_fingerprint(questions) == expected
    assert pool_fingerprint(questions[::-1] + questions) == expected
    assert pool_fingerprint(Pool(questions)) == expected
    assert pool_fingerprint(questions[:2]) != expected


def test_a_pool_that_suffices_lacks_nothing() -> None:
    pool = [judge(n, "总则") for n in range(5)]
    assert shortages(pool, PaperSpec((line(2, "总则"), line(3)))) == []


def test_a_shortage_names_kind_chapter_and_difficulty() -> None:
    pool = [judge(n, "总则", HARD) for n in range(3)] + [judge(9, "附则", HARD)]
    (short,) = shortages(pool, PaperSpec((line(5, "总则", HARD),)))
    assert (short.kind, short.chapter, short.difficulty) == (Kind.TRUE_FALSE, "总则", HARD)
    assert (short.wanted, short.available, short.matching) == (5, 3, 3)
    assert short.message == "章节“总则”、难度难的判断题还差 2 道（需要 5 道，题库只有 3 道）"


def test_a_line_left_short_by_others_says_so() -> None:
    pool = [judge(n, "总则") for n in range(5)]
    (short,) = shortages(pool, PaperSpec((line(4), line(2, "总则"))))
    assert (short.wanted, short.available, short.matching) == (4, 3, 5)
    assert short.message == "判断题还差 1 道（需要 4 道，题库有 5 道，其他各行用去后只剩 3 道）"


def test_the_same_question_twice_counts_once() -> None:
    pool = [judge(1), judge(1), replace(judge(1), explanation="另一种解析"), judge(2)]
    (short,) = shortages(pool, PaperSpec((line(3),)))
    assert (short.wanted, short.available) == (3, 2)


def test_a_question_without_a_chapter_fits_lines_for_any_chapter_only() -> None:
    pool = Pool([judge(1), judge(2, " 总则 ")])
    assert list(pool.matching(line(1, "总则"))) == [1]
    assert len(pool.matching(line(1))) == 2


def filled_at_most(questions: list[Question], wanted: list[SpecLine]) -> int:
    """How many places of the lines questions can fill together: Hall's condition over sets of lines."""
    best = sum(item.count for item in wanted)
    total = best
    for used in product((False, True), repeat=len(wanted)):
        group = [item for item, inside in zip(wanted, used, strict=True) if inside]
        fitting = sum(
            any(
                item.chapter in (None, q.chapter) and item.difficulty in (None, q.difficulty)
                for item in group
            )
            for q in questions
        )
        best = min(best, total - sum(item.count for item in group) + fitting)
    return best


chapters = st.sampled_from(["甲", "乙", "丙"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(chapters, st.sampled_from([EASY, HARD])), max_size=14),
    st.lists(
        st.tuples(st.integers(1, 4), st.none() | chapters, st.none() | st.sampled_from([EASY, HARD])),
        min_size=1,
        max_size=5,
    ),
)
def test_as_many_places_are_filled_as_can_be(
    facets: list[tuple[str, Difficulty]], wanted: list[tuple[int, str | None, Difficulty | None]]
) -> None:
    questions = [judge(number, *facet) for number, facet in enumerate(facets)]
    spec = PaperSpec(tuple(line(*entry) for entry in wanted))
    missing = sum(short.wanted - short.available for short in shortages(questions, spec))
    assert spec.items - missing == filled_at_most(questions, list(spec.lines))


@pytest.mark.parametrize(("first", "second"), [(EASY, HARD), (HARD, EASY)])
def test_a_line_gives_up_what_it_can_replace(first: Difficulty, second: Difficulty) -> None:
    # 甲 takes one of two, and the other line finds one only if that was, or becomes, the easy one.
    pool = [judge(1, "甲", first), judge(2, "甲", second)]
    assert shortages(pool, PaperSpec((line(1, "甲"), line(1, None, HARD)))) == []
