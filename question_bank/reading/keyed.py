"""Answers of a list given to the questions they belong to, by number and never by guess."""

from collections.abc import Sequence

from question_bank.question import Kind
from question_bank.reading.asked import Asked
from question_bank.reading.keylist import Group, KeyList, matched
from question_bank.report import ERROR, WARNING, Problem

_SHEET = "正文"
_Run = tuple[Kind | str | None, dict[int, Asked]]


def give(keys: KeyList, asked: Sequence[Asked], kinds: Sequence[Kind | str | None]) -> list[Problem]:
    """Put each listed answer into its question; what fits nowhere comes back as problems."""
    problems = [
        Problem(_SHEET, one.row, "答案", "key-list-count", ERROR, one.message, one.text[:200])
        for one in keys.mismatches
    ]
    runs = _runs(asked, kinds)
    for group, place in zip(keys.groups, _places(keys.groups, runs), strict=True):
        if place is None:
            message = "这里列出的答案对不上是哪一部分的题，没有用上"
            problems.append(Problem(_SHEET, group.row, "答案", "key-list-unmatched", ERROR, message))
        else:
            problems += _give_group(group, runs[place][1])
    return problems


def _places(groups: Sequence[Group], runs: Sequence[_Run]) -> list[int | None]:
    return matched(groups, [(kind, list(numbered)) for kind, numbered in runs])


def _runs(asked: Sequence[Asked], kinds: Sequence[Kind | str | None]) -> list[_Run]:
    """Questions by number: all together where no number is used twice, else section by section."""
    numbered = [one for one in asked if one.number]
    if len({one.number for one in numbered}) == len(numbered):
        return [(None, {one.number: one for one in numbered})]
    runs: list[_Run] = []
    last = -1
    for one in numbered:
        if one.run != last:
            runs.append((kinds[one.run], {}))
            last = one.run
        runs[-1][1][one.number] = one
    return runs


def _give_group(group: Group, run: dict[int, Asked]) -> list[Problem]:
    problems = []
    for number, entry in group.entries.items():
        one = run.get(number)
        if one is None:
            message = f"列出了第 {number} 题的答案，但没有这道题"
            problems.append(
                Problem(_SHEET, entry.row, "答案", "key-list-unmatched", WARNING, message, entry.text[:200])
            )
            continue
        one.put("answer", entry.text)
        if entry.explanation:
            one.put("explanation", entry.explanation)
    return problems
