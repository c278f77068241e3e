"""Deeds on a question that was asked wrongly: correct it, take the correction back, mark anew.

Exactly the sittings whose paper holds the question are marked anew, from answers and keys. Whoever marks
holds the exam's row shared until the commit (closing), whoever corrects holds it alone: every sitting is
either seen here or marked with what was decided here.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, cast, func, insert, select, update

from question_bank.marking import MultiplePolicy
from question_bank.paper import Item
from question_bank.question import LABELS
from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Paper
from quiz.extensions import db
from quiz.memory import memory
from quiz.sittings import closing, correcting, queries
from quiz.sittings.correcting import Amendment
from quiz.sittings.models import Correction, Rescore, Response, Sitting

#: Sittings read together while marking anew.
CHUNK = 300


def apply(exam: Exam, *, amendment: Amendment, reason: str, at: datetime, who: str) -> Correction:
    """Put a question right. Raises NotFound, BadCorrection or AlreadyCorrected."""
    exams.lock(exam)
    question = exams.frozen_pool(exam.id).by_id.get(amendment.question)
    if question is None:
        raise NotFound
    correcting.check(question, amendment, reason=reason)
    before = correcting.in_force(exam.corrections)
    if any(one.question == amendment.question for one in before):
        raise correcting.AlreadyCorrected
    made = Correction(
        exam_id=exam.id,
        pool_question_id=amendment.question,
        deed=amendment.deed.value,
        key=list(amendment.key),
        reason=reason.strip(),
        who=who,
        at=at,
    )
    db.session.add(made)
    exam.corrections = correcting.stored((*before, amendment))
    db.session.flush()
    _mark_anew(exam, made, what="correction.apply", at=at, who=who)
    return made


def undo(correction: Correction, *, at: datetime, who: str) -> None:
    """Take a correction back; what else is in force stays. Raises NotInForce."""
    exam = correction.exam
    exams.lock(exam)
    db.session.refresh(correction)
    if correction.undone_at is not None:
        raise correcting.NotInForce
    correction.undone_at, correction.undone_by = at, who
    kept = correcting.in_force(exam.corrections)
    exam.corrections = correcting.stored(o for o in kept if o.question != correction.pool_question_id)
    db.session.flush()
    _mark_anew(exam, correction, what="correction.undo", at=at, who=who)


def _mark_anew(exam: Exam, correction: Correction, *, what: str, at: datetime, who: str) -> None:
    marked_anew = [(one, _score(exam, one)) for one in marked(exam, question=correction.pool_question_id)]
    changed = [(one, score) for one, score in marked_anew if one.score != score]
    ledger = [
        {"sitting_id": one.id, "correction_id": correction.id, "before": one.score, "after": score, "at": at}
        for one, score in marked_anew
    ]
    if ledger:
        db.session.execute(insert(Rescore), ledger)
    if changed:
        anew = [{"id": one.id, "score": score, "passed": score >= exam.pass_mark} for one, score in changed]
        db.session.execute(update(Sitting), anew)
        closing.keep_results(exam, sorted({one.person_id for one, _ in changed}))
    said = {"correction": correction.id, "question": correction.pool_question_id, "deed": correction.deed}
    said |= {"sittings": len(ledger), "changed": len(changed), "reason": correction.reason}
    record(who=who, what=what, subject=f"exam:{exam.code}", at=at, **said)


def _score(exam: Exam, one: "Marked") -> Decimal:
    policy = MultiplePolicy(exam.multiple_policy)
    found = correcting.score(one.items, one.answers, policy, correcting.in_force(exam.corrections), one.hand)
    return Decimal(found) / 100


@dataclass(frozen=True)
class Marked:
    """A sitting with a score, and everything its score follows from."""

    id: int
    person_id: int
    score: Decimal
    items: list[Item]
    answers: dict[int, list[str]]
    #: Position → hundredths that people gave.
    hand: dict[int, int]


def marked(exam: Exam, *, question: int | None = None) -> Iterator[Marked]:
    """Sittings of the exam that have a score; those whose paper holds ``question``, if one is given."""
    wanted = (
        select(Sitting.id, Sitting.person_id, Sitting.score, Paper.items)
        .join(Paper, Paper.id == Sitting.paper_id)
        .where(Sitting.exam_id == exam.id, Sitting.score.is_not(None))
        .order_by(Sitting.id)
    )
    if question is not None:
        # A first sieve in the database: every entry of items begins with the question's row.
        wanted = wanted.where(cast(Paper.items, String).contains(f"[{question},"))
    rows = [
        row
        for row in db.session.execute(wanted)
        if question is None or any(entry[0] == question for entry in row.items)
    ]
    for first in range(0, len(rows), CHUNK):
        yield from with_answers(exam.id, rows[first : first + CHUNK])


def with_answers(exam_id: int, rows: Sequence[Any]) -> Iterator[Marked]:
    """``rows`` of id, person_id, score and the paper's items, with everything the scores follow from."""
    answers: dict[int, dict[int, list[str]]] = {row.id: {} for row in rows}
    given = select(Response.sitting_id, Response.position, Response.answer)
    for sitting, position, answer in db.session.execute(given.where(Response.sitting_id.in_(answers))):
        answers[sitting][position] = json.loads(answer)
    hand = queries.hand_marks(answers)
    for row in rows:
        items = queries.stored_items(exam_id, row.items)
        yield Marked(row.id, row.person_id, row.score, items, answers[row.id], hand.get(row.id, {}))


@dataclass
class Facility:
    """How a question went: asked and answered right in how many sittings, each answer how often."""

    asked: int = 0
    right: int = 0
    #: In the question's own labels; texts for a fill.
    given: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return self.right / self.asked if self.asked else 2


def facilities(exam: Exam) -> dict[int, Facility]:
    """Pool question → how it went, with the keys in force; at most half a minute old."""
    key = ("facility", exam.id, json.dumps(exam.corrections))
    return memory().keep(key, lambda: _facilities(exam), seconds=30)


def _facilities(exam: Exam) -> dict[int, Facility]:
    found: dict[int, Facility] = {}
    policy = MultiplePolicy(exam.multiple_policy)
    # How a voided question went is what speaks for or against it: only new keys count here.
    given = correcting.in_force(exam.corrections)
    amendments = [one for one in given if one.deed is correcting.Deed.REKEY]
    for one in marked(exam):
        earned = correcting.marks(one.items, one.answers, policy, amendments, one.hand)
        for item in one.items:
            seen = found.setdefault(item.index, Facility())
            seen.asked += 1
            seen.right += earned.get(item.position, 0) >= item.points
            seen.given.update(own_labels(item, one.answers.get(item.position, [])))
    return found


def own_labels(item: Item, answer: Sequence[str]) -> list[str]:
    """The answer in the labels of the question rather than of this paper."""
    return sorted(LABELS[item.order[LABELS.index(label)]] for label in answer) if item.order else list(answer)


def of_exam(exam: Exam) -> Sequence[Correction]:
    """The ledger of one exam, the newest first."""
    wanted = select(Correction).where(Correction.exam_id == exam.id)
    return db.session.scalars(wanted.order_by(Correction.id.desc())).all()


def of_id(exam: Exam, correction_id: int) -> Correction:
    """A correction of this exam, or NotFound."""
    found = db.session.get(Correction, correction_id)
    if found is None or found.exam_id != exam.id:
        raise NotFound
    return found


def changed_counts(exam: Exam) -> dict[int, int]:
    """Correction → how many sittings got another score when it was applied."""
    wanted = (
        select(Rescore.correction_id, func.count())
        .join(Correction, Correction.id == Rescore.correction_id)
        .where(Correction.exam_id == exam.id, Rescore.before != Rescore.after, Rescore.at == Correction.at)
    )
    return {row[0]: row[1] for row in db.session.execute(wanted.group_by(Rescore.correction_id))}
