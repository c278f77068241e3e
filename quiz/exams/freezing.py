"""The questions an exam asks, as they are in the bank at this moment, kept with the exam from then on."""

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import delete

from question_bank import Kind
from question_bank.marking import needs_marker
from question_bank.paper import PaperSpec, Pool, shortages
from quiz.exams import rules
from quiz.exams.models import Exam, Exposure, Paper, PoolQuestion
from quiz.extensions import db
from quiz.questions import queries as questions
from quiz.questions.models import Question


def usable(bank_id: int, *, without: Mapping[int, str] | None = None) -> list[Question]:
    """The bank's approved questions, less those of ``without``, if still worded so.

    ``without``: question → fingerprint.
    """
    bad = without or {}
    found = questions.approved(bank_id)
    return [row for row in found if bad.get(row.id) != row.as_bank_question().fingerprint]


def freeze(exam: Exam, rows: Sequence[Question], *, specs: Sequence[PaperSpec]) -> None:
    """Give ``exam`` its pool and the seed its papers follow from. BankTooSmall names what a spec lacks.

    What people have to mark is part of the pool only where a spec asks for it.
    """
    kinds = {line.kind for spec in specs for line in spec.lines}
    rows = [row for row in rows if row.kind in kinds or not needs_marker(Kind(row.kind))]
    pool = Pool([row.as_bank_question() for row in rows])
    missing = dict.fromkeys(line.message for spec in specs for line in shortages(pool, spec))
    if missing:
        raise rules.BankTooSmall("；".join(missing) + "。")
    exam.pool_fingerprint, exam.seed = pool.fingerprint, secrets.token_hex(16)
    db.session.add(exam)
    db.session.flush()
    db.session.add_all(_frozen(exam.id, row) for row in rows)


def thaw(exam: Exam) -> None:
    """Take back pool and papers made ready, of an exam nobody has begun."""
    discard_papers(exam)
    db.session.execute(delete(PoolQuestion).where(PoolQuestion.exam_id == exam.id))


def discard_papers(exam: Exam) -> None:
    """Let papers be drawn anew, of an exam nobody has begun: who may sit has changed."""
    for table in (Exposure, Paper):
        db.session.execute(delete(table).where(table.exam_id == exam.id))


def _frozen(exam_id: int, row: Question) -> PoolQuestion:
    return PoolQuestion(
        exam_id=exam_id,
        question_id=row.id,
        kind=row.kind,
        stem=row.stem,
        options=row.options,
        key=row.key,
        explanation=row.explanation,
        basis=row.basis,
        chapter=row.chapter,
        difficulty=row.difficulty,
    )
