"""Until when a review may be asked for, and what an answer needs, case by case."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from quiz.sittings import appealing
from quiz.sittings.appealing import Decision

HERE = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=HERE)


@pytest.mark.parametrize(
    ("ended", "days", "until"),
    [
        (local(24, 11), 3, local(28)),  # Tuesday: to the end of Friday
        (local(25, 11), 3, local(1, month=12)),  # Wednesday: over the weekend, to the end of Monday
        (local(27, 23), 1, local(1, month=12)),  # Friday
        (local(28, 9), 1, local(1, month=12)),  # Saturday
        (local(24, 11), 0, local(25)),
    ],
)
def test_the_last_working_day(ended: datetime, days: int, until: datetime) -> None:
    assert appealing.until(ended, days=days) == until


LAST = local(28)
INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("days", "submitted", "asked", "at", "refusal"),
    [
        (3, True, False, LAST - INSTANT, None),
        (3, True, False, LAST, appealing.TooLateToAppeal),
        (0, True, False, LAST - INSTANT, appealing.NoAppeal),
        (3, False, False, LAST - INSTANT, appealing.NoAppeal),
        (3, True, True, LAST - INSTANT, appealing.AlreadyAppealed),
    ],
)
def test_who_may_ask(
    days: int, submitted: bool, asked: bool, at: datetime, refusal: type[Exception] | None
) -> None:
    def ask() -> None:
        appealing.check(days=days, submitted=submitted, asked=asked, until=LAST, at=at)

    if refusal is None:
        ask()
        return
    with pytest.raises(refusal):
        ask()


@pytest.mark.parametrize(
    ("decision", "decided", "after", "refusal"),
    [
        (Decision.MAINTAINED, False, "80", None),
        (Decision.MAINTAINED, False, "81", None),
        (Decision.CORRECTED, False, "81", None),
        (Decision.CORRECTED, False, "80", appealing.NothingCorrected),
        (Decision.MAINTAINED, True, "80", appealing.AlreadyDecided),
    ],
)
def test_what_an_answer_needs(
    decision: Decision, decided: bool, after: str, refusal: type[Exception] | None
) -> None:
    def decide() -> None:
        appealing.check_decision(decision, decided=decided, before=Decimal(80), after=Decimal(after))

    if refusal is None:
        decide()
        return
    with pytest.raises(refusal):
        decide()


@pytest.mark.parametrize("text", [None, "", "不对", "   不  对 ", "长" * 301, "\0\0\0\0\0"])
def test_a_reason_is_neither_empty_nor_endless(text: str | None) -> None:
    with pytest.raises(appealing.BadAppeal):
        appealing.clean(text, what="理由")


def test_a_reason_is_kept_in_one_line() -> None:
    assert appealing.clean(" 第 3 题\n 答案有误 ", what="理由") == "第 3 题 答案有误"
