"""What decides about an exam: its state, who may start, and the sentences of its rules page."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from question_bank.marking import MultiplePolicy
from question_bank.paper import PRESETS
from quiz.errors import RuleBroken

#: Saves that arrive this long after the shown end still count; printed on the rules page (promises C3).
GRACE = timedelta(seconds=2)


class Mode(StrEnum):
    EXAM = "exam"
    CONTEST = "contest"
    PRACTICE = "practice"


class State(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"


class Counts(StrEnum):
    """Which of several sittings counts."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    MEAN = "mean"

    @property
    def chinese(self) -> str:
        return {"best": "最高一次", "last": "最后一次", "first": "第一次", "mean": "各次平均"}[self]


class Release(StrEnum):
    """When key, explanation and wrong items may be seen."""

    NEVER = "never"
    CLOSE = "close"
    SUBMIT = "submit"


class UnknownExam(RuleBroken):
    code = "unknown-exam"
    message = "没有这个场次码。请核对四位场次码，或重新扫码。"
    status = 404


class NotOpenYet(RuleBroken):
    code = "not-open-yet"


class ExamClosed(RuleBroken):
    code = "exam-closed"


class ExamPaused(RuleBroken):
    code = "exam-paused"
    message = "考试暂停中，恢复后再开始答题。时间会如数补上。"


class NotInvited(RuleBroken):
    code = "not-invited"
    message = "你所在的单位不参加这一场。请核对场次码，或找本单位联络员。"
    status = 403


class NotNamed(NotInvited):
    message = "补考名单里没有你。请核对场次码，或找本单位联络员。"


class TooEarlyToMakeUp(RuleBroken):
    code = "too-early-to-make-up"
    message = "考试结束、全部交卷后才能安排补考。"


class NobodyToMakeUp(RuleBroken):
    code = "nobody-to-make-up"
    message = "没有缺考和不合格的人，不用补考。"


class NoChancesLeft(RuleBroken):
    code = "no-chances-left"


class BadSettings(RuleBroken):
    code = "bad-settings"
    status = 422


class BankTooSmall(BadSettings):
    code = "bank-too-small"


class SettingFrozen(BadSettings):
    code = "setting-frozen"


class CannotRemove(RuleBroken):
    code = "cannot-remove"


class CannotArchive(RuleBroken):
    code = "cannot-archive"
    message = "考试结束、全部交卷后才能归档。"


class CannotEnd(RuleBroken):
    code = "cannot-end"
    message = "只有正在进行的考试才能结束。"


class NotAContest(RuleBroken):
    code = "not-a-contest"
    message = "这一场只有名册里的人员可以参加，不能自行报名。"
    status = 403


class NoConsent(RuleBroken):
    code = "no-consent"
    message = "请先阅读并同意个人信息使用说明。"
    status = 422


def check_join(*, mode: str, consent: object) -> None:
    if mode != Mode.CONTEST:
        raise NotAContest
    if consent is not True:
        raise NoConsent


LONGEST_TITLE = 60
LONGEST_WINDOW = timedelta(days=2 * 366)
LONGEST_MINUTES = 600


def check_settings(
    *, title: str, preset: str, opens_at: datetime, closes_at: datetime, minutes: int | None
) -> None:
    """BadSettings with what to correct."""
    if preset not in PRESETS:
        raise BadSettings(f"没有“{preset}”这种预设，可用的有：{'、'.join(PRESETS)}。")
    check_times(title=title, opens_at=opens_at, closes_at=closes_at, minutes=minutes)


def check_times(*, title: str, opens_at: datetime, closes_at: datetime, minutes: int | None) -> None:
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        raise BadSettings(f"请填写考试名称，最多 {LONGEST_TITLE} 个字。")
    if closes_at <= opens_at:
        raise BadSettings("结束时间应当晚于开考时间。")
    if closes_at - opens_at > LONGEST_WINDOW:
        raise BadSettings("请核对开考和结束的年份。一场最长开放两年。")
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise BadSettings(f"答题时间应当是 1 至 {LONGEST_MINUTES} 分钟。")


def check_units(*, everybody: bool, chosen: int) -> None:
    if not everybody and not chosen:
        raise BadSettings("请至少选一个参加单位，或选“名册里的全部单位”。")


def check_year(year: int) -> None:
    """A year that can be reckoned with: the first and the last of the calendar overflow in another zone."""
    if not 2000 <= year <= 2200:
        raise BadSettings("请核对开考和结束的年份。")


def check_marks(*, pass_mark: Decimal, excellent_mark: Decimal, full: Decimal) -> None:
    if not Decimal(0) <= pass_mark <= full:
        raise BadSettings(f"合格分不能超过满分 {plain(full)} 分。")
    if not pass_mark <= excellent_mark <= full:
        raise BadSettings(f"优秀分应当在合格分 {plain(pass_mark)} 分和满分 {plain(full)} 分之间。")


def check_may_end(*, found: State) -> None:
    if found is not State.OPEN:
        raise CannotEnd


#: What may still change once an exam has opened, with a reason.
CHANGEABLE = frozenset({"title", "host", "closes_at", "chances", "review"})
#: What decides about scores already earned: only before the opening, or when all have handed in.
DECIDING = frozenset({"pass_mark", "excellent_mark", "counts"})
LONGEST_REASON = 100

#: In the order in which the rules page and the audit log name them.
SETTINGS = {
    "title": "名称",
    "host": "主办单位",
    "opens_at": "开考时间",
    "closes_at": "结束时间",
    "minutes": "答题时间",
    "pass_mark": "合格分",
    "excellent_mark": "优秀分",
    "chances": "机会",
    "counts": "几次机会时取哪次",
    "multiple_policy": "多选题计分",
    "review": "公布答案",
    "unit_ids": "参加单位",
}


def open_to_change(*, opened: bool, over: bool) -> frozenset[str]:
    """Which settings may be changed. ``over``: closed, and everybody has handed in."""
    if not opened:
        return frozenset(SETTINGS)
    return (CHANGEABLE - {"closes_at"}) | DECIDING if over else CHANGEABLE


def check_change(*, changed: Collection[str], opened: bool, over: bool, reason: str) -> None:
    """SettingFrozen, or BadSettings without a reason for what changes after the opening."""
    allowed = open_to_change(opened=opened, over=over)
    frozen = [words for name, words in SETTINGS.items() if name in changed and name not in allowed]
    if frozen:
        later = "，考试结束、全部交卷后才能改" if set(changed) & DECIDING and not over else "，不能再改"
        raise SettingFrozen(f"已经开考：{'、'.join(frozen)}{later}。")
    if opened and changed and not 2 <= len(reason) <= LONGEST_REASON:
        raise BadSettings(f"已经开考，改动要写明原因，2 至 {LONGEST_REASON} 个字。")


def check_remove(*, typed: str, title: str, found: "State", sat: bool, followed: bool) -> None:
    """CannotRemove, or BadSettings when the name typed to confirm is another."""
    if sat:
        raise CannotRemove("已经有人作答，不能删除。考试结束后可以归档。")
    if found is State.OPEN:
        raise CannotRemove("考试正在进行，不能删除。先结束考试。")
    if followed:
        raise CannotRemove("这一场还有补考，先删除补考。")
    if typed.strip() != title:
        raise BadSettings("填写的名称和这一场的名称不一样，没有删除。")


def state(
    *,
    opens_at: datetime,
    closes_at: datetime,
    ended_at: datetime | None,
    at: datetime,
    paused_at: datetime | None = None,
) -> State:
    """Open from ``opens_at`` (included) to ``closes_at`` or an earlier end by the organiser (excluded).

    While it is paused, ``closes_at`` stands still with everybody's time.
    """
    if at < opens_at:
        return State.SCHEDULED
    if paused_at is not None and ended_at is None:
        return State.OPEN
    return State.OPEN if at < closing(closes_at=closes_at, ended_at=ended_at) else State.CLOSED


def closing(*, closes_at: datetime, ended_at: datetime | None) -> datetime:
    return closes_at if ended_at is None else min(closes_at, ended_at)


def extra_time(*, minutes: int, percent: int, more: int) -> timedelta:
    """What one person gets on top: ``percent`` of ``minutes`` (125: a quarter more) and ``more`` minutes."""
    return timedelta(minutes=minutes) * (percent - 100) / 100 + timedelta(minutes=more)


def deadline(
    *, started_at: datetime, minutes: int, closes_at: datetime, extra: timedelta = timedelta(0)
) -> datetime:
    """min(start + time allowed, end of the window): domain.md EXAM-5.

    Extra time set for one person moves both: where the window is as long as the exam it would be worth
    nothing. services.HAND_OUT says the same to the database; test_start_rule.py holds them together.
    """
    return min(started_at + timedelta(minutes=minutes), closes_at) + extra


def check_chances(*, sat: int, chances: int, best: Decimal | None) -> None:
    """NoChancesLeft once ``sat`` sittings have used up the chances (0 means without limit)."""
    if chances and sat >= chances:
        earned = "" if best is None else f"，成绩 {plain(best)} 分"
        raise NoChancesLeft(f"{chances} 次机会已用完{earned}。")


def may_review(*, review: str, submitted: bool, state: State) -> bool:
    """Whether a person may see key and explanation of the sitting they submitted."""
    if not submitted or review == Release.NEVER:
        return False
    return review == Release.SUBMIT or state is State.CLOSED


def moment(local: datetime) -> str:
    """11 月 24 日 9:00"""
    return f"{local.month} 月 {local.day} 日 {local.hour}:{local.minute:02}"


def window(opens: datetime, closes: datetime) -> str:
    """2026 年 11 月 24 日 9:00 至 11:30; of the end only as much as differs. Both in the local zone."""
    until = moment(closes)
    if opens.date() == closes.date():
        until = f"{closes.hour}:{closes.minute:02}"
    elif opens.year != closes.year:
        until = f"{closes.year} 年 {until}"
    return f"{opens.year} 年 {moment(opens)} 至 {until}"


def title_of_copy(title: str) -> str:
    """The title, marked as a copy and never too long."""
    mark = "（副本）"
    return title if title.endswith(mark) else title[: LONGEST_TITLE - len(mark)] + mark


def opening_sentence(opens: datetime, *, at: datetime) -> str:
    """When it opens and how long that is: 9:00 开考，还有 12 分钟。 ``opens`` in the local zone."""
    minutes = -(-(opens - at) // timedelta(minutes=1))
    if minutes <= 60:
        return f"{opens.hour}:{opens.minute:02} 开考，还有 {minutes} 分钟。"
    return f"{moment(opens)} 开考。"


def plain(points: Decimal) -> str:
    """92, 92.5, 0.33: points without needless zeros."""
    return f"{points:f}".rstrip("0").rstrip(".") if "." in f"{points:f}" else f"{points:f}"


def sentences(
    *,
    sections: Sequence[tuple[str, int, Decimal]],
    minutes: int,
    full: Decimal,
    pass_mark: Decimal,
    chances: int,
    counts: str,
    multiple_policy: str,
    review: str,
) -> list[str]:
    """The rules page, from the settings. ``sections``: kind in Chinese, how many items, points of each."""
    parts = [f"{kind} {count} 题，每题 {plain(points)} 分" for kind, count, points in sections]
    lines = [f"共 {sum(count for _, count, _ in sections)} 题，满分 {plain(full)} 分：{'；'.join(parts)}。"]
    lines.append(f"答题 {minutes} 分钟，到时自动交卷。网络延迟 {GRACE.seconds} 秒以内的答案仍然有效。")
    lines.append(f"{plain(pass_mark)} 分（含）以上为合格。")
    if any(kind == "多选题" for kind, _, _ in sections):
        lines.append(f"多选题{MultiplePolicy(multiple_policy).sentence.rstrip('。')}。")
    lines.append(_chance_sentence(chances, counts))
    lines.append("每次改动都会立即保存。换手机、关页面都能接着答，时间照常计算。")
    lines.append(
        {
            Release.SUBMIT: "交卷后可以看错题、正确答案和解析。",
            Release.CLOSE: "交卷后可以看成绩，考试结束后可以看错题、正确答案和解析。",
            Release.NEVER: "交卷后可以看成绩。",
        }[Release(review)]
    )
    return lines


def _chance_sentence(chances: int, counts: str) -> str:
    if chances == 1:
        return "每人 1 次机会，交卷后不能再改。"
    times = f"每人 {chances} 次机会" if chances else "次数不限"
    return f"{times}，取{Counts(counts).chinese}的成绩。"
