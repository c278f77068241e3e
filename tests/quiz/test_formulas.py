"""No file that leaves the house computes anything when opened: every writer of tables, with hostile text."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import NOON
from openpyxl import load_workbook

from question_bank import Kind, Question
from question_bank.report import Original
from question_bank.writing import Format, written
from quiz.audit import workbooks as audit
from quiz.audit.models import Deed
from quiz.people import workbooks as roster
from quiz.questions import workbooks
from quiz.questions.outcome import Finding, Line
from quiz.reports import services as reports
from quiz.reports.queries import Sheet

ROOT = Path(__file__).resolve().parents[2]
SIGNS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", '=HYPERLINK("http://x","y")')
QUESTIONS = [Question(Kind.SHORT, sign, (), (sign,), sign, sign, sign) for sign in SIGNS]


def problem_rows() -> bytes:
    lines = [Line("=表", 2, QUESTIONS[0], tuple(Finding("error", sign, sign, sign) for sign in SIGNS))]
    kept = {("=表", 2): Original("=表", 2, ("=题干", "+1"), tuple((sign, sign) for sign in SIGNS))}
    return workbooks.problem_rows(lines, kept)


def report() -> bytes:
    rows = [[sign, sign] for sign in SIGNS]
    return reports.workbook([Sheet("表", "=1", "=1", ("=1", "+1"), (10, 10), rows)], at=NOON)


def ledger() -> bytes:
    deeds = [
        Deed(id=1, who=sign, what=sign, subject=sign, at=NOON, detail={"title": sign, sign: sign})
        for sign in SIGNS
    ]
    return audit.ledger(deeds, zone=ZoneInfo("Asia/Shanghai"))


WRITERS: dict[str, Any] = {
    "question_bank/writing/workbook.py": lambda: written(QUESTIONS, Format.XLSX)[0],
    "quiz/questions/workbooks.py": problem_rows,
    "quiz/questions/workbooks.py template": workbooks.template,
    "quiz/people/workbooks.py": roster.template,
    "quiz/reports/services.py": report,
    "quiz/audit/workbooks.py": ledger,
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=list(WRITERS))
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(writer: Any) -> None:
    for sheet in load_workbook(io.BytesIO(writer())).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None


def test_no_cell_of_delimited_text_begins_like_a_formula_unless_it_is_a_plain_number() -> None:
    text = written(QUESTIONS, Format.CSV)[0].decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        computed = [cell for cell in row if not re.fullmatch(r"[+-]?[0-9.]+", cell)]
        assert not [
            cell for cell in computed if cell.strip()[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
        ]


def test_every_module_that_writes_tables_is_tested_here() -> None:
    """Fails when somebody adds a writer: put it into WRITERS."""
    known = {name.split()[0] for name in WRITERS} | {"question_bank/writing/delimited.py"}
    writes = re.compile(
        r"^(?:import|from) (?:xlsxwriter|openpyxl|csv)\b|csv\.writer|to_(?:excel|csv)\(", re.M
    )
    found = {
        str(path.relative_to(ROOT))
        for folder in ("quiz", "question_bank")
        for path in (ROOT / folder).rglob("*.py")
        if writes.search(path.read_text()) and "reading" not in path.parts
    }
    assert found - known == set()
