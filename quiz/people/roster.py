"""Reading a roster: rows of cells in, persons and everything an organiser has to know about the rest out.

Pure: what the file says. How that fits what the roster holds already is `merging`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from question_bank.reading import notes
from question_bank.reading.sheet import Sheet
from question_bank.report import ERROR, WARNING, Change, LeftOut, Problem
from quiz.people import headings, rules

MOST_PERSONS = 50_000
LONGEST_UNIT, LONGEST_TEXT, LONGEST_NUMBER = 60, 60, 40
_NOTE = re.compile(
    r"(合计|总计|共计|小计|备注|说明|注[:：]|填表|制表|审核|经办人|联系人|单位负责人|第\d+页|共\d+人|\d{4}年\d+月)"
)
#: In the place of a name: what the row above wants, or a row that shows how it is done.
_ADVICE = re.compile(r"[(【\[]?(非?必填|选填|填写|示例|样例|例([)】\]:如]|$))")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d+")
#: As a program writes it; 1e5 may be somebody's 工号.
_WRITTEN_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+\d{2}")
_WHOLE = re.compile(r"(\d+)\.0+")
_EXAMPLES = ("说明", "须知", "示例", "样例", "填写")


class NoRoster(rules.RosterRefused):
    """The file has no headings of a roster, or lacks a column no roster can do without."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as the file has them. ``passcode`` is as typed, until services replaces it with its hash."""

    sheet: str
    row: int
    name: str
    unit: str
    phone: str | None = None
    number: str | None = None
    passcode: str | None = None
    post: str = ""
    rank: str = ""
    identity: str = ""
    category: str = ""
    #: Of a list of seats for one exam; the roster has neither.
    room: str = ""
    seat: str = ""

    @property
    def name_key(self) -> str:
        return rules.name_key(self.name)

    @property
    def unit_key(self) -> str:
        return rules.name_key(self.unit)


@dataclass(slots=True)
class RosterReading:
    """What one file says. ``persons`` holds only rows without an error."""

    file: str
    persons: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == ERROR]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_document(cls, whole: dict[str, Any]) -> "RosterReading":
        return cls(
            file=whole["file"],
            persons=[Entry(**one) for one in whole["persons"]],
            problems=[Problem(**one) for one in whole["problems"]],
            changed=[Change(**one) for one in whole["changed"]],
            left_out=[LeftOut(**one) for one in whole["left_out"]],
        )


def read(sheets: Sequence[Sheet], *, file: str) -> RosterReading:
    """Judge every row of every sheet with headings. NoRoster when there is none, or no person below."""
    reading = RosterReading(file)
    tables = [(sheet, _headings(sheet)) for sheet in sheets]
    real = [sheet for sheet, found in tables if found and not sheet.hidden and not _aside(sheet)]
    for sheet, found in tables:
        if found is None or (sheet not in real and real):
            reason = "hidden" if sheet.hidden else "empty" if not any(map(any, sheet.rows)) else "no-headings"
            reading.left_out.append(LeftOut(sheet.name, "instructions" if _aside(sheet) else reason))
        else:
            _check_columns(found[1])
            _Table(sheet, found[0], found[1], reading).read()
    if len(reading.left_out) == len(sheets):
        raise NoRoster("没有找到表头。第一行要写明姓名、单位、手机号。名册没有改动。")
    if not reading.persons and not reading.problems:
        raise NoRoster("表头下面没有人员。请填好后再传。名册没有改动。")
    if len(reading.persons) > MOST_PERSONS:
        raise NoRoster(f"一份名册最多 {MOST_PERSONS} 人。请分成几个文件再传。名册没有改动。")
    _compare(reading)
    reading.problems.sort(key=lambda problem: problem.severity != ERROR)
    return reading


def _aside(sheet: Sheet) -> bool:
    return any(word in sheet.name for word in _EXAMPLES)


def _headings(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    for index, row in enumerate(sheet.rows[: headings.WITHIN]):
        found = headings.columns(row)
        if found:
            return index, found
    return None


def _check_columns(columns: dict[str, int]) -> None:
    if "name" not in columns:
        raise NoRoster("没有找到“姓名”这一列。请加上后再传。名册没有改动。")
    if "unit" not in columns:
        raise NoRoster("没有找到“单位”这一列。请加上后再传。名册没有改动。")
    if "phone" not in columns and "number" not in columns:
        raise NoRoster("没有找到“手机号”或“工号”这一列，至少要有一列。名册没有改动。")


@dataclass(slots=True)
class _Table:
    """The rows below one row of headings."""

    sheet: Sheet
    top: int
    columns: dict[str, int]
    reading: RosterReading

    def read(self) -> None:
        self._fill_merged_units()
        self._warn_of_numbers()
        self._warn_of_the_unseen()
        for index in range(self.top + 1, len(self.sheet.rows)):
            cells = self._cells(index)
            if any(cells.values()) and headings.columns(self.sheet.rows[index]) != self.columns:
                _Row(self, index, cells).judge()

    def _cells(self, index: int) -> dict[str, str]:
        row = self.sheet.rows[index]
        return {name: row[column] for name, column in self.columns.items()}

    def heading(self, name: str) -> str:
        column = self.columns.get(name)
        return "" if column is None else self.sheet.rows[self.top][column].replace("\n", "")

    def _fill_merged_units(self) -> None:
        """A unit written once in a merged cell stands for every row the cell covers."""
        column = self.columns["unit"]
        for top, left, low, right in self.sheet.merges:
            if not left <= column <= right or top <= self.top or low == top:
                continue
            unit = self.sheet.rows[top][left]
            for index in range(top + 1, min(low + 1, len(self.sheet.rows))):
                row = self.sheet.rows[index]
                if unit and not row[column] and row[self.columns["name"]]:
                    row[column] = unit
                    self.change(index, "unit", "（合并的单元格）", unit)

    def _warn_of_numbers(self) -> None:
        for name in ("number", "passcode"):
            heading = self.heading(name)
            if heading and self.columns[name] in self.sheet.numeric:
                message = f"“{heading}”这一列有数字格式的单元格，开头的 0 会丢失。请核对"
                self.problem(self.top, name, "number-cells", WARNING, message)

    def _warn_of_the_unseen(self) -> None:
        headed, used = self.sheet.rows[self.top], sorted(self.columns.values())
        rows = {
            index for index in range(self.top + 1, len(self.sheet.rows)) if any(self._cells(index).values())
        }
        self.reading.problems += notes.rows_seen(self.sheet, rows)
        self.reading.problems += notes.columns_seen(self.sheet, self.top + 1, headed, used)

    def problem(self, index: int, name: str, code: str, severity: str, message: str, value: str = "") -> None:
        found = Problem(self.sheet.name, index + 1, self.heading(name), code, severity, message, value)
        self.reading.problems.append(found)

    def change(self, index: int, name: str, before: str, after: str) -> None:
        found = Change(self.sheet.name, index + 1, self.heading(name), before, after)
        self.reading.changed.append(found)


@dataclass(slots=True)
class _Row:
    """One row being judged; any error keeps it out."""

    table: _Table
    index: int
    cells: dict[str, str]
    wrong: bool = False

    def judge(self) -> None:
        if self._is_note() or self._is_advice():
            return
        self._check_cells()
        entry = Entry(
            sheet=self.table.sheet.name,
            row=self.index + 1,
            name=self._name(),
            unit=self._unit(),
            phone=self._phone(),
            number=self._number(),
            passcode=self.cells.get("passcode") or None,
            **{name: self._text(name) for name in ("post", "rank", "identity", "category", "room", "seat")},
        )
        if not self.wrong and not entry.phone and not entry.number:
            name = "phone" if "phone" in self.table.columns else "number"
            self._error(name, "no-phone", "没有手机号，也没有工号")
        if entry.passcode and not entry.number and not self.wrong:
            self._warn("passcode", "passcode-alone", "有口令没有工号，口令用不上", "")
        if not self.wrong:
            self.table.reading.persons.append(entry)

    def _error(self, name: str, code: str, message: str) -> None:
        self.wrong = True
        self.table.problem(self.index, name, code, ERROR, message, self.cells.get(name, ""))

    def _warn(self, name: str, code: str, message: str, value: str) -> None:
        self.table.problem(self.index, name, code, WARNING, message, value)

    def _is_note(self) -> bool:
        row = [cell for cell in self.table.sheet.rows[self.index] if cell]
        text = re.sub(r"\s+", "", row[0])
        if not _NOTE.match(text) or (self.cells["unit"] and self.cells["name"]):
            return False
        self._warn("", "note-row", "这一行像是合计或备注，没有读入", row[0][:LONGEST_TEXT])
        return True

    def _is_advice(self) -> bool:
        """A second line of headings, what they ask for, or an example: nobody."""
        name = unicodedata.normalize("NFKC", re.sub(r"\s+", "", self.cells["name"]))
        if not _ADVICE.match(name) and not headings.is_name(name):
            return False
        self._warn("", "example-row", "这一行像是填写要求或示例，没有读入", self.cells["name"][:LONGEST_TEXT])
        return True

    def _check_cells(self) -> None:
        """Cells whose text the file does not have, or that a program took for a date."""
        fields = {column: name for name, column in self.table.columns.items()}
        for remark in self.table.sheet.remarks.get(self.index, ()):
            name = fields.get(remark.column)
            if name and remark.code:
                self._error(name, remark.code, remark.message)

    def _name(self) -> str:
        name = rules.clean_name(self.cells["name"])
        if not name:
            self._error("name", "no-name", "没有姓名")
        elif _CONTROL.search(self._raw("name")):
            self._error("name", "control-characters", "姓名里有看不见的控制字符。请删掉这一格，重新填写")
        elif len(name) > rules.LONGEST_NAME:
            self._error("name", "long-name", f"姓名太长，最多 {rules.LONGEST_NAME} 个字")
        self._note_change("name", self._raw("name"), name)
        return name

    def _unit(self) -> str:
        unit = rules.clean_name(self.cells["unit"]).strip("/\\、，,").strip()
        if not unit:
            self._error("unit", "no-unit", "没有单位")
        elif len(unit) > LONGEST_UNIT:
            self._error("unit", "long-unit", f"单位名称太长，最多 {LONGEST_UNIT} 个字")
        self._note_change("unit", self._raw("unit"), unit)
        return unit

    def _phone(self) -> str | None:
        text = self._digits("phone")
        if not text or self._is_lost("phone", text, _SCIENTIFIC):
            return None
        try:
            phone = rules.clean_phone(text)
        except rules.BadPhone as bad:
            self._error("phone", "bad-phone", bad.message.rstrip("。"))
            return None
        self._note_change("phone", self.cells["phone"], phone)
        return phone

    def _number(self) -> str | None:
        text = rules.clean_number(self._digits("number"))
        if not text or self._is_lost("number", text, _WRITTEN_SCIENTIFIC):
            return None
        if len(text) > LONGEST_NUMBER:
            self._error("number", "long-number", f"工号太长，最多 {LONGEST_NUMBER} 个字符")
        self._note_change("number", self.cells["number"], text)
        return text

    def _text(self, name: str) -> str:
        text = rules.clean_name(self.cells.get(name, ""))
        if len(text) > LONGEST_TEXT:
            self._error(name, "long-text", f"{self.table.heading(name)}太长，最多 {LONGEST_TEXT} 个字")
        return text

    def _raw(self, name: str) -> str:
        """The cell as the file had it, where cleaning or a number format changed it."""
        column = self.table.columns[name]
        remarks = self.table.sheet.remarks.get(self.index, ())
        before = (remark.before for remark in remarks if remark.column == column and not remark.code)
        return next(before, self.cells[name])

    def _digits(self, name: str) -> str:
        """A number as it was typed: 13041139879 shown as 1.30E+10 still holds every digit, 000 keeps 007."""
        if name not in self.table.columns:
            return ""
        shown, raw = self.cells[name], self._raw(name)
        if raw != shown and raw.isdigit() and not (shown.isdigit() and int(shown) == int(raw)):
            shown = raw
        whole = _WHOLE.fullmatch(shown)
        return whole[1] if whole else shown

    def _is_lost(self, name: str, text: str, scientific: re.Pattern[str]) -> bool:
        lost = bool(scientific.fullmatch(unicodedata.normalize("NFKC", text)))
        if lost:
            self._error(name, "digits-lost", "后面几位已经丢失。请把这一列设为文本，重新填写")
        return lost

    def _note_change(self, name: str, before: str, after: str) -> None:
        if after and before.strip() != after and not self.wrong:
            self.table.change(self.index, name, before, after)


def _compare(reading: RosterReading) -> None:
    """Rows that speak of one person, or may: kept once, refused, or listed for a human to look at."""
    by_number: dict[str, Entry] = {}
    by_phone: dict[tuple[str, str], Entry] = {}
    phones: dict[str, Entry] = {}
    places: dict[tuple[str, str], Entry] = {}
    kept = []
    for entry in reading.persons:
        twin = by_number.get(entry.number or "") or by_phone.get((entry.name_key, entry.phone or ""))
        if twin:
            reading.problems.append(_twin_problem(entry, twin))
            continue
        owner = phones.get(entry.phone or "")
        if owner and not (owner.number and entry.number):
            reading.problems.append(_same_phone(entry, owner))
            continue
        kept.append(entry)
        reading.problems += _look_alikes(entry, owner, places)
        if entry.number:
            by_number[entry.number] = entry
        if entry.phone:
            by_phone[entry.name_key, entry.phone] = entry
            phones.setdefault(entry.phone, entry)
        places.setdefault((entry.name_key, entry.unit_key), entry)
    reading.persons = kept


def _twin_problem(entry: Entry, twin: Entry) -> Problem:
    where = _where(entry, twin)
    if entry.name_key != twin.name_key:
        message = f"工号与{where}的“{twin.name}”相同"
        return problem_of(entry, "工号", "same-number", ERROR, message, entry.number or "")
    if entry.unit_key != twin.unit_key:
        message = f"与{where}是同一个人，单位不同：“{twin.unit}”和“{entry.unit}”。请只留一行"
        return problem_of(entry, "单位", "same-person-other-unit", ERROR, message, entry.name)
    message = f"与{where}是同一个人，只导入一次"
    return problem_of(entry, "姓名", "same-person", WARNING, message, entry.name)


def _same_phone(entry: Entry, owner: Entry) -> Problem:
    """Two names with one phone are most often a slip; a 工号 for each says that they are two."""
    message = f"手机号与{_where(entry, owner)}的“{owner.name}”相同。请核对；两人合用一个手机，就都填上工号"
    return problem_of(entry, "手机号", "same-phone", ERROR, message, rules.mask_phone(entry.phone))


def _look_alikes(
    entry: Entry, owner: Entry | None, places: dict[tuple[str, str], Entry]
) -> Iterator[Problem]:
    if owner:
        message = f"手机号与{_where(entry, owner)}的“{owner.name}”相同，两人都会导入。请核对"
        yield problem_of(entry, "手机号", "same-phone", WARNING, message, rules.mask_phone(entry.phone))
    namesake = places.get((entry.name_key, entry.unit_key))
    if namesake:
        message = f"与{_where(entry, namesake)}同单位同名，手机号或工号不同，按两个人导入。请核对"
        yield problem_of(entry, "姓名", "same-name", WARNING, message, entry.name)


def _where(entry: Entry, other: Entry) -> str:
    return f"第 {other.row} 行" if other.sheet == entry.sheet else f"“{other.sheet}”第 {other.row} 行"


def problem_of(entry: Entry, column: str, code: str, severity: str, message: str, value: str) -> Problem:
    return Problem(entry.sheet, entry.row, column, code, severity, message, value)
