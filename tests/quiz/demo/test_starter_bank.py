"""The starter bank against the text of the regulation it was written from."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from question_bank.question import (
    ALTERNATIVE,
    FALSE,
    LABELS,
    TRUE,
    Difficulty,
    Kind,
    Question,
    comparable,
    faults,
)

DEMO = Path(__file__).resolve().parents[3] / "quiz" / "demo"
HEADINGS = "题型,题干,选项A,选项B,选项C,选项D,选项E,答案,解析,依据,章节,难度,分值"
BLANK = "____"
ALL_OF_THE_ABOVE = "以上都对"
KINDS = {kind.chinese: kind for kind in Kind}
DIFFICULTIES = {level.chinese: level for level in Difficulty}

NUMERALS = "零一二三四五六七八九"
FIGURE = re.compile(r"\d+年\d+月\d+日|\d+(?:个工作日|个月|日|天|月|年|人|名|%)")

Row = dict[str, str]


@cache
def rows() -> tuple[Row, ...]:
    with (DEMO / "starter_bank.csv").open(encoding="utf-8-sig", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def regulation() -> dict[int, tuple[str, str]]:
    """Article number → (chapter title, whole text of the article)."""
    articles: dict[int, tuple[str, str]] = {}
    chapter, number = "", 0
    for line in (DEMO / "regulation_2022.md").read_text(encoding="utf-8").splitlines():
        opening = re.match(r"第([一二三四五六七八九十]+)条 ", line)
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        elif opening:
            number = arabic(opening[1])
            assert number not in articles
            articles[number] = (chapter, line)
        elif number and line:
            articles[number] = (chapter, f"{articles[number][1]}\n{line}")
    return articles


def arabic(numeral: str) -> int:
    """六十 → 60, 十五 → 15; numerals below one hundred."""
    tens, ten, ones = numeral.rpartition("十")
    return (NUMERALS.index(tens or "一") * 10 if ten else 0) + (NUMERALS.index(ones) if ones else 0)


def figures(text: str) -> set[str]:
    """Every whole date and every number with a unit, in Arabic digits: {"60日", "5人"}."""
    digits = re.sub(r"[一二三四五六七八九十]+", lambda found: str(arabic(found[0])), text)
    return set(FIGURE.findall(digits))


def articles_named(row: Row) -> list[int]:
    return [arabic(numeral) for numeral in re.findall(r"第([一二三四五六七八九十]+)条", row["依据"])]


def question(row: Row) -> Question:
    kind = KINDS[row["题型"]]
    return Question(
        kind=kind,
        stem=row["题干"],
        options=tuple(text for text in options(row) if text),
        key=key(kind, row["答案"]),
        explanation=row["解析"],
        basis=row["依据"],
        chapter=row["章节"],
        difficulty=DIFFICULTIES[row["难度"]],
    )


def options(row: Row) -> list[str]:
    return [row[f"选项{label}"] for label in "ABCDE"]


def key(kind: Kind, answer: str) -> tuple[str, ...]:
    if kind.has_options:
        return tuple(answer)
    if kind is Kind.TRUE_FALSE:
        return ({"正确": TRUE, "错误": FALSE}[answer],)
    return tuple(answer.split("；")) if kind is Kind.FILL else (answer,)


def claims(asked: Question) -> list[str]:
    """What a question declares true: keyed options, a completed or true stem, a model answer."""
    if asked.kind.has_options:
        return [asked.options[LABELS.index(label)] for label in asked.key]
    if asked.kind is Kind.TRUE_FALSE:
        return [asked.stem] if asked.key == (TRUE,) else []
    return completed(asked) if asked.kind is Kind.FILL else list(asked.key)


def completed(asked: Question) -> list[str]:
    """The stem with each blank filled, once with every accepted text of that blank."""
    stems = [asked.stem]
    for accepted in asked.key:
        stems = [stem.replace(BLANK, text, 1) for stem in stems for text in accepted.split(ALTERNATIVE)]
    return stems


def of_kind(kind: Kind) -> list[Question]:
    return [asked for asked in map(question, rows()) if asked.kind is kind]


def test_regulation_has_fifty_articles_in_six_chapters() -> None:
    assert list(regulation()) == list(range(1, 51))
    assert len({chapter for chapter, _ in regulation().values()}) == 6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("自受理之日起六十日内", {"60日"}),
        ("不得超过五人", {"5人"}),
        ("5个工作日", {"5个工作日"}),
        ("自2022年五月1日起", {"2022年5月1日"}),
        ("一站式解决，第十五条", set()),
    ],
)
def test_figures_are_read_in_both_scripts(text: str, found: set[str]) -> None:
    assert figures(text) == found


def test_file_is_plain_enough_to_review_in_a_diff() -> None:
    raw = (DEMO / "starter_bank.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    lines = raw.decode("utf-8-sig").splitlines()
    assert lines[0] == HEADINGS
    assert len(lines) == len(rows()) + 1


def test_there_are_enough_of_each_kind_for_two_different_papers() -> None:
    counts = Counter(row["题型"] for row in rows())
    assert len(rows()) >= 160
    assert counts["单选题"] >= 80
    assert counts["多选题"] >= 40
    assert counts["判断题"] >= 40
    assert counts["填空题"] >= 20
    assert counts["简答题"] >= 8


def test_no_question_has_a_fault() -> None:
    assert [(asked.stem, fault) for asked in map(question, rows()) for fault in faults(asked)] == []


def test_no_two_stems_are_the_same() -> None:
    stems = Counter(comparable(row["题干"]) for row in rows())
    assert [stem for stem, times in stems.items() if times > 1] == []


def test_no_cell_has_stray_spaces() -> None:
    assert [row["题干"] for row in rows() if any(cell != cell.strip() for cell in row.values())] == []


def test_every_question_explains_itself() -> None:
    assert [row["题干"] for row in rows() if len(row["解析"]) < 12 or not row["解析"].endswith("。")] == []


def test_every_chapter_and_article_is_asked_about() -> None:
    assert {row["章节"] for row in rows()} == {chapter for chapter, _ in regulation().values()}
    assert {number for row in rows() for number in articles_named(row)} == set(regulation())


def test_every_question_stands_under_the_chapter_of_its_article() -> None:
    for row in rows():
        named = articles_named(row)
        assert row["依据"].startswith("《信访工作条例》第"), row
        assert named, row
        assert {regulation()[number][0] for number in named} == {row["章节"]}, row


def test_every_figure_in_a_key_stands_in_its_article() -> None:
    checked = 0
    for row in rows():
        text = "".join(regulation()[number][1] for number in articles_named(row))
        for claim in claims(question(row)):
            assert figures(claim) <= figures(text), row
            checked += len(figures(claim))
    assert checked >= 40


def test_fill_has_one_key_for_each_blank() -> None:
    for asked in of_kind(Kind.FILL):
        assert asked.stem.count(BLANK) == len(asked.key), asked


def test_fill_completes_to_words_of_its_article() -> None:
    for row in rows():
        if row["题型"] == "填空题":
            text = comparable("".join(regulation()[number][1] for number in articles_named(row)))
            for accepted in question(row).key:
                assert any(comparable(word) in text for word in accepted.split(ALTERNATIVE)), row


def test_single_keys_are_spread_over_the_letters() -> None:
    letters = Counter(asked.key[0] for asked in of_kind(Kind.SINGLE))
    total = letters.total()
    assert set(letters) == set("ABCD")
    assert all(0.15 <= times / total <= 0.35 for times in letters.values()), letters


def test_multiple_has_two_to_five_right_options_and_mostly_some_wrong_one() -> None:
    asked = of_kind(Kind.MULTIPLE)
    assert all(2 <= len(one.key) <= 5 and one.key == tuple(sorted(one.key)) for one in asked)
    assert 1 <= sum(len(one.key) == len(one.options) for one in asked) <= 5


def test_true_false_is_about_half_wrong() -> None:
    asked = of_kind(Kind.TRUE_FALSE)
    wrong = sum(one.key == (FALSE,) for one in asked)
    assert 0.4 <= wrong / len(asked) <= 0.6


def test_all_of_the_above_is_rare_and_comes_last() -> None:
    having = [asked for asked in map(question, rows()) if ALL_OF_THE_ABOVE in asked.options]
    assert 1 <= len(having) <= 3
    assert all(asked.options[-1] == ALL_OF_THE_ABOVE for asked in having)
