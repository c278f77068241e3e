"""What is written is read back the same: every field in every format that has room for it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.cells import clean
from question_bank.question import ALTERNATIVE, LABELS, Difficulty, Kind, Question, faults, tags_of
from question_bank.reading import read
from question_bank.report import ERROR
from question_bank.writing import Format, carried, write

WHOLE = [Format.XLSX, Format.CSV, Format.GIFT, Format.MOODLE, Format.QTI]
#: What some format somewhere takes for more than text.
ODD = [
    "<img src=x>", "<% %>", "</p>", "&lt;", "&", "{", "}", "{1:SHORTANSWER:=x}", "\\", "\\n", "=", "~",
    "#", "####", ":", "::", "->", "%50%", "*", "\\*", "|||", "|", "；", "，", "、", " / ", "/", "//",
    "[html]", "[plain]", "['a']", "[", "]", "\"", "'", "''=", "A.", "A、", "B. ", "1、", "12. ",
    "第3题", "(1)", "（A）", "____", "（　）", "( )", "[填空(1)]", "      ", "  ", "\t", "\n", "\n\n",
    "\nA. 甲\nB. 乙", "ANSWER: A", "$CATEGORY: x", "// mingshi {}", "正确", "错误", "答案：A", "题干",
    "答案", "0", "1/2", "5%", "ＡＢＣ", "１", "＝", "@", "-", "+", "🙂", "👨‍👩‍👧", "䶮", "é",
    "合计", "单选题", "]]>", "<!--", "<!DOCTYPE x>", "_x0041_",
]  # fmt: skip
PIECES = st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.sampled_from(["信访", "办理", "b", "7"]))
TEXTS = (
    st.lists(PIECES, min_size=1, max_size=5).map("".join).map(clean).filter(lambda text: clean(text) == text)
)
FILLED = TEXTS.filter(bool)
ENTRIES = st.lists(
    FILLED.filter(
        lambda text: ALTERNATIVE not in text and not text.startswith("|") and not text.endswith("|")
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(ALTERNATIVE.join)


def _free(tag: str) -> bool:
    """Whether Moodle XML has no other use for a tag that begins so."""
    return not any(piece.startswith(("难度：", "依据：", "空：", "章节：")) for piece in tags_of(tag))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(list(Kind)))
    options = tuple(draw(st.lists(FILLED, min_size=2, max_size=7))) if kind.has_options else ()
    labels = LABELS[: len(options)]
    key: tuple[str, ...]
    if kind is Kind.SINGLE:
        key = (draw(st.sampled_from(labels)),)
    elif kind is Kind.MULTIPLE:
        key = tuple(sorted(draw(st.sets(st.sampled_from(labels), min_size=1))))
    elif kind is Kind.TRUE_FALSE:
        key = (draw(st.sampled_from("TF")),)
    elif kind is Kind.FILL:
        key = tuple(draw(st.lists(ENTRIES, min_size=1, max_size=3)))
    else:
        key = tuple(draw(st.lists(FILLED, max_size=1)))
    points = st.one_of(st.none(), st.integers(1, 100_000).map(lambda cents: cents / 100))
    return Question(
        kind=kind,
        stem=draw(FILLED),
        options=options,
        key=key,
        explanation=draw(st.one_of(st.just(""), TEXTS)),
        basis=draw(st.one_of(st.just(""), TEXTS)),
        chapter=draw(st.one_of(st.just(""), TEXTS)),
        difficulty=draw(st.sampled_from(list(Difficulty))),
        points=draw(points),
        tags=tags_of("、".join(draw(st.lists(TEXTS.filter(_free), max_size=3)))),
    )


BANKS = st.lists(
    questions().filter(lambda question: not [fault for fault in faults(question) if fault.severity == ERROR]),
    min_size=1,
    max_size=4,
)
OFTEN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def back(bank: list[Question], path: Path) -> list[Question]:
    write(bank, path)
    return [placed.question for placed in read(path).questions]


@pytest.mark.parametrize("form", WHOLE)
@OFTEN
@given(bank=BANKS)
def test_nothing_is_lost(tmp_path: Path, form: Format, bank: list[Question]) -> None:
    assert back(bank, tmp_path / f"题库.{form}") == bank


@OFTEN
@given(bank=BANKS)
def test_aiken_keeps_single_choice(tmp_path: Path, bank: list[Question]) -> None:
    kept = [question for question in (carried(question, Format.AIKEN) for question in bank) if question]
    if kept:
        assert back(bank, tmp_path / "题库.txt") == kept


@pytest.mark.parametrize("first", WHOLE)
@pytest.mark.parametrize("second", WHOLE)
def test_from_every_format_to_every_other(
    tmp_path: Path, bank: list[Question], first: Format, second: Format
) -> None:
    once = back(bank, tmp_path / f"甲.{first}")
    assert back(once, tmp_path / f"乙.{second}") == bank


@pytest.mark.parametrize("form", [*WHOLE[1:], Format.WORD])
def test_the_same_questions_are_the_same_file(tmp_path: Path, bank: list[Question], form: Format) -> None:
    one, two = tmp_path / f"题库.{form}", tmp_path / "另" / f"题库.{form}"
    two.parent.mkdir()
    write(bank, one)
    write(bank, two)
    assert one.read_bytes() == two.read_bytes()
