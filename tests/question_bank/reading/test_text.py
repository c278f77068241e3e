"""Delimited text in the encodings, delimiters and line ends of real banks (promises §3.1, case 20)."""

import csv
import io
from pathlib import Path

import pytest

from question_bank.errors import CannotRead
from question_bank.reading import read

ROWS = [
    ["题型", "题干", "选项A", "选项B", "答案"],
    ["单选题", "甲，乙“丙”？", "红", "绿", "B"],
    ["判断题", "丁。", "", "", "×"],
]


def written(delimiter: str = ",", newline: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(ROWS)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_encodings_delimiters_and_line_ends(
    tmp_path: Path, encoding: str, delimiter: str, newline: str
) -> None:
    path = tmp_path / "题库.xlsx"
    path.write_bytes(written(delimiter, newline).encode(encoding))
    report = read(path)
    assert [(placed.row, placed.question.stem, placed.question.key) for placed in report.questions] == [
        (2, "甲，乙“丙”？", ("B",)),
        (3, "丁。", ("F",)),
    ]
    assert report.questions[0].sheet == "题库"


def refusal(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "题库.csv"
    path.write_bytes(data)
    with pytest.raises(CannotRead) as refused:
        read(path)
    return refused.value.code


def test_what_cannot_be_decoded_or_is_no_table(tmp_path: Path) -> None:
    line = "单选题,这一行是另一种编码,红,绿,A\r\n"
    assert refusal(tmp_path, written().encode("gbk") + line.encode()) == "mixed-encoding"
    assert refusal(tmp_path, b"\xff" * 50) == "unknown-encoding"
    assert refusal(tmp_path, b"a\x00b,c\x00d\n" * 20) == "binary"
    assert refusal(tmp_path, "很长的一句话。".encode()) == "plain-text"
    assert refusal(tmp_path, b" \r\n \r\n") == "empty-file"
    assert refusal(tmp_path, ",".join(["题干", "答案", *["x"] * 10_000]).encode()) == "cells-too-far"
    assert refusal(tmp_path, ("题干,答案\n" + "x" * 1_000_000 + ",A").encode()) == "damaged"
    assert refusal(tmp_path, ("题干,答案\n" + "x,A\n" * 70_000).encode()) == "cells-too-far"


def test_a_quote_that_never_closes_does_not_swallow_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "题库.csv"
    rows = "".join(f"第{n}题是对的,对\n" for n in range(200))
    path.write_text('题干,答案\n"没有关上的引号,错\n' + rows, encoding="utf-8")
    assert len(read(path).questions) == 201


def test_line_breaks_in_quoted_cells_stay(tmp_path: Path) -> None:
    path = tmp_path / "题库.csv"
    path.write_bytes('题干,答案\r\n"第一行\r\n第二行",对\r\n下一题,错\r\n'.encode())
    report = read(path)
    assert [(placed.row, placed.question.stem) for placed in report.questions] == [
        (2, "第一行\n第二行"),
        (3, "下一题"),
    ]
