"""What decides about an exam: its state, who may start, and the sentences of its rules page."""

from collections.abc import Sequence
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


def check_pass_mark(*, pass_mark: Decimal, full: Decimal) -> None:
    if not Decimal(0) <= pass_mark <= full:
        raise BadSettings(f"合格分不能超过满分 {plain(full)} 分。")


def check_may_end(*, found: State) -> None:
    if found is not State.OPEN:
        raise CannotEnd


def state(*, opens_at: datetime, closes_at: datetime, ended_at: datetime | None, at: datetime) -> State:
    """Open from ``opens_at`` (included) to ``closes_at`` or an earlier end by the organiser (excluded)."""
    if at < opens_at:
        return State.SCHEDULED
    return State.OPEN if at < closing(closes_at=closes_at, ended_at=ended_at) else State.CLOSED


def closing(*, closes_at: datetime, ended_at: datetime | None) -> datetime:
    return closes_at if ended_at is None else min(closes_at, ended_at)


def deadline(*, started_at: datetime, minutes: int, closes_at: datetime) -> datetime:
    """min(start + time allowed, end of the window): domain.md EXAM-5."""
    return min(started_at + timedelta(minutes=minutes), closes_at)


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
