"""Moodle's XML format. See ``reading.moodle`` for what each part means.

All texts are plain_text, so that literal tags stay literal. Several blanks become a cloze question when
every one has its gap in the stem, else one short answer in which the blanks stand side by side.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from question_bank import blanks, joined
from question_bank.question import LABELS, TRUE, Difficulty, Kind, Question
from question_bank.reading.moodle import BASIS, BLANKS, CHAPTER, CLOZE, DIFFICULTY
from question_bank.writing.gift import category_of, placed
from question_bank.writing.xml import add, finished

_SPECIAL = re.compile(r'[\\}~#/"]')
_NAME = 60


def document(questions: Sequence[Question]) -> bytes:
    """The file; a category stands wherever the chapter changes."""
    quiz = Element("quiz")
    category = category_of("")
    for question in questions:
        own, fits = placed(question.chapter)
        if own != category:
            _text(add(quiz, "question", type="category"), "category", own, form="")
            category = own
        _question(quiz, question, chapter="" if fits else question.chapter)
    return finished(quiz)


def _text(parent: Element, name: str, text: str, *, form: str = "plain_text", **attributes: str) -> Element:
    formatted = {"format": form} if form else {}
    element = add(parent, name, **attributes, **formatted)
    add(element, "text", text)
    return element


def _question(quiz: Element, question: Question, *, chapter: str) -> None:
    cloze = _cloze(question)
    element = add(quiz, "question", type="cloze" if cloze else _KINDS[question.kind])
    _text(element, "name", " ".join(question.stem.split())[:_NAME], form="")
    _text(element, "questiontext", cloze or question.stem)
    _text(element, "generalfeedback", question.explanation)
    if question.points is not None:
        add(element, "defaultgrade", f"{question.points:g}")
    if question.kind.has_options:
        _choice(element, question)
    elif question.kind is Kind.TRUE_FALSE:
        for word, right in (("true", question.key == (TRUE,)), ("false", question.key != (TRUE,))):
            _text(element, "answer", word, fraction="100" if right else "0", form="moodle_auto_format")
    elif question.kind is Kind.SHORT:
        _short(element, question)
    elif not cloze:
        _fill(element, question)
    _tags(element, question, chapter, cloze=bool(cloze))


_KINDS = {
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.FILL: "shortanswer",
    Kind.SHORT: "essay",
}


def _choice(element: Element, question: Question) -> None:
    single = question.kind is Kind.SINGLE
    add(element, "single", "true" if single else "false")
    add(element, "shuffleanswers", "true")
    add(element, "answernumbering", "ABCD")
    share = f"{100 / len(question.key):.5f}".rstrip("0").rstrip(".")
    for label, option in zip(LABELS, question.options, strict=False):
        # A wrong choice costs everything, or ticking all would earn all.
        fraction = share if label in question.key else "0" if single else "-100"
        _text(element, "answer", option, fraction=fraction)


def _short(element: Element, question: Question) -> None:
    add(element, "responseformat", "plain")
    _text(element, "graderinfo", "".join(question.key))


def _fill(element: Element, question: Question) -> None:
    add(element, "usecase", "0")
    for line in joined.lines(question.key)[0]:
        _text(element, "answer", line.replace("*", r"\*"), fraction="100", form="moodle_auto_format")


def _cloze(question: Question) -> str:
    """The stem with each blank's answers behind its gap; empty where that cannot be."""
    places = blanks.ends(question.stem)
    if question.kind is not Kind.FILL or len(question.key) < 2 or len(places) != len(question.key):
        return ""
    # * would match anything there, and { would begin another field.
    if CLOZE.search(question.stem) or re.search("[*{]", "".join(question.key)):
        return ""
    pieces, start = [], 0
    for place, entry in zip(places, question.key, strict=True):
        texts = (_SPECIAL.sub(lambda found: "\\" + found[0], text) for text in joined.accepted(entry))
        pieces.append(f"{question.stem[start:place]}{{1:SHORTANSWER:={'~='.join(texts)}}}")
        start = place
    return "".join(pieces) + question.stem[start:]


def _tags(element: Element, question: Question, chapter: str, *, cloze: bool) -> None:
    tags = [f"{BASIS}{question.basis}"] if question.basis else []
    if question.difficulty is not Difficulty.MEDIUM:
        tags.append(f"{DIFFICULTY}{question.difficulty.chinese}")
    if chapter:
        tags.append(f"{CHAPTER}{chapter}")
    if question.kind is Kind.FILL and not cloze:
        between = joined.lines(question.key)[1]
        tags += [f"{BLANKS}{len(question.key)}：{between}"] if between else []
    tags += question.tags
    if tags:
        holder = add(element, "tags")
        for tag in tags:
            _text(holder, "tag", tag, form="")
