"""Moodle's XML format: ``<quiz>`` with one ``<question type="…">`` after the other.

multichoice, truefalse, shortanswer, essay and cloze questions made of short answers are read; other types
are left out by name. Rows count the questions from 1, categories not among them.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from question_bank import blanks, joined
from question_bank.question import ALTERNATIVE, FALSE, LABELS, TRUE, Kind, Question
from question_bank.reading.entries import Entries, difficulty_of, points_of
from question_bank.reading.gift import category_chapter
from question_bank.reading.markup import from_html
from question_bank.report import WARNING

GAP = "____"
#: Tags of ours for what Moodle has no field for; a tag is one text.
DIFFICULTY, BASIS, BLANKS, CHAPTER = "难度：", "依据：", "空：", "章节："
_FORMATTED = ("html", "moodle_auto_format", "")
_LEFT = {
    "numerical": "numerical",
    "match": "matching",
    "matching": "matching",
    "ddmatch": "matching",
    "randomsamatch": "matching",
    "description": "description",
    "ordering": "ordering",
    "random": "random",
    "ddwtos": "interactive",
    "gapselect": "interactive",
    "ddimageortext": "interactive",
    "ddmarker": "interactive",
}
CLOZE = re.compile(r"\{[0-9]*:([A-Z_]+):((?:\\[\s\S]|[^\\{}])*)\}")
_SHORT_ANSWERS = ("SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC")
_CLOZE_PIECE = re.compile(r"(?:\\[\s\S]|[^\\~])+")


def read(root: Element, entries: Entries) -> None:
    """Put every question under ``<quiz>`` into ``entries``."""
    row, chapter = 0, ""
    for element in root.iter("question"):
        kind = element.get("type", "")
        if kind == "category":
            chapter = category_chapter(" ".join(_text(element.find("category")).split("\n")))
            continue
        row += 1
        _Reading(element, row, chapter, entries).read(kind)


def _text(element: Element | None) -> str:
    """The raw text of ``<x><text>…</text></x>``."""
    return (element.findtext("text") or "") if element is not None else ""


class _Reading:
    def __init__(self, element: Element, row: int, chapter: str, entries: Entries) -> None:
        self.element, self.row, self.entries = element, row, entries
        self.tags = [_text(tag) for tag in element.iterfind("tags/tag")]
        self.chapter = chapter
        self.pictures = 0
        self.stem = self.shown(element.find("questiontext"))
        self.remarks = [self.shown(element.find("generalfeedback"))]

    def shown(self, element: Element | None) -> str:
        """The text as people see it; plain and markdown texts stand as they are."""
        raw = _text(element)
        form = element.get("format", "html") if element is not None else ""
        if form not in _FORMATTED:
            return raw
        text, pictures = from_html(raw)
        self.pictures += pictures
        return text

    def tag(self, name: str) -> str:
        return next((tag.removeprefix(name) for tag in self.tags if tag.startswith(name)), "")

    def read(self, kind: str) -> None:
        if kind == "multichoice":
            self.choice()
        elif kind == "truefalse":
            self.truth()
        elif kind == "shortanswer":
            self.fill()
        elif kind == "essay":
            model = self.shown(self.element.find("graderinfo"))
            self.take(Kind.SHORT, self.stem, (), (model,) if model.strip() else ())
        elif kind in ("cloze", "multianswer"):
            self.cloze()
        else:
            reason = "calculated" if kind.startswith("calculated") else _LEFT.get(kind, "unknown")
            self.entries.leave(self.row, reason, self.stem)

    def answers(self) -> list[tuple[Element, float]]:
        return [(answer, _fraction(answer)) for answer in self.element.iterfind("answer")]

    def choice(self) -> None:
        found = self.answers()
        single = (self.element.findtext("single") or "true").strip().lower() in ("true", "1")
        texts = tuple(self.shown(answer) for answer, _ in found)
        key = []
        for label, (answer, fraction) in zip(LABELS, found, strict=False):
            self.remark(answer, label)
            if fraction >= 99.99 if single else fraction > 0:
                key.append(label)
        if single and any(0 < fraction < 99.99 for _, fraction in found):
            self.warn("part-marks", "有的选项给部分分，没有读入。只有完全正确的算对")
        self.take(Kind.SINGLE if single else Kind.MULTIPLE, self.stem, texts, tuple(key))

    def truth(self) -> None:
        right = {_text(answer).strip().lower() for answer, fraction in self.answers() if fraction >= 99.99}
        for answer, _ in self.answers():
            self.remark(answer)
        key = {"true": (TRUE,), "false": (FALSE,)}.get(right.pop() if len(right) == 1 else "", ())
        self.take(Kind.TRUE_FALSE, self.stem, (), key)

    def fill(self) -> None:
        found = self.answers()
        # The answer of a short answer is plain text, whatever its format says; * matches anything.
        exact = [
            _text(answer)
            for answer, fraction in found
            if fraction >= 99.99 and not re.search(r"(?<!\\)\*", _text(answer))
        ]
        for answer, _ in found:
            self.remark(answer)
        if len(exact) < len(found):
            self.warn("part-marks", "只给部分分的答案和带星号的答案没有读入")
        count, _, between = self.tag(BLANKS).partition("：")
        gaps = int(count) if count.isdecimal() and len(count) < 3 else 1
        key = joined.separated([text.replace(r"\*", "*") for text in exact], gaps, between)
        if key is None:
            message = f"有 {gaps} 个空，答案的段数对不上"
            self.entries.problem(self.row, "key", "blanks-differ", message, self.stem)
            return
        self.take(Kind.FILL, self.stem, (), key)

    def cloze(self) -> None:
        """Short answers embedded in the text, each after the gap it fills; a gap is added where none is."""
        stem, key, end = "", [], 0
        for field in CLOZE.finditer(self.stem):
            stem += self.stem[end : field.start()]
            end = field.end()
            accepted = _accepted(field[2])
            if field[1] not in _SHORT_ANSWERS or not accepted:
                self.entries.leave(self.row, "cloze", self.stem)
                return
            stem += "" if blanks.ends_in_gap(stem) else GAP
            key.append(ALTERNATIVE.join(accepted))
        self.take(Kind.FILL, stem + self.stem[end:], (), tuple(key))

    def remark(self, answer: Element, label: str = "") -> None:
        feedback = answer.find("feedback")
        text = self.shown(feedback).strip() if feedback is not None else ""
        if text:
            self.remarks.append(f"{label}：{text}" if label else text)

    def warn(self, code: str, message: str) -> None:
        self.entries.problem(self.row, "key", code, message, self.stem, severity=WARNING)

    def take(self, kind: Kind, stem: str, options: Sequence[str], key: tuple[str, ...]) -> None:
        if self.pictures:
            message = f"题里有 {self.pictures} 处图片或录音，没有读入"
            self.entries.problem(self.row, "stem", "has-picture", message, stem, severity=WARNING)
        question = Question(
            kind=kind,
            stem=stem,
            options=tuple(options),
            key=key,
            explanation="\n".join(dict.fromkeys(remark for remark in self.remarks if remark.strip())),
            basis=self.tag(BASIS),
            chapter=self.tag(CHAPTER) or self.chapter,
            difficulty=difficulty_of(self.tag(DIFFICULTY)),
            points=points_of(self.element.findtext("defaultgrade") or ""),
            tags=tuple(tag for tag in self.tags if not tag.startswith((DIFFICULTY, BASIS, BLANKS, CHAPTER))),
        )
        self.entries.take(self.row, question)


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0.0


def _accepted(field: str) -> list[str]:
    """The wholly right texts of one cloze field ``=right#feedback~%50%half~*``."""
    texts = []
    for piece in _CLOZE_PIECE.findall(field):
        text = re.match(r"((?:\\[\s\S]|[^\\#])*)", piece)
        plain = text[1] if text else ""
        weighed = re.match(r"%(-?[0-9.]+)%", plain)
        if plain.startswith("=") or (weighed and weighed[1] == "100"):
            plain = plain[weighed.end() :] if weighed else plain[1:]
            texts.append(re.sub(r"\\([\s\S])", r"\1", plain).strip())
    return [text for text in texts if text and text != "*"]
