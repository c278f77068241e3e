"""Reads of sittings, and the loaders that authorise."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from question_bank import Kind
from question_bank.paper import Item
from question_bank.question import LABELS
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, Paper
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.models import Person
from quiz.sittings import rules
from quiz.sittings.models import Response, Result, Sitting
from quiz.tokens import Candidate


def own_sitting(candidate: Candidate, sitting_id: int) -> Sitting:
    """This person's sitting of the exam they identified for, or NotFound."""
    found = db.session.get(Sitting, sitting_id)
    if found is None or (found.person_id, found.exam_id) != (candidate.person, candidate.exam):
        raise NotFound
    return found


def own_person(candidate: Candidate) -> Person:
    found = db.session.get(Person, candidate.person)
    if found is None or not found.active:
        raise NotFound
    return found


def own_exam(candidate: Candidate, code: str) -> Exam:
    """The exam with this code, if it is the one the person identified for; else NotFound."""
    found = exams.exam_by_code(code)
    if found.id != candidate.exam:
        raise NotFound
    return found


def sittings_of(exam_id: int, person_id: int) -> list[Sitting]:
    wanted = select(Sitting).where(Sitting.exam_id == exam_id, Sitting.person_id == person_id)
    return list(db.session.scalars(wanted.order_by(Sitting.number)))


def result_of(exam_id: int, person_id: int) -> Result | None:
    return db.session.scalar(select(Result).where(Result.exam_id == exam_id, Result.person_id == person_id))


def shape_of(sitting_id: int) -> str:
    """The sitting's shape, remembered: it never changes. NotFound without such a sitting."""
    return memory().keep(("shape", sitting_id), lambda: _load_shape(sitting_id))


def _load_shape(sitting_id: int) -> str:
    found = db.session.scalar(select(Sitting.shape).where(Sitting.id == sitting_id))
    # A read leaves its transaction open until the request ends; the save that follows needs none.
    db.session.rollback()
    if found is None:
        raise NotFound
    return found


def items_of(paper: Paper) -> list[Item]:
    """The paper's items with options and key as this paper shows them."""
    frozen = exams.frozen_pool(paper.exam_id).by_id
    return [
        Item(position, row[0], frozen[row[0]], tuple(LABELS.index(label) for label in row[1]), row[2])
        for position, row in enumerate(paper.items, 1)
    ]


def public_item(item: Item) -> dict[str, Any]:
    """What the phone may see before release: never the key."""
    shown = item.shown()
    if item.question.kind is Kind.FILL:
        shown["blanks"] = len(item.question.key)
    return shown


def responses_of(sitting_id: int) -> dict[int, tuple[list[str], int]]:
    """Position → answer and revision."""
    rows = db.session.execute(
        select(Response.position, Response.answer, Response.revision).where(Response.sitting_id == sitting_id)
    )
    return {position: (json.loads(answer), revision) for position, answer, revision in rows}


def marks_of(sitting_id: int) -> dict[int, Decimal]:
    wanted = select(Response.position, Response.mark).where(Response.sitting_id == sitting_id)
    return {position: mark or Decimal(0) for position, mark in db.session.execute(wanted)}


def exam_document(exam: Exam, candidate: Candidate | None, *, at: datetime) -> dict[str, Any]:
    """INTERFACE, GET …/exams/CODE; ``chances_left`` is null without limit, full before signing in."""
    closes = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    sat = 0
    if candidate is not None and candidate.exam == exam.id:
        sat = len(sittings_of(exam.id, candidate.person))
    return {
        "code": exam.code,
        "title": exam.title,
        "mode": exam.mode,
        "state": exams.state(exam, at=at).value,
        "opens_in": rules.seconds_left(deadline=exam.opens_at, at=at),
        "closes_in": rules.seconds_left(deadline=closes, at=at),
        "minutes": exam.minutes,
        "chances_left": max(0, exam.chances - sat) if exam.chances else None,
        "rules": exams.rule_sentences(exam),
    }


def paper_document(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """What a phone needs to begin or go on: INTERFACE, POST …/sittings."""
    return {
        "sitting": sitting.id,
        "seconds_left": rules.seconds_left(deadline=sitting.deadline, at=at),
        "items": [public_item(item) for item in items_of(sitting.paper)],
        "responses": response_documents(responses_of(sitting.id)),
    }


def response_documents(responses: Mapping[int, tuple[list[str], int]]) -> dict[str, Any]:
    return {str(p): {"answer": answer, "revision": revision} for p, (answer, revision) in responses.items()}


def score_document(sitting: Sitting) -> dict[str, Any]:
    """INTERFACE, POST …/submit."""
    return {
        "score": None if sitting.score is None else float(sitting.score),
        "full": float(sitting.exam.full),
        "passed": sitting.passed,
        "submitted_at": None if sitting.submitted_at is None else sitting.submitted_at.isoformat(),
    }


def sitting_document(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """State of a sitting: the paper while it is open, the score once submitted, the review once released."""
    if sitting.submitted_at is None:
        return {"state": "open", **paper_document(sitting, at=at)}
    document: dict[str, Any] = {"state": "submitted", "sitting": sitting.id, **score_document(sitting)}
    if may_review(sitting, at=at):
        document["review"] = review_documents(sitting)
    return document


def may_review(sitting: Sitting, *, at: datetime) -> bool:
    return exam_rules.may_review(
        review=sitting.exam.review,
        submitted=sitting.submitted_at is not None,
        state=exams.state(sitting.exam, at=at),
    )


def review_documents(sitting: Sitting) -> list[dict[str, Any]]:
    """Every item with answer, key, mark, explanation and basis: only for who passed may_review()."""
    answers, marks = responses_of(sitting.id), marks_of(sitting.id)
    return [
        public_item(item)
        | {
            "answer": answers.get(item.position, ([], 0))[0],
            "key": list(item.key),
            "mark": float(marks.get(item.position, Decimal(0))),
            "explanation": item.question.explanation,
            "basis": item.question.basis,
            "chapter": item.question.chapter,
        }
        for item in items_of(sitting.paper)
    ]


def due_ids(*, at: datetime, limit: int = 500) -> Sequence[int]:
    """Open sittings that anybody may finalise now, the oldest first."""
    wanted = select(Sitting.id).where(
        Sitting.submitted_at.is_(None), Sitting.accept_until < at - rules.SETTLE
    )
    return db.session.scalars(wanted.order_by(Sitting.accept_until).limit(limit)).all()
