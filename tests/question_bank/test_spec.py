import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.question import Difficulty, Kind
from question_bank.spec import PRESETS, PaperSpec, SpecLine

GOOD = {"kind": "single", "count": 40, "points": 1, "chapter": None, "difficulty": None}


@pytest.mark.parametrize(
    ("key", "items", "full", "minutes", "pass_mark", "chances"),
    [
        ("jining", 80, 10000, 60, 8000, 1),
        ("xinjiang", 45, 10000, 90, 6000, 2),
        ("fifty", 50, 10000, 120, 6000, 1),
        ("monthly", 20, 10000, 20, 6000, 1),
    ],
)
def test_presets_are_the_exams_they_are_named_for(
    key: str, items: int, full: int, minutes: int, pass_mark: int, chances: int
) -> None:
    preset = PRESETS[key]
    assert (preset.spec.items, preset.spec.full) == (items, full)
    assert (preset.minutes, preset.pass_mark, preset.chances) == (minutes, pass_mark, chances)
    assert (preset.key, preset.counts) == (key, "best")
    assert [line.kind for line in preset.spec.lines] == [Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE]


lines = st.builds(
    SpecLine,
    st.sampled_from(Kind),
    st.integers(1, 50),
    st.integers(1, 100_000),
    st.none() | st.text("总则受理办理", min_size=1),
    st.none() | st.sampled_from(Difficulty),
)


@given(st.lists(lines, min_size=1, max_size=6))
def test_a_document_reads_back_as_the_same_spec(some: list[SpecLine]) -> None:
    spec = PaperSpec(tuple(some))
    assert PaperSpec.from_json(json.loads(json.dumps(spec.document()))) == spec


def test_a_document_speaks_of_points() -> None:
    spec = PaperSpec.from_json({"lines": [{"kind": "fill", "count": 3, "points": 1.5, "chapter": " 总则 "}]})
    assert spec.lines == (SpecLine(Kind.FILL, 3, 150, "总则"),)
    assert spec.document()["lines"] == [
        {"kind": "fill", "count": 3, "points": 1.5, "chapter": "总则", "difficulty": None}
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "essay"}, "第 1 行：不认识的题型“essay”"),
        ({"kind": None}, "题型"),
        ({"kind": ["single"]}, "题型"),
        ({"count": 0}, "题数应当在 1 至"),
        ({"count": -1}, "题数应当在 1 至"),
        ({"count": 10**9}, "题数应当在 1 至"),
        ({"count": 1.5}, "题数应当是整数"),
        ({"count": "3"}, "题数应当是整数"),
        ({"count": True}, "题数应当是整数"),
        ({"points": 0}, "分值应当大于 0"),
        ({"points": -1}, "分值应当大于 0"),
        ({"points": 1e300}, "分值应当大于 0"),
        ({"points": 0.333}, "两位小数"),
        ({"points": float("nan")}, "分值应当是一个数"),
        ({"points": "1"}, "分值应当是一个数"),
        ({"points": None}, "分值应当是一个数"),
        ({"chapter": 3}, "章节应当是文字"),
        ({"difficulty": 4}, "难度应当是"),
        ({"difficulty": "难"}, "难度应当是"),
        ({"difficulty": True}, "难度应当是"),
        ({"score": 1}, "不认识的内容“score”"),
    ],
)
def test_a_malformed_line_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PaperSpec.from_json({"lines": [{**GOOD, **change}]})


@pytest.mark.parametrize("doc", [None, [], "x", 3, {}, {"lines": {}}, {"lines": None}, {"lines": []}])
def test_what_has_no_lines_is_no_spec(doc: object) -> None:
    with pytest.raises(ValueError, match="抽题规则"):
        PaperSpec.from_json(doc)


def test_the_line_at_fault_is_counted_from_one() -> None:
    with pytest.raises(ValueError, match="第 2 行：应当写明"):
        PaperSpec.from_json({"lines": [GOOD, 7]})


def test_lines_are_said_in_words() -> None:
    assert SpecLine(Kind.SINGLE, 1, 100).of_what == "单选题"
    assert SpecLine(Kind.MULTIPLE, 1, 100, "总则", Difficulty.HARD).of_what == "章节“总则”、难度难的多选题"
