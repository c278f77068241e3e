"""What came of reading one file: the questions, and everything an organiser has to know about the rest."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from question_bank.placed import (
    Place,
    Placed,
    Questions,
    as_json,
    packed,
    texts_of,
    unpacked,
)
from question_bank.question import Kind, fingerprints, joined

ERROR, WARNING = "error", "warning"
#: Rows with errors whose cells a report keeps.
MOST_ORIGINALS = 5000
#: Questions whose texts are made comparable together; one odd text costs all of them a closer look.
_BLOCK = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in one cell (or row) that is wrong (``error``) or to be looked at (``warning``).

    ``row`` counts from 1 as spreadsheets do; ``column`` is the heading as the file writes it and
    ``value`` the text of the cell.
    """

    sheet: str
    row: int
    column: str
    code: str
    severity: str
    message: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that was put right without asking, because there was only one way to read it."""

    sheet: str
    row: int
    column: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A question asked before in the same file: the same stem, or the same in ``all``."""

    row: int
    of_row: int
    sheet: str
    same: str
    of_sheet: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sheet that was not read: hidden, instructions, example, lookup, empty or no-headings."""

    sheet: str
    reason: str


@dataclass(frozen=True, slots=True)
class Original:
    """A row with an error as the file has it: its table's headings and the texts of each line it covers."""

    sheet: str
    row: int
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A question much like another one: an earlier row of the file, or question ``of_question`` of a bank.

    ``likeness`` is in percent, rounded; ``same_key`` says whether both have the same right answers.
    ``same`` is "near", or "stem" where the stems are equal and the options are not alike.
    """

    sheet: str
    row: int
    of_sheet: str
    of_row: int
    of_question: int | None
    likeness: int
    same_key: bool
    same: str = "near"


def _held(placed: Iterable[Placed]) -> Questions:
    return placed if isinstance(placed, Questions) else Questions(placed)


@dataclass(slots=True)
class Report:
    """The outcome of reading ``file``. ``questions`` holds only what can be scored or marked.

    ``unfit`` are the questions of rows with errors as far as they could be read, ``originals`` the cells
    of such rows, at most MOST_ORIGINALS. ``near`` stays empty until somebody compares (duplicates.near).
    """

    file: str
    questions: Questions = field(default_factory=Questions)
    problems: list[Problem] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unfit: Questions = field(default_factory=Questions)
    originals: list[Original] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    _marks: list[str] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.questions, self.unfit = _held(self.questions), _held(self.unfit)

    @property
    def marks(self) -> list[str]:
        """The fingerprint of each question, in order."""
        if len(self._marks) != len(self.questions):
            self._marks = [mark for _, mark in _compared(self.questions)]
        return self._marks

    def finish(self) -> None:
        """After the last question: errors first, and which questions were asked before."""
        self.problems.sort(key=lambda problem: problem.severity != ERROR)
        compared = _compared(self.questions)
        self._marks = [mark for _, mark in compared]
        self.duplicates = _duplicates(self.questions, compared)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == ERROR]

    def by_kind(self) -> dict[str, int]:
        """How many questions of each kind, every kind present: ``{"single": 166, …}``."""
        counts = Counter(map(str, self.questions.column("kind")))
        return {kind.value: counts[kind.value] for kind in Kind}

    def document(self) -> dict[str, Any]:
        """The document of ``check --json``: counts and findings, without the questions themselves."""
        return {
            "file": self.file,
            "questions": len(self.questions),
            "by_kind": self.by_kind(),
            "problems": [asdict(problem) for problem in self.problems],
            "changed": [_change_out(change) for change in self.changed],
            "duplicates": [
                {"row": twin.row, "of_row": twin.of_row, "sheet": twin.sheet, "same": twin.same}
                for twin in self.duplicates
            ],
            "left_out": [asdict(sheet) for sheet in self.left_out],
        }

    def to_json(self, *, questions: bool = True) -> str:
        """Everything including the questions, as one JSON text; ``from_json`` gives an equal Report.

        Without ``questions`` they have to be given to ``from_json``.
        """
        whole = self.document() | {
            "questions": self.questions.document() if questions else None,
            "marks": packed(self.marks),
            "duplicates": [asdict(twin) for twin in self.duplicates],
            "unfit": self.unfit.document(),
            "originals": [asdict(original) for original in self.originals],
            "near": [asdict(twin) for twin in self.near],
        }
        return as_json(whole)

    @classmethod
    def from_json(cls, text: str, questions: Questions | None = None) -> "Report":
        """The Report that ``to_json`` wrote. ValueError, KeyError or TypeError when it is not one."""
        whole = json.loads(text)
        if questions is None:
            questions = Questions.of_document(whole["questions"])
        return cls(
            file=whole["file"],
            questions=questions,
            problems=[Problem(**entry) for entry in whole["problems"]],
            changed=[_change_in(entry) for entry in whole["changed"]],
            duplicates=[Duplicate(**entry) for entry in whole["duplicates"]],
            left_out=[LeftOut(**entry) for entry in whole["left_out"]],
            unfit=Questions.of_document(whole.get("unfit", [])),
            originals=[_original_in(entry) for entry in whole.get("originals", ())],
            near=[Near(**entry) for entry in whole.get("near", ())],
            _marks=unpacked(whole.get("marks", [])),
        )


def _compared(questions: Questions) -> list[tuple[str, str]]:
    """The comparable stem and the fingerprint of each question."""
    stems, kinds = questions.column("stem"), questions.column("kind")
    options, keys = (list(map(texts_of, questions.column(name))) for name in ("options", "key"))
    asked = [(stem, *some) for stem, some in zip(stems, options, strict=True)]
    texts: list[str] = []
    for start in range(0, len(asked), _BLOCK):
        texts += joined(asked[start : start + _BLOCK])
    marks = fingerprints(zip(kinds, texts, keys, strict=True))
    return [(one.partition("\x1f")[0], mark) for one, mark in zip(texts, marks, strict=True)]


def _duplicates(questions: Questions, compared: Sequence[tuple[str, str]]) -> list[Duplicate]:
    """Every question whose stem stood in the file before, in file order."""
    if len({stem for stem, _ in compared}) == len(compared):
        return []
    first: dict[str, list[tuple[Place, str]]] = {}
    found = []
    for place, (stem, mark) in zip(questions.places, compared, strict=True):
        earlier = first.setdefault(stem, [])
        if earlier:
            found.append(_duplicate(place, mark, earlier))
        if len(earlier) < _REMEMBERED:
            earlier.append((place, mark))
    return found


#: Different questions under one stem that are compared in full; beyond it only the stem counts.
_REMEMBERED = 20


def _duplicate(place: Place, mark: str, earlier: list[tuple[Place, str]]) -> Duplicate:
    twin = next((other for other, same in earlier if same == mark), None)
    other = twin or earlier[0][0]
    return Duplicate(place[1], other[1], place[0], "all" if twin else "stem", other[0])


def _change_out(change: Change) -> dict[str, Any]:
    return {
        "sheet": change.sheet,
        "row": change.row,
        "column": change.column,
        "from": change.from_,
        "to": change.to,
    }


def _change_in(entry: dict[str, Any]) -> Change:
    return Change(entry["sheet"], entry["row"], entry["column"], entry["from"], entry["to"])


def _original_in(entry: dict[str, Any]) -> Original:
    lines = tuple(tuple(line) for line in entry["lines"])
    return Original(entry["sheet"], entry["row"], tuple(entry["headings"]), lines)
