"""Every short way past work that most cells do not need gives what the long way gives."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from question_bank import options, question
from question_bank.cells import clean
from question_bank.errors import CannotRead
from question_bank.question import Kind, Question, faults, is_sound
from question_bank.reading import draft, guard, read, table, workbook
from question_bank.reading.judging import Judge
from question_bank.reading.plain import Plain
from question_bank.reading.sheet import Sheet
from question_bank.report import Report

OFTEN = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
ODD = "aAzＡ①㈠ﬁſİϴ́가가·_＿ 　，。（）\0\x1f\u200b⼯√×5５"
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=8)


class Everything:
    def __contains__(self, thing: object) -> bool:
        return True


@OFTEN
@given(texts=st.lists(TEXTS, max_size=6))
def test_comparable_texts(texts: list[str]) -> None:
    assert question.comparables(texts) == [question._comparable(text) for text in texts]


CELLS = {
    "题型": ["单选题", "多选题", "判断题", "填空题", "简答题", "选择题", "类别甲", ""],
    "题干": [
        *("甲？", "1、乙", "2、乙____和____", "（多选）丙", "答案：A", "____丁", "A的戊\nA.红 B.绿"),
        *("单选题", "题干", "说明：丙", "合计", ""),
    ],
    "选项A": ["红", "A.红", "正确", "", " 红  色"],
    "选项B": ["绿", "B. 绿", "错误", "", "红"],
    "选项C": ["蓝", "红 色", "C", ""],
    "答案": ["A", "B", "AB", "BA", "AA", "D", "正确", "错误", "√", "2", "红", "红、绿", "['红']", "a", ""],
    "难度": ["易", "5", "0.3", "怪", ""],
    "分值": ["2", "两分", "0", ""],
    "章节": ["第一章", "第二章", ""],
    "序号": ["1", "2", "7", ""],
}
PLAIN = ["单选题", "信访事项由谁办理？", "甲", "乙", "丙", "A", "易", "2", "第一章", ""]
ROWS = st.lists(
    st.one_of(
        st.just(PLAIN),
        st.tuples(*map(st.sampled_from, CELLS.values())).map(list),
        st.tuples(st.sampled_from(sorted(CELLS)), st.integers(0, 99)).map(
            lambda change: [
                CELLS[name][change[1] % len(CELLS[name])] if name == change[0] else cell
                for name, cell in zip(CELLS, PLAIN, strict=True)
            ]
        ),
    ),
    max_size=8,
)


@OFTEN
@given(rows=ROWS, above=st.sampled_from([[], ["单选题"], ["题库", "说明"], ["信访"]]), together=st.booleans())
def test_plain_rows(tmp_path: Path, rows: list[list[str]], above: list[str], together: bool) -> None:
    lines = [list(CELLS), *rows]
    if together:
        lines = [[*line[:2], "\n".join(filter(None, line[2:5])), *line[5:]] for line in lines]
        lines[0][2] = "选项"
    out = io.StringIO()
    csv.writer(out).writerows([above, *lines])
    (tmp_path / "题库.csv").write_text(out.getvalue())
    short = _outcome(tmp_path / "题库.csv")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Plain, "row", lambda *_: None)
        patched.setattr(table, "_telling", lambda *_: None)
        patched.setattr(draft, "NUMBER_STARTS", Everything())
        patched.setattr(options, "BEFORE_TEXT", Everything())
        assert _outcome(tmp_path / "题库.csv") == short


def _outcome(path: Path) -> Report | str:
    try:
        return read(path)
    except Exception as refusal:
        return str(refusal)


def test_plain_rows_take_the_short_way(bank: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the long way barred a plain row is still read, and a row with a fault is not."""
    monkeypatch.setattr(Judge, "_remarks", lambda *_: pytest.fail("the long way"))
    assert len(bank([list(CELLS), PLAIN, [*PLAIN[:5], "B", "难", *[""] * 3]]).questions) == 2
    with pytest.raises(pytest.fail.Exception, match="the long way"):
        bank([list(CELLS), [*PLAIN[:5], "E", *[""] * 4]])


@OFTEN
@given(
    kind=st.sampled_from([Kind.SINGLE, Kind.MULTIPLE]),
    texts=st.lists(st.sampled_from(["甲", "乙", "甲 乙", "甲\n乙", " ", "", "丙"]), max_size=5),
    key=st.lists(st.sampled_from(["A", "B", "C", "Z", "AB", ""]), min_size=1, max_size=3),
)
def test_sound_options_have_no_fault(kind: Kind, texts: list[str], key: list[str]) -> None:
    asked = Question(kind, "题", tuple(texts), tuple(key))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(question, "is_sound", lambda *_: False)
        found = list(faults(asked))
    assert is_sound(kind, asked.options, asked.key) == (found == [])


CELL = st.one_of(
    st.sampled_from(
        [
            '<c r="A1"><v>1</v></c>',
            '<c r="GR60000" s="3"><v>1</v></c>',
            '<c r="B2" s="12" t="n"><v>1</v></c>',
            '<c r="C2" s="1" t="s"><v>1</v></c>',
            '<c r="C3" t="e"><v>#N/A</v></c>',
            '<c r="C4" t="str"><f>A1</f></c>',
            '<c r="C5" s="1" t="s"><f>A1</f><v></v></c>',
            '<c r="C6"><x:f>A1</x:f></c>',
            '<c r="GS7" s="1" t="s"><v>1</v></c>',
            '<c r="C8" s="2" t="s"></c>',
            '<c r="D3" s="2"/>',
            '<c r="D4" s="2"></c>',
            '<col min="1"/>',
            '<c s="4" r="E5"><v>1</v></c>',
            "<c r='F6' s='5'><v>1</v></c>",
            '<x:c r="G7" s="6"><v>1</v></x:c>',
            '<c r="GS1"><v>1</v></c>',
            '<c r="A60001"/>',
            '<c r="A60001"><v>1</v></c>',
            '<c r="XFD1048576"><v>1</v></c>',
            '<c\tr="AAA1"><v>1</v></c>',
            "<c><v>1</v></c>",
            '<c r="a1"><v>1</v></c>',
            '<c r="A1" x="1"><v>2</v></c>',
            "<c",
        ]
    ),
    st.from_regex(r'\A<c r="[A-Z]{1,3}[0-9]{1,6}"( s="[0-9]{1,2}")?( t="[a-z]{1,3}")?/?>\Z'),
)


@OFTEN
@example(cells=['<c r="A1" s="00">', '<c r="A1"><v>1</v></c>'])
@example(cells=['<c r="A1" s="01"><v>1</v></c>'])
@given(cells=st.lists(CELL, max_size=6))
def test_usual_sheets(cells: list[str]) -> None:
    body = f'<worksheet><row r="1">{"".join(cells)}</row></worksheet>'.encode()
    with pytest.MonkeyPatch.context() as patched:
        # Half of these are no XML, which the long way asks first.
        patched.setattr(guard, "_check_form", lambda _: None)
        short = _facts(body)
        patched.setattr(guard, "_telling", lambda _: None)
        assert _facts(body) == short


def _facts(body: bytes) -> object:
    try:
        return guard._sheet_facts(body)
    except Exception as refusal:
        return str(refusal)


def test_a_usual_sheet_ends_where_the_limits_do() -> None:
    for reach, far in ((guard.MOST_COLUMNS, False), (guard.MOST_COLUMNS + 1, True)):
        letters = next(name for name in _letters() if guard._column(name.encode()) == reach - 1)
        cells = f'<c r="{letters}{guard.MOST_ROWS}"><v>1</v></c>'.encode()
        assert _too_far(cells) == far
    assert _too_far(f'<c r="A{guard.MOST_ROWS + 1}"><v>1</v></c>'.encode())
    # A format alone reaches nowhere.
    assert not _too_far(f'<c r="A{guard.MOST_ROWS + 1}" s="1"/>'.encode())


def _too_far(cells: bytes) -> bool:
    try:
        guard._telling(b"<row>" + cells + b"</row>")
    except CannotRead as refusal:
        return refusal.code == "cells-too-far"
    return False


def _letters() -> list[str]:
    single = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    return single + [first + second for first in single for second in single]


@OFTEN
@given(values=st.lists(st.one_of(TEXTS, st.just("_x000D_"), st.just(" 甲\n")), min_size=1, max_size=6))
def test_columns_of_texts(values: list[str]) -> None:
    sheet = Sheet("S", [])
    assert workbook._column(sheet, 0, 0, values, workbook._Facts({}, [], [], [])) == list(map(clean, values))
