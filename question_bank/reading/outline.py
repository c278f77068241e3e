"""The outline of a prose bank before questions are put together: what each line may be, seen from all."""

from collections import Counter
from dataclasses import dataclass, field

from question_bank import answers
from question_bank.reading import marks
from question_bank.reading.lines import Line
from question_bank.reading.marks import Number, Section

_NEAR = 8
#: Numbers in these styles are questions unless another style is; the rest have to show it.
_USUAL = ("dot", "di")
_SHARE = 0.6


@dataclass(slots=True)
class Outline:
    """Per line: number, field, section, the option letter it begins with, and what follows it.

    ``answered`` says that an option or answer comes in the line or before the next number. ``styles``
    are the ways in which questions are numbered here; ``numbered`` whether they mostly are.
    """

    lines: list[Line]
    numbers: list[Number | None] = field(default_factory=list)
    fields: list[tuple[str, str] | None] = field(default_factory=list)
    sections: list[Section | None] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    answered: list[bool] = field(default_factory=list)
    styles: set[str] = field(default_factory=set)
    numbered: bool = False

    def next_letter(self, index: int) -> str:
        """The option letter the following line begins with, empty when it is no option."""
        return self.letters[index + 1] if index + 1 < len(self.letters) else ""

    def is_number(self, index: int) -> bool:
        number = self.numbers[index]
        return number is not None and number.style in self.styles


def outline(lines: list[Line]) -> Outline:
    found = Outline(lines)
    for line in lines:
        said = marks.field(line.text)
        section = marks.section(said[1] if said and said[0] == "kind" else line.text)
        found.fields.append(said)
        found.sections.append(section)
        found.numbers.append(None if section or said else marks.number(line.text))
    found.letters = _letters(found)
    found.answered = _answered(found)
    found.styles = _styles(found)
    numbered = sum(1 for index in range(len(lines)) if found.is_number(index) and found.answered[index])
    told = sum(1 for said in found.fields if said and said[0] == "answer") or found.letters.count("A")
    found.numbered = any(map(found.is_number, range(len(lines)))) and numbered >= 0.5 * told
    return found


def looks_like_bank(found: Outline) -> bool:
    """Whether there is anything that could be a question with an answer or with options."""
    told = any(said and said[0] == "answer" for said in found.fields)
    return told or any(found.answered) or any(section and section.kind for section in found.sections)


def _letters(found: Outline) -> list[str]:
    """The letter of each line that is an option: in order from A, where A is followed by B."""
    raw = [
        None if found.fields[index] else marks.option_letter(line.text)
        for index, line in enumerate(found.lines)
    ]
    letters = [""] * len(raw)
    last, place = "", 0
    for index, said in enumerate(raw):
        if said is None:
            continue
        letter, strict = said
        following = raw[index + 1] if index + 1 < len(raw) else None
        if letter == "A":
            taken = _begins(found, raw, index)
        else:
            near = bool(last) and index - place <= _NEAR
            taken = near and (last < letter <= chr(ord(last) + 3) if strict else ord(letter) == ord(last) + 1)
            # B超检查… below A. is no option when B. is still to come.
            taken = taken and (strict or not _comes(raw, index, letter))
        if taken:
            letters[index] = letter
            last = marks.options(found.lines[index].text, following[0] if following else "")[-1][0]
            place = index
    return letters


def _begins(found: Outline, raw: list[tuple[str, bool] | None], index: int) -> bool:
    """Whether the options of a question begin here: B stands in the same line or soon below."""
    if len(marks.options(found.lines[index].text)) > 1:
        return True
    for place in range(index + 1, min(index + 1 + _NEAR, len(raw))):
        said = raw[place]
        number = found.numbers[place]
        if said and said[0] in "AB":
            return said[0] == "B"
        if found.sections[place] or found.fields[place] or (number and number.style in _USUAL):
            return False
    return False


def _comes(raw: list[tuple[str, bool] | None], index: int, letter: str) -> bool:
    following = raw[index + 1 : index + 4]
    return any(said == (letter, True) for said in following)


def _answered(found: Outline) -> list[bool]:
    """Backwards over the lines, so that each is looked at once."""
    answered = [False] * len(found.lines)
    seen = False
    for index in reversed(range(len(found.lines))):
        said, number = found.fields[index], found.numbers[index]
        if (said and said[0] == "answer") or found.letters[index] or _tells(found.lines[index].text):
            seen = True
        if found.sections[index]:
            seen = False
        answered[index] = seen
        if number and number.style != "space" and not number.tight:
            seen = False
    return answered


def _tells(text: str) -> bool:
    return answers.embedded(text) is not None or marks.options_inside(text, "") is not None


def _styles(found: Outline) -> set[str]:
    """The styles whose numbers are mostly followed by options or an answer."""
    own: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    last: dict[str, int] = {}
    for number, answered in zip(found.numbers, found.answered, strict=True):
        if number is None:
            continue
        own[number.style] += 1
        in_order = number.style != "space" or number.value == last.get("space", 0) + 1
        shown[number.style] += answered and in_order
        last[number.style] = number.value
    styles = {style for style in own if shown[style] and shown[style] >= _SHARE * own[style]}
    usual = {style for style in _USUAL if shown[style] or (own[style] and not styles)}
    if not styles and not usual and own:
        usual = {own.most_common(1)[0][0]} - {"space"}
    return styles | usual
