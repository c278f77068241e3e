"""The first look at a file without headings, and the mark that tells its make."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from question_bank.errors import CannotRead
from question_bank.reading.child import sample_limited
from question_bank.reading.sampling import ROWS, heading_signature, sample

LINES = [f"关于信访事项办理的第 {n} 个说法正确的是,单选题,甲方案{n},乙方案{n},A" for n in range(30)]


def csv(folder: Path, lines: list[str], name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


def test_the_first_rows_are_shown_with_what_each_column_looks_like(tmp_path: Path) -> None:
    found = sample(csv(tmp_path, ["", *LINES]))
    assert found is not None
    assert (found.first_row, len(found.rows)) == (2, ROWS)
    assert found.looks == ("long", "kind", "short", "short", "letters")
    assert found.rows[0][2] == "甲方案0"


def test_files_of_one_make_have_one_mark(tmp_path: Path) -> None:
    one, same = sample(csv(tmp_path, LINES[:9])), sample(csv(tmp_path, LINES[9:]))
    other = sample(csv(tmp_path, [line + ",第一章" for line in LINES]))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.signature == same.signature != other.signature
    assert heading_signature(["题 型", "题干"]) == heading_signature(["题型", "题干"]) != one.signature


def test_a_child_process_looks_the_same(tmp_path: Path) -> None:
    path = csv(tmp_path, LINES)
    assert sample_limited(path) == sample(path)
    with pytest.raises(CannotRead):
        sample_limited(csv(tmp_path, [], "empty.csv"))


def test_hidden_and_empty_sheets_are_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    book.active.sheet_state = "visible"
    hidden = book.create_sheet("藏")
    for row in LINES:
        hidden.append(row.split(","))
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    assert sample(tmp_path / "a.xlsx") is None
