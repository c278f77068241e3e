"""Deeds on a file that was read: keep it, put rows right, import what is good, undo it all.

Each deed holds the row of the import locked, so that what it decides on is true until it is stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from question_bank import Question as BankQuestion
from question_bank import fixes
from question_bank.placed import Placed, Questions, question_of
from question_bank.report import Report
from quiz.audit.services import record
from quiz.extensions import db, to_millis
from quiz.people.models import Account
from quiz.questions import headings, queries, replacing, rules, storing
from quiz.questions.models import (
    RETIRED,
    Bank,
    BankImport,
    HeadingMapping,
    ImportReport,
    Question,
    QuestionVersion,
)
from quiz.questions.outcome import Outcome, Reading
from quiz.questions.services import WAITING, find_or_make_bank, read_file
from quiz.questions.settling import CHOICES, Decisions, Held, Place
from quiz.questions.storing import Staged, Values


def keep_preview(
    *,
    report: Report,
    bank_name: str,
    account: Account,
    at: datetime,
    digest: str = "",
    mapping: dict[str, Any] | None = None,
    left: int | None = None,
) -> BankImport:
    """Store what was read, for the organiser to look at. Nothing is in the bank yet.

    ``left`` is what ``waiting`` says, asked before the transaction because it takes a while.
    """
    bank = find_or_make_bank(name=rules.clean_bank_name(bank_name), at=at)
    found = BankImport(
        bank_id=bank.id,
        file_name=report.file,
        read=ImportReport(text=report.to_json()),
        account_id=account.id,
        created_at=at,
        digest=digest,
        mapping=mapping,
        fixes=Decisions(left=waiting(report, bank_name=bank.name) if left is None else left).document(),
    )
    db.session.add(found)
    db.session.flush()
    return found


def waiting(report: Report, *, bank_name: str) -> int:
    """How many rows of a file that was read wait to be stored or settled."""
    bank = queries.bank_by_name(rules.clean_bank_name(bank_name))
    return Outcome(Reading(report), queries.held(bank.id) if bank else {}).left


@dataclass(slots=True)
class Plan:
    """What importing will do, worked out before anybody has to wait for it.

    ``seen`` are the decisions it follows from; ``decided`` what they are afterwards. ``new`` are the values
    of questions with their places, for ``transaction`` to lay ready ``ahead``, ``copies`` and ``changed``
    (by id) the few that take longer.
    """

    seen: dict[str, Any]
    decided: Decisions
    new: dict[Place, Values] = field(default_factory=dict)
    ahead: Staged = field(default_factory=lambda: Staged([]))
    copies: list[tuple[BankQuestion, Place]] = field(default_factory=list)
    changed: dict[int, tuple[BankQuestion, Place]] = field(default_factory=dict)


def plan(found: BankImport, *, at: datetime) -> Plan:
    """Work out an import, outside of any transaction that writes."""
    outcome, marks = queries.outcome(found), {}
    made = Plan(found.fixes, outcome.decided)
    for place in outcome.fresh:
        deed = outcome.deed(place)
        if deed.copy:
            made.copies.append((question_of(outcome.row(place)), place))
        elif deed.replaces is not None:
            made.changed[deed.replaces] = question_of(outcome.row(place)), place
        else:
            marks[place] = outcome.mark(place)
    questions = Questions()
    questions.extend(map(outcome.row, marks))
    values = storing.values(questions, list(marks.values()), on=at.date())
    made.new, made.ahead = dict(zip(marks, values, strict=True)), Staged(values)
    made.decided.done |= set(outcome.fresh)
    after = outcome.known | {mark: Held(0) for mark in marks.values()}
    made.decided.left = Outcome(outcome.reading, after, made.decided).left
    return made


def import_preview(found: BankImport, *, at: datetime, who: str, ready: Plan | None = None) -> int:
    """Put the good rows into the bank, exactly as they are shown; returns how many of this file are in it.

    The rest waits and may be imported later. Asking again without new good rows imports nothing. A plan
    that is ``ready`` is followed when nothing was decided since.
    """
    _lock(found)
    if ready is None or ready.seen != found.fixes:
        ready = plan(found, at=at)
    if not (ready.new or ready.copies or ready.changed):
        return found.imported or 0
    decided, done = ready.decided, _store(found, ready, at=at, who=who)
    decided.tally = {name: decided.tally.get(name, 0) + count for name, count in done.items()}
    found.imported = sum(decided.tally.values())
    found.imported_at = at
    found.fixes = decided.document()
    told = {"file": found.file_name, "imported": sum(done.values()), "left": decided.left}
    _record(found, "bank.import", who, at, **told, **done)
    return found.imported


def _store(found: BankImport, ready: Plan, *, at: datetime, who: str) -> dict[str, int]:
    """Do for each good row what is planned for it; returns how many were "new", "replaced", "copies"."""
    bank, told = queries.bank(found.bank_id), {"at": at, "who": who}
    there = replacing.replace_questions(bank, found=found, decided=ready.decided, rows=ready.changed, **told)
    gone = [one for number, one in ready.changed.items() if number not in there]
    new = ready.new | _values_of(gone, at)
    rest = _revive(found, new, **told)
    rows = ready.ahead if rest == ready.new else list(rest.values())
    added = storing.insert(bank, rows, created_at=to_millis(at), import_id=found.id, who=who)
    kept = replacing.add_copies(bank, found=found, rows=ready.copies, **told)
    return {"new": len(new) - len(rest) + added, "replaced": len(there), "copies": kept}


def _values_of(gone: list[tuple[BankQuestion, Place]], at: datetime) -> dict[Place, Values]:
    """Questions that were to replace others which are no longer there."""
    questions = Questions(Placed(*place, question) for question, place in gone)
    values = storing.values(questions, [question.fingerprint for question, _ in gone], on=at.date())
    return dict(zip((place for _, place in gone), values, strict=True))


def _revive(found: BankImport, new: dict[Place, Values], *, at: datetime, who: str) -> dict[Place, Values]:
    """Use again what an undone import had to leave behind out of use; returns the rows that are new."""
    undone = select(BankImport.id).where(BankImport.undone_at.is_not(None))
    left = select(Question.fingerprint, Question.id).where(
        Question.bank_id == found.bank_id, Question.state == RETIRED, Question.import_id.in_(undone)
    )
    known = dict(db.session.execute(left).all())
    if not known:
        return new
    there = {place: known[mark] for place, one in new.items() if (mark := storing.mark_of(one)) in known}
    wanted = {number: place for place, number in there.items()}
    replacing.revive(wanted, found=found, bank=queries.bank(found.bank_id), at=at, who=who)
    return {place: one for place, one in new.items() if place not in there}


def read_again(found: BankImport, *, said: dict[str, Any], folder: Path) -> Report:
    """Read the file once more with what the organiser says. FileRefused when it does not fit or is gone."""
    bank, mapping = queries.bank(found.bank_id), found.mapping or {}
    path = folder / WAITING / str(mapping.get("file", ""))
    if not mapping or not path.is_file():
        raise rules.FileRefused("原来的文件已经不在了。请重新上传。")
    known = queries.known(bank.name)
    return read_file(path, name=found.file_name, mapping=headings.mapping(said), bank=known)


def keep_mapping(found: BankImport, *, said: dict[str, Any], report: Report, at: datetime, who: str) -> None:
    """Take the report read with this mapping, and remember the mapping for the next file of this make.

    ImportOver once rows of the file are in the bank.
    """
    _working(found)
    if found.imported_at is not None:
        raise rules.ImportOver
    found.mapping = (found.mapping or {}) | said | {"remembered": False}
    found.read.text = report.to_json()
    mark = found.mapping["signature"]
    db.session.merge(HeadingMapping(signature=mark, document=said, who=who, at=at))
    _keep(found, Decisions())
    _record(found, "bank.import.mapping", who, at, **said)


def discard_preview(found: BankImport, *, at: datetime, who: str) -> None:
    """Forget a preview, and the bank that was made for it alone. AlreadyImported when it is too late."""
    waiting = delete(BankImport).where(BankImport.id == found.id, BankImport.imported_at.is_(None))
    bank_id = found.bank_id
    _record(found, "bank.import.discard", who, at, file=found.file_name)
    if db.session.execute(waiting).rowcount == 0:
        raise rules.AlreadyImported
    used = exists().where(Question.bank_id == bank_id) | exists().where(BankImport.bank_id == bank_id)
    if not db.session.scalar(select(used)):
        db.session.execute(delete(Bank).where(Bank.id == bank_id))


def close(found: BankImport, *, at: datetime, who: str) -> None:
    """Give up the rows that still wait after an import; what is in the bank stays."""
    decided = _working(found).decided
    decided.closed = True
    _keep(found, decided)
    _record(found, "bank.import.close", who, at, left=decided.left)


def correct(
    found: BankImport, *, place: Place, question: BankQuestion | None, at: datetime, who: str
) -> Outcome:
    """Set what a row says, or None to leave it out; the outcome with it. NotFixed once it is stored."""
    return _correct(found, {place: question}, who=who, at=at)


def restore(found: BankImport, *, place: Place) -> Outcome:
    """Forget what was decided about a row."""
    decided = _working(found).decided
    if place in decided.done:
        raise rules.NotFixed
    decided.rows.pop(place, None)
    decided.near.pop(place, None)
    return _keep(found, decided)


def fix_row(found: BankImport, *, place: Place, fix: str, at: datetime, who: str) -> Outcome:
    """Apply a named fix that is offered for this row. NotFixed when it is not, or no longer."""
    outcome = _working(found)
    question = outcome.question(place)
    if question is None or not any(one.code == fix and not one.field for one in outcome.line(place).fixes):
        raise rules.NotFixed
    return _correct(found, {place: fixes.apply(fix, question)}, who=who, at=at, fix=fix)


def fix_alike(found: BankImport, *, problem: str, fix: str, at: datetime, who: str) -> int:
    """Apply a fix to every waiting row with this problem; returns to how many."""
    outcome = _working(found)
    questions = {place: outcome.question(place) for place in outcome.rows_alike(problem, fix)}
    corrected = {place: fixes.apply(fix, question) for place, question in questions.items() if question}
    if corrected:
        _correct(found, corrected, who=who, at=at, problem=problem, fix=fix)
    return len(corrected)


def choose(found: BankImport, *, choice: str, place: Place | None, equal: bool = False) -> Outcome:
    """What to do about a row that is like another one: one of CHOICES, or "" to ask again.

    Without a place about all rows that are much like another, or ``equal`` to one, and not stored yet.
    """
    outcome = _working(found)
    both = [*outcome.twinned(equal=False), *outcome.twinned(equal=True)]
    chosen = outcome.twinned(equal=equal) if place is None else [one for one in both if one == place]
    if choice not in ("", *CHOICES) or not chosen:
        raise rules.NotFixed
    for one in chosen:
        outcome.decided.near.pop(one, None)
        if choice:
            outcome.decided.near[one] = choice
    return _keep(found, outcome.decided)


def undo(found: BankImport, *, at: datetime, who: str) -> None:
    """Take out of the bank what this import put in, and use again what it replaced.

    Questions that an exam, a practice record or anything else refers to are retired instead. Undoing
    again does nothing.
    """
    standing = update(BankImport).where(
        BankImport.id == found.id, BankImport.imported_at.is_not(None), BankImport.undone_at.is_(None)
    )
    if db.session.execute(standing.values(undone_at=at)).rowcount == 0:
        return
    db.session.refresh(found)
    own = Question.import_id == found.id
    kept = list(db.session.scalars(select(Question.id).where(own, _used())))
    replacing.retire(kept, found=found, at=at, who=who)
    unused = select(Question.id).where(own, ~_used())
    quick = {"synchronize_session": False}
    history = delete(QuestionVersion).where(QuestionVersion.question_id.in_(unused))
    db.session.execute(history, execution_options=quick)
    removed = db.session.execute(delete(Question).where(own, ~_used()), execution_options=quick).rowcount
    db.session.expire_all()
    back, stay = replacing.put_back(found, at=at, who=who)
    told = {"removed": removed, "kept": len(kept), "back": back, "changed_since": stay}
    found.fixes = found.fixes | told
    _record(found, "bank.import.undo", who, at, file=found.file_name, **told)


def _used() -> ColumnElement[bool]:
    """Whether any row of any table but its own history refers to a question."""
    keys = [key for table in db.metadata.tables.values() for key in table.foreign_keys]
    pointing = [
        key.parent
        for key in keys
        if key.column is Question.__table__.c.id and key.parent.table is not QuestionVersion.__table__
    ]
    return or_(*(exists().where(column == Question.id) for column in pointing))


def _working(found: BankImport) -> Outcome:
    """The outcome as it is now, the import locked. ImportOver when it was undone or given up."""
    _lock(found)
    return queries.outcome(found)


def _lock(found: BankImport) -> None:
    db.session.refresh(found, with_for_update=True)
    if found.undone_at is not None or found.fixes.get("closed"):
        raise rules.ImportOver


def _correct(
    found: BankImport, corrected: dict[Place, Any], *, who: str, at: datetime, **detail: Any
) -> Outcome:
    outcome = _working(found)
    if not all(_may_change(outcome, place) for place in corrected):
        raise rules.NotFixed
    outcome.decided.rows |= corrected
    outcome = _keep(found, outcome.decided)
    names = _names(corrected)
    _record(found, "bank.import.fix", who, at, rows=names[:50], count=len(names), **detail)
    return outcome


def _may_change(outcome: Outcome, place: Place) -> bool:
    return place in outcome.states and place not in outcome.decided.done


def _names(places: Iterable[Place]) -> list[str]:
    return [f"{sheet}!{row}" for sheet, row in places]


def _keep(found: BankImport, decided: Decisions) -> Outcome:
    """Store what was decided with the number of rows that wait; returns the outcome that follows."""
    found.fixes = decided.document()
    outcome = queries.outcome(found)
    found.fixes = found.fixes | {"left": outcome.left}
    decided.left = outcome.left
    return outcome


def _record(found: BankImport, what: str, who: str, at: datetime, **detail: Any) -> None:
    record(who=who, what=what, subject=f"bank:{found.bank_id}", at=at, import_id=found.id, **detail)
