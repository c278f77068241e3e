"""Real banks go through every format and come back as they were read."""

from pathlib import Path

import pytest

from question_bank.reading import read
from question_bank.writing import Format, write

NAMES = [
    "abestapple_AutoPractice__单选.xlsx",
    "yigelizi79_yikelizi.github.io__试题库.xlsx",
    "pwjcw_Religious-knowledge-question-bank__题库.xlsx",
    "suihuii_final-exam-practice-app__questions.xls",
    "AlenMa_mini__题库.csv",
    "CambridgeZ_PracticeProblemsProgram__题库.xls",
    "fuhrmanator_GIFT-grammar-PEG.js__escapeAll.gift",
    "1EdTech_qti-examples__QTI3multiplechoice2.xml",
    "sergeinack3_PowerEduc__questions.aiken.txt",
]


@pytest.mark.parametrize("form", [Format.XLSX, Format.CSV, Format.GIFT, Format.MOODLE, Format.QTI])
@pytest.mark.parametrize("name", NAMES)
def test_a_real_bank_survives(shared: Path, tmp_path: Path, name: str, form: Format) -> None:
    bank = [placed.question for placed in read(shared / "banks" / name).questions]
    write(bank, tmp_path / f"题库.{form}")
    assert [placed.question for placed in read(tmp_path / f"题库.{form}").questions] == bank
