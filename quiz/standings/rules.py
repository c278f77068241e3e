"""How units and persons are ranked: formulas, tie keys, ranks. Plain values only.

Formulas and their vectors: reference/domain.md §3.4. Everything is computed exactly and rounded only
when it is shown, so the order of adding never changes a rank.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from quiz.errors import RuleBroken

Row = TypeVar("Row")

#: The wall goes no further: a public page never points at whoever is last (DESIGN_LANGUAGE §7).
WALL_ROWS = 24
#: Rows in one answer, unless fewer are asked for.
LARGEST_LIMIT = 500
LONGEST_REASON = 100
#: What a rate, a mean or a score reads where there is nothing to divide by (domain.md EXAM-10).
NOTHING = "—"
PERSON_TIES = "同分先看用时，再看交卷先后，都相同就并列。"


class NotRanked(RuleBroken):
    code = "not-ranked"
    message = "练习和试考不排名。"
    status = 404


class UnitWaits(RuleBroken):
    code = "unit-waits"
    message = "你填的单位还在等主办方归并，暂不计入单位排名。归并以后，你的成绩会算进去。"


class DeskOnly(RuleBroken):
    code = "desk-only"
    message = "这一场的个人排名不公开。"
    status = 403


class BadReason(RuleBroken):
    code = "bad-reason"
    message = "请写明事由，2 至 100 个字。"
    status = 422


class HasSat(RuleBroken):
    code = "has-sat"
    message = "已经参加了这一场，不用请假。"


class LeaveStands(RuleBroken):
    code = "leave-stands"
    message = "这个人已经请过假，请刷新再看。"


class LeaveDecided(RuleBroken):
    code = "leave-decided"
    message = "这条请假已经有人处理，请刷新再看。"


def clean_leave_reason(text: str) -> str:
    """The reason as it is kept, or BadReason."""
    cleaned = " ".join(text.replace("\0", "").split())
    if not 2 <= len(cleaned) <= LONGEST_REASON:
        raise BadReason
    return cleaned


class Formula(StrEnum):
    """What a unit's score is; chosen before the exam opens and printed on the wall and in the workbook."""

    SUM = "sum"
    COUNT = "count"
    RATE = "rate"
    MEAN = "mean"
    R50M50 = "r50m50"
    PERCAP = "percap"
    TOP = "top"
    SHRUNK = "shrunk"

    @property
    def chinese(self) -> str:
        return _WORDS[self.value][0]

    @property
    def sentence(self) -> str:
        """How it is computed, without the figures somebody may have set."""
        return f"{self.chinese}：{_WORDS[self.value][1]}。"


_WORDS = {
    "sum": ("总分", "本单位各人的成绩相加"),
    "count": ("参与人数", "本单位参加的人数"),
    "rate": ("参与率", "参加人数占应参人数的百分比"),
    "mean": ("平均分", "参加者成绩的平均"),
    "r50m50": ("综合分", "参与率和平均分各占 50 分"),
    "percap": ("人均分", "成绩总和除以应参人数，没参加的按 0 分计"),
    "top": ("前若干名平均分", "本单位成绩最好的若干人的平均，人数不够的空位按 0 分计"),
    "shrunk": ("修正平均分", "平均分按参加人数向总平均分靠拢，人数越少靠得越近"),
}


def score(
    formula: Formula,
    *,
    expected: int,
    took_part: int,
    total: Decimal,
    full: Decimal,
    weight: int = 50,
    best: Sequence[Decimal] = (),
    top: int = 10,
    overall: Decimal | None = None,
    shrink: int = 10,
) -> Decimal | None:
    """The unit's score, to 28 digits; None where the formula has nothing to divide by.

    ``total`` is the sum of the scores that count, ``full`` what one person can reach. ``weight`` is what
    参与率 is worth of 100, ``best`` the scores of the ``top`` best, the best first, ``overall`` the mean
    of everybody, which counts as ``shrink`` persons.
    """
    if formula is Formula.SUM:
        return total
    if formula is Formula.COUNT:
        return Decimal(took_part)
    if formula is Formula.MEAN:
        return mean(total, took_part)
    if formula is Formula.RATE:
        return rate(took_part, expected)
    if formula is Formula.PERCAP:
        return mean(total, expected)
    if formula is Formula.TOP:
        return best_mean(best, top=top, expected=expected)
    if formula is Formula.SHRUNK:
        return shrunk_mean(total, took_part, overall=overall, shrink=shrink)
    return weighted(expected, took_part, total, full=full, weight=weight)


def rate(took_part: int, expected: int) -> Decimal | None:
    """In hundredths, never over 100."""
    return exact(100 * min(Fraction(1), Fraction(took_part, expected))) if expected > 0 else None


def weighted(expected: int, took_part: int, total: Decimal, *, full: Decimal, weight: int) -> Decimal | None:
    """``weight`` points for 参与率, the rest of 100 for the mean as a share of ``full``."""
    if expected <= 0 or full <= 0:
        return None
    share = min(Fraction(1), Fraction(took_part, expected))
    average = Fraction(total) / took_part / Fraction(full) if took_part else Fraction(0)
    return exact(weight * share + (100 - weight) * average)


def best_mean(best: Sequence[Decimal], *, top: int, expected: int) -> Decimal | None:
    """Mean of the ``top`` best; empty places count 0, but never more places than heads expected."""
    places = min(top, max(expected, len(best)))
    return exact(Fraction(sum(best[:places], Decimal(0))) / places) if places > 0 else None


def shrunk_mean(total: Decimal, count: int, *, overall: Decimal | None, shrink: int) -> Decimal | None:
    """(n·mean + k·overall) / (n + k); None without anybody."""
    if count <= 0 or overall is None:
        return None
    return exact((Fraction(total) + shrink * Fraction(overall)) / (count + shrink))


def mean(total: Decimal, count: int) -> Decimal | None:
    return exact(Fraction(total) / count) if count > 0 else None


def exact(value: Fraction) -> Decimal:
    """One correctly rounded division: equal fractions give equal Decimals, however they were reached."""
    return Decimal(value.numerator) / Decimal(value.denominator)


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """One unit in one exam: ``expected`` = ``took_part`` + ``voided`` + ``sitting`` + ``not_started``."""

    unit_id: int
    unit: str
    expected: int
    took_part: int
    #: Answering right now, without an earlier result.
    sitting: int
    #: 违纪: sat, and counts for nothing.
    voided: int = 0
    #: 请假, approved, and not sitting after all: neither 实考 nor 缺考.
    on_leave: int = 0
    total: Decimal
    passed: int
    excellent: int
    #: 镇, 政府部门 …, for groups.
    kind: str = ""
    #: The scores of its best, the best first, where the formula asks for them.
    best: tuple[Decimal, ...] = ()

    @property
    def not_started(self) -> int:
        """缺考 once it is over."""
        return max(0, self.expected - self.took_part - self.voided - self.on_leave - self.sitting)

    @property
    def present(self) -> int:
        """Who has taken part or is answering: what 参考率 counts while the exam runs."""
        return self.took_part + self.sitting

    @property
    def rate(self) -> Decimal | None:
        """took_part / expected, from 0 to 1."""
        return exact(min(Fraction(1), Fraction(self.took_part, self.expected))) if self.expected else None

    @property
    def mean(self) -> Decimal | None:
        return mean(self.total, self.took_part)


@dataclass(frozen=True)
class Ranked:
    """A unit with its score; ``rank`` is None where the formula gives it no score, ``why`` says so."""

    rank: int | None
    row: UnitRow
    score: Decimal | None
    group: str = ""
    why: str = ""


def far_behind(row: UnitRow, whole: UnitRow) -> bool:
    """Whether the unit's 参考率 is below six tenths of everybody's: the few the organiser rings first."""
    return row.not_started > 0 and 10 * row.present * whole.expected < 6 * whole.present * row.expected


def rank(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[tuple[int, Row]]:
    """Greatest key first, equal keys share a rank, the next rank counts them all: 1, 2, 2, 4.

    Rows with equal keys keep their order.
    """
    ranked: list[tuple[int, Row]] = []
    previous: Any = None
    for place, row in enumerate(sorted(rows, key=key, reverse=True), 1):
        found = key(row)
        ranked.append((ranked[-1][0] if ranked and found == previous else place, row))
        previous = found
    return ranked


def rank_persons(
    rows: Iterable[Row], key: Callable[[Row], tuple[Decimal, int, int]]
) -> list[tuple[int, Row]]:
    """By score, then less time used, then earlier submission (WEB-3); equal in all three shares the rank.

    ``key`` gives score, time used and instant of submission, the latter two in milliseconds.
    """

    def greatest_first(row: Row) -> tuple[Decimal, int, int]:
        points, used, submitted = key(row)
        return points, -used, -submitted

    return rank(rows, greatest_first)


def shown(value: Decimal | None, places: int = 2) -> str:
    """92.50, or “—”: rounded half up, once, from the exact value."""
    if value is None:
        return NOTHING
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def wall_score(formula: Formula, value: Decimal | None) -> str:
    """One decimal; heads are whole."""
    return shown(value, 0 if formula is Formula.COUNT else 1)


def percent(part: int, whole: int) -> str:
    """Whole percents rounded down, so that 100% means everybody; “—” of nothing."""
    if whole <= 0:
        return NOTHING
    return f"{(Decimal(100 * part) / whole).quantize(Decimal(1), ROUND_DOWN)}%"


def of(part: int, whole: int) -> str:
    """n/m, the way every rate is printed (EXAM-10); “—” of nothing."""
    return f"{part}/{whole}" if whole > 0 else NOTHING


def used(millis: int) -> str:
    """Time used: 32 分 05 秒."""
    minutes, seconds = divmod(millis // 1000, 60)
    return f"{minutes} 分 {seconds:02} 秒"
