"""Aiken: stem, lettered options, ``ANSWER: B``. Single choice only, and nothing besides."""

from collections.abc import Sequence

from question_bank.question import LABELS, Kind, Question
from question_bank.reading.aiken import ANSWER, CHINESE_ANSWER, OPTION


def why_not(question: Question) -> str:
    """Why this question cannot be written, in Chinese; empty when it can."""
    if question.kind is not Kind.SINGLE:
        return f"这种格式只写单选题，这是{question.kind.chinese}"
    if any("\n" in option for option in question.options):
        return "选项里有换行"
    for line in question.stem.split("\n"):
        if not line.strip():
            return "题干里有空行"
        if line != line.strip():
            return "题干有一行的两头是空格"
        if OPTION.match(line) or ANSWER.match(line) or CHINESE_ANSWER.match(line):
            return "题干里有一行会被认成选项或答案"
    return ""


def document(questions: Sequence[Question]) -> bytes:
    """The file, UTF-8 with \\n; every question is one ``why_not`` has nothing against."""
    return "\n".join(map(_block, questions)).encode()


def _block(question: Question) -> str:
    lettered = zip(LABELS, question.options, strict=False)
    lines = [question.stem, *(f"{label}. {option}" for label, option in lettered)]
    return "\n".join([*lines, f"ANSWER: {question.key[0]}", ""])
