"""Small banks of our own, written as workbooks and read back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from question_bank.columns import ColumnMapping
from question_bank.reading import read
from question_bank.report import Report

Rows = Sequence[Sequence[Any]]
Bank = Callable[..., Report]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """``bank(rows, name=…, mapping=…, Sheet=rows…)``: the report on a workbook with these sheets."""

    def made(
        rows: Rows | None = None,
        *,
        name: str = "题库.xlsx",
        mapping: ColumnMapping | None = None,
        prepare: Callable[[openpyxl.Workbook], None] | None = None,
        **sheets: Rows,
    ) -> Report:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, content in (({"Sheet1": rows} if rows is not None else {}) | sheets).items():
            sheet = book.create_sheet(title)
            for row in content or ():
                sheet.append(list(row))
        if prepare:
            prepare(book)
        book.save(tmp_path / name)
        return read(tmp_path / name, mapping=mapping)

    return made
