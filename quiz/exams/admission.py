"""Who may begin when: a unit's own window, the hours of a day, the limit on coming late, chances.

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


class Hours(NamedTuple):
    """The part of each day in which an exam is open, in minutes after midnight here; 1440 is its end."""

    opens: int
    closes: int

    @property
    def words(self) -> str:
        """每天 8:00 至 22:00"""
        return f"每天 {_clock(self.opens)} 至 {self.closing}"

    @property
    def closing(self) -> str:
        return _clock(self.closes)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


DAY = timedelta(days=1)


def hours(opens: int | None, closes: int | None) -> Hours | None:
    """None where it is open day and night."""
    return None if opens is None or closes is None else Hours(opens, closes)


def stretch(window: Window, hours: Hours, *, at: datetime) -> Window:
    """The part of the window that is open at ``at``, else the next, else the last; empty if there is none.

    ``at`` in the zone here. A sitting ends with the stretch it was begun in.
    """
    first = midnight(max(at, window.opens_at).astimezone(at.tzinfo))
    parts = [_of_day(window, hours, first), _of_day(window, hours, first + DAY)]
    ahead = [part for part in parts if part.opens_at < part.closes_at and at < part.closes_at]
    if ahead:
        return ahead[0]
    last = midnight(window.closes_at.astimezone(at.tzinfo))
    parts = [_of_day(window, hours, last), _of_day(window, hours, last - DAY)]
    gone = [part for part in parts if part.opens_at < part.closes_at]
    return gone[0] if gone else Window(window.closes_at, window.closes_at)


def _of_day(window: Window, hours: Hours, day: datetime) -> Window:
    opens, closes = (day + timedelta(minutes=minute) for minute in hours)
    return Window(max(window.opens_at, opens), min(window.closes_at, closes))


def check_hours(opens: int | None, closes: int | None, *, window: Window) -> None:
    """BadSettings with what to correct; ``window`` in the zone here."""
    if (opens is None) != (closes is None):
        raise rules.BadSettings("每天开放的时间，开始和截止要都填，或都不填。")
    found = hours(opens, closes)
    if found is None:
        return
    if not 0 <= found.opens < found.closes <= 24 * 60:
        raise rules.BadSettings("每天的截止时间应当晚于开始时间。跨过零点的，请填到 0:00。")
    part = stretch(window, found, at=window.opens_at)
    if part.opens_at >= part.closes_at:
        raise rules.BadSettings("开考到结束之间，没有一段在每天开放的时间里。")


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
