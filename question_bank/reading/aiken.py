"""Aiken: a stem, options ``A)`` or ``A.``, and ``ANSWER: B``. Everything is plain text."""

import re
from dataclasses import dataclass, field

from question_bank.question import LABELS, Kind, Question
from question_bank.reading.entries import Entries

OPTION = re.compile(r"([A-Za-z])[.)](?:[ \t]+|(?=\S)|$)")
ANSWER = re.compile(r"ANSWER\s*:\s*(.*)", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z](?:[\s,;]*[A-Z])*")

#: A bank that also writes 答案：B is prose with one English question in it.
CHINESE_ANSWER = re.compile("^[ \\t]*[【(（]?(?:正确|参考|标准)?答案[ \\t]*[】:：]", re.MULTILINE)


@dataclass(slots=True)
class _Draft:
    """``row`` is the line of the stem, or of the first option where there is no stem."""

    row: int
    stem: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    letters: str = ""


def looks_like(text: str) -> bool:
    """Whether an ``ANSWER: B`` follows right after lettered lines, and no Chinese 答案 stands elsewhere."""
    if CHINESE_ANSWER.search(text):
        return False
    previous = ""
    for line in text.split("\n"):
        bare = line.strip()
        found = ANSWER.fullmatch(bare)
        if found and _LETTERS.fullmatch(found[1].strip()) and OPTION.match(previous):
            return True
        previous = bare or previous
    return False


def read(text: str, entries: Entries) -> None:
    """Put every question into ``entries``; rows are line numbers. Blank lines mean nothing."""
    draft: _Draft | None = None
    for row, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        answer = ANSWER.fullmatch(bare)
        option = OPTION.match(bare)
        if answer:
            _finish(draft, row, answer[1].strip(), entries)
            draft = None
        elif option:
            draft = draft or _Draft(row)
            draft.options.append(bare[option.end() :])
            draft.letters += option[1].upper()
        elif bare:
            if draft and draft.options:
                _unfinished(draft, entries)
                draft = None
            draft = draft or _Draft(row)
            draft.stem.append(bare)
    if draft:
        _unfinished(draft, entries)


def _unfinished(draft: _Draft, entries: Entries) -> None:
    message = "题目没有写完：没有答案" if draft.options else "题目没有写完：没有选项，也没有答案"
    entries.problem(draft.row, "key", "no-key", message, "\n".join(draft.stem))


def _finish(draft: _Draft | None, row: int, answer: str, entries: Entries) -> None:
    if draft is None:
        entries.problem(row, "stem", "no-stem", "答案前面没有题目", answer)
        return
    letters = _LETTERS.fullmatch(answer.upper() if len(answer) == 1 else answer)
    if letters is None:
        entries.problem(row, "key", "unknown-key", f"答案“{answer[:20]}”不是选项的字母", answer)
        return
    if not LABELS.startswith(draft.letters):
        message = f"选项的字母不是从 A 起依次排列：{draft.letters[:26]}"
        entries.problem(draft.row, "options", "letters-out-of-order", message, "\n".join(draft.stem))
        return
    key = tuple(sorted(re.findall("[A-Z]", letters[0])))
    kind = Kind.SINGLE if len(key) == 1 else Kind.MULTIPLE
    entries.take(draft.row, Question(kind, "\n".join(draft.stem), tuple(draft.options), key))
