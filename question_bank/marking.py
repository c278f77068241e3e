"""What an answer earns.

Points here and everywhere inside are whole HUNDREDTHS of a point (150 is 1.5 points), so that adding
them in any order gives the same sum. Only documents and pages speak of points; `hundredths` and
`in_points` translate. Where a share does not come out even it is rounded half up to a hundredth,
once, per item: 2 points × 2/3 earn 133, 1 point × 2/3 earns 67.
"""

import math
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from question_bank.question import ALTERNATIVE, Kind

#: What per_option and penalty count for one option, unless told otherwise (rule sets S79–S81).
UNIT = 50

# Around an answer these say nothing: “《信访条例》。” is 信访条例. Signs with a meaning (-5, 5%, <5) stay.
_BEFORE = "\"'`,;:!?()[]{}_、。“”‘’《》〈〉「」『』【】〔〕·—"
_AFTER = _BEFORE + "."


class MultiplePolicy(StrEnum):
    """How a multiple-choice item is marked that is not answered exactly (domain §4.3)."""

    STRICT = "strict"
    HALF = "half"
    PER_OPTION = "per_option"
    PROPORTIONAL = "proportional"
    PENALTY = "penalty"

    @property
    def sentence(self) -> str:
        """The rule in words for the rules page, with the usual unit."""
        return self.sentence_for(UNIT)

    def sentence_for(self, unit: int) -> str:
        """The rule in words; ``unit`` in hundredths of a point."""
        return _SENTENCES[self].format(unit=in_points(unit))


_SENTENCES = {
    MultiplePolicy.STRICT: "少选、多选、错选均不得分",
    MultiplePolicy.HALF: "少选得一半分，多选、错选不得分",
    MultiplePolicy.PER_OPTION: "少选时每选对一项得 {unit} 分，不超过本题分值；多选、错选不得分",
    MultiplePolicy.PROPORTIONAL: "少选时按选对的比例得分，四舍五入保留两位小数；多选、错选不得分",
    MultiplePolicy.PENALTY: "每选对一项得 {unit} 分，每选错一项扣 {unit} 分，扣完为止，不超过本题分值",
}


def hundredths(points: float) -> int:
    """A number of points, at most two decimals, as hundredths. ValueError for anything else."""
    if isinstance(points, bool) or not isinstance(points, int | float) or not math.isfinite(points):
        raise ValueError("分值应当是一个数")
    whole = round(points * 100)
    if abs(points * 100 - whole) > 1e-6:
        raise ValueError("分值最多保留两位小数")
    return whole


def in_points(value: int) -> int | float:
    """Hundredths as the number of points that pages and documents show: 150 → 1.5, 200 → 2."""
    return value / 100 if value % 100 else value // 100


def needs_marker(kind: Kind) -> bool:
    """True when a person must mark it; `mark` gives such an item 0."""
    return kind == Kind.SHORT


def mark(
    kind: Kind,
    key: Sequence[str],
    answer: Sequence[str],
    *,
    points: int,
    policy: MultiplePolicy = MultiplePolicy.STRICT,
    unit: int = UNIT,
) -> int:
    """What ``answer`` earns, from 0 to ``points``, in hundredths of a point.

    ``key`` and ``answer`` speak the same labels, those shown to the person: labels for a choice in
    any order, "T" or "F", one text per blank. ``points`` (not negative) is what the item is worth,
    ``unit`` what one option counts under per_option and penalty; both in hundredths.
    An empty answer earns 0 under every rule.
    """
    if not answer or kind == Kind.SHORT:
        return 0
    if kind == Kind.FILL:
        return _mark_fill(key, answer, points)
    right, chosen = set(key), set(answer)
    if kind != Kind.MULTIPLE:
        return points if chosen == right else 0
    return _mark_multiple(right, chosen, points, policy, unit)


def _mark_multiple(right: set[str], chosen: set[str], points: int, policy: MultiplePolicy, unit: int) -> int:
    if policy == MultiplePolicy.PENALTY:
        hits = len(chosen & right)
        return max(0, min(points, unit * (hits - (len(chosen) - hits))))
    if chosen == right:
        return points
    if policy == MultiplePolicy.STRICT or not chosen < right:
        return 0
    if policy == MultiplePolicy.HALF:
        return (points + 1) // 2
    if policy == MultiplePolicy.PER_OPTION:
        return min(points, unit * len(chosen))
    return (2 * points * len(chosen) + len(right)) // (2 * len(right))


def _mark_fill(key: Sequence[str], answer: Sequence[str], points: int) -> int:
    """Each blank earns its own share, by position.

    The points are divided evenly and the last blank takes what is left over: 200 for three blanks is
    66, 66 and 68. A blank not answered earns nothing, texts beyond the last blank are not looked at.
    """
    if not key:
        return 0
    share = points // len(key)
    last = len(key) - 1
    earned = 0
    for blank, (accepted, given) in enumerate(zip(key, answer, strict=False)):
        if _plain(given) in _accepted(accepted):
            earned += points - share * last if blank == last else share
    return earned


@lru_cache(maxsize=4096)
def _accepted(entry: str) -> frozenset[str]:
    return frozenset(_plain(text) for text in entry.split(ALTERNATIVE)) - {""}


def _plain(text: str) -> str:
    """The form in which blanks are compared: NFKC, case folded, no spaces, no punctuation around it.

    五 and 5 stay different unless the key gives both. A text of punctuation alone is kept.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.lstrip(_BEFORE).rstrip(_AFTER) or folded
