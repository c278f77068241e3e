"""Writing question banks: ``write(questions, path)`` in the format its name asks for.

One module per format; each has ``document(questions, …) -> bytes``. What ``read`` gives back for each:

========  ====================================================================================
.xlsx     everything: kind, stem, options, key, explanation, basis, chapter, difficulty, points, tags
.csv      everything
.gift     everything: explanation as general feedback, chapter as $CATEGORY, the rest in one
          ``// mingshi {…}`` comment before the question, which other programs pass over, tags as
          Moodle writes them: ``// [tag:…]``
.xml      (Moodle) everything: generalfeedback, category, defaultgrade, graderinfo; difficulty
          and basis as tags of their own
.zip      (QTI 3) everything: modal feedback, MAXSCORE; chapter, difficulty, basis and tags (keywords) as LOM
.txt      (Aiken) single choice only, with stem, options and key
.docx     an exercise book for people; nothing is read back from it here
========  ====================================================================================

Texts are written in the form ``cells.clean`` gives them: padding, control and invisible characters go.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from question_bank.cells import cleaned
from question_bank.errors import CannotWrite
from question_bank.question import Kind, Question
from question_bank.writing import aiken, delimited, gift, moodle, qti, table, word, workbook


class Format(StrEnum):
    """The formats, by the extension of their files."""

    XLSX = "xlsx"
    CSV = "csv"
    GIFT = "gift"
    MOODLE = "xml"
    QTI = "zip"
    AIKEN = "txt"
    WORD = "docx"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something the format has no room for; ``number`` is the question's place in the bank, from 1."""

    number: int
    message: str


_FIELDS = {"explanation": "解析", "basis": "依据", "chapter": "章节", "points": "分值", "tags": "标签"}


def format_of(path: str | Path) -> Format:
    """The format a file name asks for. CannotWrite when it asks for none."""
    try:
        return Format(Path(path).suffix[1:].lower())
    except ValueError as wrong:
        message = "认不出要写成什么格式。扩展名可以是 .xlsx、.csv、.gift、.xml、.zip、.txt 或 .docx。"
        raise CannotWrite("unknown-format", message) from wrong


def write(
    questions: Sequence[Question], path: str | Path, *, form: Format | None = None, keys: bool = True
) -> list[Loss]:
    """Write the questions to ``path``, which is replaced only when all is written.

    ``form`` is taken from the name when it is not given; ``keys`` False makes an exercise book without
    them. Returns what the format could not take. CannotWrite when nothing can be written; OSError.
    """
    path = Path(path)
    body, losses = written(questions, form or format_of(path), title=path.stem, keys=keys)
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=".mingshi-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        # A temporary file is private; what people asked for has the rights of any new file.
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return losses


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def written(
    questions: Sequence[Question],
    form: Format,
    *,
    title: str = "",
    keys: bool = True,
    asked: bool = True,
    names: Mapping[str, str] = table.NAMES,
) -> tuple[bytes, list[Loss]]:
    """The file as bytes, and what it could not take. CannotWrite when it would be empty or broken.

    ``keys`` and ``asked``: whether an exercise book has answers, and questions. ``names``: the headings of
    a workbook.
    """
    if not questions:
        raise CannotWrite("no-questions", "没有可以写出的题目。")
    questions = [cleaned(question) for question in questions]
    if form is Format.AIKEN:
        return _aiken(questions)
    if form is Format.WORD:
        return word.document(questions, title=title, keys=keys, asked=asked), []
    if form is Format.XLSX:
        return workbook.document(questions, names=names), []
    makers = {
        Format.CSV: delimited.document,
        Format.GIFT: gift.document,
        Format.MOODLE: moodle.document,
        Format.QTI: qti.document,
    }
    return makers[form](questions), []


def carried(question: Question, form: Format) -> Question | None:
    """What reading the written file gives for this question, None when the format has no room for it.

    An exercise book carries nothing back.
    """
    question = cleaned(question)
    if form is Format.WORD:
        return None
    if form is not Format.AIKEN:
        return question
    return (
        None
        if aiken.why_not(question)
        else Question(Kind.SINGLE, question.stem, question.options, question.key)
    )


def _aiken(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    losses, kept = [], []
    for number, question in enumerate(questions, start=1):
        reason = aiken.why_not(question)
        if reason:
            losses.append(Loss(number, f"没有写出：{reason}"))
            continue
        kept.append(question)
        lost = [word for name, word in _FIELDS.items() if getattr(question, name)]
        if lost:
            losses.append(Loss(number, f"没有写出{'、'.join(lost)}"))
    if not kept:
        raise CannotWrite("nothing-fits", "这种格式只写单选题，题库里没有能写的题目。")
    return aiken.document(kept), losses
