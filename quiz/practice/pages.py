"""What the pages of practising show, read and put into words. A read model: changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from question_bank import Kind
from question_bank.question import LABELS
from quiz.exams import queries as exams
from quiz.exams.rules import moment
from quiz.extensions import to_millis
from quiz.people.models import Person
from quiz.practice import queries, rules
from quiz.practice.queries import Tally
from quiz.questions import verdicts
from quiz.questions.models import Bank, Question


def banks(person: Person, *, at: datetime) -> dict[str, Any]:
    pausing = queries.running(at=at)
    lines = queries.by_bank(person.id, pausing)
    return {"person": person, "lines": lines, "pause": _pause(pausing, [tally for _, tally in lines], at)}


def bank(person: Person, found: Bank, *, at: datetime) -> dict[str, Any]:
    pausing = queries.running(at=at)
    chapters = queries.by_chapter(found.id, person.id, pausing)
    return {
        "person": person,
        "bank": found,
        "chapters": chapters,
        "whole": reduce(add, chapters.values(), Tally()),
        "pause": _pause(pausing, list(chapters.values()), at),
        "others": queries.anything_released(besides=found.id),
    }


def _pause(pausing: Sequence[queries.Running], tallies: Sequence[Tally], at: datetime) -> str:
    """Why questions are missing and when they are back; empty when none is."""
    held = sum(tally.held for tally in tallies)
    if not held:
        return ""
    some = f"其中 {held} 题" if any(tally.free for tally in tallies) else ""
    if pausing[0].stopped:
        return f"考试进行期间暂停练习{some}，考试结束后恢复。"
    until = pausing[0].until.astimezone(exams.zone())
    today = until.date() == at.astimezone(exams.zone()).date()
    when = f"{until.hour}:{until.minute:02}" if today else moment(until)
    return f"考试进行期间暂停练习{some}，{when} 考试结束后恢复。"


def asked(person: Person, question: Question, series: rules.Series, *, at: datetime) -> dict[str, Any]:
    """A question to answer. Nothing here may tell the key, its explanation or its 依据."""
    kind, known = Kind(question.kind), queries.record_of(person.id, question.id)
    return _place(person, question, series, at) | {
        "question_id": question.id,
        "stem": question.stem,
        "kind": kind,
        "options": _options(question),
        "blanks": len(question.key) if kind is Kind.FILL else 1,
        "seen": "" if known is None else to_millis(known.answered_at),
    }


def answered(
    person: Person, question: Question, series: rules.Series, answer: Sequence[str], *, at: datetime
) -> dict[str, Any]:
    """The same question with key, explanation, 依据 and the article's text."""
    facts, kind = asked(person, question, series, at=at), Kind(question.kind)
    texts = kind in (Kind.FILL, Kind.SHORT)
    told = {"key": question.key, "answer": answer, "several": kind is Kind.MULTIPLE}
    return facts | {
        "answer": answer,
        "right": rules.is_right(kind, question.key, answer),
        "options": [option | verdicts.option(option["label"], **told) for option in facts["options"]],
        "texts": _texts(kind, question.key, answer) if texts else [],
        "explanation": question.explanation,
        "basis": question.basis,
        "article": queries.article(question.article_id),
    }


def _options(question: Question) -> list[dict[str, str]]:
    if question.kind == Kind.TRUE_FALSE:
        return list(verdicts.TRUTH)
    return [{"label": a, "text": b} for a, b in zip(LABELS, question.options, strict=False)]


def _texts(kind: Kind, key: Sequence[str], answer: Sequence[str]) -> list[dict[str, Any]]:
    """Blank by blank: what was given, whether it is right, and what is."""
    told = verdicts.blanks(key, answer)
    return [one | {"right": rules.is_right(kind, [one["entry"]], [one["given"]])} for one in told]


def _place(person: Person, question: Question, series: rules.Series, at: datetime) -> dict[str, Any]:
    """Where in the series this question stands, and what comes after it."""
    ids = list(queries.series(question.bank_id, person.id, series, at=at))
    number = ids.index(question.id) + 1 if question.id in ids else None
    names = {rules.Way.BOOK: "错题本", rules.Way.RANDOM: "随机练"}
    return {
        "bank_id": question.bank_id,
        "link": query(series),
        "name": names.get(series.way) or series.chapter or "未分章节",
        "place": f"{number} / {len(ids)}" if number else "",
        "next_id": rules.following(ids, question.id, seed=series.seed),
    }


def first(person: Person, bank_id: int, series: rules.Series, *, at: datetime) -> int | None:
    """Where to begin: a chapter goes on with what was never answered, or begins anew when all was."""
    ids = queries.series(bank_id, person.id, series, at=at)
    if series.way is rules.Way.CHAPTER:
        return next((number for number, done in ids.items() if not done), next(iter(ids), None))
    return next(iter(ids), None)


def after(
    person: Person, bank_id: int, question_id: int, series: rules.Series, *, at: datetime
) -> int | None:
    ids = queries.series(bank_id, person.id, series, at=at)
    return rules.following(ids, question_id, seed=series.seed)


def query(series: rules.Series) -> dict[str, str]:
    """The series as the query of an address; read back by views."""
    parts = {"way": series.way.value, "chapter": series.chapter, "seed": series.seed}
    return {name: value for name, value in parts.items() if value}
