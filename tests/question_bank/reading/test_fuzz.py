"""Whatever stands in a file, reading gives a report or one sentence, and never an unfit question."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.errors import CannotRead
from question_bank.question import faults
from question_bank.reading import read
from question_bank.report import ERROR, Report

WORDS = [
    "题干",
    "题目",
    "答案",
    "正确答案",
    "题型",
    "类型",
    "选项",
    "选项A",
    "选项B",
    "选项C",
    "A",
    "B",
    "C",
    "D",
    "选项一是否正确",
    "是否正确项",
    "选项内容",
    "空1",
    "解析",
    "分值",
    "难度",
    "序号",
    "单选题",
    "多选题",
    "判断题",
    "填空题",
    "简答题",
    "一、单选题",
    "0",
    "1",
    "2",
    "3",
    "5%",
    "AB",
    "ACD",
    "√",
    "×",
    "正确",
    "错误",
    "____",
    "（AB）",
    "A.红",
    "B.绿",
    "12、甲",
    "$;$",
    "|",
    "['甲']",
    "[",
    "{",
    "甲？",
    "红",
    "绿",
    "合计",
]
CELLS = st.one_of(
    st.sampled_from(["", *WORDS]),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map("\n".join),
    st.text(max_size=20),
)
TABLES = st.integers(1, 8).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12)
)
OFTEN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def attempt(path: Path, data: bytes) -> Report | None:
    path.write_bytes(data)
    try:
        report = read(path)
    except CannotRead as refusal:
        return None if refusal.message.endswith("。") else pytest.fail(refusal.message)
    for placed in report.questions:
        assert [fault for fault in faults(placed.question) if fault.severity == ERROR] == []
    assert Report.from_json(report.to_json()) == report
    return report


@OFTEN
@given(rows=TABLES, headed=st.booleans())
def test_any_text_table(tmp_path: Path, rows: list[list[str]], headed: bool) -> None:
    out = io.StringIO()
    head = ["题干", "题型", "答案", "选项A", "选项B", "选项C"] if headed else []
    csv.writer(out).writerows([head, *rows])
    attempt(tmp_path / "题库.csv", out.getvalue().encode("utf-8", "surrogatepass"))


@OFTEN
@given(
    rows=st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(10**18), 10**18),
                st.floats(allow_nan=False, allow_infinity=False),
                st.datetimes(),
                st.timedeltas(),
                st.sampled_from(WORDS),
            ),
            max_size=6,
        ),
        max_size=6,
    ),
    code=st.sampled_from(
        ["General", "0%", "[h]:mm:ss", "# ?/?", "$#,##0.00", "yyyy/m/d", '"x"0', "@", ";;;"]
    ),
)
def test_any_workbook(tmp_path: Path, rows: list[list[object]], code: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["题干", "题型", "答案", "选项A", "选项B", "选项C"])
    for row in rows:
        book.active.append(row)
    for line in book.active.iter_rows():
        for cell in line:
            cell.number_format = code
    out = io.BytesIO()
    book.save(out)
    attempt(tmp_path / "题库.xlsx", out.getvalue())


@OFTEN
@given(
    data=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"]),
)
def test_any_bytes(tmp_path: Path, data: bytes, start: bytes) -> None:
    attempt(tmp_path / "题库.xlsx", start + data)


@pytest.fixture(scope="module")
def whole() -> bytes:
    book = openpyxl.Workbook()
    for row in (["题干", "A", "B", "答案"], ["甲？", 1, "绿", "A"], ["乙？", 0.5, "绿", "B"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@OFTEN
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=3)), max_size=4),
    cut=st.floats(0.5, 1),
)
def test_any_damaged_workbook(
    tmp_path: Path,
    whole: bytes,
    old_workbook: Callable[..., bytes],
    changes: list[tuple[int, bytes]],
    cut: float,
) -> None:
    for data in (whole, old_workbook([(0, 0, "题干"), (0, 1, "答案"), (1, 0, "甲"), (1, 1, 0.5)])):
        body = bytearray(data)
        for at, put in changes:
            at %= len(body)
            body[at : at + len(put)] = put
        attempt(tmp_path / "题库.xlsx", bytes(body[: int(len(body) * cut)] if cut < 0.95 else body))


@OFTEN
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=6)), min_size=1, max_size=3
    )
)
def test_any_workbook_with_damaged_parts(
    tmp_path: Path, whole: bytes, changes: list[tuple[int, bytes]]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = bytearray(source.read(name))
            if name.startswith("xl/") and b"theme" not in name.encode():
                for at, put in changes:
                    at %= len(body)
                    body[at : at + len(put)] = put
            target.writestr(name, bytes(body))
    attempt(tmp_path / "题库.xlsx", out.getvalue())
