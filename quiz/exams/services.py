"""Deeds on exams: make one, copy it, end it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from question_bank.paper import PRESETS
from quiz.audit.models import Deed
from quiz.audit.services import record
from quiz.exams import admission, counting, freezing, queries, rules, terms
from quiz.exams.models import Exam, ExamPerson, ExamWindow, PoolQuestion
from quiz.extensions import db
from quiz.questions.models import Bank

#: Without 0 O 1 I L, which look alike on a poster.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the organiser decides about an exam. ``None`` takes what the preset says."""

    title: str
    preset: str
    opens_at: datetime
    closes_at: datetime
    minutes: int | None = None
    mode: rules.Mode = rules.Mode.EXAM
    host: str = ""
    pass_mark: Decimal | None = None
    excellent_mark: Decimal | None = None
    chances: int | None = None
    late_minutes: int | None = None
    daily: int = 0
    day_opens: int | None = None
    day_closes: int | None = None
    least_seconds: int | None = None
    identities: Sequence[str] | None = None
    counts: str | None = None
    multiple_policy: str = "strict"
    formula: str = "r50m50"
    score_release: str = "submit"
    answers_release: str | None = None
    review: str | None = None
    unit_ids: Sequence[int] | None = None


def create(bank: Bank, *, settings: Settings, at: datetime, account_id: int | None = None, who: str) -> Exam:
    """Make an exam and freeze its pool. Raises BankTooSmall naming what the bank lacks, or BadSettings."""
    rules.check_settings(
        title=settings.title,
        preset=settings.preset,
        opens_at=settings.opens_at,
        closes_at=settings.closes_at,
        minutes=settings.minutes,
    )
    exam = _exam(bank, settings, at=at, account_id=account_id)
    rules.check_releases(score=exam.score_release, answers=exam.answers_release, key=exam.review)
    rules.check_marks(pass_mark=exam.pass_mark, excellent_mark=exam.excellent_mark, full=exam.full)
    counting.check_counts(counts=exam.counts, chances=exam.chances, daily=exam.daily)
    counting.check_least_seconds(exam.least_seconds)
    admission.check_hours(exam.day_opens, exam.day_closes, window=queries.local(queries.whole(exam)))
    freezing.freeze(exam, freezing.usable(bank.id), specs=[PRESETS[settings.preset].spec])
    record(who=who, what="exam.create", subject=f"exam:{exam.code}", at=at, title=exam.title, bank=bank.name)
    return exam


def _exam(bank: Bank, settings: Settings, *, at: datetime, account_id: int | None) -> Exam:
    preset = PRESETS[settings.preset]
    full = Decimal(preset.spec.full) / 100
    review = settings.review or ("submit" if settings.mode is rules.Mode.PRACTICE else "close")
    return Exam(
        code=_new_code(),
        title=settings.title.strip(),
        host=settings.host.strip(),
        mode=settings.mode.value,
        bank_id=bank.id,
        spec=preset.spec.document(),
        items=preset.spec.items,
        full=full,
        opens_at=settings.opens_at,
        closes_at=settings.closes_at,
        minutes=settings.minutes or preset.minutes,
        chances=preset.chances if settings.chances is None else settings.chances,
        counts=settings.counts or preset.counts,
        pass_mark=Decimal(preset.pass_mark) / 100 if settings.pass_mark is None else settings.pass_mark,
        excellent_mark=_excellent(settings, full),
        multiple_policy=settings.multiple_policy,
        formula=settings.formula,
        score_release=settings.score_release,
        answers_release=settings.answers_release or review,
        review=review,
        late_minutes=settings.late_minutes,
        daily=settings.daily,
        day_opens=settings.day_opens,
        day_closes=settings.day_closes,
        least_seconds=_least_seconds(settings),
        identities=None if settings.identities is None else list(settings.identities),
        unit_ids=None if settings.unit_ids is None else list(settings.unit_ids),
        created_at=at,
        account_id=account_id,
    )


def _excellent(settings: Settings, full: Decimal) -> Decimal:
    """90 of 100 is the usual mark of excellence (domain.md EXAM-2)."""
    if settings.excellent_mark is not None:
        return settings.excellent_mark
    return max((full * Decimal("0.9")).quantize(Decimal("0.01")), settings.pass_mark or Decimal(0))


def _least_seconds(settings: Settings) -> int:
    """Two seconds an item in a contest, where the quickest are ranked first (domain.md WEB-4)."""
    if settings.least_seconds is not None:
        return settings.least_seconds
    return 2 if settings.mode is rules.Mode.CONTEST else 0


def _new_code() -> str:
    """Four characters nobody used before, not even for an exam deleted since; more once they grow scarce."""
    for length in (4, 4, 4, 5, 6):
        code = "".join(secrets.choice(_ALPHABET) for _ in range(length))
        used = select(Deed.id).where(Deed.subject == f"exam:{code}").limit(1)
        taken = db.session.scalar(select(Exam.id).where(Exam.code == code))
        if taken is None and db.session.scalar(used) is None:
            return code
    raise rules.BadSettings("场次码用完了，请联系技术人员。")


def end(exam: Exam, *, at: datetime, who: str) -> None:
    """End an exam before its time: nobody can start any more. Sittings under way keep their own deadline."""
    rules.check_may_end(found=queries.state(exam, at=at))
    exam.ended_at = at
    record(who=who, what="exam.end", subject=f"exam:{exam.code}", at=at)


#: What a make-up has in common with the exam it makes up for.
_SAME = [
    "host",
    "mode",
    "bank_id",
    "spec",
    "groups",
    "band",
    "items",
    "full",
    "chances",
    "daily",
    "day_opens",
    "day_closes",
    "least_seconds",
    "counts",
    "pass_mark",
    "excellent_mark",
    "multiple_policy",
    "formula",
    "score_release",
    "answers_release",
    "review",
    "watch_leaving",
    "takes_late",
    "appeal_days",
    "markers",
]


def make_up(
    first: Exam,
    *,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    minutes: int,
    person_ids: Sequence[int],
    at: datetime,
    account_id: int | None = None,
    who: str,
) -> Exam:
    """An exam like ``first`` for the named persons only, with a result of its own: nothing is overwritten.

    Its pool is the bank as it is now, less the questions that were corrected in ``first`` and that still
    stand in the bank as they were. Raises BadSettings, BankTooSmall or NobodyToMakeUp.
    """
    rules.check_times(title=title, opens_at=opens_at, closes_at=closes_at, minutes=minutes)
    if not person_ids:
        raise rules.NobodyToMakeUp
    times = {"opens_at": opens_at, "closes_at": closes_at, "minutes": minutes, "created_at": at}
    exam = Exam(
        code=_new_code(),
        title=title.strip(),
        make_up_of_id=first.id,
        named=True,
        account_id=account_id,
        **times,
        **{name: getattr(first, name) for name in _SAME},
    )
    pool = freezing.usable(first.bank_id, without=_still_wrong(first))
    freezing.freeze(exam, pool, specs=queries.specs_of(first))
    terms.carry(first, to=exam)
    db.session.add_all(ExamPerson(exam_id=exam.id, person_id=number) for number in person_ids)
    said = {"title": exam.title, "first": first.code, "persons": len(person_ids)}
    record(who=who, what="exam.make_up", subject=f"exam:{exam.code}", at=at, **said)
    return exam


def copy(exam: Exam, *, at: datetime, account_id: int | None = None, who: str) -> Exam:
    """An exam with the same settings for the same persons, from the bank as it is now, a day from ``at``.

    The hour of the day and the length of the window stay. Raises BankTooSmall.
    """
    ahead = timedelta(days=(at - exam.opens_at) // timedelta(days=1) + 2)
    made = Exam(
        code=_new_code(),
        title=rules.title_of_copy(exam.title),
        opens_at=exam.opens_at + ahead,
        closes_at=exam.closes_at + ahead,
        minutes=exam.minutes,
        unit_ids=exam.unit_ids,
        identities=exam.identities,
        late_minutes=exam.late_minutes,
        named=exam.named,
        created_at=at,
        account_id=account_id,
        **{name: getattr(exam, name) for name in _SAME},
    )
    freezing.freeze(made, freezing.usable(exam.bank_id), specs=queries.specs_of(exam))
    terms.carry(exam, to=made)
    db.session.add_all(
        ExamPerson(exam_id=made.id, person_id=number) for number in queries.named_persons(exam)
    )
    db.session.add_all(
        ExamWindow(exam_id=made.id, unit_id=unit, **own.moved(ahead)._asdict())
        for unit, own in queries.windows(exam).items()
    )
    said = {"title": made.title, "of": exam.code}
    record(who=who, what="exam.copy", subject=f"exam:{made.code}", at=at, **said)
    return made


def rehearse(exam: Exam, *, at: datetime, account_id: int | None = None, who: str) -> Exam:
    """A trial run of an exam to come, open from now to its opening, for the same persons, without limit.

    Everything is as it will be but the name, the code and the questions drawn. Raises CannotRehearse.
    """
    if queries.state(exam, at=at) is not rules.State.SCHEDULED or exam.rehearsal:
        raise rules.CannotRehearse
    made = Exam(
        code=_new_code(),
        title=rules.title_of_rehearsal(exam.title),
        opens_at=at,
        closes_at=exam.opens_at,
        minutes=exam.minutes,
        rehearsal=True,
        unit_ids=exam.unit_ids,
        identities=exam.identities,
        named=exam.named,
        created_at=at,
        account_id=account_id,
        **{name: getattr(exam, name) for name in _SAME},
    )
    made.chances, made.daily = 0, 0
    freezing.freeze(made, freezing.usable(exam.bank_id), specs=queries.specs_of(exam))
    terms.carry(exam, to=made)
    db.session.add_all(
        ExamPerson(exam_id=made.id, person_id=number) for number in queries.named_persons(exam)
    )
    record(who=who, what="exam.rehearse", subject=f"exam:{made.code}", at=at, title=made.title, of=exam.code)
    return made


def _still_wrong(first: Exam) -> dict[int, str]:
    """Question → fingerprint at the time of ``first``, of those corrected there."""
    rows = [entry[0] for entry in first.corrections]
    found = db.session.scalars(select(PoolQuestion).where(PoolQuestion.id.in_(rows)))
    return {row.question_id: queries.frozen_question(row).fingerprint for row in found}
