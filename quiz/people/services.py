"""Deeds on people: hashing what they know, identifying, the roster."""

import hashlib
import json
import secrets
import threading
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import hash_secret as argon2_hash
from pypinyin import lazy_pinyin
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from question_bank.errors import CannotRead
from question_bank.reading.child import sheets_limited
from question_bank.report import ERROR, Problem
from quiz.audit.services import record
from quiz.extensions import db
from quiz.people import merging, queries, roster, rules
from quiz.people.models import Person, RosterImport, Unit

# 19 MiB and two passes: OWASP's figure, a fifth of the library's default time (reference/dependencies.md §1).
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A slow hash for each of a hall signing in at once would take every core from those who are answering.
_hashing = threading.BoundedSemaphore(2)
#: Verified against when nobody has that name, so that both refusals take the same time.
NOBODY = _hasher.hash("nobody has this password")
#: What reading one file may cost, as for question banks (promises E2), and how many at a time.
READ_SECONDS, READ_MEGABYTES = 30, 512
_reading = threading.BoundedSemaphore(2)


def hash_passcode(passcode: str, *, number: str) -> str:
    """The hash of a 口令: 4 MiB and one pass, about 2 ms, because a roster brings thousands at once.

    A passcode of an exam is a few digits on a paper slip: no cost that a hall can bear would hide it from
    somebody who holds the database. What guards it is the limit on tries (limits.TRIES). The salt is the
    number's own, so that importing the same roster again finds nothing changed.
    """
    salt = hashlib.sha256(f"mingshi passcode of {number}".encode()).digest()[:16]
    return argon2_hash(passcode.encode(), salt, 1, 4096, 1, 32, Type.ID).decode()


#: The same for somebody who has none: an unknown 工号 takes as long as a wrong 口令.
_NO_PASSCODE = hash_passcode("nobody has this passcode", number="")


def hash_secret(secret: str) -> str:
    with _hashing:
        return _hasher.hash(secret)


def matches(hashed: str, secret: str) -> bool:
    try:
        with _hashing:
            return _hasher.verify(hashed, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False


def identify_by_phone(*, name: str, phone: str) -> Person:
    person = queries.person_by_phone(name, rules.clean_phone(phone))
    if person is None:
        raise rules.NotOnRoster
    return person


def identify_by_number(*, number: str, passcode: str) -> Person:
    """The person with this 工号 and 口令, or WrongPasscode.

    ``number`` must be as the caller counts its tries: if this tidied it, each way to write a number would
    bring tries of its own.
    """
    person = queries.person_by_number(number)
    hashed = person.passcode_hash if person and person.passcode_hash else _NO_PASSCODE
    if not matches(hashed, passcode) or person is None:
        raise rules.WrongPasscode
    return person


def known_by_phone(*, name: str, phone: str) -> Person | None:
    """Whoever has this name and phone. Raises NoName or BadPhone."""
    cleaned, digits = rules.clean_name(name), rules.clean_phone(phone)
    rules.check_name(cleaned)
    return queries.person_by_phone(cleaned, digits)


def add_joined(*, name: str, phone: str, unit: Unit, **texts: str) -> Person:
    """Somebody new who counts for ``unit``; as known_by_phone(), and PhoneFull where many have this number.

    Two at once are one by the unique key.
    """
    cleaned, digits = rules.clean_name(name), rules.clean_phone(phone)
    same = select(func.count()).select_from(Person).where(Person.phone == digits)
    if (db.session.scalar(same) or 0) >= rules.MOST_OF_A_PHONE:
        raise rules.PhoneFull
    named = {"name": cleaned, "name_key": rules.name_key(cleaned), "phone": digits}
    db.session.execute(_insert(Person).values(_joined(unit) | named | texts).on_conflict_do_nothing())
    added = queries.person_by_phone(cleaned, digits)
    if added is None:
        raise rules.NotOnRoster
    return added


def _joined(unit: Unit) -> dict[str, Any]:
    texts = dict.fromkeys(("post", "rank", "identity", "category"), "")
    return texts | {"unit_id": unit.id, "active": True, "joined": True}


def add_pupil(*, unit: Unit, passcode: str) -> Person:
    """Somebody with a number and a passcode and nothing else that could say who they are."""
    for _ in range(20):
        number = f"{rules.PUPIL_MARK}{secrets.randbelow(900_000) + 100_000}"
        hashed = hash_passcode(passcode, number=number)
        named = {"name": number, "name_key": rules.name_key(number), "number": number}
        row = _joined(unit) | named | {"passcode_hash": hashed}
        made = _insert(Person).values(row).on_conflict_do_nothing().returning(Person.id)
        person_id = db.session.scalar(made)
        if person_id is not None:
            return db.session.get_one(Person, person_id)
    raise rules.NoNumberLeft


def unit_written(name: str) -> Unit:
    """The unit meant by a name written by hand: a listed one, what the organiser said it is, or outside.

    Raises NoUnitName.
    """
    cleaned = rules.clean_name(name)
    if not 2 <= len(cleaned) <= rules.LONGEST_UNIT:
        raise rules.NoUnitName
    return queries.unit_meant(cleaned) or outside_unit()


def outside_unit() -> Unit:
    """The unit of everybody whose own is not settled; made when first needed."""
    row = {"name": rules.OUTSIDE, "pinyin": "~", "outside": True, "active": True}
    found = queries.outside_unit()
    if found is None:
        db.session.execute(_insert(Unit).values(row).on_conflict_do_nothing())
        found = queries.outside_unit()
    if found is None:
        raise rules.UnknownUnit
    return found


def read_upload(stream: IO[bytes], *, name: str, folder: Path) -> roster.RosterReading:
    """``read_roster`` of an upload, which lies in ``folder`` while it is read and is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder) as file:
        while block := stream.read(1 << 20):
            file.write(block)
        file.flush()
        return read_roster(Path(file.name), name=name)


def read_roster(path: Path, *, name: str | None = None) -> roster.RosterReading:
    """What a roster file says, read in a child process; nothing is stored. RosterRefused says why not.

    Passcodes in it are hashed already: nothing after this sees them.
    """
    name = rules.clean_name(name or path.name)[-120:]
    try:
        with _reading:
            sheets = sheets_limited(path, name=name, seconds=READ_SECONDS, megabytes=READ_MEGABYTES)
    except CannotRead as reason:
        # The reader speaks of question banks, which is what it mostly reads.
        refusal = rules.RosterRefused(reason.message.replace("题目", "名册").replace("题库", "名册"))
        refusal.code = reason.code
        raise refusal from reason
    found = roster.read(sheets, file=name)
    # argon2 lets other threads run meanwhile; two leave the other cores to those who are answering.
    with ThreadPoolExecutor(2) as pool:
        found.persons = list(pool.map(_with_hash, found.persons))
    return found


def _with_hash(entry: roster.Entry) -> roster.Entry:
    if not entry.passcode or not entry.number:
        return replace(entry, passcode=None)
    return replace(entry, passcode=hash_passcode(entry.passcode, number=entry.number))


def keep_roster(*, reading: roster.RosterReading, account_id: int, at: datetime) -> RosterImport:
    """Store what was read, for the organiser to look at. The roster is as it was.

    What was read long ago and neither taken over nor discarded goes: it holds names and phones.
    """
    forgotten = RosterImport.imported_at.is_(None), RosterImport.created_at < at - rules.UPLOAD_WAITS
    db.session.execute(delete(RosterImport).where(*forgotten))
    document = json.dumps({"reading": asdict(reading)}, ensure_ascii=False)
    found = RosterImport(file_name=reading.file, document=document, account_id=account_id, created_at=at)
    db.session.add(found)
    db.session.flush()
    return found


@dataclass(frozen=True)
class RosterOutcome:
    """What taking over a roster did. ``units`` are those its persons belong to; ``waiting`` stayed out."""

    persons_new: int
    persons_changed: int
    persons_unchanged: int
    units: int
    units_new: int
    waiting: int
    problems: list[Problem]

    @property
    def persons(self) -> int:
        return self.persons_new + self.persons_changed + self.persons_unchanged


def import_kept(found: RosterImport, *, at: datetime, who: str, **choices: Any) -> None:
    """Take over what was shown, once; ``choices`` as for ``import_roster``. Asking again does nothing.

    What was shown is then reduced to its outcome: names and phones stay in one place, the roster.
    """
    waiting = update(RosterImport).where(RosterImport.id == found.id, RosterImport.imported_at.is_(None))
    if db.session.execute(waiting.values(imported_at=at)).rowcount == 0:
        return
    reading = queries.kept_reading(found)
    outcome = import_roster(reading=reading, at=at, who=who, **choices)
    rest = replace(reading, persons=[], problems=outcome.problems, changed=[])
    done = {"reading": asdict(rest), "outcome": asdict(outcome) | {"problems": []}}
    found.document = json.dumps(done, ensure_ascii=False)


def discard_kept(found: RosterImport) -> None:
    """Forget what was read, names and phones with it. AlreadyImported when it is too late."""
    waiting = delete(RosterImport).where(RosterImport.id == found.id, RosterImport.imported_at.is_(None))
    if db.session.execute(waiting).rowcount == 0:
        raise rules.AlreadyImported


def import_roster(
    *,
    reading: roster.RosterReading,
    create_units: bool | Set[str],
    at: datetime,
    who: str,
    same_as: Mapping[str, str] | None = None,
    moved: Set[tuple[str, int]] = frozenset(),
) -> RosterOutcome:
    """Put the persons of a reading on the roster, in the caller's one transaction.

    Found by number, else by name and phone: those are updated with what the file says, the rest are new.
    Persons of unknown units wait unless ``create_units`` (all of them, or those named); each unit that is
    waited for is among the problems.
    """
    plan = queries.plan(reading, create_units=create_units, same_as=same_as, moved=moved)
    _add_units(plan)
    ids = {rules.name_key(name): unit_id for name, unit_id in queries.unit_ids().items()}
    units = {key: unit_id or ids[key] for key, unit_id in plan.units.items()}
    # A roster that names a retired unit says that it is there again.
    named = {units[key] for key in plan.unit_keys}
    db.session.execute(update(Unit).where(Unit.id.in_(named), ~Unit.active).values(active=True))
    if plan.new:
        rows = [_row(entry, units[entry.unit_key]) for entry in plan.new]
        db.session.execute(_insert(Person).on_conflict_do_nothing(), rows)
    if plan.changed:
        changes = [{"id": person.id, **changed} for person, _, changed in plan.changed]
        for row, (_, entry, _) in zip(changes, plan.changed, strict=True):
            row |= {"unit_id": units[entry.unit_key]} if "unit_id" in row else {}
        db.session.execute(update(Person), changes)
    _record(plan, reading, units, at=at, who=who)
    return _outcome(plan, reading)


def _insert(table: type[Person] | type[Unit]) -> Any:
    return (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(table)


def _add_units(plan: merging.Plan) -> None:
    names = [unit.name for unit in plan.new_units if plan.units.get(rules.name_key(unit.name), 0) is None]
    rows = [{"name": name, "kind": "", "pinyin": " ".join(lazy_pinyin(name))} for name in names]
    if rows:
        db.session.execute(_insert(Unit).on_conflict_do_nothing(), rows)


def _row(entry: roster.Entry, unit_id: int) -> dict[str, Any]:
    return {
        "name": entry.name,
        "name_key": entry.name_key,
        "unit_id": unit_id,
        "phone": entry.phone,
        "number": entry.number,
        "passcode_hash": entry.passcode,
        "post": entry.post,
        "rank": entry.rank,
        "identity": entry.identity,
        "category": entry.category,
        "active": True,
    }


def _record(
    plan: merging.Plan, reading: roster.RosterReading, units: Mapping[str, int], *, at: datetime, who: str
) -> None:
    """The ledger names who changed unit: standings by unit depend on it."""
    moves = [
        [person.id, person.unit_id, units[entry.unit_key]]
        for person, entry, changes in plan.changed
        if "unit_id" in changes
    ]
    record(
        who=who,
        what="roster.import",
        subject="roster",
        at=at,
        file=reading.file,
        new=len(plan.new),
        changed=len(plan.changed),
        unit_changes=moves,
    )


def _outcome(plan: merging.Plan, reading: roster.RosterReading) -> RosterOutcome:
    made = [unit for unit in plan.new_units if plan.units.get(rules.name_key(unit.name), 0) is None]
    problems = [*reading.problems, *plan.problems, *_unknown_units(plan)]
    return RosterOutcome(
        persons_new=len(plan.new),
        persons_changed=len(plan.changed),
        persons_unchanged=len(plan.unchanged),
        units=len(plan.unit_keys),
        units_new=len(made),
        waiting=len(plan.waiting),
        problems=sorted(problems, key=lambda problem: problem.severity != ERROR),
    )


def _unknown_units(plan: merging.Plan) -> list[Problem]:
    firsts: dict[str, roster.Entry] = {}
    for entry in plan.waiting:
        firsts.setdefault(entry.unit_key, entry)
    counts = {rules.name_key(unit.name): unit.persons for unit in plan.new_units}
    return [
        Problem(
            entry.sheet,
            entry.row,
            "单位",
            "unknown-unit",
            ERROR,
            f"名册里没有这个单位，{counts[key]} 人没有导入",
            entry.unit,
        )
        for key, entry in firsts.items()
    ]
