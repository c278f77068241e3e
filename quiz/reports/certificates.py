"""Deeds and reads of certificates: give them, take one back, find one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from quiz.audit.services import record
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Unit
from quiz.reports import certifying
from quiz.reports.certifying import BadCertificate, Kind, Whom
from quiz.reports.models import Certificate
from quiz.sittings import changing
from quiz.standings import tables
from quiz.standings.tables import Board


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the organiser chose: which certificate, for whom, in whose name."""

    kind: Kind
    whom: Whom
    issuer: str
    award: str = ""
    #: Of SCORE the least score, of RANKS and UNITS the first and the last rank.
    first: int = 1
    last: int = 1


@dataclass(frozen=True)
class _Holder:
    person_id: int | None
    unit_id: int
    name: str
    unit: str


def issue(board: Board, choice: Choice, *, at: datetime, who: str) -> int:
    """Give a certificate to everybody chosen who has none like it; returns how many. BadCertificate.

    ``board`` is the jury's.
    """
    exam = board.exam
    exams.lock(exam)
    choice = _checked(exam, choice, at=at)
    have = {(one.person_id, one.unit_id) for one in _like(exam, choice)}
    found = [one for one in _holders(board, choice) if (one.person_id, one.unit_id) not in have]
    db.session.add_all(_made(exam, choice, one, at=at, who=who) for one in found)
    if found:
        said = {"title": choice.kind.chinese, "award": choice.award, "count": len(found)}
        record(who=who, what="certificate.issue", subject=f"exam:{exam.code}", at=at, **said)
    return len(found)


def _checked(exam: Exam, choice: Choice, *, at: datetime) -> Choice:
    if not changing.is_over(exam, at=at):
        raise BadCertificate("考试结束、全部交卷以后才能发证。")
    if tables.is_frozen(tables.ranking(exam), at=at):
        raise BadCertificate("还在封榜。先公布名次，再发证。")
    if choice.whom in (Whom.RANKS, Whom.UNITS):
        certifying.check_ranks(choice.first, choice.last)
    if choice.whom is Whom.UNITS and choice.kind is not Kind.HONOUR:
        raise BadCertificate("发给单位的只有荣誉证书。")
    honour = choice.kind is Kind.HONOUR
    award = certifying.clean(choice.award, what="奖项", longest=certifying.LONGEST_AWARD) if honour else ""
    issuer = certifying.clean(choice.issuer, what="发证单位", longest=certifying.LONGEST_ISSUER)
    kept = {"first": choice.first, "last": choice.last}
    return Choice(kind=choice.kind, whom=choice.whom, issuer=issuer, award=award, **kept)


def _like(exam: Exam, choice: Choice) -> Sequence[Certificate]:
    alike = Certificate.kind == choice.kind.value, Certificate.award == choice.award
    wanted = select(Certificate).where(Certificate.exam_id == exam.id, *alike)
    return db.session.scalars(wanted.where(Certificate.revoked_at.is_(None))).all()


def _holders(board: Board, choice: Choice) -> list[_Holder]:
    if choice.whom is Whom.UNITS:
        return [
            _Holder(None, entry.row.unit_id, entry.row.unit, "")
            for entry in board.ranked
            if entry.rank is not None and entry.row.took_part and choice.first <= entry.rank <= choice.last
        ]
    found = []
    for row in board.persons():
        given = {
            Whom.PASSED: row.Result.passed,
            Whom.SCORE: row.Result.score >= Decimal(choice.first),
            Whom.RANKS: choice.first <= row.rank <= choice.last,
            Whom.ALL: True,
        }[choice.whom]
        if given:
            found.append(_Holder(row.Result.person_id, row.Result.unit_id, row.name, row.unit))
    return found


def _made(exam: Exam, choice: Choice, holder: _Holder, *, at: datetime, who: str) -> Certificate:
    return Certificate(
        number=certifying.number(exam.code, random=secrets.choice),
        exam_id=exam.id,
        person_id=holder.person_id,
        unit_id=holder.unit_id,
        kind=choice.kind.value,
        award=choice.award,
        name=holder.name,
        unit=holder.unit,
        title=exam.title,
        issuer=choice.issuer,
        issued_at=at,
        who=who,
    )


def revoke(exam: Exam, number: str, *, reason: str, at: datetime, who: str) -> None:
    """Take one back. NotFound, BadCertificate."""
    found = of_number(number)
    if found is None or found.exam_id != exam.id:
        raise NotFound
    why = certifying.clean(reason, what="原因", longest=100)
    if found.revoked_at is not None:
        raise BadCertificate("这张证书已经作废。")
    found.revoked_at, found.revoke_reason = at, why
    said = {"title": found.number, "reason": why}
    record(who=who, what="certificate.revoke", subject=f"exam:{exam.code}", at=at, **said)


def of_number(number: str) -> Certificate | None:
    wanted = certifying.clean_number(number)
    if wanted is None:
        return None
    return db.session.scalar(select(Certificate).where(Certificate.number == wanted))


def of_exam(exam: Exam, *, unit_id: int | None = None, valid: bool = False) -> list[Certificate]:
    """The exam's, the newest last; ``valid``: without those taken back."""
    wanted = select(Certificate).where(Certificate.exam_id == exam.id).order_by(Certificate.id)
    if unit_id is not None:
        wanted = wanted.where(Certificate.unit_id == unit_id)
    if valid:
        wanted = wanted.where(Certificate.revoked_at.is_(None))
    return list(db.session.scalars(wanted))


def units_of(found: Sequence[Certificate]) -> list[Unit]:
    wanted = select(Unit).where(Unit.id.in_({one.unit_id for one in found})).order_by(Unit.pinyin, Unit.id)
    return list(db.session.scalars(wanted))


def of_person(exam: Exam, person_id: int) -> list[Certificate]:
    """Somebody's own, without those taken back."""
    own = Certificate.exam_id == exam.id, Certificate.person_id == person_id
    wanted = select(Certificate).where(*own, Certificate.revoked_at.is_(None))
    return list(db.session.scalars(wanted.order_by(Certificate.id)))


def own(exam_id: int, person_id: int, number: str) -> Certificate:
    """The one with this number if it is this person's and stands; NotFound."""
    found = of_number(number)
    if found is None or (found.exam_id, found.person_id) != (exam_id, person_id) or found.revoked_at:
        raise NotFound
    return found
