"""Questions in their places, and the forms in which they travel and wait."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, SupportsIndex, overload

from question_bank.question import Difficulty, Kind, Question


@dataclass(frozen=True, slots=True)
class Placed:
    """A question and the place it was read from."""

    sheet: str
    row: int
    question: Question


#: Sheet and row.
Place = tuple[str, int]
#: Sheet, row, then the fields of Question in their order; options, key and tags as in Questions.
Row = Sequence[Any]
_NAMES = ("sheet", "row", *(field.name for field in fields(Question)))
_TEXTS = ("sheet", "kind", "stem", "explanation", "basis", "chapter")
_LISTS = ("options", "key", "tags")
#: Stand between the texts of a column, and behind each text of a list: cleaning leaves neither in a text.
_BETWEEN, BEHIND = "\u2028", "\u2029"


class Questions(Sequence[Placed]):
    """Questions in their places, kept as ``columns``: each is made when asked for, and of many few are.

    Options, key and tags are sequences of texts, or such a sequence as one text: a report of 20,000 questions
    travels and waits as a few long texts, which costs a third of what as many objects would.
    """

    __slots__ = ("columns",)

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        self.columns: list[list[Any]] = [[] for _ in _NAMES]
        self.extend(map(row_of, placed))

    def append(self, placed: Placed) -> None:
        self.extend([row_of(placed)])

    def extend(self, rows: Iterable[Row]) -> None:
        for column, values in zip(self.columns, zip(*rows, strict=True), strict=False):
            column += values

    def column(self, name: str) -> list[Any]:
        return self.columns[_NAMES.index(name)]

    @property
    def places(self) -> list[Place]:
        return list(zip(self.column("sheet"), self.column("row"), strict=True))

    def row(self, index: int) -> Row:
        return [column[index] for column in self.columns]

    def document(self) -> dict[str, Any]:
        """For JSON: each column as one text where that can be taken apart again, else as a list."""
        whole: dict[str, Any] = dict(zip(_NAMES, self.columns, strict=True))
        whole |= {name: packed(_one_texts(whole[name])) for name in _LISTS}
        return whole | {name: packed(whole[name]) for name in _TEXTS}

    @classmethod
    def of_document(cls, document: Any) -> "Questions":
        """What ``document`` gave, or rows. ValueError, KeyError or TypeError when it is neither."""
        made = cls()
        if isinstance(document, list):
            made.extend(map(_row_in, document))
            return made
        made.columns = [unpacked(document[name]) for name in _NAMES]
        if len({*map(len, made.columns)}) > 1:
            raise ValueError("no questions")
        return made

    def to_json(self) -> str:
        """One line of JSON."""
        return as_json(self.document())

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: SupportsIndex) -> Placed: ...
    @overload
    def __getitem__(self, index: slice) -> list[Placed]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Placed | list[Placed]:
        if isinstance(index, slice):
            return [_placed(row) for row in zip(*(column[index] for column in self.columns), strict=True)]
        return _placed([column[index] for column in self.columns])

    def __iter__(self) -> Iterator[Placed]:
        return map(_placed, zip(*self.columns, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Questions({list(self)!r})"


def row_of(placed: Placed) -> Row:
    one = placed.question
    texts = one.explanation, one.basis, one.chapter
    return (
        placed.sheet,
        placed.row,
        one.kind,
        one.stem,
        one.options,
        one.key,
        *texts,
        one.difficulty,
        one.points,
        one.tags,
    )


def question_of(row: Row) -> Question:
    """The question a row of Questions stands for. ValueError or TypeError when it is none."""
    _, _, kind, stem, options, key, explanation, basis, chapter, difficulty, points, tags = row
    texts = texts_of(options), texts_of(key), explanation, basis, chapter
    return Question(Kind(kind), stem, *texts, Difficulty(difficulty), points, texts_of(tags))


def _placed(row: Row) -> Placed:
    return Placed(row[0], row[1], question_of(row))


def texts_of(listed: str | Sequence[str]) -> tuple[str, ...]:
    """Options or a key as Questions keeps them."""
    return tuple(listed.split(BEHIND)[:-1]) if isinstance(listed, str) else tuple(listed)


def _one_texts(column: list[str | Sequence[str]]) -> list[Any]:
    """Each list as one text; all as they are where one could not be taken apart again."""
    listed = [one if isinstance(one, str) else BEHIND.join((*one, "")) for one in column]
    count = sum(one.count(BEHIND) if isinstance(one, str) else len(one) for one in column)
    return listed if "".join(listed).count(BEHIND) == count else column


def packed(texts: list[Any]) -> str | list[Any]:
    try:
        whole = _BETWEEN.join(texts)
    except TypeError:
        return texts
    return whole if texts and whole.count(_BETWEEN) == len(texts) - 1 else texts


def unpacked(column: Any) -> list[Any]:
    return column.split(_BETWEEN) if isinstance(column, str) else list(column)


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


def as_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _row_in(entry: Any) -> Row:
    """A question as reports were stored before: a row, and earlier still an object."""
    if isinstance(entry, dict):
        return row_of(Placed(entry["sheet"], entry["row"], question_in(entry)))
    if isinstance(entry, list) and len(entry) == len(_NAMES) - 1:
        # Stored before questions had tags.
        entry.append([])
    if not isinstance(entry, list) or len(entry) != len(_NAMES):
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
