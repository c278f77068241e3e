"""What a page may tell of itself, and in which words it is said."""

from typing import Any

import pytest

from quiz.errors import BadRequest
from quiz.sittings import noting


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 秒"), (35, "35 秒"), (60, "1 分钟"), (65, "1 分 5 秒"), (600, "10 分钟")]
)
def test_spans_in_words(seconds: int, words: str) -> None:
    assert noting.in_words(seconds) == words


def test_absences_in_a_sentence() -> None:
    assert noting.absence_sentence(0, 0) == ""
    assert noting.absence_sentence(2, 35) == "已记录：离开页面 2 次，共 35 秒"


GOOD = {"mark": "ab1n1", "kind": "left", "ago": 40.5, "seconds": 12}


def test_a_good_entry() -> None:
    [entry] = noting.clean([GOOD])
    assert (entry.mark, entry.kind, entry.ago.total_seconds()) == ("ab1n1", noting.Happening.LEFT, 40.5)
    assert entry.lasted is not None
    assert entry.lasted.total_seconds() == 12


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        "left",
        ["left"],
        [GOOD] * 51,
        [GOOD | {"kind": "taken-over"}],
        [GOOD | {"kind": ["left"]}],
        [GOOD | {"mark": ""}],
        [GOOD | {"mark": "x" * 25}],
        [GOOD | {"mark": "<b>"}],
        [GOOD | {"mark": 7}],
        [GOOD | {"ago": -1}],
        [GOOD | {"ago": 1e300}],
        [GOOD | {"ago": None}],
        [GOOD | {"ago": True}],
        [GOOD | {"seconds": -0.1}],
        [GOOD | {"seconds": "12"}],
        [GOOD | {"seconds": float("inf")}],
        [GOOD | {"seconds": float("nan")}],
    ],
)
def test_what_is_not_a_list_of_events_is_refused(told: Any) -> None:
    with pytest.raises(BadRequest):
        noting.clean(told)
