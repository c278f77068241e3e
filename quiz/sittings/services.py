"""Deeds of a sitting: start, save, submit, finalise."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from question_bank import Question
from question_bank.marking import MultiplePolicy, mark
from question_bank.paper import PaperSpec, draw
from question_bank.question import LABELS
from quiz.audit.services import record
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam, Paper
from quiz.extensions import db, from_millis, saver, to_millis
from quiz.people import services as people
from quiz.people.models import Person
from quiz.sittings import queries, rules
from quiz.sittings.models import Response, Result, Sitting, UnitTotal
from quiz.tokens import Candidate

#: Version of the words a person agrees to when joining a contest.
CONSENT = "2026-11"

_SAVE = """
INSERT INTO response (sitting_id, position, answer, revision, saved_at)
SELECT s.id, :position, :answer, :revision, :at FROM sitting s
 WHERE s.id = :sitting AND s.person_id = :person AND s.exam_id = :exam
   AND s.submitted_at IS NULL AND s.accept_until >= :at{lock}
ON CONFLICT (sitting_id, position) DO UPDATE
   SET answer = excluded.answer, revision = excluded.revision, saved_at = excluded.saved_at
 WHERE excluded.revision > response.revision
RETURNING (SELECT s.deadline FROM sitting s WHERE s.id = response.sitting_id)
"""
# On PostgreSQL a save and a submit run side by side: the shared lock lets the save see whether the sitting
# is still open when it is its turn. On SQLite writers already take turns.
SAVE = {"sqlite": _SAVE.format(lock=""), "postgresql": _SAVE.format(lock=" FOR SHARE")}

_REASON = """
SELECT s.person_id, s.exam_id, s.submitted_at, s.accept_until, s.deadline, r.revision, r.answer
  FROM sitting s LEFT JOIN response r ON r.sitting_id = s.id AND r.position = :position
 WHERE s.id = :sitting
"""


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Saved:
    """``kept`` is False when a newer revision was already there; ``revision`` is then the stored one."""

    kept: bool
    revision: int
    seconds_left: float


def save_response(
    *, candidate: Candidate, sitting_id: int, position: int, answer: object, revision: object, at: datetime
) -> Saved:
    """Keep one answer; returns after it is durable. One statement, two the first time, two on refusal.

    Raises BadRequest, NotFound, SittingClosed, TimeOver or RevisionTaken.
    """
    number = rules.clean_revision(revision)
    cleaned = rules.clean_answer(answer, shape=queries.shape_of(sitting_id), position=position)
    values = {
        "sitting": sitting_id,
        "person": candidate.person,
        "exam": candidate.exam,
        "position": position,
        "answer": _compact(cleaned),
        "revision": number,
        "at": to_millis(at),
    }
    rows = saver().run(SAVE[db.engine.dialect.name], values)
    if rows:
        left = rules.seconds_left(deadline=from_millis(rows[0][0]), at=at)
        return Saved(kept=True, revision=number, seconds_left=left)
    return _explain(candidate, values, at=at)


def _explain(candidate: Candidate, values: dict[str, object], *, at: datetime) -> Saved:
    """Why the guarded statement took nothing: only a refusal pays for this second look."""
    rows = saver().run(_REASON, values)
    person, exam, submitted, accept_until, deadline, revision, answer = rows[0] if rows else (None,) * 7
    owner = (person, exam) == (candidate.person, candidate.exam)
    stored = None if revision is None or not owner else (revision, answer)
    verdict = rules.weigh(stored=stored, revision=int(str(values["revision"])), answer=str(values["answer"]))
    if verdict is None:
        until = from_millis(accept_until) if owner else at
        rules.may_save(owner=owner, submitted=submitted is not None, accept_until=until, at=at)
        raise rules.RevisionTaken
    left = rules.seconds_left(deadline=from_millis(deadline), at=at)
    return Saved(kept=verdict is rules.Verdict.KEPT, revision=revision, seconds_left=left)


def start(*, exam: Exam, person: Person, at: datetime) -> tuple[Sitting, bool]:
    """The person's open sitting of this exam, made if there is none; True when it was made.

    Whoever calls inside one transaction and sees an IntegrityError lost a race of two starts: the sitting
    is there, and calling again finds it. Raises NotOpenYet, ExamClosed, NotInvited or NoChancesLeft.
    """
    check_invited(exam, person)
    earlier = queries.sittings_of(exam.id, person.id)
    for sitting in earlier:
        if sitting.submitted_at is None and at <= sitting.accept_until:
            return sitting, False
    check_open(exam, at=at)
    best = max((s.score for s in earlier if s.score is not None), default=None)
    exam_rules.check_chances(sat=len(earlier), chances=exam.chances, best=best)
    return _begin(exam, person, number=len(earlier) + 1, at=at), True


def join(exam: Exam, *, name: str, phone: str, unit: str, consent: object, at: datetime) -> Person:
    """Take part in an open contest: the person with this name and phone, made if nobody has them.

    Somebody already known stays with their unit. Raises NotAContest, NoConsent, BadPhone, NoName,
    UnknownUnit or NotInvited.
    """
    exam_rules.check_join(mode=exam.mode, consent=consent)
    person = people.find_or_add_person(name=name, phone=phone, unit=unit)
    check_invited(exam, person)
    record(
        who=f"person:{person.id}", what="contest.join", subject=f"exam:{exam.code}", at=at, consent=CONSENT
    )
    return person


def check_invited(exam: Exam, person: Person) -> None:
    if exam.unit_ids is not None and person.unit_id not in exam.unit_ids:
        raise exam_rules.NotInvited


def check_open(exam: Exam, *, at: datetime) -> None:
    """NotOpenYet or ExamClosed with the time in words the phone shows."""
    found = exams.state(exam, at=at)
    if found is exam_rules.State.SCHEDULED:
        raise exam_rules.NotOpenYet(exams.opening_sentence(exam, at=at))
    if found is exam_rules.State.CLOSED:
        raise exam_rules.ExamClosed(exams.closing_sentence(exam))


def _begin(exam: Exam, person: Person, *, number: int, at: datetime) -> Sitting:
    paper = draw_paper(exam, person_id=person.id, number=number)
    db.session.add(paper)
    db.session.flush()
    deadline = exam_rules.deadline(
        started_at=at,
        minutes=exam.minutes,
        closes_at=exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at),
    )
    frozen = exams.frozen_pool(exam.id).by_id
    sitting = Sitting(
        exam_id=exam.id,
        person_id=person.id,
        unit_id=person.unit_id,
        paper_id=paper.id,
        number=number,
        shape=rules.shape(_shape_entry(frozen[row[0]]) for row in paper.items),
        started_at=at,
        deadline=deadline,
        accept_until=deadline + exam_rules.GRACE,
    )
    db.session.add(sitting)
    db.session.flush()
    return sitting


def _shape_entry(question: Question) -> tuple[str, int]:
    return question.kind.value, len(question.options) or len(question.key)


def draw_paper(exam: Exam, *, person_id: int, number: int) -> Paper:
    """The paper the exam's seed gives this person for this sitting: anyone can draw it again."""
    frozen = exams.frozen_pool(exam.id)
    drawn = draw(frozen.pool, PaperSpec.from_json(exam.spec), seed=f"{exam.seed}:{person_id}:{number}")
    items = [
        [frozen.ids[item.index], "".join(LABELS[place] for place in item.order), item.points]
        for item in drawn.items
    ]
    return Paper(exam_id=exam.id, person_id=person_id, number=number, items=items)


def submit(sitting: Sitting, *, at: datetime) -> Sitting:
    """Close and mark the sitting; again, or when the closer was faster, simply returns it as it is.

    The recorded end is never later than the deadline.
    """
    closed_by = "person" if at <= sitting.accept_until else "deadline"
    _close(sitting, ended_at=min(at, sitting.deadline), closed_by=closed_by)
    return sitting


def finalise_if_due(sitting_id: int, *, at: datetime) -> bool:
    """Close and mark a sitting whose time is over, recording the deadline as its end.

    True when this call did it; False when somebody was faster or gave it more time.
    """
    sitting = db.session.get(Sitting, sitting_id)
    if sitting is None or not is_due(sitting, at=at):
        return False
    return _close(sitting, ended_at=sitting.deadline, closed_by="deadline")


def is_due(sitting: Sitting, *, at: datetime) -> bool:
    """Whether the sitting is still open though its last accepted instant has passed."""
    return sitting.submitted_at is None and rules.is_due(accept_until=sitting.accept_until, at=at)


def _close(sitting: Sitting, *, ended_at: datetime, closed_by: str) -> bool:
    """True when this call closed it: the row count decides, however many try at once."""
    closing = (
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.submitted_at.is_(None))
        .values(submitted_at=ended_at, closed_by=closed_by)
    )
    closed = db.session.execute(closing).rowcount == 1  # type: ignore[attr-defined]
    db.session.refresh(sitting)
    if closed:
        _mark(sitting)
        keep_result(sitting.exam, sitting.person_id)
    return closed


def _mark(sitting: Sitting) -> None:
    """Mark every response and set the score: the sum of the marks, in hundredths, exact."""
    policy = MultiplePolicy(sitting.exam.multiple_policy)
    answers = queries.responses_of(sitting.id)
    earned = {
        item.position: mark(
            item.question.kind, item.key, answers[item.position][0], points=item.points, policy=policy
        )
        for item in queries.items_of(sitting.paper)
        if item.position in answers
    }
    if earned:
        rows = [
            {"b_sitting": sitting.id, "b_position": position, "mark": Decimal(hundredths) / 100}
            for position, hundredths in earned.items()
        ]
        table = Response.__table__
        own = (table.c.sitting_id == bindparam("b_sitting")) & (table.c.position == bindparam("b_position"))
        db.session.connection().execute(update(table).where(own), rows)  # type: ignore[arg-type]
    sitting.score = Decimal(sum(earned.values())) / 100
    sitting.passed = sitting.score >= sitting.exam.pass_mark
    db.session.flush()


def keep_result(exam: Exam, person_id: int) -> None:
    """Set what counts for this person from all their sittings; move the unit totals by the difference."""
    submitted = [s for s in queries.sittings_of(exam.id, person_id) if s.submitted_at and s.score is not None]
    result = queries.result_of(exam.id, person_id)
    if result is not None:
        _add_to_total(result, sign=-1)
    if not submitted:
        return
    run = rules.counted([_run(sitting) for sitting in submitted], counts=exam.counts)
    if result is None:
        result = Result(exam_id=exam.id, person_id=person_id)
        db.session.add(result)
    result.unit_id = submitted[-1].unit_id
    result.score, result.millis, result.submitted_at = run.score, run.millis, run.submitted_at
    result.sittings = len(submitted)
    result.passed = run.score >= exam.pass_mark
    result.excellent = run.score >= exam.excellent_mark
    db.session.flush()
    _add_to_total(result, sign=1)


def _run(sitting: Sitting) -> rules.Run:
    ended = sitting.submitted_at or sitting.deadline
    millis = (ended - sitting.started_at) // timedelta(milliseconds=1)
    return rules.Run(score=sitting.score or Decimal(0), millis=millis, submitted_at=ended)


def _add_to_total(result: Result, *, sign: int) -> None:
    """One upsert that adds: two submits of a unit at once both count."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert
    added = {
        "took_part": sign,
        "score_sum": sign * result.score,
        "passed": sign * int(result.passed),
        "excellent": sign * int(result.excellent),
    }
    statement = insert(UnitTotal).values(exam_id=result.exam_id, unit_id=result.unit_id, **added)
    total = UnitTotal.__table__.c
    summed = {name: total[name] + statement.excluded[name] for name in added}
    db.session.execute(statement.on_conflict_do_update(index_elements=["exam_id", "unit_id"], set_=summed))


def rebuild_totals(exam: Exam) -> None:
    """Unit totals anew from the results; must equal what the submits have kept (property test)."""
    db.session.execute(delete(UnitTotal).where(UnitTotal.exam_id == exam.id))
    for result in db.session.scalars(select(Result).where(Result.exam_id == exam.id)):
        _add_to_total(result, sign=1)
