"""Moodle's GIFT text format: ``stem {=right ~wrong}`` and its relatives.

True/false, one or several right answers, short answers and essays are read; numerical, matching and
description entries are left out by name. Feedback becomes the explanation. ``$CATEGORY`` is the chapter.
A line ``// mingshi {…}`` before a question holds what GIFT has no place for; our writer puts it there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from question_bank import joined
from question_bank.question import ALTERNATIVE, FALSE, LABELS, TRUE, Difficulty, Kind, Question
from question_bank.reading.entries import Entries, points_of
from question_bank.reading.markup import from_html
from question_bank.report import WARNING

#: The first line of our own files, which may hold nothing else that shows what they are.
HEAD = "// mingshi gift"
META = "// mingshi "
GAP = "____"
_CATEGORY = "$CATEGORY:"
_ANY = r"(?:\\[\s\S]|[^\\{}])"
_BLOCK = re.compile(rf"({_ANY}*)\{{({_ANY}*)\}}({_ANY}*)")
_STARTS = re.compile(r"(?:[^\\]|^)\{\s*(?:[=~#]|(?:TRUE|FALSE|T|F)\s*[}#])", re.IGNORECASE)
_TITLE = re.compile(r"\s*::((?:\\[\s\S]|[^\\:]|:(?!:))*)::")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"\s*%(-?[0-9]+(?:\.[0-9]+)?)%")
_TOKEN = re.compile(r"\\[\s\S]|[=~]")
_FEEDBACK = re.compile(r"((?:\\[\s\S]|[^\\#])*)#([\s\S]*)")
_GENERAL = re.compile(r"((?:\\[\s\S]|[^\\#]|#(?!###))*)####([\s\S]*)")
_TRUTH = re.compile(r"\s*(TRUE|FALSE|T|F)\s*(?:#([\s\S]*))?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_TAG = re.compile(r"\[tag:((?:[^\\\]]|\\.)+)\]")
_WILD = re.compile(r"(?<!\\)\*")


@dataclass(slots=True)
class _Block:
    """The lines of one question; ``row`` counts from 1."""

    row: int
    category: str
    lines: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    mark: str
    weight: float | None
    text: str
    feedback: str


def looks_like(text: str) -> bool:
    """Whether a text is GIFT: a category or a title in front, or answers in braces in most of its blocks."""
    blocks = [block for block, _ in zip(_blocks(text), range(200), strict=False)]
    if not blocks:
        return any(line.startswith(_CATEGORY) for line in text.split("\n"))
    bodies = ["\n".join(block.lines) for block in blocks]
    like = sum(1 for body in bodies if _STARTS.search(body) or (_TITLE.match(body) and "{" in body))
    return like > 0 and like >= 0.5 * len(bodies)


def read(text: str, entries: Entries) -> None:
    """Put every question of the text into ``entries``; rows are line numbers."""
    for block in _blocks(text):
        _read_block(block, entries)


def _blocks(text: str) -> Iterator[_Block]:
    category, meta = "", {}
    tags: list[str] = []
    block: _Block | None = None
    for row, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if bare.startswith(META.rstrip()):
            meta = _meta(bare.removeprefix(META.rstrip()))
        elif bare.startswith("//"):
            tags += (re.sub(r"\\(.)", r"\1", tag) for tag in _TAG.findall(bare))
        elif bare.startswith(_CATEGORY):
            category = category_chapter(bare.removeprefix(_CATEGORY))
        elif not bare:
            if block:
                yield block
            block = None
        else:
            if block is None:
                block, meta, tags = _Block(row, category, meta=meta, tags=tags), {}, []
            block.lines.append(bare)
    if block:
        yield block


def _meta(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def category_chapter(path: str) -> str:
    """``$course$/top/a/b`` as ``a / b``; a doubled slash is a slash in a name."""
    path = re.sub(r"^\$(?:course|module|system|cat\d*)\$(?:/|$)", "", path.strip())
    path = re.sub(r"^top(?:/|$)", "", path)
    names = re.findall(r"(?:[^/]|//)+", path)
    return " / ".join(name.replace("//", "/").strip() for name in names)


def _read_block(block: _Block, entries: Entries) -> None:
    raw = "\n".join(block.lines)
    if not re.search(r"(?<!\\)[{}]", raw.replace("\\\\", "")):
        entries.leave(block.row, "description", _plain(_untitled(raw)[0], ""))
        return
    found = _BLOCK.fullmatch(raw)
    if found is None:
        message = "花括号不成对，或一题里有几处答案。一题只能有一对花括号，文字里的花括号前要加反斜杠"
        entries.problem(block.row, "stem", "odd-braces", message, raw)
        return
    before, body, after = found.groups()
    before, form = _untitled(before)
    general = _GENERAL.fullmatch(body)
    body, remark = general.groups() if general else (body, "")
    _Reading(block, entries, form, remark).read(before, body, after)


def _untitled(text: str) -> tuple[str, str]:
    """The stem without its title and its format, and the format."""
    title = _TITLE.match(text)
    text = text[title.end() :] if title else text
    form = _FORMAT.match(text)
    return (text[form.end() :], form[1]) if form else (text, "")


class _Reading:
    """One question on its way from braces to a Question."""

    def __init__(self, block: _Block, entries: Entries, form: str, remark: str) -> None:
        self.block, self.entries, self.form = block, entries, form
        self.remarks = [self.text(remark)] if remark.strip() else []

    def text(self, raw: str) -> str:
        """One text with its own format, else that of the question."""
        own = _FORMAT.match(raw)
        return self.shown(raw[own.end() :] if own else raw, own[1] if own else self.form)

    def shown(self, raw: str, form: str) -> str:
        text = _plain(raw, form)
        if form == "html":
            text, pictures = from_html(text)
            if pictures:
                message = "题里有图片或录音，没有读入"
                self.entries.problem(self.block.row, "stem", "has-picture", message, text, severity=WARNING)
        return text

    def read(self, before: str, body: str, after: str) -> None:
        stem = before.strip()
        said = _TRUTH.fullmatch(body)
        missing = f"{before}{GAP}{after}".strip() if after.strip() else stem
        if not body.strip():
            self.take(Kind.SHORT, f"{stem} {after.strip()}", (), self.model_answer())
        elif said:
            self.remark(said[2] or "")
            key = TRUE if said[1][0].upper() == "T" else FALSE
            self.take(Kind.TRUE_FALSE, f"{stem} {after.strip()}", (), (key,))
        elif body.lstrip().startswith("#"):
            self.entries.leave(self.block.row, "numerical", self.shown(stem, self.form))
        else:
            self.answers(missing, _answers(body))

    def answers(self, stem: str, found: list[_Answer]) -> None:
        if not found:
            message = "花括号里的答案前面没有等号或波浪号"
            self.entries.problem(self.block.row, "key", "unknown-key", message, self.shown(stem, self.form))
        elif any(answer.mark == "~" for answer in found):
            self.choice(stem, found)
        elif any("->" in answer.text for answer in found) and self.block.meta.get("kind") != Kind.FILL:
            self.entries.leave(self.block.row, "matching", self.shown(stem, self.form))
        else:
            self.fill(stem, found)

    def choice(self, stem: str, found: list[_Answer]) -> None:
        """With an = one answer is right; without, every one with a positive weight."""
        single = any(answer.mark == "=" for answer in found)
        texts = tuple(self.text(answer.text) for answer in found)
        key: list[str] = []
        for label, answer in zip(LABELS, found, strict=False):
            self.remark(answer.feedback, label)
            if answer.mark == "=" if single else (answer.weight or 0) > 0:
                key.append(label)
        if single and any(answer.mark == "~" and (answer.weight or 0) > 0 for answer in found):
            message = "有的选项给部分分，没有读入。只有完全正确的算对"
            self.warn("key", "part-marks", message, stem)
        self.take(Kind.SINGLE if single else Kind.MULTIPLE, stem, texts, tuple(key))

    def fill(self, stem: str, found: list[_Answer]) -> None:
        """Short answers; those worth less than all are not right, those with a * match anything."""
        whole = [answer for answer in found if answer.weight is None or answer.weight >= 99.99]
        exact = [answer for answer in whole if not _WILD.search(_plain(answer.text, ""))]
        for answer in found:
            self.remark(answer.feedback)
        if len(exact) < len(found):
            message = "只给部分分的答案和带星号的答案没有读入"
            self.warn("key", "part-marks", message, stem)
        texts = [self.text(answer.text).replace(r"\*", "*") for answer in exact]
        blanks, between = self.block.meta.get("blanks", 1), self.block.meta.get("between", "")
        if not isinstance(blanks, int) or not isinstance(between, str):
            blanks, between = 1, ""
        key = joined.separated(texts, blanks, between)
        if key is None:
            message = f"有 {blanks} 个空，答案的段数对不上"
            self.entries.problem(self.block.row, "key", "blanks-differ", message, ALTERNATIVE.join(texts))
            return
        self.take(Kind.FILL, stem, (), key)

    def model_answer(self) -> tuple[str, ...]:
        key = self.block.meta.get("key")
        return (key,) if isinstance(key, str) and key else ()

    def remark(self, feedback: str, label: str = "") -> None:
        """Feedback on single answers, gathered under the explanation."""
        for piece in re.split(r"(?<!\\)#", feedback):
            text = self.text(piece)
            if text:
                self.remarks.append(f"{label}：{text}" if label else text)

    def warn(self, field: str, code: str, message: str, stem: str) -> None:
        value = self.shown(stem, self.form)
        self.entries.problem(self.block.row, field, code, message, value, severity=WARNING)

    def take(self, kind: Kind, stem: str, options: tuple[str, ...], key: tuple[str, ...]) -> None:
        meta = self.block.meta
        level = meta.get("difficulty")
        chapter = meta.get("chapter")
        basis = meta.get("basis")
        question = Question(
            kind=kind,
            stem=self.shown(stem, self.form),
            options=options,
            key=key,
            explanation="\n".join(dict.fromkeys(self.remarks)),
            basis=basis if isinstance(basis, str) else "",
            chapter=chapter if isinstance(chapter, str) else self.block.category,
            difficulty=Difficulty(level) if level in (1, 2, 3) else Difficulty.MEDIUM,
            points=points_of(str(meta.get("points", ""))),
            tags=tuple(self.block.tags),
        )
        self.entries.take(self.block.row, question)


def _answers(body: str) -> list[_Answer]:
    """The pieces after each unescaped = or ~."""
    marks = [token for token in _TOKEN.finditer(body) if token[0] in "=~"]
    ends = [mark.start() for mark in marks[1:]] + [len(body)] * bool(marks)
    return [_answer(mark[0], body[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]


def _answer(mark: str, raw: str) -> _Answer:
    weight = _WEIGHT.match(raw)
    raw = raw[weight.end() :] if weight else raw
    found = _FEEDBACK.fullmatch(raw)
    text, feedback = found.groups() if found else (raw, "")
    return _Answer(mark, float(weight[1]) if weight else None, text, feedback)


def _plain(raw: str, form: str) -> str:
    """Without escapes; a line break of the file stays one in a plain text and is a space in HTML."""
    lines = re.sub(r"[ \t]*\n[ \t]*", "\n" if form != "html" else " ", raw.strip())
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], lines)
