"""What speaks against a late answer, and what the person is told, case by case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quiz.errors import BadRequest
from quiz.sittings import sealing

END = datetime(2026, 11, 24, 5, tzinfo=UTC)
SOUND: dict[str, Any] = {
    "by_hand": False,
    "closed_by": "deadline",
    "same_phone": True,
    "left": timedelta(minutes=3),
    "deadline": END,
    "last_heard": END - timedelta(minutes=4),
}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, ""),
        ({"last_heard": None}, ""),
        ({"by_hand": True}, "简答题由人阅卷"),
        ({"last_heard": END - timedelta(minutes=3) + sealing.CONTACT}, ""),
        ({"last_heard": END - timedelta(minutes=3) + sealing.CONTACT * 1.01}, "联系过"),
        ({"left": None}, "没有说明"),
        ({"left": timedelta(0)}, "没有说明"),
        ({"same_phone": False}, "不是最后作答的那台手机"),
        ({"closed_by": "person"}, "交卷之后"),
        ({"closed_by": "void"}, "交卷之后"),
        ({"closed_by": None}, "交卷之后"),
    ],
)
def test_what_speaks_against_it(other: dict[str, Any], words: str) -> None:
    found = sealing.against(**SOUND | other)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("over", "late", "taken"),
    [
        (True, timedelta(0), True),
        (True, sealing.LATEST, True),
        (True, sealing.LATEST + timedelta(milliseconds=1), False),
        (False, timedelta(0), False),
    ],
)
def test_until_when_it_is_taken_down(over: bool, late: timedelta, taken: bool) -> None:
    assert sealing.is_taken(over=over, deadline=END, at=END + late) is taken


@pytest.mark.parametrize(
    ("allowed", "acceptable", "may"), [(True, 1, True), (True, 0, False), (False, 1, False)]
)
def test_when_it_may_be_accepted(allowed: bool, acceptable: int, may: bool) -> None:
    if may:
        sealing.check_accept(allowed=allowed, acceptable=acceptable)
        return
    with pytest.raises(sealing.CannotAccept):
        sealing.check_accept(allowed=allowed, acceptable=acceptable)


def test_what_the_person_is_told() -> None:
    def told(**counts: int) -> str:
        return sealing.sentence(**{"pending": 0, "accepted": 0, "rejected": 0, **counts}, allowed=False)

    assert told() == ""
    assert told(pending=2) == "有答案在截止以后才送到：2 题没有计入，已登记备查。"
    assert told(accepted=1, rejected=1).endswith("1 题经考务认定已经计入成绩，1 题经考务核对没有计入。")
    waiting = sealing.sentence(pending=2, accepted=0, rejected=0, allowed=True)
    assert waiting == "有答案在截止以后才送到：2 题已登记，由考务认定是否计入。"


GOOD = {"position": 1, "answer": ["A"], "revision": 1, "left": 12.5}


@pytest.mark.parametrize(
    "told",
    [None, [], {}, ["x"], [GOOD] * 201, [GOOD | {"position": "1"}], [GOOD | {"position": True}]]
    + [[GOOD | {"left": left}] for left in (-1, "3", True, 1e9, float("nan"), float("inf"))],
)
def test_what_is_no_list_of_answers_is_refused(told: Any) -> None:
    with pytest.raises(BadRequest):
        sealing.clean(told)
