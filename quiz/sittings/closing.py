"""Submitting and finalising: a sitting is marked once, and its result and unit total kept with it.

Written as statements on whatever executes them: by the thousand through the Saver, one by one within a
session's transaction. Scores are whole hundredths of a point throughout.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from question_bank.marking import MultiplePolicy
from quiz.errors import NotFound
from quiz.exams.models import Exam
from quiz.extensions import Execute, db, from_millis, saver, session_execute, to_millis
from quiz.sittings import queries, rules
from quiz.sittings.models import Sitting
from quiz.tokens import Candidate

# The row that comes back decides who closed it, however many try at once.
CLOSE = """
UPDATE sitting
   SET submitted_at = CASE WHEN :at < deadline THEN :at ELSE deadline END,
       closed_by = CASE WHEN :at <= accept_until THEN 'person' ELSE 'deadline' END
 WHERE id = :sitting AND submitted_at IS NULL AND accept_until < :before
RETURNING exam_id, person_id, paper_id
"""
_ANY_TIME = 2**62
_OWN = "SELECT 1 FROM sitting WHERE id = :sitting AND person_id = :person AND exam_id = :exam"
_EXAM = "SELECT e.pass_mark, e.excellent_mark, e.counts, e.multiple_policy FROM exam e WHERE e.id = :exam"
_ITEMS = "SELECT items FROM paper WHERE id = :paper"
_ANSWERS = "SELECT position, answer FROM response WHERE sitting_id = :sitting"
_SCORE = "UPDATE sitting SET score = :score, passed = :passed WHERE id = :sitting"
_RUNS = """
SELECT unit_id, score, started_at, submitted_at FROM sitting
 WHERE exam_id = :exam AND person_id = :person AND score IS NOT NULL ORDER BY number
"""
_BEFORE = """
SELECT unit_id, score, passed, excellent FROM result WHERE exam_id = :exam AND person_id = :person
"""
_KEEP = """
INSERT INTO result (exam_id, person_id, unit_id, score, millis, sittings, passed, excellent, submitted_at)
VALUES (:exam, :person, :unit, :score, :millis, :sittings, :passed, :excellent, :submitted_at)
ON CONFLICT (exam_id, person_id) DO UPDATE
   SET unit_id = excluded.unit_id, score = excluded.score, millis = excluded.millis,
       sittings = excluded.sittings, passed = excluded.passed, excellent = excluded.excellent,
       submitted_at = excluded.submitted_at
"""
# Adds to whatever is there: two submits of a unit at once both count.
_ADD = """
INSERT INTO unit_total (exam_id, unit_id, took_part, score_sum, passed, excellent)
VALUES (:exam, :unit, :took_part, :score_sum, :passed, :excellent)
ON CONFLICT (exam_id, unit_id) DO UPDATE
   SET took_part = unit_total.took_part + excluded.took_part,
       score_sum = unit_total.score_sum + excluded.score_sum,
       passed = unit_total.passed + excluded.passed,
       excellent = unit_total.excellent + excluded.excellent
"""
_REBUILD = """
INSERT INTO unit_total (exam_id, unit_id, took_part, score_sum, passed, excellent)
SELECT exam_id, unit_id, count(*), sum(score),
       sum(CASE WHEN passed THEN 1 ELSE 0 END), sum(CASE WHEN excellent THEN 1 ELSE 0 END)
  FROM result WHERE exam_id = :exam GROUP BY exam_id, unit_id
"""
_STATE = "SELECT s.score, e.full, s.passed, s.submitted_at FROM sitting s JOIN exam e ON e.id = s.exam_id"


class Scored(NamedTuple):
    """A closed sitting: hundredths of a point, and the recorded end in milliseconds."""

    score: int
    full: int
    passed: bool
    submitted_at: int


class _Counted(NamedTuple):
    """What one person adds to a unit's total."""

    unit: int
    score: int
    passed: bool
    excellent: bool


def hand_in(*, candidate: Candidate, sitting_id: int, at: datetime) -> Scored:
    """Submit the person's own sitting; again, or when the closer was faster, its score as it is. NotFound."""
    values = {"sitting": sitting_id, "person": candidate.person, "exam": candidate.exam}

    def deed(execute: Execute) -> Scored:
        if not execute(_OWN, values):
            raise NotFound
        _close(execute, sitting_id, at=at, before=_ANY_TIME)
        return Scored(*execute(f"{_STATE} WHERE s.id = :sitting", values)[0])

    return saver().work(deed)


def submit(sitting: Sitting, *, at: datetime) -> Sitting:
    """The same within the session's transaction; the recorded end is never later than the deadline."""
    db.session.flush()
    _close(session_execute, sitting.id, at=at, before=_ANY_TIME)
    db.session.refresh(sitting)
    return sitting


def finalise_if_due(sitting_id: int, *, at: datetime) -> bool:
    """Close a sitting whose time is over, recording the deadline as its end; True when this call did it."""
    db.session.flush()
    closed = _close(session_execute, sitting_id, at=at, before=to_millis(at - rules.SETTLE))
    db.session.expire_all()
    return closed


def is_due(sitting: Sitting, *, at: datetime) -> bool:
    """Whether the sitting is still open though its last accepted instant has passed."""
    return sitting.submitted_at is None and rules.is_due(accept_until=sitting.accept_until, at=at)


def rebuild_totals(exam: Exam) -> None:
    """Unit totals anew from the results; must equal what the submits have kept (property test)."""
    session_execute("DELETE FROM unit_total WHERE exam_id = :exam", {"exam": exam.id})
    session_execute(_REBUILD, {"exam": exam.id})


def _close(execute: Execute, sitting_id: int, *, at: datetime, before: int) -> bool:
    rows = execute(CLOSE, {"sitting": sitting_id, "at": to_millis(at), "before": before})
    if rows:
        exam_id, person_id, paper_id = rows[0]
        settings = execute(_EXAM, {"exam": exam_id})[0]
        _mark(execute, sitting_id, exam_id, paper_id, settings)
        _keep_result(execute, exam_id, person_id, settings)
    return bool(rows)


def _mark(execute: Execute, sitting_id: int, exam_id: int, paper_id: int, settings: Sequence[Any]) -> None:
    """Set the score: the sum of the marks, exact. The marks themselves follow from answers and key."""
    pass_mark, _, _, policy = settings
    items = queries.stored_items(exam_id, execute(_ITEMS, {"paper": paper_id})[0][0])
    rows = execute(_ANSWERS, {"sitting": sitting_id})
    answers = {position: json.loads(answer) for position, answer in rows}
    score = sum(queries.marks(items, answers, MultiplePolicy(policy)).values())
    execute(_SCORE, {"sitting": sitting_id, "score": score, "passed": score >= pass_mark})


def _keep_result(execute: Execute, exam_id: int, person_id: int, settings: Sequence[Any]) -> None:
    """Set what counts for this person from all their sittings; move the unit totals by the difference."""
    pass_mark, excellent_mark, counts, _ = settings
    key = {"exam": exam_id, "person": person_id}
    runs = execute(_RUNS, key)
    counted = rules.counted([_run(*run) for run in runs], counts=counts)
    score = int(counted.score * 100)
    after = _Counted(runs[-1][0], score, score >= pass_mark, score >= excellent_mark)
    before = [_Counted(*row) for row in execute(_BEFORE, key)]
    kept = {
        **key,
        **after._asdict(),
        "millis": counted.millis,
        "sittings": len(runs),
        "submitted_at": to_millis(counted.submitted_at),
    }
    execute(_KEEP, kept)
    for values in _differences(before, after):
        execute(_ADD, {"exam": exam_id, **values})


def _run(unit_id: int, score: int, started_at: int, submitted_at: int) -> rules.Run:
    return rules.Run(Decimal(score) / 100, submitted_at - started_at, from_millis(submitted_at))


def _differences(before: Sequence[_Counted], after: _Counted) -> list[Mapping[str, int]]:
    """What to add to each unit's total; units in order of their ids, so that two persons cannot deadlock."""
    sums: dict[int, list[int]] = {}
    for sign, counted in [*((-1, old) for old in before), (1, after)]:
        added = sums.setdefault(counted.unit, [0, 0, 0, 0])
        parts = (1, counted.score, int(counted.passed), int(counted.excellent))
        sums[counted.unit] = [total + sign * part for total, part in zip(added, parts, strict=True)]
    names = ("took_part", "score_sum", "passed", "excellent")
    return [{"unit": unit, **dict(zip(names, sums[unit], strict=True))} for unit in sorted(sums)]
