"""Names as they are shown and kept."""

import pytest

from quiz.questions import rules


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("题库.xlsx", "题库.xlsx"),
        ("C:\\桌面\\题库.xlsx", "题库.xlsx"),
        ("../../etc/题库.xlsx", "题库.xlsx"),
        ("题\x00库\u202e.xlsx\n", "题库.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 100 + "…" + "长" * 14 + ".xlsx"),
    ],
)
def test_file_names_are_shown_without_tricks(given: str, shown: str) -> None:
    assert rules.clean_file_name(given) == shown


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "长" * 81])
def test_a_bank_needs_a_name(name: str) -> None:
    with pytest.raises(rules.BadBankName):
        rules.clean_bank_name(name)
