"""A PaperSpec as a table: chapters down, kinds and difficulties across, what the bank has in every cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from question_bank import Difficulty, Kind, Question
from question_bank.marking import hundredths, in_points
from question_bank.paper import PaperSpec, Pool, SpecLine, shortages
from quiz.exams import rules

#: The columns under one kind; None stands for any.
DIFFICULTIES: tuple[Difficulty | None, ...] = (None, *Difficulty)
ANY_CHAPTER = "不限章节"


@dataclass(frozen=True)
class Cell:
    """``name`` of its input, in words which, how many are wanted, how many there are."""

    name: str
    words: str
    wanted: int
    have: int
    short: bool


@dataclass(frozen=True)
class Row:
    chapter: str | None
    cells: list[Cell]

    @property
    def wanted(self) -> int:
        return sum(cell.wanted for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    kinds: list[Kind]
    #: Points of each question of a kind, without needless zeros.
    points: dict[Kind, str]
    rows: list[Row]

    @property
    def columns(self) -> list[int]:
        """How many are wanted in each column."""
        return [sum(row.cells[n].wanted for row in self.rows) for n in range(len(self.rows[0].cells))]


def chapters_of(questions: Iterable[Question]) -> list[str]:
    found = {question.chapter.strip() for question in questions} - {""}
    return sorted(found, key=rules.chapter_place)


def grid(pool: Pool, spec: PaperSpec | None) -> Grid:
    """The table of what the pool has, with what ``spec`` asks filled in. Its unknown chapters become any."""
    kinds = [kind for kind in Kind if any(question.kind is kind for question in pool.questions)]
    chapters = chapters_of(pool.questions)
    wanted, points = _named(spec, chapters) if spec else ({}, {})
    missing = {(m.kind, m.chapter, m.difficulty) for m in (shortages(pool, spec) if spec else [])}
    rows = []
    for number, chapter in enumerate([None, *chapters]):
        cells = []
        for line in (SpecLine(kind, 1, 1, chapter, one) for kind in kinds for one in DIFFICULTIES):
            name, have = _name(line.kind, number, line.difficulty), len(pool.matching(line))
            short = (line.kind, chapter, line.difficulty) in missing
            cells.append(Cell(name, line.of_what, wanted.get(name, 0), have, short))
        rows.append(Row(chapter, cells))
    return Grid(kinds, {kind: points.get(kind, "1") for kind in kinds}, rows)


def _name(kind: Kind, chapter: int, difficulty: Difficulty | None) -> str:
    return f"n-{kind.value}-{chapter}-{difficulty.value if difficulty else 0}"


def _named(spec: PaperSpec, chapters: Sequence[str]) -> tuple[dict[str, int], dict[Kind, str]]:
    """What `parsed` reads back: counts by name of the cell, points by kind."""
    places = {None: 0} | {chapter: number for number, chapter in enumerate(chapters, 1)}
    wanted: dict[str, int] = {}
    for line in spec.lines:
        name = _name(line.kind, places.get(line.chapter, 0), line.difficulty)
        wanted[name] = wanted.get(name, 0) + line.count
    return wanted, {line.kind: f"{in_points(line.points):g}" for line in spec.lines}


def parsed(sent: Mapping[str, str], chapters: Sequence[str]) -> PaperSpec:
    """The spec a filled-in table asks for, in the order of kinds. BadSettings with what to correct."""
    lines = []
    for kind in Kind:
        for number, chapter in enumerate([None, *chapters]):
            for difficulty in DIFFICULTIES:
                count = _count(sent.get(_name(kind, number, difficulty), ""))
                if count:
                    points = _points(sent.get(f"points-{kind.value}", ""), kind)
                    lines.append((kind, count, points, chapter, difficulty))
    if not lines:
        raise rules.BadSettings("还没有填要抽的题数。")
    try:
        return PaperSpec(tuple(SpecLine(*line) for line in lines))
    except ValueError as error:
        raise rules.BadSettings(f"{error}。") from None


def _count(text: str) -> int:
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise rules.BadSettings("题数应当是整数。")
    return int(text or 0)


def _points(text: str, kind: Kind) -> int:
    try:
        found = hundredths(float(text))
    except ValueError:
        raise rules.BadSettings(f"请填写{kind.chinese}的每题分值，最多两位小数。") from None
    return found


def shares(pool: Pool, spec: PaperSpec) -> dict[Difficulty, float]:
    """What part of a paper is of each difficulty: as asked, and as the bank has it where any will do."""
    found = dict.fromkeys(Difficulty, 0.0)
    for line in spec.lines:
        candidates = pool.matching(line)
        for index in candidates:
            found[pool.questions[index].difficulty] += line.count / len(candidates)
    total = sum(found.values())
    return {difficulty: value / total if total else 0.0 for difficulty, value in found.items()}


def overlap(pool: Pool, spec: PaperSpec) -> float:
    """How many questions two papers drawn by chance have in common, on average."""
    chance: dict[int, float] = {}
    for line in spec.lines:
        candidates = pool.matching(line)
        for index in candidates:
            chance[index] = min(1.0, chance.get(index, 0.0) + line.count / len(candidates))
    return sum(value * value for value in chance.values())
