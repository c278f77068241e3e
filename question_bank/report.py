"""What came of reading one file: the questions, and everything an organiser has to know about the rest."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from question_bank.question import Difficulty, Kind, Question, comparable

ERROR, WARNING = "error", "warning"
#: Rows with errors whose cells a report keeps.
MOST_ORIGINALS = 5000


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
class Placed:
    """A question and the place it was read from."""

    sheet: str
    row: int
    question: Question


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


@dataclass(slots=True)
class Report:
    """The outcome of reading ``file``. ``questions`` holds only what can be scored or marked.

    ``unfit`` are the questions of rows with errors as far as they could be read, ``originals`` the cells
    of such rows, at most MOST_ORIGINALS. ``near`` stays empty until somebody compares (duplicates.near).
    """

    file: str
    questions: list[Placed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unfit: list[Placed] = field(default_factory=list)
    originals: list[Original] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == ERROR]

    def by_kind(self) -> dict[str, int]:
        """How many questions of each kind, every kind present: ``{"single": 166, …}``."""
        counts = {kind.value: 0 for kind in Kind}
        for placed in self.questions:
            counts[placed.question.kind.value] += 1
        return counts

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

    def to_json(self) -> str:
        """Everything including the questions, as one JSON text; ``from_json`` gives an equal Report."""
        whole = self.document() | {
            "questions": [_placed_out(placed) for placed in self.questions],
            "duplicates": [asdict(twin) for twin in self.duplicates],
            "unfit": [_placed_out(placed) for placed in self.unfit],
            "originals": [asdict(original) for original in self.originals],
            "near": [asdict(twin) for twin in self.near],
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """The Report that ``to_json`` wrote. ValueError, KeyError or TypeError when it is not one."""
        whole = json.loads(text)
        return cls(
            file=whole["file"],
            questions=[_placed_in(entry) for entry in whole["questions"]],
            problems=[Problem(**entry) for entry in whole["problems"]],
            changed=[_change_in(entry) for entry in whole["changed"]],
            duplicates=[Duplicate(**entry) for entry in whole["duplicates"]],
            left_out=[LeftOut(**entry) for entry in whole["left_out"]],
            unfit=[_placed_in(entry) for entry in whole.get("unfit", ())],
            originals=[_original_in(entry) for entry in whole.get("originals", ())],
            near=[Near(**entry) for entry in whole.get("near", ())],
        )


def duplicates(questions: Iterable[Placed]) -> list[Duplicate]:
    """Every question whose stem stood in the file before, in file order.

    Stems are compared by ``comparable``; only where they agree is the whole question compared, so a
    bank without duplicates costs one pass over its stems.
    """
    first: dict[str, list[Placed]] = {}
    found = []
    for placed in questions:
        earlier = first.setdefault(comparable(placed.question.stem), [])
        if earlier:
            found.append(_duplicate(placed, earlier))
        if len(earlier) < _REMEMBERED:
            earlier.append(placed)
    return found


#: Different questions under one stem that are compared in full; beyond it only the stem counts.
_REMEMBERED = 20


def _duplicate(placed: Placed, earlier: list[Placed]) -> Duplicate:
    mark = placed.question.fingerprint
    twin = next((other for other in earlier if other.question.fingerprint == mark), None)
    other = twin or earlier[0]
    return Duplicate(placed.row, other.row, placed.sheet, "all" if twin else "stem", other.sheet)


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


def _placed_out(placed: Placed) -> dict[str, Any]:
    return {"sheet": placed.sheet, "row": placed.row, **question_out(placed.question)}


def question_out(question: Question) -> dict[str, Any]:
    """The question as a JSON object; ``question_in`` gives an equal one."""
    return {
        "kind": question.kind.value,
        "stem": question.stem,
        "options": question.options,
        "key": question.key,
        "explanation": question.explanation,
        "basis": question.basis,
        "chapter": question.chapter,
        "difficulty": int(question.difficulty),
        "points": question.points,
    }


def _placed_in(entry: dict[str, Any]) -> Placed:
    return Placed(entry["sheet"], entry["row"], question_in(entry))


def question_in(entry: dict[str, Any]) -> Question:
    """The Question that ``question_out`` wrote. ValueError, KeyError or TypeError when it is not one."""
    return Question(
        kind=Kind(entry["kind"]),
        stem=entry["stem"],
        options=tuple(entry["options"]),
        key=tuple(entry["key"]),
        explanation=entry["explanation"],
        basis=entry["basis"],
        chapter=entry["chapter"],
        difficulty=Difficulty(entry["difficulty"]),
        points=entry["points"],
    )
