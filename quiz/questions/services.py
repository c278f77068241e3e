"""Deeds on banks: make one, import questions into it."""

import hashlib
import secrets
import shutil
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy.dialects import postgresql, sqlite

from question_bank import Question as BankQuestion
from question_bank.columns import ColumnMapping
from question_bank.errors import CannotRead
from question_bank.placed import Placed, Questions
from question_bank.reading.child import Known, read_limited, sample_limited
from question_bank.reading.sampling import Sample
from question_bank.report import Report
from quiz.audit.services import record
from quiz.extensions import db, to_millis
from quiz.questions import headings, queries, rules, storing
from quiz.questions.models import Bank, BankImport, ImportReport
from quiz.questions.settling import Decisions, by_sheet

#: What reading one file may cost (promises E2).
READ_SECONDS, READ_MEGABYTES = 30, 512
#: Each reading takes a core and its memory: more at once would slow those who are answering.
_reading = threading.BoundedSemaphore(2)
_LEFT_BEHIND, _KEPT = timedelta(hours=1), timedelta(days=30)
#: Folder of the files whose columns or codes an organiser has to explain.
WAITING = "waiting"


def find_or_make_bank(*, name: str, at: datetime) -> Bank:
    """The bank of this name, made when there is none: two who ask at once get the same one."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    made = dialect.insert(Bank).values(name=name.strip(), created_at=at)
    db.session.execute(made.on_conflict_do_nothing(index_elements=["name"]))
    found = queries.bank_by_name(name)
    assert found is not None
    return found


def add_questions(
    bank: Bank,
    *,
    questions: Iterable[tuple[BankQuestion, int | None]],
    at: datetime,
    import_id: int | None = None,
    who: str = "",
) -> int:
    """Store the questions (each with the row it came from) that the bank does not have yet; returns how many.

    The fingerprint decides what is new, in the database itself: importing a file twice adds nothing.
    They are approved at once, or drafts where the bank asks for a second person; ``who`` is their author.
    """
    report = Report("", Questions(Placed("", number, question) for question, number in questions))
    rows = storing.values(report.questions, report.marks, on=at.date())
    return storing.insert(bank, rows, created_at=to_millis(at), import_id=import_id, who=who)


@dataclass(slots=True)
class Upload:
    """An uploaded file as it was read; ``mapping`` is for BankImport.mapping where one was or is needed."""

    report: Report
    digest: str
    mapping: dict[str, Any] | None = None


def read_upload(
    stream: IO[bytes], *, name: str, folder: Path, at: datetime, bank: Sequence[Known] = ()
) -> Upload:
    """Read an uploaded bank in a child process, and find what is much like a question of it or of ``bank``.

    FileRefused says why it cannot be used.

    The file lies in ``folder`` under a name of our own while it is read. It is gone afterwards, unless
    the organiser has to say what its columns or codes mean: then it waits there, below ``WAITING``.
    """
    _sweep(folder, at, _LEFT_BEHIND)
    _sweep(folder / WAITING, at, _KEPT)
    path = folder / secrets.token_hex(16)
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(stream, file)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        upload = _read_mapped(path, name=rules.clean_file_name(name), digest=digest, bank=bank)
        if upload.mapping is not None:
            shutil.copyfile(path, folder / WAITING / path.name)
    finally:
        path.unlink(missing_ok=True)
    if not upload.report.questions and not upload.report.errors and upload.mapping is None:
        raise rules.NothingRead
    return upload


def _read_mapped(path: Path, *, name: str, digest: str, bank: Sequence[Known]) -> Upload:
    """Read, and where the file needs a mapping read with the one that is remembered for such files."""
    try:
        report = read_file(path, name=name, bank=bank)
    except rules.FileRefused as refusal:
        if refusal.code != "no-headings":
            raise
        look = _look(path)
        if look is None:
            raise
        report, signature = Report(name), look.signature
    else:
        if not headings.unknown_codes(report):
            return Upload(report, digest)
        look, signature = _look(path), headings.signature(report)
    known = queries.remembered(signature)
    if known is not None:
        report = _reread(path, name, known.document, report, bank)
    document = headings.document(known.document if known else {}, path.name, signature, look)
    return Upload(report, digest, document | {"remembered": known is not None})


def _reread(
    path: Path, name: str, document: Mapping[str, Any], before: Report, bank: Sequence[Known]
) -> Report:
    """With the remembered mapping; as before when it does not fit this file after all."""
    try:
        return read_file(path, name=name, mapping=headings.mapping(document), bank=bank)
    except rules.FileRefused:
        return before


def _look(path: Path) -> Sample | None:
    with _reading:
        return sample_limited(path, seconds=READ_SECONDS, megabytes=READ_MEGABYTES)


def read_file(
    path: Path,
    *,
    name: str | None = None,
    mapping: ColumnMapping | None = None,
    bank: Sequence[Known] | None = None,
) -> Report:
    """Read a bank within the limits, and with ``bank`` compare it. FileRefused carries the reader's words."""
    try:
        with _reading:
            return read_limited(
                path,
                name=name or path.name,
                seconds=READ_SECONDS,
                megabytes=READ_MEGABYTES,
                mapping=mapping,
                bank=bank,
            )
    except CannotRead as reason:
        refusal = rules.FileRefused(reason.message)
        refusal.code = reason.code
        raise refusal from reason


def _sweep(folder: Path, at: datetime, age: timedelta) -> None:
    """Make the folder, and remove what is older: left behind by a killed process, or never come back to."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < (at - age).timestamp():
            path.unlink(missing_ok=True)


def import_report(bank: Bank, *, report: Report, accept: bool, at: datetime, who: str) -> int:
    """Import a report without a preview, as ``mingshi bank import`` does; returns how many are new.

    With error rows and without ``accept`` (--accept-good) nothing is imported and 0 is returned; the
    caller prints ``report.document() | {"imported": n}`` and exits 1 when ``report.errors``. Use
    ``read_file`` to get the report and ``find_or_make_bank`` for the bank, all in one transaction.
    """
    if report.errors and not accept:
        return 0
    found = _without_preview(bank, report, at)
    rows = storing.values(report.questions, report.marks, on=at.date())
    found.imported = storing.insert(bank, rows, created_at=to_millis(at), import_id=found.id, who=who)
    told = {"file": report.file, "imported": found.imported, "import_id": found.id}
    record(who=who, what="bank.import", subject=f"bank:{bank.id}", at=at, **told)
    return found.imported


def _without_preview(bank: Bank, report: Report, at: datetime) -> BankImport:
    """An import that nobody looked at row by row: it can be found and undone, its rows are not kept."""
    found = BankImport(
        bank_id=bank.id,
        file_name=report.file,
        read=ImportReport(text=Report(report.file).to_json()),
        created_at=at,
        imported_at=at,
        fixes=Decisions().document() | {"done": by_sheet(report.questions.places)},
    )
    db.session.add(found)
    db.session.flush()
    return found
