"""The organiser's table, the same in a workbook and in delimited text.

题型 题干 选项A… 答案 解析 依据 章节 难度 分值 标签: the headings of the template. The stem's heading becomes
题干（原样） where the reader would else take the start of a text for the file's own numbering.
"""

import json
from collections.abc import Mapping, Sequence

from question_bank import blanks
from question_bank.columns import VERBATIM, field_of
from question_bank.options import inside_stem, listed_texts, without_letters
from question_bank.question import LABELS, TRUE, Kind, Question
from question_bank.reading.draft import NUMBER

#: Tried between the texts of several blanks: the first that is taken apart again as it was.
_BETWEEN = ("；", "\n", "\\", "|", "#", "&&")
#: Fields in the order of their columns, with the names the template gives them. A letter follows ``option``.
NAMES: Mapping[str, str] = {
    "kind": "题型",
    "stem": "题干",
    "option": "选项",
    "answer": "答案",
    "explanation": "解析",
    "basis": "依据",
    "chapter": "章节",
    "difficulty": "难度",
    "points": "分值",
    "tags": "标签",
}
_AFTER = list(NAMES)[3:]
_LEAST_OPTIONS = 4


def headings(
    questions: Sequence[Question], *, options: int = _LEAST_OPTIONS, names: Mapping[str, str] = NAMES
) -> list[str]:
    """The heading row; at least ``options`` columns for options. ``names`` has every field of NAMES."""
    most = max([options, *(len(question.options) for question in questions)])
    verbatim = f"（{VERBATIM}）" if any(map(_needs_verbatim, questions)) else ""
    lettered = (f"{names['option']}{LABELS[place]}" for place in range(most))
    return [names["kind"], names["stem"] + verbatim, *lettered, *(names[field] for field in _AFTER)]


def unread(names: Mapping[str, str]) -> list[str]:
    """Fields of NAMES whose own names the reader would not take for them, in their order."""
    row = headings([], names=names)
    found = [field_of(heading) for heading in row]
    plain = {"kind": found[0], "stem": found[1], **dict(zip(_AFTER, found[-len(_AFTER) :], strict=True))}
    wrong = [field for field, meant in plain.items() if meant is None or meant[0] != field]
    lettered = found[2 : -len(_AFTER)]
    if lettered != [("option", place) for place in range(_LEAST_OPTIONS)]:
        wrong.append("option")
    twice = [field for field in NAMES if list(names.values()).count(names[field]) > 1]
    return [field for field in NAMES if field in wrong or field in twice]


def row(question: Question, width: int) -> list[str | float | None]:
    """The cells of one question, ``width`` of them; points are a number, everything else is text."""
    room = width - len(_AFTER) - 2
    return [
        question.kind.chinese,
        question.stem,
        *question.options,
        *[""] * (room - len(question.options)),
        key_text(question),
        question.explanation,
        question.basis,
        question.chapter,
        question.difficulty.chinese,
        question.points,
        "、".join(question.tags),
    ]


def key_text(question: Question) -> str:
    """The answer as it stands in a cell: ACD, 正确, the texts of the blanks, the model answer."""
    if question.kind is Kind.TRUE_FALSE:
        return "正确" if question.key == (TRUE,) else "错误"
    if question.kind.has_options:
        return "".join(question.key)
    if question.kind is Kind.SHORT:
        text = "".join(question.key)
        return _list(question.key) if text.startswith("[") and listed_texts(text) else text
    gaps = blanks.count(question.stem)
    joined = [mark.join(question.key) for mark in _BETWEEN]
    plain = (text for text in joined if not _is_list(text) and blanks.pieces(text, gaps) == question.key)
    return next(plain, _list(question.key))


def _list(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _is_list(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and bool(listed_texts(text))


def _needs_verbatim(question: Question) -> bool:
    """Whether the reader would take something off the stem or an option."""
    numbered = NUMBER.match(question.stem)
    lettered = tuple(without_letters(question.options)) != question.options
    return bool(numbered or lettered or (not question.options and inside_stem(question.stem)))
