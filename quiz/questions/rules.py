"""What an import will do, told from plain values: which questions are new, which rows need a hand."""

import re
from collections.abc import Iterator, Set, Sized
from dataclasses import dataclass, field
from functools import cached_property

from question_bank.question import Question
from question_bank.report import Placed, Report
from quiz.errors import RuleBroken

LONGEST_NAME = 80
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_LEFT_OUT = {
    "hidden": "已隐藏",
    "instructions": "是说明",
    "example": "是示例",
    "lookup": "是对照表",
    "empty": "是空的",
    "no-headings": "没有表头",
}

Place = tuple[str, int]


class FileRefused(RuleBroken):
    """The file as a whole cannot be used; nothing was stored."""

    code = "file-refused"
    status = 422


class NothingRead(FileRefused):
    code = "nothing-read"
    message = "表里没有题目，只有表头。请填好题目后再传。"


class BadBankName(RuleBroken):
    code = "bad-bank-name"
    message = f"题库名称要有 1 到 {LONGEST_NAME} 个字。"
    status = 422


class AlreadyImported(RuleBroken):
    code = "already-imported"
    message = "这份文件已经入库，不能再丢弃。"


def clean_name(text: str) -> str:
    """The text on one line, without control and invisible characters."""
    return " ".join(_CONTROL.sub("", text).split())


def clean_bank_name(text: str) -> str:
    name = clean_name(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadBankName
    return name


def clean_file_name(text: str) -> str:
    """The name as its owner knows it, for showing only: no folders, nothing invisible, not too long."""
    name = clean_name(re.split(r"[/\\]", text)[-1])
    return name if len(name) <= 120 else name[:100] + "…" + name[-19:]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on one cell; ``tone`` is error, warning or changed."""

    tone: str
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file with its remarks; ``question`` is None where none could be read."""

    sheet: str
    row: int
    question: Question | None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Sorted:
    fresh: list[Placed] = field(default_factory=list)
    #: Each question that will not be stored again, and why.
    repeated: list[tuple[Placed, str]] = field(default_factory=list)


class Outcome:
    """What importing ``report`` into a bank that holds the fingerprints ``known`` will do."""

    TABS = ("problems", "repeated", "changed", "fresh")

    def __init__(self, report: Report, known: Set[str]) -> None:
        self.report = report
        self._known = known
        read = [placed.sheet for placed in report.questions]
        #: In order; where there are several, a row is named with its sheet.
        self.sheets = list(dict.fromkeys(read + [problem.sheet for problem in report.problems]))

    @cached_property
    def _sorted(self) -> _Sorted:
        """As the database decides it: the first of equal questions is stored, unless the bank has it."""
        found, seen = _Sorted(), dict[str, Placed]()
        for placed in self.report.questions:
            mark = placed.question.fingerprint
            first = seen.setdefault(mark, placed)
            if mark in self._known:
                found.repeated.append((placed, "题库里已有完全相同的题，不重复入库"))
            elif first is not placed:
                found.repeated.append((placed, f"与{self.where(first)}完全相同，不重复入库"))
            else:
                found.fresh.append(placed)
        return found

    @property
    def fresh(self) -> list[Placed]:
        """The questions that will be stored."""
        return self._sorted.fresh

    @cached_property
    def faulty(self) -> set[Place]:
        """Rows that cannot be imported as they are."""
        return {(problem.sheet, problem.row) for problem in self.report.errors}

    @property
    def read(self) -> int:
        return len(self.report.questions) + len(self.faulty)

    def count(self, tab: str) -> int:
        """How many rows ``lines(tab)`` has, without making them."""
        rows: dict[str, Sized] = {
            "problems": self._problems,
            "repeated": self._sorted.repeated,
            "changed": self.report.changed,
            "fresh": self.fresh,
        }
        return len(rows[tab])

    def lines(self, tab: str) -> list[Line]:
        """The rows of one of TABS, in the order they should be looked at."""
        if tab == "problems":
            return [Line(*place, self._question(place), tuple(found)) for place, found in self._problems]
        if tab == "repeated":
            return [_line(placed, Finding("warning", "", "", why)) for placed, why in self._sorted.repeated]
        if tab == "changed":
            return list(self._changes())
        return [_line(placed) for placed in self.fresh]

    def where(self, placed: Placed) -> str:
        sheet = f"“{placed.sheet}”" if len(self.sheets) > 1 else ""
        return f"{sheet}第 {placed.row} 行"

    def left_out(self) -> list[str]:
        """“说明”是说明 and the like, one phrase for each sheet that was not read."""
        return [f"“{sheet.sheet}”{_LEFT_OUT.get(sheet.reason, '没有题目')}" for sheet in self.report.left_out]

    @cached_property
    def _by_place(self) -> dict[Place, Placed]:
        return {(placed.sheet, placed.row): placed for placed in self.report.questions}

    def _question(self, place: Place) -> Question | None:
        placed = self._by_place.get(place)
        return placed.question if placed else None

    @cached_property
    def _problems(self) -> list[tuple[Place, list[Finding]]]:
        """Rows with errors first, each group in the order of the file."""
        rows: dict[Place, list[Finding]] = {}
        for problem in self.report.problems:
            finding = Finding(problem.severity, problem.column, problem.value, problem.message)
            rows.setdefault((problem.sheet, problem.row), []).append(finding)
        repeated = {(placed.sheet, placed.row) for placed, _ in self._sorted.repeated}
        for place, finding in self._same_stems():
            if place not in repeated:
                rows.setdefault(place, []).append(finding)
        order = {sheet: number for number, sheet in enumerate(self.sheets)}
        return sorted(
            rows.items(), key=lambda entry: (entry[0] not in self.faulty, order[entry[0][0]], entry[0][1])
        )

    def _same_stems(self) -> Iterator[tuple[Place, Finding]]:
        for twin in self.report.duplicates:
            first = self._by_place.get((twin.of_sheet or twin.sheet, twin.of_row))
            if twin.same == "stem" and first:
                message = f"题干与{self.where(first)}相同，选项或答案不同。请核对，现在两题都入库"
                yield (twin.sheet, twin.row), Finding("warning", "", "", message)

    def _changes(self) -> Iterator[Line]:
        for change in self.report.changed:
            finding = Finding(
                "changed", change.column, change.from_, f"改为“{change.to}”" if change.to else "已清空"
            )
            yield Line(change.sheet, change.row, self._question((change.sheet, change.row)), (finding,))


def _line(placed: Placed, *findings: Finding) -> Line:
    return Line(placed.sheet, placed.row, placed.question, findings)
