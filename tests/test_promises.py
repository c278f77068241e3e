"""The list of promises names tests that are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
LINES = (TESTS / "PROMISES.md").read_text().splitlines()


def test_every_test_named_is_there():
    there = set(
        re.findall(r"^def (test_\w+)", "".join(p.read_text() for p in TESTS.rglob("test_*.py")), re.M)
    )
    named = {name for line in LINES for name in re.findall(r"`(test_\w+)`", line)}
    assert named - there == set()


def test_every_promise_has_a_line():
    found = re.findall(r"^\| ([A-Z]\d+) ", "\n".join(LINES), re.M)
    wanted = {"A": 13, "B": 12, "C": 11, "D": 18, "L": 14}
    assert found == [f"{group}{n}" for group, last in wanted.items() for n in range(1, last + 1)]
