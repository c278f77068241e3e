"""Python and the browser recompute the same draws, on a page that came over plain http."""

import copy
import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

_RULES = Path(__file__).resolve().parents[1] / "quiz" / "draws" / "test_rules.py"
_spec = importlib.util.spec_from_file_location("draw_rules_cases", _RULES)
cases: Any = importlib.util.module_from_spec(_spec)  # type: ignore[arg-type]
_spec.loader.exec_module(cases)  # type: ignore[union-attr]

pytestmark = pytest.mark.browser
SAYS = "words => document.getElementById('result').textContent.includes(words)"
ASK = "documents => documents.map(one => window.mingshiDraw.verify(one))"


@pytest.fixture
def page(phone: Any) -> Any:
    found = phone()
    found.goto("/draws/verify")
    return found


def documents() -> list[dict[str, Any]]:
    sizes = [(persons, 1 + persons % 4, 2 + persons % 9) for persons in (1, 2, 3, 7, 11, 40, 97, 300, 777)]
    numbers = (("385", "027", "914"), ("9319", "2 5 12 8 10", "9 18 26"), ("123456789012", "000"))
    return [
        cases.make(cases.entries(persons, tickets), prizes=prizes, alternates=persons % 5, numbers=said)
        for persons, tickets, prizes in sizes
        for said in numbers
    ]


def test_both_compute_the_same(page: Any) -> None:
    made = documents()
    for one, found in zip(made, page.evaluate(ASK, made), strict=True):
        expected = {name: one[name] for name in ("fingerprint", "seed", "winners")}
        assert found == expected | {"problems": []}


def test_the_browsers_own_sha256(page: Any) -> None:
    texts = ["", "abc", "明试", *("x" * n for n in (55, 56, 63, 64, 65, 119, 120, 1000))]
    found = page.evaluate("texts => texts.map(window.mingshiDraw.sha256)", texts)
    assert found == [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def test_a_file_is_read_and_a_changed_one_is_found_out(page: Any, tmp_path: Path) -> None:
    good = cases.make(cases.entries(12))
    bad = copy.deepcopy(good)
    bad["list"][0]["name"] = "王*"
    for document, words in ((good, "全部相符"), (bad, "公布的指纹不符"), ({"format": "x"}, "不是抽奖")):
        path = tmp_path / "draw.json"
        path.write_text(json.dumps(document, ensure_ascii=False))
        page.set_input_files("#file", [])
        page.set_input_files("#file", str(path))
        page.wait_for_function(
            "words => document.getElementById('result').textContent.includes(words)", arg=words
        )
