"""The answer cell of a question, in any of the writings of bank_formats §2, resolved through its options."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from question_bank.cells import truth, truths
from question_bank.options import listed_texts
from question_bank.question import FALSE, LABELS, TRUE, comparable

_LETTERS = re.compile(r"[A-Z](?:[\s,，、.;；:/|&+\-和与及]*[A-Z])*")
_EDGES = " \t\n,，、.。;；:：()（）[]【】'\""
_SAID = re.compile(r"^(?:(?:正确|参考|标准)?答案(?:是|为)?\s*[:：]?|答\s*[:：])\s*")
_DIGITS = re.compile(r"[0-9]{1,2}(?:[\s,，、;；|]+[0-9]{1,2})*")
_LETTER_AND_TEXT = re.compile(r"[(（]?([A-Z])[)）]?\s*[.、．:：)）]?\s*(.+)", re.DOTALL)
_LETTERED_PIECES = re.compile(r"(?:^|[、,，;；&\s])([A-Z])[.、．:：\s]\s*")
_BETWEEN_TEXTS = tuple(
    re.compile(text) for text in (r"\n+", "[;；]", "&&?", r"\|+", "、", "[,，]", r"\s{2,}")
)
_EMBEDDED = re.compile(
    r"[（(【\[]\s*([A-ZＡ-Ｊ](?:[\s,，、]*[A-ZＡ-Ｊ]){0,9}|[√×✓✗TF对错]|正确|错误)\s*[】\])）]"
)
_LONGEST = 5000


@dataclass(frozen=True, slots=True)
class Writing:
    """How the answers of one table are written, learned from all of its rows.

    ``indexed``: choice answers are positions from 1, not letters. ``counted``: judge answers are 1 for
    right and 2 for wrong, not 1 and 0.
    """

    indexed: bool = False
    counted: bool = False


def writing(choices: Iterable[str], judged: Iterable[str]) -> Writing:
    """The writing of a table, from the answers of its choice rows and of its judge rows without options."""
    given = [answer for answer in choices if answer]
    indexed = bool(given) and all(_DIGITS.fullmatch(answer) for answer in given)
    # A zero means positions from 0, or something else again: never guessed.
    indexed = indexed and not any(re.search(r"\b0+\b", answer) for answer in given)
    said = {answer for answer in judged if answer}
    return Writing(indexed, "2" in said and said <= {"1", "2"})


def choice_key(
    answer: str, options: Sequence[str], how: Writing, *, single: bool
) -> tuple[tuple[str, ...], bool] | None:
    """Labels in order and whether the cell had to be rewritten for them; None when it cannot be read.

    Letters beyond the options are returned as they stand, for ``faults`` to name them. A text that is
    both letters and an option (AB beside an option “AB”) counts as the option for a single choice.
    """
    if len(answer) == 1 and answer in LABELS:
        return (answer,), False
    if len(answer) > _LONGEST:
        return None
    written = _written(answer)
    upper = written.upper()
    if _LETTERS.fullmatch(upper):
        found = tuple(letter for letter in upper if letter in LABELS)
        inside = set(found) <= set(LABELS[: len(options)])
        if (inside and (len(found) == 1 or not single)) or not _whole(written, options):
            ordered = tuple(sorted(found))
            return ordered, ordered != found or not _same_writing(answer)
    return _indexed(written, options, how) or _by_text(answer, written, options)


@lru_cache(maxsize=1024)
def _written(answer: str) -> str:
    """What the cell says, without “答案：” and the punctuation around it. Few files have many answers."""
    return _SAID.sub("", unicodedata.normalize("NFKC", answer)).strip(_EDGES)


def _same_writing(answer: str) -> bool:
    """Whether the cell held plain capitals, apart from separators and padding."""
    return all(letter in LABELS for letter in answer if letter.isalpha())


def _indexed(written: str, options: Sequence[str], how: Writing) -> tuple[tuple[str, ...], bool] | None:
    if not _DIGITS.fullmatch(written):
        return None
    if not how.indexed and _whole(written, options):
        return (_whole(written, options),), True
    places = [int(digits) for digits in re.findall("[0-9]+", written)]
    if not how.indexed or not all(1 <= place <= len(LABELS) for place in places):
        return None
    return tuple(sorted(LABELS[place - 1] for place in places)), True


def _whole(text: str, options: Sequence[str]) -> str:
    """The label of the option that says exactly this; empty when none or several do."""
    # Letter for letter first: C beside C++ are the same to ``comparable``.
    if options.count(text) == 1:
        return LABELS[options.index(text)] if options.index(text) < len(LABELS) else ""
    wanted = comparable(text)
    labels = [
        label
        for label, option in zip(LABELS, options, strict=False)
        if option and comparable(option) == wanted
    ]
    return labels[0] if wanted and len(labels) == 1 else ""


def _by_text(answer: str, written: str, options: Sequence[str]) -> tuple[tuple[str, ...], bool] | None:
    if not any(options):
        return None
    if written.startswith("[") or answer.startswith("["):
        return _labels_of(listed_texts(answer), options)
    return (
        _labels_of([written], options)
        or _labels_of(_lettered_pieces(written), options)
        or next(
            (found for between in _BETWEEN_TEXTS if (found := _labels_of(_cut(between, written), options))),
            None,
        )
    )


def _cut(between: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in between.split(text) if piece.strip()]


def _lettered_pieces(written: str) -> list[str]:
    """``A x、B y`` as ``["A x", "B y"]``."""
    starts = [found.start(1) for found in _LETTERED_PIECES.finditer(written)]
    ends = [*starts, len(written)][1:]
    return [written[start:end].strip(_EDGES) for start, end in zip(starts, ends, strict=True)]


def _labels_of(texts: Sequence[str], options: Sequence[str]) -> tuple[tuple[str, ...], bool] | None:
    labels = [_label_of(text, options) for text in texts]
    if not any(labels) and all(text in LABELS[: len(options)] for text in texts):
        labels = list(texts)
    if not labels or not all(labels):
        return None
    return tuple(sorted(set(labels))), True


def _label_of(text: str, options: Sequence[str]) -> str:
    found = _whole(text, options)
    if found:
        return found
    lettered = _LETTER_AND_TEXT.fullmatch(text.strip())
    # Letter and text have to agree, or the cell contradicts itself.
    if lettered and _whole(lettered[2], options) == lettered[1]:
        return lettered[1]
    return ""


def truth_key(answer: str, options: Sequence[str], how: Writing) -> str | None:
    """``"T"`` or ``"F"``; None when the answer does not say, or its options contradict it.

    A letter or position means what its option says, never "A = right".
    """
    written = _written(answer)
    said = truths(tuple(options))
    if said is None:
        if any(options) or len(written) > 12:
            return None
        return {"1": TRUE, "2": FALSE}.get(written) if how.counted else truth(written)
    pointed = _pointed(written, said)
    worded = truth(written)
    if worded is None and pointed is None:
        found = _by_text(answer, written, options)
        return said[LABELS.index(found[0][0])] if found and len(found[0]) == 1 else None
    if pointed and worded and pointed != worded:
        # 1 beside 错误|正确: position against word, settled only where all answers are positions.
        return pointed if written.isdecimal() and how.indexed else None
    return worded or pointed


def _pointed(written: str, said: tuple[str | None, ...]) -> str | None:
    letter = written.upper()
    if len(letter) == 1 and letter in LABELS[: len(said)]:
        return said[LABELS.index(letter)]
    if written.isdecimal() and len(written) == 1 and 1 <= int(written) <= len(said):
        return said[int(written) - 1]
    return None


def embedded(stem: str) -> tuple[str, str] | None:
    """``(answer, stem with the gap emptied)`` where the stem holds exactly one bracketed answer.

    Most candidates are false （CFCA）, so the caller asks only when the answer cell is empty and
    checks that letters lie within the options.
    """
    found = list(_EMBEDDED.finditer(stem))
    if len(found) != 1:
        return None
    return found[0][1], stem[: found[0].start()] + "（　）" + stem[found[0].end() :]
