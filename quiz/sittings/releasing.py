"""What a person may see of a sitting that was handed in, and when: score, what was right, the key."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from question_bank.paper import Item
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.memory import memory
from quiz.sittings import correcting, queries, rules
from quiz.sittings.models import Sitting


def sitting_document(sitting: Sitting, *, phone: str, at: datetime) -> dict[str, Any]:
    """State of a sitting: the paper while it is open, the score once submitted, the review once released."""
    if sitting.submitted_at is None:
        facts = {"elsewhere": True} if rules.is_elsewhere(sitting.phone, phone) else {}
        paused = sitting.paused_at is not None
        return {"state": "open", "paused": paused, **facts, **queries.paper_document(sitting, at=at)}
    document: dict[str, Any] = {
        "state": "submitted",
        "sitting": sitting.id,
        **queries.score_document(sitting),
    }
    if sitting.voided_at is not None:
        document["voided"] = sitting.void_reason
    if not score_shown(sitting.exam, at=at):
        document |= {"score": None, "passed": None}
    if may_review(sitting, at=at):
        document["review"] = review_documents(sitting, at=at)
    return document


def may_review(sitting: Sitting, *, at: datetime) -> bool:
    """Whether the person may see what was right and wrong; the key comes with it once key_shown()."""
    return _is_released(sitting, sitting.exam.answers_release, at=at)


def key_shown(sitting: Sitting, *, at: datetime) -> bool:
    return may_review(sitting, at=at) and _is_released(sitting, sitting.exam.review, at=at)


def _is_released(sitting: Sitting, release: str, *, at: datetime) -> bool:
    """Never of a voided sitting, nor at the close while somebody with more time is still answering."""
    state = exams.state(sitting.exam, at=at)
    # Without a score it still waits for its markers.
    found = exam_rules.is_released(release, submitted=sitting.score is not None, state=state)
    if not found or sitting.voided_at is not None:
        return False
    return release == exam_rules.Release.SUBMIT or not is_under_way(sitting.exam)


def score_shown(exam: Exam, *, at: datetime) -> bool:
    """Whether persons may see the scores of what they handed in."""
    return exam_rules.is_released(exam.score_release, submitted=True, state=exams.state(exam, at=at))


def score_shown_in(exam_id: int, *, at: datetime) -> bool:
    """The same by number, from settings at most a second old: a submit pays nothing for asking."""
    read = memory().keep(("release", exam_id), lambda: _release_of(exam_id), seconds=1)
    return exam_rules.is_released(read[0], submitted=True, state=exam_rules.state(**read[1], at=at))


def _release_of(exam_id: int) -> tuple[str, dict[str, Any]]:
    times = ("opens_at", "closes_at", "ended_at", "paused_at")
    columns = [getattr(Exam, name) for name in ("score_release", *times)]
    row = db.session.execute(select(*columns).where(Exam.id == exam_id)).one()
    db.session.rollback()
    return row[0], dict(zip(times, row[1:], strict=True))


def is_under_way(exam: Exam) -> bool:
    """Whether anybody's sitting of this exam is still open."""
    still = select(Sitting.id).where(Sitting.exam_id == exam.id, Sitting.submitted_at.is_(None))
    return db.session.scalar(still.limit(1)) is not None


def review_documents(sitting: Sitting, *, at: datetime) -> list[dict[str, Any]]:
    """Every item with answer and mark, with key, explanation and basis as far as key_shown().

    Only for who passed may_review().
    """
    documents = whole_review(sitting)
    if key_shown(sitting, at=at):
        return documents
    # A correction tells the key as well.
    kept = ("key", "explanation", "basis", "correction")
    return [{name: value for name, value in one.items() if name not in kept} for one in documents]


def whole_review(sitting: Sitting) -> list[dict[str, Any]]:
    """Every item with answer, mark, key, explanation and basis: for the desk."""
    answers, earned = queries.responses_of(sitting.id), queries.marks_of(sitting)
    amendments = {one.question: one for one in queries.amendments_of(sitting.exam)}
    items = queries.items_of(sitting.paper)
    return [
        queries.public_item(item)
        | {
            "answer": answers.get(item.position, ([], 0))[0],
            "key": list(corrected.key),
            "mark": float(earned.get(item.position, Decimal(0))),
            "explanation": item.question.explanation,
            "basis": item.question.basis,
            "chapter": item.question.chapter,
            **_correction(item, amendments),
        }
        for item, corrected in zip(items, correcting.amended(items, list(amendments.values())), strict=True)
    ]


def _correction(item: Item, amendments: Mapping[int, correcting.Amendment]) -> dict[str, str]:
    """``correction`` in a sentence and ``deed`` of an item that was put right, nothing for the others."""
    found = amendments.get(item.index)
    return {"correction": correcting.sentence(item, found), "deed": found.deed.value} if found else {}
