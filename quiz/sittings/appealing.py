"""复核: who may ask for what how long, and what an answer needs (domain.md EXAM-19). Plain values."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from quiz.errors import RuleBroken

SHORTEST, LONGEST = 4, 300
MOST_DAYS = 30


class NoAppeal(RuleBroken):
    code = "no-appeal"
    message = "这一场不受理复核。"


class TooLateToAppeal(RuleBroken):
    code = "too-late-to-appeal"
    message = "申请复核的时间已过。仍有疑问，请找本单位联络员。"


class AlreadyAppealed(RuleBroken):
    code = "already-appealed"
    message = "这一次答题已经申请过复核。"


class AlreadyDecided(RuleBroken):
    code = "already-decided"
    message = "这件复核已经答复过。"


class NothingCorrected(RuleBroken):
    code = "nothing-corrected"
    message = "成绩还没有变动。请先在“更正试题”里更正，再答复“已更正”。"


class BadAppeal(RuleBroken):
    code = "bad-appeal"
    status = 422


class Decision(StrEnum):
    MAINTAINED = "maintained"
    CORRECTED = "corrected"

    @property
    def chinese(self) -> str:
        return {Decision.MAINTAINED: "维持原成绩", Decision.CORRECTED: "成绩已更正"}[self]


def until(ended: datetime, *, days: int) -> datetime:
    """The end of the ``days``-th working day after the local day of ``ended``, in its zone.

    Monday to Friday: which of them is a holiday only the organiser knows, and may allow more days.
    """
    day = ended.date()
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), ended.tzinfo)


def check(*, days: int, submitted: bool, asked: bool, until: datetime, at: datetime) -> None:
    """NoAppeal, AlreadyAppealed or TooLateToAppeal; the moment ``until`` itself is too late."""
    if not days or not submitted:
        raise NoAppeal
    if asked:
        raise AlreadyAppealed
    if at >= until:
        raise TooLateToAppeal


def clean(text: str | None, *, what: str) -> str:
    """A reason or an answer; ``what`` it is called. BadAppeal."""
    cleaned = " ".join((text or "").replace("\0", "").split())
    if not SHORTEST <= len(cleaned) <= LONGEST:
        raise BadAppeal(f"{what}请写 {SHORTEST} 至 {LONGEST} 个字。")
    return cleaned


def check_decision(decision: Decision, *, decided: bool, before: Decimal, after: Decimal) -> None:
    if decided:
        raise AlreadyDecided
    if decision is Decision.CORRECTED and before == after:
        raise NothingCorrected
