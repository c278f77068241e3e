"""Options typed into one cell."""

import pytest

from question_bank.options import loosely


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("五日 七日 十日", ["五日", "七日", "十日"]),
        ("书信\u3000电话\u3000传真\u3000走访", ["书信", "电话", "传真", "走访"]),
        ("A五日B七日C十日", ["五日", "七日", "十日"]),
        ("A五日 B七日 C十日", ["五日", "七日", "十日"]),
        ("2 小时 30 分", ["2 小时 30 分"]),
        ("县级 市级", ["县级 市级"]),
        ("A类火灾B类火灾", ["A类火灾B类火灾"]),
        ("C级B级A级", ["C级B级A级"]),
        ("A级A级A级", ["A级A级A级"]),
        ("", [""]),
    ],
)
def test_what_only_spaces_or_bare_letters_divide(cell: str, options: list[str]) -> None:
    assert loosely(cell) == options
