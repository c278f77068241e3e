"""When personal data of people who joined contests may go, and what refuses it. Plain values only."""

from datetime import datetime, timedelta

from quiz.errors import RuleBroken

#: Days after the end of the last contest of a person.
USUAL_DAYS, FEWEST_DAYS, MOST_DAYS = 180, 1, 3650
GONE, REMOVED = "已注销", "（已删除）"
#: name_key of somebody whose data is gone begins with it; no name does, for its characters are not kept.
MARK = "\\gone"
#: Local hours in which it goes by itself.
NIGHT = range(1, 5)


class ContestRuns(RuleBroken):
    code = "contest-runs"
    message = "你参加的竞赛还没有结束，结束以后才能注销。"


class PrizeWaits(RuleBroken):
    code = "prize-waits"
    message = "你参加的抽奖还没有办完，或者还有奖没有领。办完以后再来注销。"


class OnRoster(RuleBroken):
    code = "on-roster"
    message = "你在参加人员名册上，信息由主办方依职责保存，不能自己注销。可以向主办方提出申请。"


class NotTheName(RuleBroken):
    code = "not-the-name"
    message = "姓名和你登记的不一样，没有注销。"
    status = 422


class AlreadyAsked(RuleBroken):
    code = "already-asked"
    message = "已经提过申请，主办方还没有答复。"


class BadDays(RuleBroken):
    code = "bad-days"
    message = f"保留天数是 {FEWEST_DAYS} 至 {MOST_DAYS} 之间的整数。"
    status = 422


def check_days(days: int | None) -> int:
    if days is None or not FEWEST_DAYS <= days <= MOST_DAYS:
        raise BadDays
    return days


def cutoff(days: int, *, at: datetime) -> datetime:
    """Contests that ended before it are over for long enough."""
    return at - timedelta(days=days)
