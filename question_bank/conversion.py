"""From one file to another, and proof that nothing went missing on the way.

What was written is read back and held against what should be there, so that a text which some format
bends is named instead of lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from question_bank.errors import CannotRead, CannotWrite
from question_bank.question import Question
from question_bank.reading import read
from question_bank.report import Report
from question_bank.writing import Format, Loss, carried, format_of, write


@dataclass(frozen=True, slots=True)
class Conversion:
    """The report on the file that was read, how many questions were written, and what was lost."""

    report: Report
    written: int
    losses: list[Loss]


def convert(
    source: Path, target: Path, *, keys: bool = True, reader: Callable[[Path], Report] = read
) -> Conversion:
    """Read ``source`` with ``reader`` and write ``target`` in the format of its extension.

    ``keys`` False makes an exercise book without them. CannotRead, CannotWrite (also when both are one
    file) and OSError; nothing is written then.
    """
    form = format_of(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise CannotWrite("same-file", "不能写回原来的文件。请换一个文件名。")
    report = reader(source)
    questions = [placed.question for placed in report.questions]
    losses = write(questions, target, form=form, keys=keys)
    expected = [(number, carried(question, form)) for number, question in enumerate(questions, start=1)]
    kept = [(number, question) for number, question in expected if question is not None]
    if form is not Format.WORD:
        losses += _changed(kept, target)
    count = len(questions) if form is Format.WORD else len(kept)
    return Conversion(report, count, losses)


def _changed(kept: list[tuple[int, Question]], target: Path) -> list[Loss]:
    """A Loss for every question that does not read back as it should."""
    try:
        back = [placed.question for placed in read(target).questions]
    except CannotRead:
        back = []
    if len(back) == len(kept):
        pairs = zip(kept, back, strict=True)
        return [Loss(number, "有文字没有原样写出，请核对") for (number, asked), got in pairs if asked != got]
    got = set(back)
    return [Loss(number, "写出后读不回来，请核对") for number, asked in kept if asked not in got]
