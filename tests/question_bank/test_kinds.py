import pytest

from question_bank.kinds import (
    CHOICE,
    deduced_codes,
    defined_codes,
    kind_in_stem,
    kind_of_name,
    kind_of_section,
    kind_of_word,
)
from question_bank.question import Kind


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("单选题", Kind.SINGLE),
        (" 单项选择题 ", Kind.SINGLE),
        ("【多选】", Kind.MULTIPLE),
        ("不定项选择题", Kind.MULTIPLE),
        ("multiple_choice", Kind.MULTIPLE),
        ("判断题（每题1分）", Kind.TRUE_FALSE),
        ("true/false", Kind.TRUE_FALSE),
        ("客观填空题", Kind.FILL),
        ("主观填空题", Kind.FILL),
        ("公文改错题", Kind.SHORT),
        ("案例分析题", Kind.SHORT),
        ("主观", Kind.SHORT),
        ("选择题", CHOICE),
        ("计算机基础", None),
        ("required", None),
        ("", None),
    ],
)
def test_words_for_kinds(word: str, kind: object) -> None:
    assert kind_of_word(word) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("多选", Kind.MULTIPLE),
        ("2026年多项选择题", Kind.MULTIPLE),
        ("安全生产判断题库", Kind.TRUE_FALSE),
        ("选择判断题库", None),
        ("单选多选", None),
        ("安全生产综合题库", None),
        ("platform", None),
        ("openstack", None),
        ("single", Kind.SINGLE),
        ("选择题", CHOICE),
        ("Sheet1", None),
    ],
)
def test_names_of_sheets_and_files(name: str, kind: object) -> None:
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("一、单选题", Kind.SINGLE),
        ("一、单项选择题（每题2分，共30分）", Kind.SINGLE),
        ("单选题型", Kind.SINGLE),
        ("题型：多选题", Kind.MULTIPLE),
        ("(三)填空题共5题", Kind.FILL),
        ("判断下列说法是否正确", None),
        ("计算机由哪几部分组成？", None),
        ("简答题：请说明理由", None),
    ],
)
def test_section_rows(text: str, kind: object) -> None:
    assert kind_of_section(text) == kind


def test_kinds_announced_in_stems() -> None:
    assert kind_in_stem("下列正确的是（多选）") is Kind.MULTIPLE
    assert kind_in_stem("下列正确的是（选两项）") is Kind.MULTIPLE
    assert kind_in_stem("简答题：何为法治") is Kind.SHORT
    assert kind_in_stem("产值（单位：万元）") is None


def test_codes_written_out_in_the_file() -> None:
    assert defined_codes(["试题类型只能是1-4,1单选题2多选题3判断题4简答题；"]) == {
        "1": Kind.SINGLE,
        "2": Kind.MULTIPLE,
        "3": Kind.TRUE_FALSE,
        "4": Kind.SHORT,
    }
    assert defined_codes(["1、单选题：请填写一个字母"]) == {}


def test_codes_deduced_from_rows() -> None:
    single, multiple, judged = Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE
    evidence = [("0", single)] * 9 + [("0", multiple)] + [("1", multiple)] * 3 + [("2", judged)]
    assert deduced_codes(evidence) == {"0": single, "1": multiple, "2": judged}
    assert deduced_codes([("1", single), ("2", single)]) == {}
    assert deduced_codes([("1", single), ("1", multiple)]) == {}
    assert deduced_codes([("1", None)] * 9) == {}
    assert deduced_codes([("2", single), ("2", multiple)] * 10 + [("1", Kind.FILL)] * 2) == {
        "1": Kind.FILL,
        "2": CHOICE,
    }
