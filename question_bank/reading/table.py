"""Tables within a sheet: where the headings are, and which rows belong to one question.

Titles above the headings, headings repeated or in two lines, further tables below, section rows,
options on the following rows and one row per option are all seen in real banks (bank_formats §1, §3).
"""

import re
from dataclasses import dataclass, field, replace

from question_bank.columns import ColumnMapping, Columns, field_of, option_places, recognise
from question_bank.kinds import is_code, kind_of_section, kind_of_word
from question_bank.options import split_marked
from question_bank.question import Kind
from question_bank.reading.sheet import Sheet

HEADINGS_WITHIN = 15
_MOST_MERGES = 2000
_FIRST_LOOK = 50
_NOTE = re.compile(
    r"(合\s*计|总\s*计|共\s*计|小\s*计|备\s*注|说\s*明|注\s*[:：]|第\s*\d+\s*页|制表|审核|填表|出题人|以上共|共\s*\d+\s*题)"
)
_SENTENCE = re.compile("[，。？！；]|_{2}|（ *）")
_CHAPTER = re.compile(r"第\s*[一二三四五六七八九十百0-9]+\s*[章编篇节部]")
_OPTION_ROW = re.compile(r"[(（]?[A-ZＡ-Ｊ](?:[)）]\s*[.、．:：]?|[.、．:：])")


@dataclass(slots=True)
class Record:
    """The cells of one question; ``row`` counts from 1.

    ``options`` and ``flags`` hold what further rows added. ``section`` is the Kind of the section row
    above, ``chapter`` the chapter row above, ``lines`` every row (from 0) the question covers.
    """

    row: int
    cells: list[str]
    section: Kind | str | None = None
    chapter: str = ""
    options: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """Headings, in ``row`` counted from 1, and the records below them.

    ``preface`` is what stands above, ``notes`` the rows that are not questions, ``tails`` rows that
    were joined to an earlier one: (row, row joined to, text).
    """

    sheet: Sheet
    columns: Columns
    row: int
    records: list[Record] = field(default_factory=list)
    preface: list[str] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    tails: list[tuple[int, int, str]] = field(default_factory=list)


def tables(sheet: Sheet, mapping: ColumnMapping | None = None) -> list[Table]:
    """Every table of the sheet in order; none when no headings stand in its first rows."""
    reader = _Reader(sheet)
    if mapping and mapping.fields:
        width = max(map(len, sheet.rows), default=0)
        reader.begin(mapping.columns(width), mapping.first_row - 2)
        reader.mapped = True
    for index, row in enumerate(sheet.rows):
        if mapping and index < mapping.first_row - 1 and mapping.fields:
            continue
        if reader.table is None and index >= HEADINGS_WITHIN:
            break
        if any(row):
            reader.take(index, row)
    for table in reader.tables:
        table.columns = _judged_kind(table)
    return reader.tables


class _Reader:
    """Walks down one sheet, row by row."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.tables: list[Table] = []
        self.table: Table | None = None
        self.mapped = False
        self.section: Kind | str | None = None
        self.chapter = ""
        self.titles: set[str] = set()
        self.preface: list[str] = []
        self.content: tuple[int, ...] = ()
        self.telling: tuple[int, int] | None = None

    def begin(self, columns: Columns, index: int) -> None:
        self.table = Table(self.sheet, columns, max(1, index + 1), preface=self.preface)
        self.tables.append(self.table)
        entries = (columns.stem, columns.answer, columns.options_cell, columns.flag)
        many = columns.options + columns.blanks + columns.flags
        self.content = tuple(column for column in entries + many if column is not None)
        self.telling = _telling(columns)
        _fill_merges(self.sheet, columns, index)

    def take(self, index: int, row: list[str]) -> None:
        if self.table is not None and self.telling is not None:
            stem, kind = row[self.telling[0]], row[self.telling[1]]
            if stem and stem != kind and kind_of_word(kind) is not None:
                self.table.records.append(self._record(index, row))
                return
        columns = recognise(row) if self._may_be_headings(row) else None
        if columns is not None:
            # What an organiser says of the columns outweighs their headings.
            if not self.mapped:
                self._headings(index, columns)
            return
        texts = set(row) - {""}
        alone = texts.pop() if len(texts) == 1 else ""
        section = kind_of_section(alone) if alone else None
        if section is not None:
            self.section = section
        elif alone and len(alone) < 40 and _CHAPTER.match(alone):
            self.chapter = alone
        elif self.table is None:
            self.preface += [cell for cell in row if cell]
            if alone:
                self.titles.add(alone)
        elif not self._second_headings(index, row) and alone not in self.titles:
            self._data(index, row, alone, self.table)

    def _may_be_headings(self, row: list[str]) -> bool:
        """Below a table only a row whose stem cell is itself a heading or empty can be headings again."""
        if self.table is None:
            return True
        columns = self.table.columns
        cell = row[columns.stem]
        if len(cell) > 40 or _SENTENCE.search(cell):
            return False
        if columns.kind is not None and kind_of_word(row[columns.kind]) is not None:
            # A row that names its kind is a question, even one that asks about 题干.
            return False
        return not cell or field_of(cell) is not None

    def _headings(self, index: int, columns: Columns) -> None:
        if self.table and columns.headings == self.table.columns.headings:
            return
        self.begin(columns, index)

    def _second_headings(self, index: int, row: list[str]) -> bool:
        """The lower line of a two-line header: A, B, C, D under one merged 选项."""
        table = self.table
        if table is None or table.records or table.columns.options or row[table.columns.stem]:
            return False
        places = option_places(row)
        if len(places) < 2 or len(places) < len([cell for cell in row if cell]):
            return False
        upper = table.columns.headings
        both = [low or high for low, high in zip(row, upper, strict=True)]
        columns = recognise(both)
        if columns is not None:
            self.tables.pop()
            self.begin(columns, index)
        return columns is not None

    def _data(self, index: int, row: list[str], alone: str, table: Table) -> None:
        columns = table.columns
        if not any(row[column] for column in self.content):
            # Numbers and kinds filled down an empty template are nobody's question.
            if alone and _NOTE.match(alone):
                table.notes.append((index + 1, alone))
            return
        last = table.records[-1] if table.records else None
        if alone and _NOTE.match(alone) and len(alone) < 40 and not columns.per_option:
            table.notes.append((index + 1, alone))
        elif last and columns.per_option and _same_question(last, row, columns):
            _add_option(last, index, row, columns)
        elif last and _continues(last, row, columns):
            last.options += [option for cell in row if cell for option in _options_of(cell)]
            last.lines.append(index)
        elif last and _adds_option(row, columns):
            last.options = last.options or [last.cells[columns.options_cell or 0]]
            last.options.append(row[columns.options_cell or 0])
            last.lines.append(index)
        elif last and self._is_tail(last, row, columns):
            table.tails.append((index + 1, last.row, alone))
            last.lines.append(index)
        else:
            record = self._record(index, row)
            table.records.append(record)
            if columns.per_option:
                _add_option(record, index, row, columns)

    def _record(self, index: int, row: list[str]) -> Record:
        return Record(index + 1, row, self.section, self.chapter, [], [], [index])

    def _is_tail(self, last: Record, row: list[str], columns: Columns) -> bool:
        """Whether the one cell of this row is the rest of the cell above, and if so join them.

        Files converted from PDF break cells at the end of a page. Only in a table that numbers its
        questions and has options, where a row without number, kind and answer cannot stand alone.
        """
        filled = [column for column, cell in enumerate(row) if cell]
        if (
            columns.number is None
            or not columns.options
            or len(filled) != 1
            or not last.cells[columns.number]
        ):
            return False
        (column,) = filled
        if column not in (columns.stem, *columns.options) or not last.cells[column]:
            return False
        last.cells[column] += row[column]
        return True


def _telling(columns: Columns) -> tuple[int, int] | None:
    """The columns of stem and kind where a row that fills both can only be a question of its own."""
    plain = columns.options and columns.options_cell is None
    return (columns.stem, columns.kind) if plain and columns.kind is not None else None


def _same_question(last: Record, row: list[str], columns: Columns) -> bool:
    stem = row[columns.stem]
    if columns.number is not None and row[columns.number]:
        same_number = row[columns.number] == last.cells[columns.number]
        return same_number and stem in ("", last.cells[columns.stem])
    return not stem or stem == last.cells[columns.stem]


def _add_option(record: Record, index: int, row: list[str], columns: Columns) -> None:
    if columns.options_cell is not None and columns.flag is not None and row[columns.options_cell]:
        record.options.append(row[columns.options_cell])
        record.flags.append(row[columns.flag])
    if record.lines[-1] != index:
        record.lines.append(index)


def _adds_option(row: list[str], columns: Columns) -> bool:
    """Whether the row has nothing but one more option under 选项."""
    if columns.options_cell is None or not row[columns.options_cell]:
        return False
    others = (columns.stem, columns.answer, columns.kind, columns.number)
    return not any(row[column] for column in others if column is not None)


def _continues(last: Record, row: list[str], columns: Columns) -> bool:
    """Whether a row with nothing but a stem cell is an option of the question above.

    Only where the table has no place for options, and the question above has an answer to point with
    or the row is lettered.
    """
    if columns.options or columns.options_cell is not None or not row[columns.stem]:
        return False
    filled = [cell for cell in row if cell]
    if all(map(_OPTION_ROW.match, filled)):
        return True
    if len(filled) > 1:
        return False
    answered = columns.answer is not None and bool(
        re.fullmatch(r"[A-Za-z][A-Za-z,，、 ]*", last.cells[columns.answer])
    )
    return answered and not kind_is_open(last.cells[columns.kind] if columns.kind is not None else "")


def kind_is_open(text: str) -> bool:
    return kind_of_word(text) in (Kind.FILL, Kind.SHORT) if text else False


def _options_of(text: str) -> list[str]:
    marked = split_marked(text)
    if marked and not marked[0]:
        return marked[1]
    return [_OPTION_ROW.sub("", text, count=1).strip() or text]


def _fill_merges(sheet: Sheet, columns: Columns, header: int) -> None:
    """Kind, chapter and the like merged over several rows hold for each of them; a stem does not."""
    wide = {columns.kind, columns.difficulty, columns.points, *columns.chapters, *columns.basis}
    for first, column, last, last_column in sheet.merges[:_MOST_MERGES]:
        if first > header and column == last_column and column in wide and last < len(sheet.rows):
            for row in range(first + 1, last + 1):
                sheet.rows[row][column] = sheet.rows[row][column] or sheet.rows[first][column]


def _judged_kind(table: Table) -> Columns:
    """The columns with the kind column judged by its values: 类型 may be a category, and any other
    heading may stand over 单选题 and 多选题."""
    columns = table.columns
    if columns.kind is not None and (_kind_share(table, columns.kind, codes=True) or 0) >= 0.5:
        return columns
    taken = {columns.stem, columns.answer, columns.explanation, columns.options_cell, columns.number}
    taken |= {*columns.options, *columns.blanks, *columns.flags}
    if columns.kind is not None and _kind_share(table, columns.kind, codes=True) is not None:
        columns = replace(columns, kind=None, chapters=(*columns.chapters, columns.kind))
    for column in range(len(columns.headings)):
        if column not in taken and (_kind_share(table, column, codes=False) or 0) >= 0.9:
            others = tuple(chapter for chapter in columns.chapters if chapter != column)
            return replace(columns, kind=column, chapters=others)
    return columns


def _kind_share(table: Table, column: int, *, codes: bool) -> float | None:
    """The share of filled cells that name a kind, None where no cell is filled."""
    values = [record.cells[column] for record in table.records if record.cells[column]]
    if not values:
        return None

    def share(some: list[str]) -> float:
        named = sum(1 for value in some if kind_of_word(value) or (codes and is_code(value)))
        return named / len(some)

    first = share(values[:_FIRST_LOOK])
    return share(values) if first > 0.3 else first


def why_left_out(sheet: Sheet) -> str:
    """Why a sheet without headings is not read: empty, lookup, instructions or no-headings, by its shape."""
    filled = [[cell for cell in row if cell] for row in sheet.rows if any(row)]
    if not filled:
        return "empty"
    longest = max(len(cell) for row in filled for cell in row)
    alone = sum(1 for row in filled if len(row) == 1)
    if longest <= 20 and max(map(len, filled)) <= 4:
        return "lookup"
    if alone >= 0.8 * len(filled):
        return "instructions"
    return "no-headings"
