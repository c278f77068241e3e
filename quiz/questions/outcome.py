"""What an import will do: the file as it was read, what the organiser decided, and the bank, side by side.

Every row is in exactly one state, so the figures of the page add up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from question_bank import fixes
from question_bank.fixes import Fix
from question_bank.placed import Placed, Row, row_of
from question_bank.question import Question, faults
from question_bank.report import ERROR, Change, Near, Problem, Report
from quiz.questions.settling import (
    FAULTY,
    FRESH,
    KEEP,
    NEAR,
    NEW,
    REPLACE,
    SKIP,
    Decisions,
    Deed,
    Held,
    Place,
    Settling,
    Twin,
)

_LEFT_OUT = {
    "hidden": "已隐藏",
    "instructions": "是说明",
    "example": "是示例",
    "lookup": "是对照表",
    "empty": "是空的",
    "no-headings": "没有表头",
}
#: Fixes that may be made for all rows of a problem at once, and what such rows are called. A key never.
_ALIKE = {
    ("many-keys-for-single", "to-multiple"): "单选题写了几个答案",
    ("one-key-for-multiple", "to-single"): "多选题只有 1 个答案",
    ("repeated-key", "distinct-key"): "答案里有重复的字母",
    ("empty-option", "drop-empty"): "中间有空的选项",
    ("one-key-for-multiple", "accept"): "多选题只有 1 个答案",
    ("unknown-kind", "to-single"): "题型不认识，答案是一个选项",
    ("unknown-kind", "to-multiple"): "题型不认识，答案是几个选项",
}


#: What was chosen for a row and whether its twin is equal, in words.
_CHOSEN = {
    (SKIP, True): "跳过",
    (SKIP, False): "跳过",
    (REPLACE, True): "用这一行替换",
    (REPLACE, False): "用这一行替换",
    (KEEP, True): "另存一份",
    (KEEP, False): "都保留",
}


def _deed_name(deed: Deed) -> str:
    return "copies" if deed.copy else "new" if deed.replaces is None else "replaced"


class Reading:
    """A report made ready to be asked about its rows; the same for every look at the page."""

    def __init__(self, report: Report) -> None:
        self.report = report
        #: Where in the report the question of a place is: one is made only when it is asked for.
        self.fit = {place: index for index, place in enumerate(report.questions.places)}
        self.unfit = {place: index for index, place in enumerate(report.unfit.places)}
        self.near = {(twin.sheet, twin.row): twin for twin in report.near if twin.same == "near"}
        #: Rows that ask with the words of an earlier row or of the bank but give other options.
        self.same_stems = {(twin.sheet, twin.row): twin for twin in report.near if twin.same == "stem"}
        self.originals = {(original.sheet, original.row): original for original in report.originals}
        self.problems: dict[Place, list[Problem]] = {}
        for problem in report.problems:
            self.problems.setdefault((problem.sheet, problem.row), []).append(problem)
        self.faulty = {(problem.sheet, problem.row) for problem in report.errors}
        sheets = [*report.questions.column("sheet"), *(problem.sheet for problem in report.problems)]
        #: In order; where there are several, a row is named with its sheet.
        self.sheets = list(dict.fromkeys(sheets))

    @cached_property
    def marks(self) -> dict[Place, str]:
        return dict(zip(self.report.questions.places, self.report.marks, strict=True))

    def question(self, place: Place) -> Question | None:
        """As far as it could be read."""
        if place in self.fit:
            return self.report.questions[self.fit[place]].question
        return self.report.unfit[self.unfit[place]].question if place in self.unfit else None

    @cached_property
    def places(self) -> list[Place]:
        """Every row that holds a question or an error, in the order of the file."""
        order = {sheet: number for number, sheet in enumerate(self.sheets)}
        return sorted({*self.fit, *self.faulty}, key=lambda place: (order[place[0]], place[1]))


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on one cell; ``tone`` is error, warning or changed."""

    tone: str
    column: str
    value: str
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file with its remarks; ``question`` is None where none could be read."""

    sheet: str
    row: int
    question: Question | None
    findings: tuple[Finding, ...] = ()
    fixes: tuple[Fix, ...] = ()
    state: str = FRESH
    #: Whether the organiser changed it, so that it can be put back.
    corrected: bool = False
    #: What it is equal to or much like, where that is still to be decided or has been.
    twin: Twin | None = None
    deed: Deed = NEW

    @property
    def place(self) -> Place:
        return self.sheet, self.row


@dataclass(frozen=True, slots=True)
class Alike:
    """A fix that ``count`` rows could take at once."""

    code: str
    fix: Fix
    words: str
    count: int


class Outcome:
    """What importing the file into a bank that holds the fingerprints ``known`` will do now."""

    TABS = ("problems", "near", "repeated", "changed", "fresh", "done", "skipped")

    def __init__(self, reading: Reading, known: Mapping[str, Held], decided: Decisions | None = None) -> None:
        self.reading, self.report, self.known = reading, reading.report, known
        self.decided = decided or Decisions()
        self.sheets = reading.sheets

    # the state of each row

    @cached_property
    def _settled(self) -> Settling:
        settled = Settling(self.known, self.decided)
        rows, done = self.decided.rows, self.decided.done
        for place in self.reading.places:
            if place in done:
                settled.done(place, self.mark(place))
            elif place in rows and rows[place] is None:
                settled.skipped(place)
            elif self._faults(place):
                settled.faulty(place)
            else:
                settled.fit(place, self.mark(place), self.near(place))
        return settled

    @property
    def states(self) -> Mapping[Place, str]:
        return self._settled.states

    def deed(self, place: Place) -> Deed:
        """What storing a row of ``fresh`` does."""
        return self._settled.deeds.get(place, NEW)

    def twinned(self, *, equal: bool) -> list[Place]:
        """Rows equal to (or much like) another that are not stored yet, whatever was decided about them."""
        twins = self._settled.twins.items()
        return [place for place, twin in twins if twin.equal == equal]

    def choices(self, *, equal: bool) -> Counter[str]:
        """How many of them have which of CHOICES; "" is none."""
        return Counter(self.decided.near.get(place, "") for place in self.twinned(equal=equal))

    @cached_property
    def plan(self) -> Counter[str]:
        """What importing now does: how many rows are "new", how many "replaced", how many "copies"."""
        return Counter(map(_deed_name, self._settled.deeds.values()))

    def near(self, place: Place) -> Near | None:
        """What the row was found to be much like, unless it has been rewritten since."""
        return None if self.decided.rows.get(place) else self.reading.near.get(place)

    def question(self, place: Place) -> Question | None:
        """As corrected, else as read, as far as it could be read."""
        return self.decided.rows.get(place) or self.reading.question(place)

    def mark(self, place: Place) -> str:
        corrected = self.decided.rows.get(place)
        return corrected.fingerprint if corrected else self.reading.marks[place]

    def _faults(self, place: Place) -> list[Finding]:
        """What keeps a row out: as judged now where it was corrected, else as reported."""
        corrected = self.decided.rows.get(place)
        if corrected:
            return [
                Finding(fault.severity, "", "", fault.message, fault.code)
                for fault in faults(corrected)
                if fault.severity == ERROR
            ]
        if place not in self.reading.faulty:
            return []
        return [_finding(problem) for problem in self.reading.problems[place] if problem.severity == ERROR]

    # figures

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(self.states.values())

    @property
    def read(self) -> int:
        return len(self.states)

    @property
    def left(self) -> int:
        """Rows that are neither stored nor settled: to be stored, to be put right, to be decided."""
        return sum(self._counts[state] for state in (FRESH, FAULTY, NEAR))

    @property
    def fresh(self) -> list[Place]:
        """The rows that will be stored."""
        return [place for place, state in self.states.items() if state == FRESH]

    def row(self, place: Place) -> Row:
        """A question that is fit, as a row of a report."""
        corrected = self.decided.rows.get(place)
        return (
            row_of(Placed(*place, corrected))
            if corrected
            else self.report.questions.row(self.reading.fit[place])
        )

    def state_count(self, state: str) -> int:
        return self._counts[state]

    def count(self, tab: str) -> int:
        """How many rows ``lines(tab)`` has, without making them."""
        if tab == "problems":
            return len(self._problems)
        return len(self.report.changed) if tab == "changed" else self._counts[tab]

    # rows to look at

    def lines(self, tab: str, start: int = 0, size: int | None = None) -> list[Line]:
        """Rows of one of TABS from ``start``, in the order they should be looked at."""
        end = None if size is None else start + size
        if tab == "problems":
            return [self.line(place) for place in self._problems[start:end]]
        if tab == "changed":
            return [self._changed(change) for change in self.report.changed[start:end]]
        places = [place for place, state in self.states.items() if state == tab]
        return [self.line(place) for place in places[start:end]]

    def line(self, place: Place) -> Line:
        """One row with everything there is to say about it."""
        state, question = self.states.get(place, FRESH), self.question(place)
        twin = self._settled.twins.get(place)
        found = [*self._faults(place), *self._warnings(place)] if state in (FRESH, FAULTY) else []
        if twin:
            found.append(Finding("warning", "", "", self._likeness(place, twin), "twin"))
        if place in self._settled.replaced_by:
            instead = self.where(self._settled.replaced_by[place])
            found.append(Finding("warning", "", "", f"由{instead}代替，不入库", "replaced"))
        offered = dict.fromkeys(fix for finding in found for fix in fixes.fixes(finding.code, question))
        corrected = place in self.decided.rows or place in self.decided.near
        return Line(*place, question, tuple(found), tuple(offered), state, corrected, twin, self.deed(place))

    def _changed(self, change: Change) -> Line:
        place = (change.sheet, change.row)
        words = f"改为“{change.to}”" if change.to else "已清空"
        finding = Finding("changed", change.column, change.from_, words)
        return Line(*place, self.question(place), (finding,), (), self.states.get(place, FRESH))

    @cached_property
    def _problems(self) -> list[Place]:
        """Rows with errors first, then those to be looked at, each in the order of the file."""
        faulty = [place for place, state in self.states.items() if state == FAULTY]
        order = {sheet: number for number, sheet in enumerate(self.sheets)}
        told = {*self.reading.problems, *self.reading.same_stems}
        told = {
            place for place in told if self.states.get(place, FRESH) == FRESH and any(self._warnings(place))
        }
        return faulty + sorted(told, key=lambda place: (order[place[0]], place[1]))

    def _warnings(self, place: Place) -> Iterator[Finding]:
        if place in self.decided.rows:
            return
        for problem in self.reading.problems.get(place, ()):
            if problem.severity != ERROR:
                yield _finding(problem)
        twin = self.reading.same_stems.get(place)
        if twin:
            other = "题库里的一题" if twin.of_question else self.where((twin.of_sheet, twin.of_row))
            message = f"题干与{other}相同，选项或答案不同。请核对，现在两题都入库"
            yield Finding("warning", "", "", message, "same-stem")

    def _likeness(self, place: Place, twin: Twin) -> str:
        other = self.where(twin.row) if twin.row else "题库里的一题"
        chosen = _CHOSEN.get((self.decided.near.get(place, ""), twin.equal), "")
        if twin.equal:
            held = self.known.get(self.mark(place))
            retired = "，已停用" if held and held.retired else ""
            found = f"与{other}完全相同" if twin.row else f"题库里已有完全相同的题{retired}"
            return f"{found}，{chosen or '不重复入库'}"
        near = self.near(place)
        found = f"与{other}近似 {near.likeness}%" + ("" if near.same_key else "，答案不同") if near else ""
        return f"{found}，{chosen}" if chosen else found

    def alike(self) -> list[Alike]:
        """Fixes that two rows or more could take at once."""
        rows: Counter[tuple[str, Fix]] = Counter()
        for place in self._problems:
            line = self.line(place)
            rows.update({(finding.code, fix) for finding in line.findings for fix in line.fixes})
        wanted = ((code, fix, count) for (code, fix), count in rows.items() if count > 1)
        return [
            Alike(code, fix, _ALIKE[code, fix.code], n)
            for code, fix, n in wanted
            if (code, fix.code) in _ALIKE
        ]

    def rows_alike(self, code: str, fix: str) -> list[Place]:
        """The rows that take this fix for this problem; none where a fix is not for many."""
        if (code, fix) not in _ALIKE:
            return []

        def takes(line: Line) -> bool:
            return any(one.code == code for one in line.findings) and any(
                one.code == fix for one in line.fixes
            )

        return [place for place in self._problems if takes(self.line(place))]

    def where(self, place: Place) -> str:
        sheet = f"“{place[0]}”" if len(self.sheets) > 1 else ""
        return f"{sheet}第 {place[1]} 行"

    def left_out(self) -> list[str]:
        """“说明”是说明 and the like, one phrase for each sheet that was not read."""
        return [f"“{sheet.sheet}”{_LEFT_OUT.get(sheet.reason, '没有题目')}" for sheet in self.report.left_out]


def _finding(problem: Problem) -> Finding:
    return Finding(problem.severity, problem.column, problem.value, problem.message, problem.code)
