"""Rows that leave nothing to be said about them, as most do: questions without being taken apart.

Decides nothing by itself: what it gives is what the long way gives (test_short_ways).
"""

from collections.abc import Callable
from operator import itemgetter

from question_bank import blanks, options
from question_bank.columns import Columns
from question_bank.kinds import kind_of_word
from question_bank.placed import Row
from question_bank.question import FALSE, LABELS, TRUE, Kind, is_sound
from question_bank.reading.draft import NUMBER, NUMBER_STARTS, Draft, draft_of, mostly_numbered
from question_bank.reading.side import levels_of, side_of
from question_bank.reading.table import Record, Table

_TRUTHS: dict[str, tuple[str, ...]] = {"正确": (TRUE,), "错误": (FALSE,)}
_PLACES = {letter: place for place, letter in enumerate(LABELS)}
#: Looked up in its class a member would cost more than the tests it is for.
_SINGLE, _MULTIPLE, _TRUE_FALSE, _FILL, _SHORT = (
    *(Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE),
    *(Kind.FILL, Kind.SHORT),
)


def prepare(table: Table) -> list[Row | Draft]:
    """The records of a table in order: a question where it is plain, else what has to be judged."""
    columns, strip_all = table.columns, mostly_numbered(table)
    plain = Plain(table, strip_all=strip_all)
    return [plain.row(record) or draft_of(record, columns, strip_all=strip_all) for record in table.records]


class Plain:
    """Looks for questions among the records of one table."""

    def __init__(self, table: Table, *, strip_all: bool) -> None:
        columns = table.columns
        self._columns, self._sheet, self._remarks = columns, table.sheet.name, table.sheet.remarks
        self._levels, self._strip_all = levels_of(table), strip_all
        self._letters: dict[str, tuple[str, ...]] = {}
        self._options, self._split = _cells_of(columns), not columns.options
        self._kind, self._answer = columns.kind or 0, columns.answer or 0

    def row(self, record: Record) -> Row | None:
        """The question of a record, None where there may be more to it."""
        columns, cells = self._columns, record.cells
        if self._options is None or record.options or record.flags:
            return None
        kind, stem, answer = kind_of_word(cells[self._kind]), cells[columns.stem], cells[self._answer]
        if not (kind and stem and answer) or "答案" in stem:
            return None
        if stem[0] in NUMBER_STARTS and self._is_numbered(stem, cells):
            return None
        if self._remarks and any(line in self._remarks for line in record.lines):
            return None
        texts = self._options(cells)
        key = self._key(kind, stem, texts, answer)
        side = side_of(columns, cells, self._levels, record.chapter) if key else None
        return (self._sheet, record.row, kind, stem, texts, key, *side) if side else None

    def _is_numbered(self, stem: str, cells: list[str]) -> bool:
        found = NUMBER.match(stem)
        if found is None:
            return False
        number = self._columns.number
        return self._strip_all or (number is not None and cells[number] == (found[1] or found[2]))

    def _key(self, kind: Kind | str, stem: str, texts: tuple[str, ...], answer: str) -> tuple[str, ...]:
        """The key where the answer is written as the template asks and fits the options; else empty."""
        if kind is _SINGLE or kind is _MULTIPLE:
            key = self._key_of(answer)
            several = kind is _MULTIPLE
            fits = key and several == (len(key) > 1) and _PLACES[key[-1]] < len(texts)
            return key if fits and _are_plain(texts, split=self._split) else ()
        if texts or "\n" in stem or "A" in stem:
            # Options may stand in the stem.
            return ()
        if kind is _TRUE_FALSE:
            return _TRUTHS.get(answer, ())
        if answer[0] == "[":
            return ()
        if kind is _FILL:
            gaps = blanks.count(stem)
            key = blanks.pieces(answer, gaps)
            return key if gaps < 2 or len(key) == gaps else ()
        return (answer,) if kind is _SHORT else ()

    def _key_of(self, answer: str) -> tuple[str, ...]:
        """The letters of an answer that is nothing else, in order and each once."""
        found = self._letters.get(answer)
        if found is None:
            key = tuple(answer)
            plain = [*key] == sorted({*key}) and {*key} <= {*LABELS}
            found = self._letters[answer] = key if plain else ()
        return found


def _cells_of(columns: Columns) -> Callable[[list[str]], tuple[str, ...]] | None:
    """What gives the options of a row; None where such a table has no plain rows."""
    if columns.kind is None or columns.answer is None or columns.verbatim:
        return None
    if columns.blanks or columns.flags or columns.flag is not None:
        return None
    cell = columns.options_cell
    if cell is not None:
        return lambda cells: tuple(options.split(cells[cell])) if cells[cell] else ()
    places = [column for column in columns.options if column is not None]
    if len(places) < 2 or len(places) < len(columns.options):
        return None
    texts: Callable[[list[str]], tuple[str, ...]] = itemgetter(*places)
    return lambda cells: _filled(texts(cells))


def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts up to the last filled one."""
    if texts[-1]:
        return texts
    count = len(texts)
    while count and not texts[count - 1]:
        count -= 1
    return texts[:count]


def _are_plain(texts: tuple[str, ...], *, split: bool) -> bool:
    """Whether no option is empty, no two are the same, and none has its letter in front still."""
    if len(texts) < 2 or "" in texts:
        return False
    lettered = not split and not options.BEFORE_TEXT.isdisjoint([text[0] for text in texts])
    if lettered and texts != tuple(options.without_letters(texts)):
        return False
    if len("".join(texts).split()) == 1:
        return len(texts) == len({*texts})
    return is_sound(_MULTIPLE, texts, ("A",))
