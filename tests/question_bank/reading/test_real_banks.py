"""The column layouts among the real banks, with the figures of bank_formats §9 and the manifest.

The files are not part of this project; the tests are skipped where they are not at hand.
"""

from collections import Counter
from pathlib import Path

import pytest

from question_bank.errors import CannotRead
from question_bank.reading import read
from question_bank.report import Report

BANKS = Path(__file__).resolve().parents[4] / "shared" / "banks"
pytestmark = pytest.mark.skipif(not BANKS.is_dir(), reason="the real banks are not here")


def report_on(prefix: str) -> Report:
    (path,) = BANKS.glob(prefix + "*")
    return read(path)


#: Kinds in the order single, multiple, true_false, fill, short; then the errors by code.
EXPECTED: dict[str, tuple[tuple[int, int, int, int, int], dict[str, int]]] = {
    "123789486": ((63, 63, 76, 0, 9), {}),
    # 834 single in the file; 6 rows offer the same option twice (one of them two such pairs).
    "AlenMa": ((828, 129, 142, 0, 0), {"identical-options": 7}),
    # Row 251 holds its options without any separator.
    "abestapple_AutoPractice__单选": ((480, 0, 0, 0, 0), {"too-few-options": 1}),
    "abestapple_AutoPractice__判断": ((0, 0, 279, 0, 0), {}),
    "ajiuo00": ((300, 0, 300, 0, 0), {"no-key": 300}),
    # Row 121 offers 9世纪 twice, so 161 of 162 single.
    "pwjcw": ((161, 65, 56, 0, 0), {"identical-options": 1}),
    "suihuii": ((166, 52, 198, 88, 1), {}),
    "yigelizi79": ((60, 40, 60, 60, 20), {}),
    "whisshe": ((80, 40, 0, 0, 0), {}),
    "yyy188-del": ((2, 1, 1, 0, 0), {}),
    "Artist-V": ((100, 0, 0, 0, 0), {}),
    # 18 stems are empty, one answer is ACE of four options, one row offers an option twice.
    "CiE-XinYuChen_EXAM-MASTER__questions.csv": (
        (467, 394, 0, 0, 0),
        {"no-stem": 18, "key-beyond-options": 1, "identical-options": 1},
    ),
    "CambridgeZ": ((330, 239, 340, 44, 42), {}),
    # Codes 0, 1 and 2 are settled by the answers; one code 0 has three letters.
    "MGod": ((105, 157, 5, 0, 0), {"many-keys-for-single": 1, "identical-options": 2}),
    "MazingAn": ((3, 3, 3, 3, 3), {}),
    "godchenmeng_exam_trae__消防救援作战题库.xlsx": ((13, 7, 7, 5, 18), {}),
    # The five fill rows are shifted by one cell: answer under 选项F, explanation under 正确答案.
    "godchenmeng_exam_trae__消防救援作战题库_系统": ((13, 7, 7, 0, 18), {"answer-twice": 5}),
    # 多选 row 12: ACD of three options.
    "Hermannmayer": ((5, 3, 3, 0, 0), {"key-beyond-options": 1}),
    "Broot2019": ((1, 1, 1, 2, 1), {}),
    # The sample rows do not follow the headings, so flags stand where options belong.
    "Alanosy": ((0, 0, 0, 0, 2), {"unknown-flag": 4, "no-key": 2}),
    # Prose. Seven of 2162 offer the same option twice.
    "DokiDoki": ((965, 546, 644, 0, 0), {"identical-options": 7}),
    "FT-Fetters": ((1, 1, 1, 0, 0), {}),
    # 881 in the file; one answer is ACE of four options, one row offers an option twice.
    "CiE-XinYuChen_EXAM-MASTER__questions.txt": (
        (481, 398, 0, 0, 0),
        {"key-beyond-options": 1, "identical-options": 1},
    ),
    "TonyYu02": ((109, 122, 72, 0, 0), {}),
    # 1333 in the file; 482 have letters for an answer and their options were lost.
    "EurekaKK": ((0, 0, 851, 0, 0), {"too-few-options": 482}),
    "cobetckoe": ((7, 2, 3, 0, 0), {}),
    "CyzenDev": ((0, 0, 0, 0, 0), {}),
}


@pytest.mark.parametrize("prefix", EXPECTED)
def test_counts_and_errors(prefix: str) -> None:
    kinds, errors = EXPECTED[prefix]
    report = report_on(prefix)
    assert tuple(report.by_kind().values()) == kinds
    assert Counter(problem.code for problem in report.errors) == Counter(errors)
    assert Report.from_json(report.to_json()) == report


def test_dates_in_options_are_shown_and_said() -> None:
    report = report_on("pwjcw")
    (placed,) = [placed for placed in report.questions if placed.row == 26]
    assert placed.question.options == ("2017年6月14日", "2017年8月26日", "2018年1月1日", "2018年2月1日")
    assert [problem.code for problem in report.problems].count("date-cell") == 4


def test_some_cells_of_real_banks() -> None:
    assert report_on("suihuii").changed[0].to == "ABD"
    judged = report_on("ajiuo00").questions[0].question
    assert (judged.key, judged.options) == (("T",), ())
    assert report_on("Artist-V").questions[0].question.key == ("D",)
    fills = [
        placed.question for placed in report_on("yigelizi79").questions if placed.question.kind == "fill"
    ]
    assert ("完整性", "不可否认性") in [question.key for question in fills]
    assert ("修复|||隔离",) in [question.key for question in fills]
    assert [left.reason for left in report_on("yigelizi79").left_out] == ["instructions"]


def test_duplicates_are_about_those_of_the_manifest() -> None:
    # The manifest counts equal stems after trimming; here punctuation and spaces do not count either.
    assert len(report_on("Artist-V").duplicates) >= 54
    assert len(report_on("CiE-XinYuChen_EXAM-MASTER__questions.csv").duplicates) >= 12
    assert len(report_on("MGod").duplicates) >= 45


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("Upsetin", "no-headings"),
    ],
)
def test_other_formats_are_refused_with_a_sentence(prefix: str, code: str) -> None:
    with pytest.raises(CannotRead) as refused:
        report_on(prefix)
    assert refused.value.code == code
