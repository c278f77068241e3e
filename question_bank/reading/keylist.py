"""Answers listed apart from their questions: ``1-10 DCDBB BADCB``, ``1.A 2.B``, 题号 over 答案."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.kinds import kind_of_word
from question_bank.question import Kind
from question_bank.reading import marks

_RANGE = re.compile(
    r"(?:第\s*)?([0-9]{1,4})\s*(?:[-－–—~～]{1,2}|至|到)\s*([0-9]{1,4})\s*题?\s*[:：.、．]?\s*"
    r"((?:[A-Za-zＡ-Ｚ√×✓✗✔✘对错]|正确|错误|[\s,，、;；|/.。])+)"
)
_RANGE_INSIDE = re.compile(r"(?<=\s)(?=(?:第\s*)?[0-9]{1,4}\s*(?:[-－–—~～]{1,2}|至|到)\s*[0-9]{1,4})")
_GIVEN = r"[A-ZＡ-Ｚ]{1,10}|[A-Z](?:[,，、][A-Z]){1,9}|正确|错误|[√×✓✗✔✘对错]"
_PAIR = re.compile(
    rf"([0-9]{{1,4}})\s*[.、．:：)）\-—]?\s*[(（【\[]?\s*({_GIVEN})\s*[)）】\]]?(?![A-Za-z])[\s,，;；。、]*"
)
_WORD = re.compile("正确|错误|[A-ZＡ-Ｚ√×✓✗✔✘对错]")
_NUMBERS = re.compile(r"(?:题号|序号|题目)\s*[:：]?((?:\s+[0-9]{1,4})+)")
_ANSWERS = re.compile(rf"(?:正确|参考|标准)?答案\s*[:：]?((?:\s+(?:{_GIVEN}))+)")
FEWEST_PAIRS = 3
_LEAD = re.compile(
    r"[【\[]?\s*([\u4e00-\u9fff]{1,6}题)?(?:部分)?(?:参考|正确|标准)?答案\s*[】\]]?\s*[:：]?\s*(?=[0-9第])"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer of a list, as written, with the line it stands in and its explanation if any."""

    row: int
    text: str
    explanation: str = ""


@dataclass(slots=True)
class Group:
    """A part of a list that counts from its own first number."""

    row: int
    kind: Kind | str | None = None
    entries: dict[int, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A line of a list whose answers are not as many as its numbers."""

    row: int
    text: str
    message: str


def answers(text: str, *, fewest: int = FEWEST_PAIRS) -> list[tuple[int, str]] | str | None:
    """``[(number, answer)]`` of a line that lists answers; a sentence where the counts differ; else None."""
    if not text[:1].isdecimal() and not text.startswith("第"):
        return None
    if _RANGE.match(text):
        return _of_ranges(text)
    pairs = []
    position = 0
    while found := _PAIR.match(text, position):
        pairs.append((int(found[1]), found[2]))
        position = found.end()
    return pairs if position == len(text) and len(pairs) >= fewest else None


def led(text: str) -> tuple[Kind | str | None, list[tuple[int, str]] | str] | None:
    """The kind and the answers of a line such as 单选题答案：1-5 ABCDA; None when it is no such line."""
    found = _LEAD.match(text)
    listed = answers(text[found.end() :], fewest=2) if found else None
    return (kind_of_word(found[1] or ""), listed) if found and listed else None


def _of_ranges(text: str) -> list[tuple[int, str]] | str | None:
    pairs: list[tuple[int, str]] = []
    for part in _RANGE_INSIDE.split(text):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            return None
        first, last = int(found[1]), int(found[2])
        size = last - first + 1
        given = _spread(found[3].upper(), size)
        if given is None:
            count = len(_WORD.findall(found[3].upper()))
            return f"第 {first} 至 {last} 题写了 {count} 个答案，个数对不上，没有用上"
        pairs += zip(range(first, last + 1), given, strict=True)
    return pairs


def _spread(text: str, size: int) -> list[str] | None:
    """One answer each: as many letters as numbers, or as many groups of letters as numbers."""
    single = _WORD.findall(text)
    if len(single) == size:
        return single
    groups = [group for group in re.split(r"[\s,，、;；|/.。]+", text) if group]
    return groups if len(groups) == size else None


def table(numbers: str, given: str) -> list[tuple[int, str]] | str | None:
    """Two rows of a table, 题号 1 2 3 over 答案 A B C; a sentence where they are not equally long."""
    upper, lower = _NUMBERS.fullmatch(numbers), _ANSWERS.fullmatch(given)
    if upper is None or lower is None:
        return None
    places, texts = upper[1].split(), lower[1].split()
    if len(places) != len(texts):
        return f"这里有 {len(places)} 个题号、{len(texts)} 个答案，对不上，没有用上"
    return [(int(place), text) for place, text in zip(places, texts, strict=True)]


def is_table_head(text: str) -> bool:
    return bool(_NUMBERS.fullmatch(text))


class KeyList:
    """The answers listed in one place, gathered line by line."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.mismatches: list[Mismatch] = []
        self._last = 0
        self._kind: Kind | str | None = None
        self._fresh = True
        self._style = ""
        self._explaining = False
        #: Explanations listed like the answers, in ``text`` of their entries.
        self.explained: list[Group] = []

    def explain(self) -> None:
        """From here on the entries are explanations."""
        self._explaining, self._fresh, self._kind = True, True, None

    def section(self, kind: Kind | str | None) -> None:
        self._kind, self._fresh = kind, True

    def add(self, row: int, text: str, found: list[tuple[int, str]] | str) -> None:
        if isinstance(found, str):
            self.mismatches.append(Mismatch(row, text, found))
            return
        for number, given in found:
            self._put(row, number, given, "")

    def entry(self, row: int, number: marks.Number, text: str) -> None:
        """A line of a list with one answer, perhaps with 解析 after it."""
        said = marks.field(text)
        self._style = number.style
        self._put(row, number.value, said[1] if said and said[0] == "answer" else text, "")

    def more(self, text: str) -> None:
        """A line that belongs to the entry above."""
        groups = self.explained if self._explaining else self.groups
        group = groups[-1] if groups and not self._fresh else None
        if group is None or not group.entries:
            return
        last = group.entries[self._last]
        said = None if self._explaining else marks.field(text)
        if (said and said[0] == "explanation") or last.explanation:
            rest = said[1] if said else text
            explanation = f"{last.explanation}\n{rest}".strip()
            group.entries[self._last] = Entry(last.row, last.text, explanation)
        elif said and said[0] == "answer":
            group.entries[self._last] = Entry(last.row, said[1], "")
        else:
            joined = f"{last.text}\n{text}".strip()
            group.entries[self._last] = Entry(last.row, joined, "")

    def expects(self, number: marks.Number) -> bool:
        """Whether the number is the next of the list, and not one of the points of an answer in it."""
        if number.style == "space" or (not self._fresh and self._style not in ("", number.style)):
            return False
        if self._explaining:
            # Not every question is explained.
            return self._fresh or number.value > self._last
        return self._fresh or number.value in (self._last + 1, 1)

    def _put(self, row: int, number: int, text: str, explanation: str) -> None:
        groups = self.explained if self._explaining else self.groups
        if self._fresh or number <= self._last:
            groups.append(Group(row, self._kind))
            self._fresh = False
        groups[-1].entries[number] = Entry(row, text, explanation)
        self._last = number


def matched(
    groups: Sequence[Group], runs: Sequence[tuple[Kind | str | None, Sequence[int]]]
) -> list[int | None]:
    """For each group the run of questions it answers, None where that would be a guess.

    A run is the kind of its section and the numbers of its questions. One run takes all groups that
    have no number twice; several are paired by kind where that is unique on both sides, else in order when
    they are equally many, the numbers of each exist in its run and no kind contradicts.
    """
    if len(runs) == 1 and _disjoint(groups):
        return [0] * len(groups)
    kinds = [kind for kind, _ in runs]
    named = [group.kind for group in groups]
    places: list[int | None] = [
        kinds.index(kind) if kind and kinds.count(kind) == 1 and named.count(kind) == 1 else None
        for kind in named
    ]
    left = [place for place, found in enumerate(places) if found is None]
    open_runs = [place for place in range(len(runs)) if place not in places]
    if len(left) == len(open_runs) and all(
        _fits(groups[group], *runs[run]) for group, run in zip(left, open_runs, strict=True)
    ):
        for group, run in zip(left, open_runs, strict=True):
            places[group] = run
    return places


def _fits(group: Group, kind: Kind | str | None, numbers: Sequence[int]) -> bool:
    agree = group.kind is None or kind is None or group.kind == kind
    return agree and set(group.entries) <= set(numbers)


def _disjoint(groups: Sequence[Group]) -> bool:
    numbers = [number for group in groups for number in group.entries]
    return len(set(numbers)) == len(numbers)
