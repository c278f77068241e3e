"""Reading a roster: what each cell may be, and who is one person."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from question_bank.reading.sheet import Remark, Sheet
from quiz.people.roster import NoRoster, RosterReading, read

HEADINGS = ["姓名", "单位", "手机号", "工号", "口令", "职务"]


def sheet(*rows: list[str], headings: list[str] = HEADINGS, **more: Any) -> Sheet:
    width = len(headings)
    return Sheet("名册", [headings, *(row + [""] * (width - len(row)) for row in rows)], **more)


def reading(*rows: list[str], **more: Any) -> RosterReading:
    return read([sheet(*rows, **more)], file="名册.xlsx")


def codes(found: RosterReading) -> list[tuple[int, str, str]]:
    return [(one.row, one.code, one.severity) for one in found.problems]


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("13800000001", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("+8613800000001", "13800000001"),
        ("+86 138 0000 0001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("１３８０００００００１", "13800000001"),
        ("13800000001.0", "13800000001"),
        ("13800000001.00", "13800000001"),
    ],
)
def test_phones_that_can_only_be_read_one_way(written: str, phone: str) -> None:
    found = reading(["王一", "青石镇", written])
    assert [one.phone for one in found.persons] == [phone]
    assert [(one.from_, one.to) for one in found.changed] == [(written, phone)] * (written != phone)


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("1.38E+10", "digits-lost", "设为文本"),
        ("1.38e10", "digits-lost", "设为文本"),
        ("１.38E+10", "digits-lost", "设为文本"),
        ("1380000000", "bad-phone", "少了 1 位"),
        ("138000000012", "bad-phone", "多了 1 位"),
        ("02988888888", "bad-phone", "座机号码"),
        ("13800000001/13900000001", "bad-phone", "只能有数字"),
        ("无", "bad-phone", "只能有数字"),
        ("", "no-phone", "没有手机号，也没有工号"),
    ],
)
def test_phones_that_cannot_be_read(written: str, code: str, words: str) -> None:
    found = reading(["王一", "青石镇", written])
    assert found.persons == []
    assert codes(found) == [(2, code, "error")]
    assert words in found.problems[0].message
    assert found.problems[0].column == "手机号"


def test_a_number_cell_keeps_every_digit_however_it_is_shown() -> None:
    shown = sheet(["王一", "青石镇", "1.38E+10"], ["王二", "青石镇", "13,800,000,002"])
    shown.remark(1, Remark(2, "13800000001"))
    shown.remark(2, Remark(2, "13800000002"))
    found = read([shown], file="a")
    assert [one.phone for one in found.persons] == ["13800000001", "13800000002"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("007", "007"),
        ("012345", "012345"),
        ("A-01", "A-01"),
        ("3-1", "3-1"),
        ("１００１", "1001"),
        ("1001.0", "1001"),
        ("10 01", "1001"),
    ],
)
def test_numbers_stay_text(written: str, number: str) -> None:
    assert [one.number for one in reading(["王一", "青石镇", "", written]).persons] == [number]


def test_a_number_that_only_looks_scientific_is_text() -> None:
    assert [one.number for one in reading(["王一", "青石镇", "", "1e5"]).persons] == ["1e5"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["必填", "必填", "11 位数字"], "example-row"),
        (["姓名", "单位全称", "11 位手机号"], "example-row"),
        (["（示例）王一", "青石镇", "13800000000"], "example-row"),
        (["例：王一", "青石镇", "13800000000"], "example-row"),
        (["", "", "填表人：王一"], "note-row"),
        (["合 计", "", "2 人"], "note-row"),
        (["共 2 人", "", ""], "note-row"),
        (["2026年11月", "", ""], "note-row"),
    ],
)
def test_rows_that_are_nobody_are_left_out_and_named(row: list[str], code: str) -> None:
    found = reading(row, ["李二", "青石镇", "13800000002"])
    assert [one.name for one in found.persons] == ["李二"]
    assert codes(found) == [(2, code, "warning")]


def test_a_slash_after_a_unit_is_taken_off_and_listed() -> None:
    found = reading(["王一", "县水利局/", "13800000001"])
    assert [one.unit for one in found.persons] == ["县水利局"]
    assert [(one.column, one.to) for one in found.changed] == [("单位", "县水利局")]


def test_numbers_that_lost_their_digits_are_refused() -> None:
    assert codes(reading(["王一", "青石镇", "", "1E+05"])) == [(2, "digits-lost", "error")]


def test_a_zero_padded_number_format_counts() -> None:
    shown = sheet(["王一", "青石镇", "", "007"])
    shown.remark(1, Remark(3, "7"))
    assert [one.number for one in read([shown], file="a").persons] == ["007"]


def test_number_cells_are_warned_of_once() -> None:
    found = reading(["王一", "青石镇", "", "7"], ["王二", "青石镇", "", "8"], numeric={3})
    assert codes(found) == [(1, "number-cells", "warning")]
    assert "开头的 0" in found.problems[0].message
    assert len(found.persons) == 2


def test_a_number_taken_for_a_date_is_an_error() -> None:
    shown = sheet(["王一", "青石镇", "", "2026/3/1"])
    shown.remark(1, Remark(3, "2026/3/1", "date-cell", "warning", "这一格是日期"))
    assert codes(read([shown], file="a")) == [(2, "date-cell", "error")]


@pytest.mark.parametrize(
    "name",
    ["NA", "null", "None", "nan", "N/A", "𠮷田", "阿卜杜拉·买买提", "王", "=1+1", "{{7*7}}", "<b>李</b>"],
)
def test_names_are_kept_as_they_are(name: str) -> None:
    assert [one.name for one in reading([name, "青石镇", "13800000001"]).persons] == [name]


def test_invisible_characters_in_names_are_removed() -> None:
    found = reading(["王\u200b一", "青石镇", "13800000001"], ["王一", "青石镇", "13800000001"])
    assert [one.name for one in found.persons] == ["王一"]
    assert codes(found) == [(3, "same-person", "warning")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["", "青石镇", "13800000001"], "no-name"),
        (["王一", "", "13800000001"], "no-unit"),
        (["王" * 41, "青石镇", "13800000001"], "long-name"),
        (["王\x01一", "青石镇", "13800000001"], "control-characters"),
        (["王一", "镇" * 61, "13800000001"], "long-unit"),
        (["王一", "青石镇", "", "1" * 41], "long-number"),
        (["王一", "青石镇", "13800000001", "", "", "科" * 61], "long-text"),
    ],
)
def test_rows_that_stay_out(row: list[str], code: str) -> None:
    found = reading(row, ["李二", "青石镇", "13800000002"])
    assert [one.name for one in found.persons] == ["李二"]
    assert codes(found) == [(2, code, "error")]


def test_several_faults_of_a_row_are_all_named() -> None:
    assert [code for _, code, _ in codes(reading(["", "", "123"]))] == ["no-name", "no-unit", "bad-phone"]


ANN = ["王一", "青石镇", "13800000001", "A01"]


@pytest.mark.parametrize(
    ("row", "code", "severity", "kept"),
    [
        (ANN, "same-person", "warning", 1),
        (["王一", "青石镇", "13800000001"], "same-person", "warning", 1),
        (["王 一", "青石镇", "13800000001"], "same-person", "warning", 1),
        (["王一", "柳泉镇", "13800000001"], "same-person-other-unit", "error", 1),
        (["李二", "青石镇", "13800000002", "A01"], "same-number", "error", 1),
        (["李二", "青石镇", "13800000001"], "same-phone", "error", 1),
        (["李二", "青石镇", "13800000001", "A02"], "same-phone", "warning", 2),
        (["王一", "青石镇", "13800000002"], "same-name", "warning", 2),
    ],
)
def test_rows_that_may_be_one_person(row: list[str], code: str, severity: str, kept: int) -> None:
    found = reading(ANN, row)
    assert codes(found) == [(3, code, severity)]
    assert len(found.persons) == kept


def test_namesakes_of_two_units_are_two_persons() -> None:
    found = reading(ANN, ["王一", "柳泉镇", "13800000002"])
    assert (len(found.persons), found.problems) == (2, [])


def test_a_passcode_without_a_number_is_of_no_use() -> None:
    found = reading(["王一", "青石镇", "13800000001", "", "s3cret"])
    assert codes(found) == [(2, "passcode-alone", "warning")]
    assert "s3cret" not in str(found.problems)


def test_titles_notes_blank_rows_and_repeated_headings_are_nobody() -> None:
    rows = [
        ["安澜县人员名册", "", ""],
        ["2026 年 11 月", "", ""],
        ["姓名", "单位", "手机号"],
        ["王一", "青石镇", "13800000001"],
        ["", "", ""],
        ["姓名", "单位", "手机号"],
        ["李二", "青石镇", "13800000002"],
        ["合计：2 人", "", ""],
    ]
    found = read([Sheet("名册", rows)], file="a")
    assert [(one.name, one.row) for one in found.persons] == [("王一", 4), ("李二", 7)]
    assert codes(found) == [(8, "note-row", "warning")]


def test_headings_are_looked_for_in_fifteen_rows() -> None:
    body = [["姓名", "单位", "手机号"], ["王一", "青石镇", "13800000001"]]
    assert len(read([Sheet("a", [["题头", "", ""]] * 14 + body)], file="a").persons) == 1
    with pytest.raises(NoRoster):
        read([Sheet("a", [["题头", "", ""]] * 15 + body)], file="a")


def test_a_merged_unit_counts_for_all_its_rows() -> None:
    found = reading(
        ["王一", "青石镇", "13800000001"],
        ["李二", "", "13800000002"],
        ["赵三", "", "13800000003"],
        merges=[(1, 1, 2, 1)],
    )
    assert [(one.name, one.unit) for one in found.persons] == [("王一", "青石镇"), ("李二", "青石镇")]
    assert codes(found) == [(4, "no-unit", "error")], "an empty cell that is not merged is a question"
    assert [(one.row, one.to) for one in found.changed] == [(3, "青石镇")]


def test_other_sheets_are_named() -> None:
    guide = Sheet("填写说明", [["姓名", "单位", "手机号"], ["张三", "某镇", "13800000009"]])
    hidden = Sheet("旧名册", [HEADINGS, ["王二", "青石镇", "13800000008", "", "", ""]], hidden=True)
    found = read([guide, sheet(ANN), hidden, Sheet("Sheet3", [[""]])], file="a")
    assert [one.name for one in found.persons] == ["王一"]
    assert [(one.sheet, one.reason) for one in found.left_out] == [
        ("填写说明", "instructions"),
        ("旧名册", "hidden"),
        ("Sheet3", "empty"),
    ]


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        (["单位", "手机号"], "“姓名”"),
        (["姓名", "手机号"], "“单位”"),
        (["姓名", "单位"], "“手机号”或“工号”"),
        (["题干", "答案"], "没有找到表头"),
    ],
)
def test_a_roster_without_what_matters_is_refused_in_words(headings: list[str], words: str) -> None:
    with pytest.raises(NoRoster, match=words) as refused:
        reading(["甲", "乙"], headings=headings)
    assert "名册没有改动" in refused.value.message


def test_an_empty_roster_is_refused() -> None:
    with pytest.raises(NoRoster, match="下面没有人员"):
        reading()


def test_a_reading_survives_being_stored() -> None:
    found = reading(ANN, ["", "青石镇", "138 0000 0003"], ["李二", "青石镇", "138 0000 0002"])
    assert RosterReading.from_document(json.loads(json.dumps(asdict(found)))) == found
