"""Workbooks from odd texts."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from quiz.reports.queries import Sheet
from quiz.reports.services import LONGEST_CELL, clean, may_be_formula, workbook

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "＝1", "＋1", "－1", "＠x", "\t=1", "\r=1"]
)
def test_what_a_spreadsheet_would_compute_is_known(text: str) -> None:
    assert may_be_formula(text)


@pytest.mark.parametrize("text", ["", "—", "1=1", "欧阳", "3-2", "—1"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert not may_be_formula(text)


def test_one_odd_name_spoils_nothing() -> None:
    odd = ["a\x0bb\x00", "\ud800欧", "\ufffe", "x" * 40_000, "=cmd|' /C calc'!A0", "http://x", "𠮷野", "1\n2"]
    sheet = Sheet("成绩", "=标题", "说明", ("姓名", "单位"), (10, 10), [(text, "") for text in odd])
    page = load_workbook(io.BytesIO(workbook([sheet], at=AT)))["成绩"]
    found = [page.cell(row, 1) for row in range(4, 4 + len(odd))]
    assert [cell.value for cell in found][:3] == ["ab", "欧", ""]
    assert len(found[3].value) < 32_767
    assert found[3].value.startswith("x" * LONGEST_CELL)
    assert [cell.value for cell in found[4:]] == odd[4:]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in found)
    assert page["A1"].data_type != "f"


def test_cleaning_keeps_what_people_write() -> None:
    assert clean("阿卜杜拉·买买提 (1)\n二") == "阿卜杜拉·买买提 (1)\n二"


def test_the_same_sheets_make_the_same_file() -> None:
    sheet = Sheet("成绩", "标题", "说明", ("姓名", "单位"), (10, 10), [("欧阳", "甲")])
    assert workbook([sheet], at=AT) == workbook([sheet], at=AT)
