"""Reads of banks and their questions."""

from sqlalchemy import func, select

from quiz.errors import NotFound
from quiz.extensions import db
from quiz.questions.models import APPROVED, Bank, BankImport, Question


def bank_by_name(name: str) -> Bank | None:
    return db.session.scalar(select(Bank).where(Bank.name == name.strip()))


def bank(bank_id: int) -> Bank:
    found = db.session.get(Bank, bank_id)
    if found is None:
        raise NotFound
    return found


def bank_import(import_id: int) -> BankImport:
    found = db.session.get(BankImport, import_id)
    if found is None:
        raise NotFound
    return found


def banks() -> list[Bank]:
    return list(db.session.scalars(select(Bank).order_by(Bank.id)))


def approved(bank_id: int) -> list[Question]:
    wanted = select(Question).where(Question.bank_id == bank_id, Question.state == APPROVED)
    return list(db.session.scalars(wanted.order_by(Question.id)))


def count_by_kind(bank_id: int) -> dict[str, int]:
    """Approved questions per kind; kinds without questions are left out."""
    wanted = Question.bank_id == bank_id, Question.state == APPROVED
    counted = select(Question.kind, func.count()).where(*wanted).group_by(Question.kind)
    return dict(db.session.execute(counted).tuples().all())
