"""What decides about an exam: its state, who may start, what may be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from question_bank.paper import PRESETS, PaperSpec
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


NOT_LISTED = "这一场的名单里没有你。请核对场次码，或找本单位联络员。"


class TooEarlyToMakeUp(RuleBroken):
    code = "too-early-to-make-up"
    message = "考试结束、全部交卷后才能安排补考。"


class CannotMakeUp(RuleBroken):
    code = "cannot-make-up"
    message = "试考不计成绩，没有补考。"


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


class CannotRehearse(RuleBroken):
    code = "cannot-rehearse"
    message = "只有还没开考的考试才能试考。"


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


@dataclass(frozen=True)
class Group:
    """A paper of its own for persons of certain 职级."""

    name: str
    ranks: tuple[str, ...]
    spec: PaperSpec

    def document(self) -> dict[str, object]:
        return {"name": self.name, "ranks": list(self.ranks), "spec": self.spec.document()}

    @classmethod
    def from_json(cls, doc: Mapping[str, Any]) -> "Group":
        return cls(doc["name"], tuple(doc["ranks"]), PaperSpec.from_json(doc["spec"]))


def check_band(band: Decimal) -> Decimal:
    """How far papers may differ in expected score, in percent."""
    if not (band.is_finite() and Decimal("0.5") <= band <= 20):
        raise BadSettings("难度相差应当是 0.5 至 20 分（按百分制）。")
    return band.quantize(Decimal("0.01"))


LONGEST_GROUP = 20


def check_groups(groups: Sequence[Group], *, full: Decimal) -> None:
    """BadSettings: every paper is worth the same, nobody belongs to two groups."""
    seen: dict[str, str] = {}
    for group in groups:
        if not 1 <= len(group.name.strip()) <= LONGEST_GROUP:
            raise BadSettings(f"请填写这一组的名称，最多 {LONGEST_GROUP} 个字。")
        if not group.ranks:
            raise BadSettings(f"请给“{group.name}”选至少一个职级。")
        if Decimal(group.spec.full) / 100 != full:
            own = plain(Decimal(group.spec.full) / 100)
            raise BadSettings(
                f"各份试卷的满分要相同：“{group.name}”是 {own} 分，全体的试卷是 {plain(full)} 分。"
            )
        for rank in group.ranks:
            if seen.setdefault(rank, group.name) != group.name:
                raise BadSettings(f"职级“{rank}”已经在“{seen[rank]}”里，一个职级只能考一份试卷。")


def group_of(groups: Sequence[Group], rank: str) -> Group | None:
    """Whose paper somebody of this 职级 sits; None for the one everybody else sits."""
    return next((group for group in groups if rank.strip() and rank.strip() in group.ranks), None)


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


LONGEST_REASON = 100


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


def is_released(release: str, *, submitted: bool, state: State) -> bool:
    """Whether a person may see what is released so of the sitting they submitted."""
    if not submitted or release == Release.NEVER:
        return False
    return release == Release.SUBMIT or state is State.CLOSED


def check_releases(*, score: str, answers: str, key: str) -> None:
    """BadSettings: who sees what was right can reckon the score, who sees the key what was right."""
    order = [Release.SUBMIT, Release.CLOSE, Release.NEVER]
    places = [order.index(Release(one)) for one in (score, answers, key)]
    if places != sorted(places):
        raise BadSettings("先公布成绩，再公布对错，最后公布正确答案和解析，后一项不能早于前一项。")


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


REHEARSAL = "试考："


def title_of_rehearsal(title: str) -> str:
    """The title as it is marked everywhere, on paper as well."""
    return (REHEARSAL + title.removeprefix(REHEARSAL))[:LONGEST_TITLE]


def title_of_copy(title: str) -> str:
    """The title, marked as a copy and never too long."""
    title = title.removeprefix(REHEARSAL)
    mark = "（副本）"
    return title if title.endswith(mark) else title[: LONGEST_TITLE - len(mark)] + mark


def opening_sentence(opens: datetime, *, at: datetime, word: str = "开考") -> str:
    """When it opens and how long that is: 9:00 开考，还有 12 分钟。 ``opens`` in the local zone."""
    minutes = -(-(opens - at) // timedelta(minutes=1))
    if minutes <= 60:
        return f"{opens.hour}:{opens.minute:02} {word}，还有 {minutes} 分钟。"
    return f"{moment(opens)} {word}。"


_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九十")}


def chapter_place(name: str) -> tuple[int, str]:
    """第二章 before 第三章 before whatever has no number."""
    digits = name.partition("第")[2].partition("章")[0] if name.startswith("第") else ""
    if not digits or any(digit not in _DIGITS for digit in digits):
        return (99, name)
    tens, ten, ones = digits.rpartition("十")
    return ((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0), name)


def plain(points: Decimal) -> str:
    """92, 92.5, 0.33: points without needless zeros."""
    return f"{points:f}".rstrip("0").rstrip(".") if "." in f"{points:f}" else f"{points:f}"
