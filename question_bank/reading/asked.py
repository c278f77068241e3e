"""One question of a prose bank while its lines are gathered, and the row of a table it becomes."""

import re
import unicodedata
from dataclasses import dataclass, field

from question_bank import answers, blanks
from question_bank.cells import truth
from question_bank.columns import Columns
from question_bank.question import LABELS, Kind, comparable
from question_bank.reading import marks
from question_bank.reading.lines import Line
from question_bank.reading.table import Record

#: A prose bank is judged like a table with these headings.
COLUMNS = Columns(
    headings=("题干", "选项", "答案", "题型", "解析", "分值", "难度", "知识点", "依据"),
    stem=0,
    options_cell=1,
    answer=2,
    kind=3,
    explanation=4,
    points=5,
    difficulty=6,
    chapters=(7,),
    basis=(8,),
)
_NAMES = ("stem", "options", "answer", "kind", "explanation", "points", "difficulty", "chapter", "basis")
#: Characters of one question; more is no question but something else.
LONGEST = 20_000
_LETTERS_AND_TEXTS = re.compile(r"([A-Z]{2,10})\s*[:：]\s*(.+)", re.DOTALL)
_POINT = re.compile(r"[(（]?([0-9]{1,2})[)）.、．]\s*")
_OPEN_KINDS = (Kind.FILL, Kind.SHORT)


@dataclass(slots=True)
class Asked:
    """A question while it is read. ``where`` is the part that further lines belong to.

    ``inner`` is the last number of a list inside that part, so that its next number is no question.
    """

    row: int
    number: int
    run: int
    where: str = "stem"
    inner: int = 0
    options: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    tail: list[Line] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    full: bool = False
    told: str = ""
    size: int = 0

    @property
    def answer(self) -> str:
        return self.parts.get("answer", "")

    @property
    def done(self) -> bool:
        """Whether the answer is complete, so that no further line can belong to it."""
        return bool(self.answer) and marks.is_short_answer(self.answer)

    def put(self, name: str, text: str) -> None:
        """Begin a part; a second answer that says something else is remembered as a contradiction."""
        self.where, self.inner = name, 0
        if name == "answer" and self.answer and self.answer != text and text:
            self.told = self.told or text
            return
        if not self.parts.get(name):
            self.parts[name] = text
        elif text:
            self.parts[name] += "\n" + text

    def more(self, line: Line) -> None:
        """Add a line to the part that is open."""
        self.size += len(line.text)
        if self.size > LONGEST:
            return
        if self.where == "option" and self.options:
            letter, text = self.options[-1]
            self.options[-1] = (letter, joined(text, line.text, self.full))
            self.tail.append(line)
        else:
            self.parts[self.where] = joined(self.parts.get(self.where, ""), line.text, self.full)
        self.full = line.full


def joined(before: str, after: str, full: bool) -> str:
    """Two lines of one text: in one piece where the margin broke them, else as two lines."""
    if not before or not full:
        return f"{before}\n{after}" if before and after else before or after
    between = (
        " "
        if before[-1].isascii() and before[-1].isalnum() and after[:1].isascii() and after[:1].isalnum()
        else ""
    )
    return before + between + after


def record(asked: Asked, section: Kind | str | None) -> Record | str:
    """The row of a table for this question, or why its answer cannot be used."""
    if asked.size > LONGEST:
        return f"这道题超过 {LONGEST} 字，可能是没有认出后面的题"
    if asked.told:
        return f"这道题有两个答案，前面是“{asked.answer[:20]}”，后面是“{asked.told[:20]}”"
    options = _placed(asked.options)
    parts = dict(asked.parts)
    inside = None if section in _OPEN_KINDS else answers.embedded(parts.get("stem", ""))
    if inside and asked.answer and _fits(inside[0], options):
        if _same(inside[0], asked.answer):
            parts["stem"] = inside[1]
        elif not options or marks.is_short_answer(asked.answer):
            return f"题干括号里的答案是“{inside[0]}”，后面写的是“{asked.answer[:20]}”"
    parts["answer"] = _plain_answer(asked.answer, parts.get("stem", ""), options)
    parts["options"] = "\n".join(f"{letter}. {text}" for letter, text in asked.options)
    cells = [parts.get(name, "").strip() for name in _NAMES]
    lines = sorted({row - 1 for row in asked.rows})
    return Record(asked.row, cells, section, options=options, lines=lines)


def _plain_answer(answer: str, stem: str, options: list[str]) -> str:
    """AB:红;绿 as AB where letters and texts agree; (1) 甲 (2) 乙 without numbers for two gaps."""
    lettered = _LETTERS_AND_TEXTS.fullmatch(answer) if options else None
    if lettered and set(lettered[1]) <= set(LABELS[: len(options)]):
        wanted = {comparable(options[LABELS.index(letter)]) for letter in lettered[1]}
        given = {comparable(piece) for piece in re.split("[;；]", lettered[2]) if piece.strip()}
        return lettered[1] if wanted == given else answer
    pieces = answer.split("\n")
    numbered = [_POINT.match(piece) for piece in pieces]
    counted = [int(found[1]) for found in numbered if found]
    if answer and counted == list(range(1, len(pieces) + 1)) and blanks.count(stem) == len(pieces):
        return "\n".join(found.string[found.end() :] for found in numbered if found)
    return answer


def _placed(options: list[tuple[str, str]]) -> list[str]:
    """Texts in the places of their letters; a letter that was left out is an empty text."""
    texts: list[str] = []
    for letter, text in options:
        place = LABELS.index(letter)
        while len(texts) < place:
            texts.append("")
        texts.append(text.strip())
    return texts


def _letters(text: str) -> set[str]:
    return set(re.sub("[^A-Z]", "", unicodedata.normalize("NFKC", text).upper()))


def _fits(inside: str, options: list[str]) -> bool:
    """Whether bracketed letters can be the answer: (CFCA) beside four options cannot."""
    letters = _letters(inside)
    if options:
        return bool(letters) and letters <= set(LABELS[: len(options)])
    return truth(inside) is not None


def _same(inside: str, answer: str) -> bool:
    return (
        truth(inside) == truth(answer)
        if truth(inside) and truth(answer)
        else _letters(inside) == _letters(answer)
    )
