"""Bare sheets for lists that are no question banks, and the same through the child process."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from question_bank.errors import CannotRead
from question_bank.reading.child import sheets_limited
from question_bank.reading.grid import sheets
from question_bank.reading.sheet import Remark, Sheet


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "a.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，", "；"])
def test_a_text_is_cut_by_what_stands_in_most_lines(tmp_path: Path, delimiter: str) -> None:
    rows = [["姓名", "单位"], ["王一", "青石镇"]]
    path = written(tmp_path, "\r\n".join(map(delimiter.join, rows)))
    assert [sheet.rows for sheet in sheets(path, name="名册.csv")] == [rows]


def test_rows_are_made_equally_long_and_quotes_are_honoured(tmp_path: Path) -> None:
    path = written(tmp_path, '姓名,单位\n"王,一"\n\n李二,青石镇,主任\n', "gbk")
    assert sheets(path, name="a.csv")[0].rows == [
        ["姓名", "单位", ""],
        ["王,一", "", ""],
        ["", "", ""],
        ["李二", "青石镇", "主任"],
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"%PDF-1.7", "not-a-table"),
        (b"a" * 200_000 + b"\n" + b"a," * 100_000, "damaged"),
        (b"," * 300, "cells-too-far"),
        (b"\n" * 60_001, "cells-too-far"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(CannotRead) as refused:
        sheets(path, name="a.csv")
    assert refused.value.code == code


def test_the_child_hands_on_what_the_reader_finds(tmp_path: Path) -> None:
    book, path = Workbook(), tmp_path / "a.xlsx"
    sheet = book.active
    for row in [["姓名", "手机号", "工号"], ["王\u200b一", 13800000001, "007"], ["李二", 13800000002, "008"]]:
        sheet.append(row)
    sheet["B2"].number_format = "0.00E+00"
    sheet.merge_cells("C2:C3")
    book.create_sheet("藏").sheet_state = "hidden"
    book.save(path)
    found = sheets_limited(path, name="a.xlsx", seconds=20, megabytes=1024)
    assert found == sheets(path, name="a.xlsx")
    first, hidden = found
    assert first.rows[1][:2] == ["王一", "1.38E+10"]
    assert Remark(1, "13800000001") in first.remarks[1], "every digit is still known"
    assert (first.numeric, first.merges, hidden.hidden) == ({1}, [(1, 2, 2, 2)], True)
    assert isinstance(hidden, Sheet)


def test_the_child_refuses_as_the_reader_does(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(CannotRead):
        sheets_limited(path, name="a.xlsx", seconds=20, megabytes=1024)
