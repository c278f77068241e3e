"""The terms on which people join a contest: reading them, deciding them, the words they agree to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from quiz.audit.services import record
from quiz.exams import enrolling
from quiz.exams.enrolling import Terms
from quiz.exams.models import Consent, Enrolment, Exam, JoinTerms
from quiz.extensions import db


def terms_of(exam: Exam) -> Terms:
    """Those decided for this contest; else those the organiser called usual; else the defaults.

    A contest that came about from another has the other's (copies, make-ups), because they are copied.
    """
    own = db.session.get(JoinTerms, exam.id)
    found = own or db.session.scalar(
        select(JoinTerms).where(JoinTerms.usual_at.is_not(None)).order_by(JoinTerms.usual_at.desc()).limit(1)
    )
    return enrolling.from_document(found.document) if found else Terms()


def decide(exam: Exam, *, terms: Terms, usual: bool, at: datetime, who: str) -> bool:
    """Set the terms; ``usual``: contests to come without their own follow. BadTerms. True if changed."""
    enrolling.check(terms)
    before, row = terms_of(exam), db.session.get(JoinTerms, exam.id)
    if row is None:
        row = JoinTerms(exam_id=exam.id)
        db.session.add(row)
    row.document = terms.document()
    row.usual_at = at if usual else row.usual_at
    old, new = before.document(), terms.document()
    fields = [words for name, words in _WORDS.items() if old[name] != new[name]]
    if fields or usual:
        said = {"fields": fields, "consent": terms.version} | ({"usual": True} if usual else {})
        record(who=who, what="exam.terms", subject=f"exam:{exam.code}", at=at, **said)
    return bool(fields)


_WORDS = {
    "access": "谁能参加",
    "pupils": "学生模式",
    "other": "其他单位",
    "category": "问五进类别",
    "categories": "五进类别",
    "identity": "问身份类别",
    "identities": "身份类别",
    "consent": "个人信息使用说明",
}


def carry(exam: Exam, *, to: Exam) -> None:
    """Let another exam that comes about from this one have the same terms."""
    own = db.session.get(JoinTerms, exam.id)
    if own is not None:
        db.session.add(JoinTerms(exam_id=to.id, document=own.document))


def keep_words(terms: Terms, *, at: datetime) -> str:
    """The version of the words somebody agrees to, with the words kept; twice at once keeps them once."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    row = {"version": terms.version, "words": terms.consent, "used_at": at}
    db.session.execute(insert(Consent).values(row).on_conflict_do_nothing())
    return terms.version


def enrolment(exam_id: int, person_id: int) -> Enrolment | None:
    return db.session.get(Enrolment, (exam_id, person_id))
