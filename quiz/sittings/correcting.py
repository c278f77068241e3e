"""What a correction of a question does to marks and score (domain.md EXAM-4). Plain values only.

Whole hundredths of a point throughout. The frozen item stays as it was; an Amendment stands beside it:

- 全员给分: the item earns its points for everybody who was asked it, answered or not.
- 按比例折算: the item counts for nothing, and the sum of the others is scaled to the paper's full points,
  rounded half up to a hundredth, once. If nothing is left to scale, everybody has the full points.
- 改答案: the item is marked with the new key. A single or true_false item may get several,
  each of them right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from question_bank import Kind, Question
from question_bank.marking import MultiplePolicy, in_points, mark
from question_bank.paper import Item
from question_bank.question import ALTERNATIVE, FALSE, LABELS, TRUE
from quiz.errors import RuleBroken

LONGEST_REASON = 200


class BadCorrection(RuleBroken):
    code = "bad-correction"
    status = 422


class AlreadyCorrected(RuleBroken):
    code = "already-corrected"
    message = "这道题已经更正过。要改，请先撤销原来的更正。"


class NotInForce(RuleBroken):
    code = "not-in-force"
    message = "这次更正已经撤销。"


class Deed(StrEnum):
    ALL_POINTS = "void_all_points"
    SCALED = "void_scaled"
    REKEY = "rekey"

    @property
    def chinese(self) -> str:
        return {
            Deed.ALL_POINTS: "作废，全员给分",
            Deed.SCALED: "作废，按比例折算",
            Deed.REKEY: "改答案",
        }[self]


class Amendment(NamedTuple):
    """A correction in force. ``question`` is the row of the frozen pool, ``key`` in its own labels."""

    question: int
    deed: Deed
    key: tuple[str, ...] = ()


def in_force(stored: Iterable[Sequence[Any]]) -> tuple[Amendment, ...]:
    """From Exam.corrections."""
    return tuple(Amendment(row[0], Deed(row[1]), tuple(row[2])) for row in stored)


def stored(amendments: Iterable[Amendment]) -> list[list[Any]]:
    """For Exam.corrections: in_force() of it gives the same."""
    return [[one.question, one.deed.value, list(one.key)] for one in amendments]


def amended(items: Sequence[Item], amendments: Sequence[Amendment]) -> list[Item]:
    """The items with the new keys."""
    keys = {one.question: one.key for one in amendments if one.deed is Deed.REKEY}
    if not keys:
        return list(items)
    return [
        replace(item, question=replace(item.question, key=keys[item.index])) if item.index in keys else item
        for item in items
    ]


def marks(
    items: Sequence[Item],
    answers: Mapping[int, Sequence[str]],
    policy: MultiplePolicy,
    amendments: Sequence[Amendment] = (),
    hand: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Position → hundredths, for what was answered or is given to everybody; nothing for scaled items.

    ``hand`` has the marks that people gave, by position (blind.settle).
    """
    deeds = {one.question: one.deed for one in amendments}
    found: dict[int, int] = {}
    for item in amended(items, amendments):
        deed = deeds.get(item.index)
        if deed is Deed.ALL_POINTS:
            found[item.position] = item.points
        elif item.position in answers and deed is not Deed.SCALED:
            by_hand = hand and hand.get(item.position)
            found[item.position] = by_hand or _mark(item, answers[item.position], policy)
    return found


def _mark(item: Item, answer: Sequence[str], policy: MultiplePolicy) -> int:
    kind, key = item.question.kind, item.key
    if len(key) > 1 and kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        return item.points if len(answer) == 1 and answer[0] in key else 0
    return mark(kind, key, answer, points=item.points, policy=policy)


def score(
    items: Sequence[Item],
    answers: Mapping[int, Sequence[str]],
    policy: MultiplePolicy,
    amendments: Sequence[Amendment] = (),
    hand: Mapping[int, int] | None = None,
) -> int:
    """The sum of the marks, scaled to the full points where items were voided 按比例折算."""
    earned = sum(marks(items, answers, policy, amendments, hand).values())
    voided = {one.question for one in amendments if one.deed is Deed.SCALED}
    lost = sum(item.points for item in items if item.index in voided)
    if not lost:
        return earned
    full = sum(item.points for item in items)
    left = full - lost
    return (2 * earned * full + left) // (2 * left) if left else full


def check(question: Question, amendment: Amendment, *, reason: str) -> None:
    """BadCorrection with what to put right."""
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadCorrection(f"请写明原因，最多 {LONGEST_REASON} 个字。")
    if amendment.deed is Deed.REKEY:
        _check_key(question, amendment.key)


def _check_key(question: Question, key: tuple[str, ...]) -> None:
    if not key or not all(entry.strip() for entry in key):
        raise BadCorrection("请填写新的答案。")
    if key == question.key:
        raise BadCorrection("新答案和原答案一样。")
    if question.kind in (Kind.FILL, Kind.SHORT):
        if len(key) != len(question.key):
            raise BadCorrection(f"这道题有 {len(question.key)} 个空，每空填一个答案。")
        return
    allowed = LABELS[: len(question.options)] if question.options else (TRUE, FALSE)
    if any(entry not in allowed for entry in key) or len(set(key)) != len(key):
        raise BadCorrection("新答案要从这道题的选项里选。")


def key_in_words(kind: Kind, key: Sequence[str]) -> str:
    """AC of a multiple, A 或 C where either is right, 正确, 县级 或 县."""
    if kind is Kind.MULTIPLE:
        return "".join(key)
    words = {TRUE: "正确", FALSE: "错误"} if kind is Kind.TRUE_FALSE else {}
    between = " 或 " if kind in (Kind.SINGLE, Kind.TRUE_FALSE) else "；"
    return between.join(words.get(entry, entry.replace(ALTERNATIVE, " 或 ")) for entry in key)


def sentence(item: Item, amendment: Amendment) -> str:
    """For the review of ``item`` as this paper shows it, before the correction."""
    if amendment.deed is Deed.ALL_POINTS:
        return f"本题已更正：本题作废，每人都得 {in_points(item.points)} 分。"
    if amendment.deed is Deed.SCALED:
        return "本题已更正：本题作废，不计分，总分按其余题目折算。"
    kind = item.question.kind
    before, after = key_in_words(kind, item.key), key_in_words(kind, amended([item], [amendment])[0].key)
    return f"本题已更正：答案由 {before} 改为 {after}。"
