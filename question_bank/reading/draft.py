"""A record taken apart into stem, options and answer, before anybody says what kind of question it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from question_bank import answers, blanks
from question_bank.answers import Writing
from question_bank.cells import truth, truths
from question_bank.columns import Columns
from question_bank.kinds import kind_of_word
from question_bank.options import inside_stem, listed_texts, loosely, split, split_marked, without_letters
from question_bank.placed import Row
from question_bank.question import LABELS, Kind, comparable
from question_bank.reading.table import Record, Table

#: The number of its own that a stem may begin with.
NUMBER = re.compile(
    r"(?:第\s*)?([0-9]{1,4})\s*(?:题\s*[、.．:：]?|[、.．])\s*(?=[^\d\s])|[(（]([0-9]{1,4})[)）]\s*(?=[^\d\s])"
)
#: What a match of NUMBER begins with: few stems are worth the search.
NUMBER_STARTS = frozenset("第(（0123456789")
_LETTERS = re.compile(r"[A-Za-zＡ-Ｊ][A-Za-zＡ-Ｊ\s,，、.;；]{0,30}")
_TRUE_FALSE = Kind.TRUE_FALSE
_POINTING = re.compile(r"[A-J]{1,10}")
_YES = {"1", "是", "√", "✓", "✔", "对", "正确", "true", "t", "y", "yes", "v"}
_NO = {"0", "否", "×", "✗", "错", "错误", "不正确", "false", "f", "n", "no", "x"}


@dataclass(slots=True)
class Draft:
    """``options`` keep their places: an empty text is a gap. ``changes`` are (column, before, after)."""

    record: Record
    stem: str
    options: tuple[str, ...]
    answer: str
    blanks: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    changes: list[tuple[int, str, str]] = field(default_factory=list)


def mostly_numbered(table: Table) -> bool:
    """Whether stems carry their number as a habit of the file, so that it is no part of them."""
    column = table.columns.stem
    stems = (record.cells[column] for record in table.records)
    numbered = sum(1 for stem in stems if stem[:1] in NUMBER_STARTS and NUMBER.match(stem))
    return numbered > 1 and numbered >= 0.5 * len(table.records)


def draft_of(record: Record, columns: Columns, *, strip_all: bool) -> Draft:
    cells = record.cells
    draft = Draft(
        record, cells[columns.stem], (), cells[columns.answer] if columns.answer is not None else ""
    )
    if columns.verbatim and columns.options:
        draft.options = _filled([cells[column] if column is not None else "" for column in columns.options])
    else:
        _strip_number(draft, columns, strip_all=strip_all)
        _take_options(draft, columns)
    if columns.blanks:
        draft.blanks = _filled([cells[column] if column is not None else "" for column in columns.blanks])
    if record.flags:
        draft.flags = tuple(record.flags)
    elif columns.flags:
        draft.flags = tuple(cells[column] if column is not None else "" for column in columns.flags)
    if not draft.answer and not draft.blanks and not any(draft.flags):
        _take_embedded(draft, columns)
    return draft


def _strip_number(draft: Draft, columns: Columns, *, strip_all: bool) -> None:
    found = NUMBER.match(draft.stem) if draft.stem[:1] in NUMBER_STARTS else None
    if found is None:
        return
    own = draft.record.cells[columns.number] if columns.number is not None else ""
    if strip_all or own == (found[1] or found[2]):
        stripped = draft.stem[found.end() :]
        draft.changes.append((columns.stem, draft.stem, stripped))
        draft.stem = stripped


def _take_options(draft: Draft, columns: Columns) -> None:
    cells = draft.record.cells
    if draft.record.options:
        draft.options = tuple(without_letters(draft.record.options))
    elif columns.options:
        _take_columns(draft, columns)
    elif columns.options_cell is not None and cells[columns.options_cell]:
        _take_cell(draft, columns.options_cell)
    if (not draft.options and "\n" in draft.stem) or (not draft.options and "A" in draft.stem):
        found = inside_stem(draft.stem)
        if found:
            draft.stem, draft.options = found[0], tuple(found[1])


def _take_cell(draft: Draft, column: int) -> None:
    cell = draft.record.cells[column]
    draft.options = tuple(split(cell))
    if len(draft.options) == 1:
        draft.options = tuple(loosely(cell))
        if len(draft.options) > 1:
            draft.changes.append((column, cell, "\n".join(draft.options)))


def _take_columns(draft: Draft, columns: Columns) -> None:
    cells = draft.record.cells
    texts = _filled([cells[column] if column is not None else "" for column in columns.options])
    if len(texts) == 1 and (marked := split_marked(texts[0])) and not marked[0]:
        draft.options = tuple(marked[1])
        return
    draft.options = tuple(without_letters(texts))
    if draft.options == texts:
        return
    for place, (text, stripped) in enumerate(zip(texts, draft.options, strict=True)):
        column = columns.options[place]
        if text != stripped and column is not None:
            draft.changes.append((column, text, stripped))


def _filled(texts: list[str]) -> tuple[str, ...]:
    """The texts up to the last filled one."""
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _take_embedded(draft: Draft, columns: Columns) -> None:
    """An answer typed into the brackets of the stem, taken only when it fits the options."""
    kind = kind_of_word(draft.record.cells[columns.kind]) if columns.kind is not None else None
    found = answers.embedded(draft.stem) if kind not in (Kind.FILL, Kind.SHORT) else None
    if found is None:
        return
    letters = re.sub(r"[^A-Z]", "", found[0].translate(_WIDE))
    fits = letters and len(draft.options) > 1 and set(letters) <= set(LABELS[: len(draft.options)])
    judged = (
        truth(found[0]) and kind in (None, Kind.TRUE_FALSE) and (not draft.options or truths(draft.options))
    )
    if fits or judged:
        draft.changes.append((columns.stem, draft.stem, found[1]))
        draft.answer, draft.stem = found


_WIDE = str.maketrans("ＡＢＣＤＥＦＧＨＩＪ", "ABCDEFGHIJ")


def flagged_letters(draft: Draft) -> str | None:
    """The letters whose flag says right; None when a flag is missing or says something else."""
    letters = ""
    for place, option in enumerate(draft.options[: len(LABELS)]):
        flag = draft.flags[place].strip().casefold() if place < len(draft.flags) else ""
        if flag in _YES:
            letters += LABELS[place]
        elif option and flag not in _NO:
            return None
    return letters


def looks_like(draft: Draft, how: Writing, *, digits: bool = False) -> Kind | None:
    """The Kind the options and the answer speak for, None where they leave it open.

    ``digits``: an answer 0, 1 or 2 without options speaks for a judge question. That is evidence for
    many rows together, never enough for one.
    """
    filled = [option for option in draft.options if option]
    if len(filled) > 1:
        return _choice_like(draft, how)
    if draft.blanks:
        return Kind.FILL
    answer = draft.answer
    if not answer or filled:
        return None
    if digits and answer in ("0", "1", "2"):
        return None if "__" in draft.stem else Kind.TRUE_FALSE
    if not answer.isdecimal() and truth(answer):
        return Kind.TRUE_FALSE
    if len(answer) < 8 and _LETTERS.fullmatch(answer) and answer.isupper():
        return Kind.SINGLE if len(answer) == 1 else Kind.MULTIPLE
    if blanks.count(draft.stem):
        return Kind.FILL
    return None if answer in ("0", "1", "2") else Kind.SHORT


def _choice_like(draft: Draft, how: Writing) -> Kind | None:
    if truths(draft.options):
        return Kind.TRUE_FALSE
    if draft.flags:
        letters = flagged_letters(draft)
        count = len(letters) if letters else 0
    else:
        found = answers.choice_key(draft.answer, draft.options, how, single=False) if draft.answer else None
        count = len(found[0]) if found else 0
    return None if not count else Kind.SINGLE if count == 1 else Kind.MULTIPLE


def writing_of(
    found: Sequence[Row | Draft], columns: Columns, hint: object, codes: Mapping[str, Kind | str]
) -> Writing:
    """How this table writes its answers; ``hint`` is the Kind its name announces, if any."""
    choices, judged = [], []
    rows = [one for one in found if not isinstance(one, Draft)]
    for draft in (one for one in found if isinstance(one, Draft)):
        if len(draft.options) > 1:
            if not truths(draft.options):
                choices.append(draft.answer)
        elif not draft.options:
            text = draft.record.cells[columns.kind] if columns.kind is not None else ""
            said = kind_of_word(text) or codes.get(text.removesuffix(".0"))
            if (said or draft.record.section or hint) == Kind.TRUE_FALSE:
                judged.append(draft.answer)
    # A plain row has letters or a word, and one says as much as all.
    choices += islice(("A" for row in rows if len(row[4]) > 2 or (row[4] and not truths(row[4]))), 1)
    judged += islice(("正确" for row in rows if row[2] is _TRUE_FALSE), 1)
    return answers.writing(choices, judged)


def pointed_texts(draft: Draft) -> tuple[str, ...] | None:
    """Texts of a fill or short answer that stand in option columns; None when the answer contradicts.

    Banks put the answers there with an empty answer cell, or with letters that point at them.
    """
    filled = tuple(option for option in draft.options if option)
    if not filled or not draft.answer:
        return filled
    if _POINTING.fullmatch(draft.answer):
        places = [LABELS.index(letter) for letter in draft.answer]
        if all(place < len(draft.options) and draft.options[place] for place in places):
            return tuple(draft.options[place] for place in places)
    said = comparable(draft.answer)
    if said in (comparable("".join(filled)), *map(comparable, filled)):
        return ()
    return None


def listed_in(answer: str) -> tuple[str, ...]:
    """The texts of ``['罗盛教  ']``, else the answer itself."""
    if answer.startswith("[") and answer.endswith("]"):
        listed = tuple(listed_texts(answer))
        if listed:
            return listed
    return (answer,) if answer else ()
