"""Reads of banks and their questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, cast, func, not_, select

from question_bank.reading.child import Known
from question_bank.report import Report
from quiz.errors import NotFound
from quiz.extensions import db
from quiz.people.models import Account
from quiz.questions.models import APPROVED, RETIRED, Bank, BankImport, HeadingMapping, Question
from quiz.questions.outcome import Outcome, Reading
from quiz.questions.settling import Decisions, Held


@dataclass(frozen=True, slots=True)
class BankLine:
    """A bank in the list: how many approved questions of each kind, and when one last came in."""

    bank: Bank
    counts: dict[str, int]
    updated: datetime

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ``total`` rows; ``number`` counts from 1 and never lies beyond ``last``."""

    rows: Sequence[Question]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        return last_page(self.total, self.size)


def last_page(total: int, size: int) -> int:
    return max(1, -(-total // size))


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
    return dict(db.session.execute(counted).all())


def bank_lines() -> list[BankLine]:
    """Every bank with its counts, in three statements however many there are."""
    counted = select(Question.bank_id, Question.kind, func.count(), func.max(Question.created_at))
    counted = counted.where(Question.state == APPROVED).group_by(Question.bank_id, Question.kind)
    counts: dict[int, dict[str, int]] = {}
    updated: dict[int, datetime] = {}
    for bank_id, kind, count, latest in db.session.execute(counted):
        counts.setdefault(bank_id, {})[kind] = count
        updated[bank_id] = max(latest, updated.get(bank_id, latest))
    return [
        BankLine(found, counts.get(found.id, {}), updated.get(found.id, found.created_at))
        for found in banks()
    ]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A file that was read, in the list: by whom, where to, what became of it. Without its report."""

    found: BankImport
    bank: Bank
    who: str
    decided: Decisions

    @property
    def left(self) -> int:
        return 0 if self.decided.closed or self.found.undone_at else self.decided.left

    @property
    def asks(self) -> bool:
        """Whether nothing can be read before somebody says what the columns are."""
        return bool(self.found.mapping) and not self.found.imported_at

    @property
    def state(self) -> str:
        """undone, draft, or stored: in part while rows are left."""
        return "undone" if self.found.undone_at else "stored" if self.found.imported_at else "draft"


def imports(*, bank_id: int = 0, number: int = 1, size: int = 0) -> list[ImportLine]:
    """Files that were read, the latest first: of one bank or of all, one page of ``size`` or all."""
    found = select(BankImport, Bank, Account.name).join(Bank, Bank.id == BankImport.bank_id)
    found = found.outerjoin(Account, Account.id == BankImport.account_id)
    found = found.where(BankImport.bank_id == bank_id) if bank_id else found
    found = found.order_by(BankImport.id.desc())
    found = found.limit(size).offset((number - 1) * size) if size else found
    rows = db.session.execute(found)
    return [ImportLine(row, bank, who or "命令行", Decisions.of(row.fixes)) for row, bank, who in rows]


def count_imports(*, bank_id: int = 0) -> int:
    counted = select(func.count()).select_from(BankImport)
    return db.session.scalar(counted.where(BankImport.bank_id == bank_id) if bank_id else counted) or 0


def waiting_imports() -> list[ImportLine]:
    """Files with rows that wait, newest first."""
    return [line for line in imports() if line.left or (line.asks and not line.found.undone_at)]


def outcome(found: BankImport) -> Outcome:
    """What importing this file does now, after all that was decided about it."""
    return Outcome(reading(found.report), held(found.bank_id), Decisions.of(found.fixes))


def held(bank_id: int) -> dict[str, Held]:
    """The questions of a bank by their fingerprints, without what an undone import left behind retired."""
    undone = select(BankImport.id).where(BankImport.undone_at.is_not(None))
    revived = (Question.state == RETIRED) & Question.import_id.in_(undone)
    asked = select(Question.fingerprint, Question.id, Question.state)
    asked = asked.where(Question.bank_id == bank_id, not_(revived)).order_by(Question.copy.desc())
    known: dict[str, Held] = {}
    for mark, number, state in db.session.execute(asked):
        if state != RETIRED or mark not in known:
            known[mark] = Held(number, state == RETIRED)
    return known


def known(bank_name: str) -> list[Known]:
    """The approved questions of a bank, if there is one of this name, to compare others with."""
    columns = (
        Question.id,
        Question.kind,
        Question.stem,
        cast(Question.options, Text),
        cast(Question.key, Text),
    )
    asked = select(*columns).join(Bank, Bank.id == Question.bank_id)
    asked = asked.where(Bank.name == bank_name.strip(), Question.state == APPROVED).order_by(Question.id)
    return [tuple(row) for row in db.session.execute(asked)]


@lru_cache(maxsize=2)
def reading(report: str) -> Reading:
    """The last reports somebody worked on: taking a large one apart again for every look is slow."""
    return Reading(Report.from_json(report))


def question(question_id: int) -> Question | None:
    return db.session.get(Question, question_id)


def same_file(found: BankImport) -> BankImport | None:
    """An earlier reading of the same file for the same bank that still counts, the latest first."""
    earlier = select(BankImport).where(
        BankImport.digest == found.digest,
        BankImport.bank_id == found.bank_id,
        BankImport.id < found.id,
        BankImport.undone_at.is_(None),
    )
    same = earlier.order_by(BankImport.id.desc()).limit(1)
    return db.session.scalar(same) if found.digest else None


def remembered(signature: str) -> HeadingMapping | None:
    """What an organiser said about files of this make, the last time."""
    return db.session.get(HeadingMapping, signature)
