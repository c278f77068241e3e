"""Who may begin when: a unit's own window, the limit on coming late, chances in all and by day.

services.HAND_OUT says the same to the database; tests/quiz/sittings/test_admission.py holds them together.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from quiz.exams import rules


class Window(NamedTuple):
    """From ``opens_at`` (included) to ``closes_at`` (excluded)."""

    opens_at: datetime
    closes_at: datetime

    def moved(self, by: timedelta) -> "Window":
        return Window(self.opens_at + by, self.closes_at + by)


def check_late(*, window: Window, late_minutes: int | None, sat: int, at: datetime, until: str) -> None:
    """ExamClosed once the first sitting may not begin any more; the last moment itself is in time."""
    if is_late(window=window, late_minutes=late_minutes, sat=sat, at=at):
        raise rules.ExamClosed(f"开考 {late_minutes} 分钟后不能再入场，入场时间已于 {until} 截止。")


def is_late(*, window: Window, late_minutes: int | None, sat: int, at: datetime) -> bool:
    return late_minutes is not None and not sat and at > window.opens_at + timedelta(minutes=late_minutes)


def check_chances(*, sat: int, chances: int, today: int, daily: int, best: Decimal | None) -> None:
    """NoChancesLeft once the sittings have used up all chances, or those of this day (0: without limit)."""
    rules.check_chances(sat=sat, chances=chances, best=best)
    if daily and today >= daily:
        raise rules.NoChancesLeft(f"今天的 {daily} 次机会已用完，明天可以再来。")


def chances_left(*, sat: int, chances: int, today: int, daily: int) -> int | None:
    """How many more sittings may begin today; None without limit."""
    limits = [max(0, most - used) for most, used in ((chances, sat), (daily, today)) if most]
    return min(limits, default=None)


def midnight(local: datetime) -> datetime:
    """The first instant of the day, in the zone of ``local``."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def check_window(window: Window, *, whole: Window) -> None:
    """BadSettings unless a batch lies within the exam."""
    if window.closes_at <= window.opens_at:
        raise rules.BadSettings("这一批的结束时间应当晚于开考时间。")
    if window.opens_at < whole.opens_at or window.closes_at > whole.closes_at:
        raise rules.BadSettings("各批的时间要在本场的开考和结束时间之内。")
