"""What the markers of a short answer come to (双评). Plain values; whole hundredths of a point.

Two mark without seeing each other. Apart by at most a fifth of the item's points, their mean counts.
Further apart, a third marks without seeing either, and the mean of the third and the nearer of the two
counts; as near to both, the higher. With one marker the one mark counts. Means are rounded half up to a
hundredth.
"""

from collections.abc import Iterable, Mapping, Sequence

from question_bank.marking import needs_marker
from question_bank.paper import Item
from quiz.errors import RuleBroken
from quiz.sittings.correcting import LONGEST_REASON, Amendment, Deed

#: Markers of an answer unless the organiser decides for one.
USUAL_MARKERS = 2
#: Marks of two may be apart by this share of the points, as 1 / n.
_APART = 5


class BadMark(RuleBroken):
    code = "bad-mark"
    status = 422


class AlreadyMarked(RuleBroken):
    code = "already-marked"
    message = "这份答案已经评完，请评下一份。"


class CannotChoose(RuleBroken):
    code = "marking-begun"
    message = "已经有人评过分，评分人数不能再改。"


class NothingToCount(RuleBroken):
    code = "nothing-to-count"
    message = "没有可以计入的成绩。"


def check_mark(mark: int, *, points: int) -> None:
    """BadMark unless within the item's points, in steps of half a point."""
    if not 0 <= mark <= points or mark % 50:
        raise BadMark(f"请填 0 至 {points / 100:g} 分，可以有半分。")


def check_reason(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadMark(f"请写明原因，最多 {LONGEST_REASON} 个字。")


def agree(first: int, second: int, *, points: int) -> bool:
    return abs(first - second) * _APART <= points


def settle(marks: Sequence[int], *, points: int, markers: int) -> int | None:
    """The mark that counts, from those given in their order; None while one is missing."""
    if len(marks) < markers:
        return None
    if markers == 1:
        return marks[0]
    first, second = marks[:2]
    if agree(first, second, points=points):
        return _mean(first, second)
    if len(marks) < 3:
        return None
    third = marks[2]
    nearer = min(first, second, key=lambda mark: (abs(mark - third), -mark))
    return _mean(nearer, third)


def wanted(marks: Sequence[int], *, points: int, markers: int) -> int:
    """How many marks the answer needs, as far as is known."""
    if markers == 1 or len(marks) < 2 or agree(marks[0], marks[1], points=points):
        return markers
    return 3


def _mean(one: int, other: int) -> int:
    return (one + other + 1) // 2


def left_out(amendments: Iterable[Amendment]) -> set[int]:
    """Questions nobody needs to mark: whatever was answered, the correction decides."""
    return {one.question for one in amendments if one.deed is not Deed.REKEY}


def waiting(
    items: Iterable[Item], answers: Mapping[int, Sequence[str]], amendments: Iterable[Amendment] = ()
) -> list[Item]:
    """The items of a paper that people have to mark; an empty answer earns nothing without them."""
    decided = left_out(amendments)
    return [
        item
        for item in items
        if needs_marker(item.question.kind)
        and item.index not in decided
        and any(text.strip() for text in answers.get(item.position, ()))
    ]
