"""Moodle's GIFT text format. See ``reading.gift`` for what each part means."""

import json
import re
from collections.abc import Sequence
from typing import Any

from question_bank import joined
from question_bank.question import LABELS, TRUE, Difficulty, Kind, Question
from question_bank.reading.gift import HEAD, META, category_chapter

_SPECIAL = re.compile(r"[\\~=#{}:]")
_TAG_END = re.compile(r"[\\\]]")
_LIKE_WEIGHT = re.compile(r"\s*%")
_LIKE_FORMAT = re.compile(r"\s*\[(?:html|moodle|plain|markdown)\]")


def document(questions: Sequence[Question]) -> bytes:
    """The file, UTF-8: a category line wherever the chapter changes, a blank line between questions."""
    lines = [HEAD, ""]
    category = category_of("")
    for question in questions:
        own, fits = placed(question.chapter)
        if own != category:
            lines += [f"$CATEGORY: {own}", ""]
            category = own
        meta = _meta(question) | ({} if fits else {"chapter": question.chapter})
        if meta:
            lines.append(META + json.dumps(meta, ensure_ascii=False))
        if question.tags:
            lines.append("// " + " ".join(f"[tag:{_TAG_END.sub(_backslash, tag)}]" for tag in question.tags))
        lines += [f"[plain]{_escaped(question.stem)} {{", *_body(question), "}", ""]
    return "\n".join(lines).encode()


def category_of(chapter: str) -> str:
    """The category path of a chapter, as Moodle writes it: $course$/top/第一章/第一节."""
    names = [name.replace("/", "//") for name in chapter.split(" / ")] if chapter else []
    return "/".join(["$course$", "top", *names])


def placed(chapter: str) -> tuple[str, bool]:
    """The category a question of this chapter stands in, and whether that says the chapter."""
    own = category_of(chapter)
    fits = "\n" not in chapter and category_chapter(own) == chapter
    return (own if fits else category_of("")), fits


def _meta(question: Question) -> dict[str, Any]:
    """What GIFT has no place for."""
    meta: dict[str, Any] = {}
    if question.difficulty is not Difficulty.MEDIUM:
        meta["difficulty"] = int(question.difficulty)
    if question.points is not None:
        meta["points"] = question.points
    if question.basis:
        meta["basis"] = question.basis
    if question.kind is Kind.SHORT and question.key:
        meta["key"] = question.key[0]
    if question.kind is Kind.FILL:
        between = joined.lines(question.key)[1]
        meta |= {"blanks": len(question.key), "between": between} if between else {}
        meta |= {"kind": Kind.FILL.value} if "->" in "".join(question.key) else {}
    return meta


def _body(question: Question) -> list[str]:
    lines = _answers(question)
    if question.explanation:
        lines.append(f"####{_text(question.explanation)}")
    return lines


def _answers(question: Question) -> list[str]:
    if question.kind is Kind.TRUE_FALSE:
        return ["TRUE" if question.key == (TRUE,) else "FALSE"]
    if question.kind is Kind.FILL:
        # In a short answer Moodle takes * for any text.
        return ["=" + _weighed(line.replace("*", r"\*"), "%100%") for line in joined.lines(question.key)[0]]
    lettered = list(zip(LABELS, question.options, strict=False))
    if question.kind is Kind.SINGLE:
        return [
            "=" + _weighed(text, "%100%") if label in question.key else "~" + _weighed(text, "%0%")
            for label, text in lettered
        ]
    if question.kind is Kind.MULTIPLE:
        share = f"{100 / len(question.key):.5f}".rstrip("0").rstrip(".")
        return [
            f"~%{share}%{_text(text)}" if label in question.key else f"~%-100%{_text(text)}"
            for label, text in lettered
        ]
    return []


def _backslash(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _weighed(text: str, weight: str) -> str:
    """With the weight written out only where the text itself begins like one."""
    return (weight if _LIKE_WEIGHT.match(text) else "") + _text(text)


def _text(text: str) -> str:
    return ("[plain]" if _LIKE_FORMAT.match(text) else "") + _escaped(text)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_backslash, text).replace("\n", r"\n")
