"""Whatever lines stand in a text or a document: a report or one sentence, no unfit question, and in time."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.errors import CannotRead
from question_bank.question import faults
from question_bank.reading import read
from question_bank.report import ERROR, Report

PIECES = [
    "1.",
    "2、",
    "（3）",
    "（一）",
    "二、",
    "第4题",
    "5 ",
    "A.",
    "B、",
    "(C)",
    "D ",
    "A红",
    "甲",
    "封皮是（ ）",
    "（A）",
    "（×）",
    "____",
    "答案：",
    "答案：B",
    "【答案】AC",
    "正确答案 对",
    "解析：",
    "难度：3",
    "分值：2",
    "知识点：甲",
    "单选题",
    "二、判断题（每题1分）",
    "题型：多选题",
    "1-5 ABCDE",
    "1-3 √×√",
    "1.A 2.B 3.C",
    "参考答案",
    "题号 1 2",
    "答案 A B",
    "------",
    "第 3 页",
    "^*^",
    "\\ans:A",
    "true. 正确",
    "--- 章 ---",
    "第一章 总则",
    "我的答案:A",
    " ",
    "\t",
    "⼯",
    "2021年",
    "1.5",
    "√",
    "AB",
]
LINES = st.lists(
    st.one_of(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), st.text(max_size=12)), max_size=25
)
OFTEN = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def attempt(path: Path, data: bytes) -> Report | None:
    path.write_bytes(data)
    try:
        report = read(path)
    except CannotRead as refusal:
        return None if refusal.message.endswith("。") else pytest.fail(refusal.message)
    for placed in report.questions:
        assert [fault for fault in faults(placed.question) if fault.severity == ERROR] == []
        assert placed.row > 0
    assert report.questions or report.problems
    assert Report.from_json(report.to_json()) == report
    return report


@OFTEN
@given(lines=LINES)
def test_any_lines(tmp_path: Path, lines: list[str]) -> None:
    attempt(tmp_path / "题库.txt", "\n".join(lines).encode("utf-8", "surrogatepass"))


@OFTEN
@given(lines=LINES)
def test_any_lines_among_good_questions(tmp_path: Path, lines: list[str]) -> None:
    """A good question, then anything: what comes after can never make the first one vanish unsaid."""
    text = "1.封皮是？\nA.红\nB.绿\nC.蓝\n答案：B\n" + "\n".join(lines)
    report = attempt(tmp_path / "题库.txt", text.encode("utf-8", "surrogatepass"))
    if report is not None:
        assert 1 in [placed.row for placed in report.questions] or report.problems


XML = st.recursive(
    st.sampled_from(
        [
            "<w:r><w:t>1.甲</w:t></w:r>",
            "<w:r><w:t>A.红 B.绿</w:t></w:r>",
            "<w:r><w:t>答案：A</w:t></w:r>",
            "<w:tab/>",
            "<w:br/>",
            '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>',
            "<w:drawing/>",
            "<w:sym/>",
            '<w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId/></w:numPr></w:pPr>',
            "<w:altChunk/>",
            "<w:del/>",
            "x",
        ]
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            ["p", "p", "p", "tbl", "tr", "tc", "sdt", "sdtContent", "ins", "del", "r", "pict", "txbxContent"]
        ),
        st.lists(inner, max_size=4).map("".join),
    ).map(lambda made: f"<w:{made[0]}>{made[1]}</w:{made[0]}>"),
    max_leaves=25,
)
LEVEL = st.tuples(
    st.sampled_from(["0", "1", "9", "-1", "x"]),
    st.sampled_from(["decimal", "upperLetter", "chineseCounting", "lowerRoman", "bullet", "?"]),
    st.sampled_from(["%1.", "%1、", "%9%2", "%0", "", "第%1题"]),
    st.sampled_from(["0", "1", "99999", "-3", "x"]),
)


@OFTEN
@given(body=st.lists(XML, max_size=6).map("".join), level=LEVEL)
def test_any_document(tmp_path: Path, body: str, level: tuple[str, str, str, str]) -> None:
    depth, shape, text, start = level
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        archive.writestr(
            "word/numbering.xml",
            f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="{depth}">'
            f'<w:start w:val="{start}"/><w:numFmt w:val="{shape}"/><w:lvlText w:val="{text}"/></w:lvl>'
            '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>',
        )
    attempt(tmp_path / "题库.docx", out.getvalue())


@pytest.mark.parametrize(
    "piece",
    [
        "1.甲（A）\n",
        "A.甲\n",
        "答案：甲\n",
        "甲\n",
        "（",
        "A.",
        "1.A ",
        "答案：",
        "^*^",
        "- ",
        " ",
        "1-9 A",
        "（A",
        "A B ",
        "\t1.",
        "[" * 3,
        "1.甲\nA.一 B.二\n答案：A\n",
        "二、",
        "。答案：",
        "题号 1\n",
        "<p ",
        "1、",
        "第",
        "- a -",
        "（A.x",
    ],
)
def test_time_stays_within_what_its_size_deserves(tmp_path: Path, piece: str) -> None:
    """100 kB of the worst; a pattern that looks back over it would take minutes."""
    path = tmp_path / "题库.txt"
    text = "1.封皮是？\nA.红\nB.绿\n答案：A\n"
    began = time.perf_counter()
    attempt(path, (text + piece * (100_000 // len(piece))).encode())
    assert time.perf_counter() - began < 6
