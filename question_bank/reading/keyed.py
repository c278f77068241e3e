"""Answers of a list given to the questions they belong to, by number and never by guess."""

from collections.abc import Sequence

from question_bank.question import Kind
from question_bank.reading import keylist, marks
from question_bank.reading.asked import Asked
from question_bank.reading.keylist import Group, KeyList, matched
from question_bank.reading.outline import Outline
from question_bank.report import ERROR, WARNING, Problem

_SHEET = "正文"
_Run = tuple[Kind | str | None, dict[int, Asked]]


class KeyReader:
    """Takes the lines that list answers, and gives them to the questions above when the list is over."""

    def __init__(self, found: Outline) -> None:
        self.outline = found
        self.list = KeyList()
        self.given = 0
        self.listing = False
        self.last_option = max((index for index, letter in enumerate(found.letters) if letter), default=-1)

    @property
    def found(self) -> bool:
        return bool(self.list.groups or self.list.mismatches)

    def section(self, kind: Kind | str | None) -> None:
        self.list.section(kind)

    def follow(self, index: int) -> bool:
        """Whether the next line lists answers beyond doubt."""
        following = self._text(index + 1)
        return keylist.answers(following) is not None or keylist.is_table_head(following)

    def takes(self, index: int, asked: Sequence[Asked]) -> bool:
        """Whether this line belongs to a list; it has been taken then."""
        line = self.outline.lines[index]
        if keylist.table(self._text(index - 1), line.text) is not None:
            return True
        listed = keylist.table(line.text, self._text(index + 1))
        if listed is None:
            listed = keylist.answers(line.text, fewest=1 if self.listing else keylist.FEWEST_PAIRS)
        if listed is None and (led := keylist.led(line.text)):
            self.list.section(led[0])
            listed = led[1]
        if listed is not None:
            self.list.add(line.row, line.text, listed)
            return True
        if marks.heads_keys(line.text) and self._heads_list(index, asked):
            self.listing = self.listing or index > self.last_option
            return True
        if self.listing and marks.heads_explanations(line.text):
            self.list.explain()
        elif self.listing:
            self._listed(index)
        return self.listing

    def close(self, asked: Sequence[Asked], kinds: Sequence[Kind | str | None]) -> list[Problem]:
        """Give the answers listed so far to the questions since the last list."""
        if not self.found:
            return []
        problems = give(self.list, asked[self.given :], kinds)
        self.list, self.given = KeyList(), len(asked)
        return problems

    def _text(self, index: int) -> str:
        return self.outline.lines[index].text if 0 <= index < len(self.outline.lines) else ""

    def _heads_list(self, index: int, asked: Sequence[Asked]) -> bool:
        """Whether a list follows the heading, and not the answer of one question."""
        place = index + 1
        while place < min(len(self.outline.lines), index + 4) and self.outline.sections[place]:
            place += 1
        if self.follow(place - 1):
            return True
        number = self.outline.numbers[place] if place < len(self.outline.lines) else None
        begins = number is not None and number.value == 1
        return begins and index > self.last_option and not any(one.answer for one in asked)

    def _listed(self, index: int) -> None:
        """A line of a list that runs to the end of the file."""
        line, section, number = (
            self.outline.lines[index],
            self.outline.sections[index],
            self.outline.numbers[index],
        )
        if section:
            self.list.section(section.kind)
        elif number and self.list.expects(number):
            self.list.entry(line.row, number, number.rest)
        else:
            self.list.more(line.text)


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
    return problems + _explain(keys, runs)


def _explain(keys: KeyList, runs: Sequence[_Run]) -> list[Problem]:
    """A list of explanations under the list of answers, with 依据 as a field of its own."""
    problems = []
    for group, place in zip(keys.explained, _places(keys.explained, runs), strict=True):
        if place is None:
            message = "这里列出的解析对不上是哪一部分的题，没有用上"
            problems.append(Problem(_SHEET, group.row, "解析", "key-list-unmatched", WARNING, message))
            continue
        for number, entry in group.entries.items():
            one = runs[place][1].get(number)
            for text in entry.text.split("\n") if one else ():
                said = marks.field(text)
                name = said[0] if said and said[0] in ("basis", "explanation") else "explanation"
                if one and text:
                    one.put(name, said[1] if said and said[0] == name else text)
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
