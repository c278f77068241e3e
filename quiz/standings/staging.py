"""分阶段竞赛: totals over stages and who goes on to the next. Plain values only.

The total is the sum of what each stage gave, in hundredths by its weight: 初赛 30, 决赛 70. Nothing of a
stage is 0 of it. Equal totals are decided by less time used over all stages, for units by the last stage;
whoever is equal in that too shares the rank.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from quiz.errors import RuleBroken
from quiz.standings import rules

T = TypeVar("T")

LONGEST_TITLE = 60
LARGEST_WEIGHT = 100
LARGEST_CUT = 10_000


class BadStages(RuleBroken):
    code = "bad-stages"
    status = 422


class CannotAdmit(RuleBroken):
    code = "cannot-admit"


@dataclass(frozen=True)
class Total:
    """``scores``: what each stage gave, None where nothing; ``second``: what decides between equals."""

    key: int
    scores: tuple[Decimal | None, ...]
    total: Decimal
    second: Decimal


def totals(
    stages: Sequence[Mapping[int, tuple[Decimal, int]]], weights: Sequence[int], *, by_time: bool
) -> list[tuple[int, Total]]:
    """Rank and total of everybody any stage knows, the best first.

    Each stage gives score and milliseconds by key. ``by_time``: less time before more; else the last stage.
    """
    found = [
        _total(key, stages, weights, by_time=by_time)
        for key in sorted({key for one in stages for key in one})
    ]
    return rules.rank(found, lambda one: (one.total, one.second))


def _total(
    key: int, stages: Sequence[Mapping[int, tuple[Decimal, int]]], weights: Sequence[int], *, by_time: bool
) -> Total:
    given = [stage.get(key) for stage in stages]
    scores = tuple(None if one is None else one[0] for one in given)
    total = sum((score * weight for score, weight in zip(scores, weights, strict=True) if score is not None),
                Decimal(0)) / 100  # fmt: skip
    used = sum(one[1] for one in given if one is not None)
    return Total(key, scores, total, Decimal(-used) if by_time else scores[-1] or Decimal(0))


def admitted(ranked: Iterable[tuple[int, T]], *, wanted: int) -> list[tuple[int, T]]:
    """The first ``wanted`` of rows in order of rank, and whoever shares the last rank with them."""
    rows = list(ranked)
    return [row for row in rows if row[0] <= rows[min(wanted, len(rows)) - 1][0]] if wanted > 0 else []


def cut_sentence(*, wanted: int, ranks: Sequence[int], of: str) -> str:
    """前 50 名晋级，共 52 人，其中第 50 名并列 3 人。 ``of``: 人 or 家."""
    last = ranks[-1] if ranks else 0
    sharing = ranks.count(last)
    tied = f"，第 {last} 名并列 {sharing} {of}，一并晋级" if len(ranks) > wanted else ""
    return f"前 {wanted} 名晋级{tied}，共 {len(ranks)} {of}。"


def weights_sentence(names: Sequence[str], weights: Sequence[int]) -> str:
    """总成绩：初赛 ×30%，决赛 ×70%。"""
    if all(weight == 100 for weight in weights):
        return "总成绩是各阶段成绩相加。"
    parts = (f"{name}占 {weight}%" for name, weight in zip(names, weights, strict=True))
    return f"总成绩：{'，'.join(parts)}。"


def fingerprint(lines: Iterable[str]) -> str:
    """SHA-256 of the lines, each ended by a newline."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def clean_title(title: str, *, longest: int = LONGEST_TITLE) -> str:
    found = title.strip()
    if not 1 <= len(found) <= longest or not found.isprintable():
        raise BadStages(f"请填写名称，最多 {longest} 个字。")
    return found


def check_weight(weight: int | None) -> int:
    if weight is None or not 0 <= weight <= LARGEST_WEIGHT:
        raise BadStages("占比应当是 0 至 100。")
    return weight


def check_cut(wanted: int | None) -> int:
    if wanted is None or not 1 <= wanted <= LARGEST_CUT:
        raise CannotAdmit(f"晋级名额应当是 1 至 {LARGEST_CUT}。")
    return wanted
