"""What counts when somebody may sit several times. sittings.rules.counted() does the sums."""

from decimal import Decimal
from enum import StrEnum

from quiz.exams import rules


class Counts(StrEnum):
    """What counts when there are several sittings."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    MEAN = "mean"
    SUM = "sum"
    DAILY = "daily"
    DAYS = "days"

    @property
    def chinese(self) -> str:
        return _COUNTS[self.value]

    @property
    def unit(self) -> str:
        return "天" if self is Counts.DAYS else "分"


_COUNTS = {
    "best": "取最高一次的成绩",
    "last": "取最后一次的成绩",
    "first": "取第一次的成绩",
    "mean": "取各次平均的成绩",
    "sum": "各次成绩相加",
    "daily": "每天取最高一次，各天相加",
    "days": "成绩是全部答对的天数",
}


def check_counts(*, counts: str, chances: int, daily: int) -> None:
    if counts == Counts.SUM and not chances and not daily:
        raise rules.BadSettings("各次成绩相加的，要限定总的机会或每天的次数，不然谁答得多谁的分高。")


def reach(*, counts: str, full: Decimal, chances: int, daily: int, days: int) -> Decimal:
    """The most one person can reach over all sittings: what a formula takes shares of.

    ``days``: how many days of the calendar the exam touches.
    """
    if counts == Counts.SUM:
        limits = [most for most in (chances, daily * days) if most]
        return full * min(limits, default=days)
    if counts not in (Counts.DAILY, Counts.DAYS):
        return full
    most = min(days, chances or days)
    return Decimal(most) if counts == Counts.DAYS else full * most


def check_least_seconds(seconds: int) -> None:
    if not 0 <= seconds <= 60:
        raise rules.BadSettings("每题至少用时应当是 0 至 60 秒。")
