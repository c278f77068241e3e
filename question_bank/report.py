"""What came of reading one file: the questions, and everything an organiser has to know about the rest."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any, SupportsIndex, overload

from question_bank.question import Difficulty, Kind, Question, comparables, fingerprint

ERROR, WARNING = "error", "warning"
#: Rows with errors whose cells a report keeps.
MOST_ORIGINALS = 5000
#: Questions whose texts are made comparable together.
_BLOCK = 500


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


#: A question as JSON keeps it in a report: [sheet, row, then the fields of Question in their order].
Row = list[Any]


_WIDTH = 2 + len(fields(Question))


class Questions(Sequence[Placed]):
    """Questions in their places, kept as ``rows``: each is made when asked for, and of many few are."""

    __slots__ = ("rows",)

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        self.rows: list[Row] = []
        for one in placed:
            self.append(one)

    @classmethod
    def of_rows(cls, rows: Iterable[Row]) -> "Questions":
        made = cls()
        made.rows = list(rows)
        return made

    def append(self, placed: Placed) -> None:
        one = placed.question
        self.rows.append(
            [
                placed.sheet,
                placed.row,
                one.kind,
                one.stem,
                one.options,
                one.key,
                one.explanation,
                one.basis,
                one.chapter,
                one.difficulty,
                one.points,
                one.tags,
            ]
        )

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Placed: ...
    @overload
    def __getitem__(self, index: slice) -> list[Placed]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Placed | list[Placed]:
        if isinstance(index, slice):
            return [_placed(row) for row in self.rows[index]]
        return _placed(self.rows[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Questions({list(self)!r})"


def _held(placed: Iterable[Placed]) -> Questions:
    return placed if isinstance(placed, Questions) else Questions(placed)


def question_of(row: Row) -> Question:
    """The question a row of Questions stands for. ValueError or TypeError when it is none."""
    _, _, kind, stem, options, key, explanation, basis, chapter, difficulty, points, tags = row
    texts = tuple(options), tuple(key), explanation, basis, chapter
    return Question(Kind(kind), stem, *texts, Difficulty(difficulty), points, tuple(tags))


def _placed(row: Row) -> Placed:
    return Placed(row[0], row[1], question_of(row))


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
        counts = Counter(str(row[2]) for row in self.questions.rows)
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

    def to_json(self) -> str:
        """Everything including the questions, as one JSON text; ``from_json`` gives an equal Report."""
        whole = self.document() | {
            "questions": self.questions.rows,
            "marks": self.marks,
            "duplicates": [asdict(twin) for twin in self.duplicates],
            "unfit": self.unfit.rows,
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
            questions=Questions.of_rows(map(_row_in, whole["questions"])),
            problems=[Problem(**entry) for entry in whole["problems"]],
            changed=[_change_in(entry) for entry in whole["changed"]],
            duplicates=[Duplicate(**entry) for entry in whole["duplicates"]],
            left_out=[LeftOut(**entry) for entry in whole["left_out"]],
            unfit=Questions.of_rows(map(_row_in, whole.get("unfit", ()))),
            originals=[_original_in(entry) for entry in whole.get("originals", ())],
            near=[Near(**entry) for entry in whole.get("near", ())],
            _marks=whole.get("marks", []),
        )


def _compared(questions: Questions) -> list[tuple[str, str]]:
    """The comparable stem and the fingerprint of each question."""
    found = []
    for start in range(0, len(questions), _BLOCK):
        rows = questions.rows[start : start + _BLOCK]
        texts = iter(comparables([text for row in rows for text in (row[3], *row[4])]))
        for row in rows:
            asked = [*islice(texts, 1 + len(row[4]))]
            found.append((asked[0], fingerprint(row[2], asked, tuple(row[5]))))
    return found


def _duplicates(questions: Questions, compared: Sequence[tuple[str, str]]) -> list[Duplicate]:
    """Every question whose stem stood in the file before, in file order."""
    first: dict[str, list[tuple[Row, str]]] = {}
    found = []
    for row, (stem, mark) in zip(questions.rows, compared, strict=True):
        earlier = first.setdefault(stem, [])
        if earlier:
            found.append(_duplicate(row, mark, earlier))
        if len(earlier) < _REMEMBERED:
            earlier.append((row, mark))
    return found


#: Different questions under one stem that are compared in full; beyond it only the stem counts.
_REMEMBERED = 20


def _duplicate(row: Row, mark: str, earlier: list[tuple[Row, str]]) -> Duplicate:
    twin = next((other for other, same in earlier if same == mark), None)
    other = twin or earlier[0][0]
    return Duplicate(row[1], other[1], row[0], "all" if twin else "stem", other[0])


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
        "tags": question.tags,
    }


def _row_in(entry: Any) -> Row:
    """A row as it came from JSON. Reports stored before rows were rows have an object for each."""
    if isinstance(entry, dict):
        return Questions([Placed(entry["sheet"], entry["row"], question_in(entry))]).rows[0]
    if isinstance(entry, list) and len(entry) == _WIDTH - 1:
        # Stored before questions had tags.
        entry.append([])
    if not isinstance(entry, list) or len(entry) != _WIDTH:
        raise ValueError("no question")
    return entry


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
        tags=tuple(entry.get("tags", ())),
    )
