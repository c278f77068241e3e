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
from question_bank.paper import Item
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import Execute, db, from_millis, saver, session_execute, to_millis
from quiz.sittings import blind, correcting, queries, rules
from quiz.sittings.models import Sitting
from quiz.tokens import Candidate

# The row that comes back decides who closed it, however many try at once. Everything that marking needs
# comes with it: each statement is a journey to the database and back.
_OF_EXAM = "(SELECT e.{} FROM exam e WHERE e.id = sitting.exam_id)"
_PAUSED = "COALESCE(:at - paused_at, 0)"
CLOSE = f"""
UPDATE sitting
   SET submitted_at = CASE WHEN :at < deadline + {_PAUSED} THEN :at ELSE deadline + {_PAUSED} END,
       closed_by = CASE WHEN :at <= accept_until + {_PAUSED} THEN 'person' ELSE 'deadline' END,
       deadline = deadline + {_PAUSED}, accept_until = accept_until + {_PAUSED},
       paused_millis = paused_millis + {_PAUSED}, paused_at = NULL
 WHERE id = :sitting AND person_id = :person AND exam_id = :exam
   AND submitted_at IS NULL AND accept_until + {_PAUSED} < :before
RETURNING id, exam_id, person_id, unit_id, number, started_at + paused_millis, submitted_at,
          (SELECT p.items FROM paper p WHERE p.id = sitting.paper_id), {_OF_EXAM.format("full")},
          {_OF_EXAM.format("pass_mark")}, {_OF_EXAM.format("excellent_mark")},
          {_OF_EXAM.format("counts")}, {_OF_EXAM.format("multiple_policy")},
          {_OF_EXAM.format("least_seconds * 1000 * e.items")}, started_at
"""
_ANY_TIME = 2**62
_WHOSE = "SELECT person_id, exam_id FROM sitting WHERE id = :sitting"
_OWN_STATE = """
SELECT CASE WHEN s.voided_at IS NULL THEN s.score END, e.full,
       CASE WHEN s.voided_at IS NULL THEN s.passed END, s.submitted_at
  FROM sitting s JOIN exam e ON e.id = s.exam_id
 WHERE s.id = :sitting AND s.person_id = :person AND s.exam_id = :exam
"""
# The corrections in force and [position, answer], … as JSON: one row is read much faster than fifty. Its own
# statement after CLOSE: on PostgreSQL only one that begins now sees what CLOSE has waited for. There
# the exam's row stays shared until the commit, so that a correction waits for this sitting and marks it
# anew, or is seen here (exams.queries.lock).
_ANSWERS_WITH = """
SELECT (SELECT CAST(e.corrections AS TEXT) FROM exam e WHERE e.id = :exam{lock}),
       (SELECT {all}('[' || position || ',' || answer || ']', ',') FROM response WHERE sitting_id = :sitting)
"""
_ANSWERS = {
    "sqlite": _ANSWERS_WITH.format(lock="", all="group_concat"),
    "postgresql": _ANSWERS_WITH.format(lock=" FOR SHARE", all="string_agg"),
}
_WAIT = """
INSERT INTO short_answer (exam_id, sitting_id, position, pool_question_id, points, wanted)
SELECT e.id, :sitting, :position, :question, :points, e.markers FROM exam e WHERE e.id = :exam
"""
_SCORE = "UPDATE sitting SET score = :score, passed = :passed WHERE id = :sitting"
_RUNS = """
SELECT unit_id, score, started_at + paused_millis, submitted_at, started_at FROM sitting
 WHERE exam_id = :exam AND person_id = :person AND score IS NOT NULL AND voided_at IS NULL ORDER BY number
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
_REMOVE = "DELETE FROM result WHERE exam_id = :exam AND person_id = :person"
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


class Scored(NamedTuple):
    """A closed sitting: hundredths of a point, and the recorded end in milliseconds.

    No score if voided, and none yet where people have to mark an answer.
    """

    score: int | None
    full: int
    passed: bool | None
    submitted_at: int


class _Closed(NamedTuple):
    """The row of CLOSE."""

    sitting: int
    exam: int
    person: int
    unit: int
    number: int
    #: Moved by what pauses took: the time used is what is between the two.
    started_at: int
    submitted_at: int
    items: Any
    full: int
    pass_mark: int
    excellent_mark: int
    counts: str
    policy: str
    #: Less time used than this counts as this.
    least: int
    #: As it was, pauses or not.
    begun_at: int

    @property
    def rule(self) -> "_Rule":
        return _Rule(self.exam, self.full, self.pass_mark, self.excellent_mark, self.counts, self.least)


class _Rule(NamedTuple):
    """What decides how a person's sittings count."""

    exam: int
    full: int
    pass_mark: int
    excellent_mark: int
    counts: str
    least: int


class _Counted(NamedTuple):
    """What one person adds to a unit's total."""

    unit: int
    score: int
    passed: bool
    excellent: bool


def hand_in(*, candidate: Candidate, sitting_id: int, at: datetime) -> Scored:
    """Submit the person's own sitting; again, or when the closer was faster, its score as it is. NotFound."""
    key = {"sitting": sitting_id, "person": candidate.person, "exam": candidate.exam}
    return saver().work(lambda execute: _close(execute, key, at=at) or _as_it_is(execute, key))


def _as_it_is(execute: Execute, key: Mapping[str, int]) -> Scored:
    found = execute(_OWN_STATE, key)
    if not found:
        raise NotFound
    score, full, passed, submitted_at = found[0]
    return Scored(score, full, None if passed is None else bool(passed), submitted_at)


def submit(sitting: Sitting, *, at: datetime) -> Sitting:
    """The same within the session's transaction; the recorded end is never later than the deadline."""
    db.session.flush()
    key = {"sitting": sitting.id, "person": sitting.person_id, "exam": sitting.exam_id}
    _close(session_execute, key, at=at)
    db.session.refresh(sitting)
    return sitting


def finalise_if_due(sitting_id: int, *, at: datetime) -> bool:
    """Close a sitting whose time is over, recording the deadline as its end; True when this call did it."""
    db.session.flush()
    found = session_execute(_WHOSE, {"sitting": sitting_id})
    if not found:
        return False
    key = {"sitting": sitting_id, "person": found[0][0], "exam": found[0][1]}
    closed = _close(session_execute, key, at=at, before=to_millis(at - rules.SETTLE))
    db.session.expire_all()
    return closed is not None


def is_due(sitting: Sitting, *, at: datetime) -> bool:
    """Whether the sitting is still open though its last accepted instant has passed."""
    until = rules.shifted(sitting.accept_until, paused_at=sitting.paused_at, at=at)
    return sitting.submitted_at is None and rules.is_due(accept_until=until, at=at)


def rebuild_totals(exam: Exam) -> None:
    """Unit totals anew from the results; must equal what the submits have kept (property test)."""
    session_execute("DELETE FROM unit_total WHERE exam_id = :exam", {"exam": exam.id})
    session_execute(_REBUILD, {"exam": exam.id})


def _close(
    execute: Execute, key: Mapping[str, int], *, at: datetime, before: int = _ANY_TIME
) -> Scored | None:
    """Close, mark and count the sitting if it is open; None when it is not, or not yet to be closed.

    ``key`` names sitting, person and exam: another person's is not there.
    """
    values = {**key, "at": to_millis(at), "before": before}
    rows, [answers] = execute.together((CLOSE, values), (_ANSWERS[db.engine.dialect.name], key))
    if not rows:
        return None
    closed = _Closed(*rows[0])
    score = _mark(execute, closed, *answers)
    if score is None:
        return Scored(None, closed.full, None, closed.submitted_at)
    passed = score >= closed.pass_mark
    execute.later(_SCORE, {"sitting": closed.sitting, "score": score, "passed": passed})
    _count(execute, closed, score)
    return Scored(score, closed.full, passed, closed.submitted_at)


def _mark(execute: Execute, closed: _Closed, corrections: str, given: str | None) -> int | None:
    """The score: the sum of the marks, exact. The marks themselves follow from answers and key.

    None when people have to mark something first (hand_marks): their answers are laid before them.
    """
    items = queries.stored_items(closed.exam, closed.items)
    answers, amendments = dict(json.loads(f"[{given or ''}]")), correcting.in_force(json.loads(corrections))
    if waiting := blind.waiting(items, answers, amendments):
        _lay_before_markers(execute, closed, waiting)
        return None
    return correcting.score(items, answers, MultiplePolicy(closed.policy), amendments)


def _lay_before_markers(execute: Execute, closed: _Closed, items: Sequence[Item]) -> None:
    for item in items:
        values = {"position": item.position, "question": item.index, "points": item.points}
        execute.later(_WAIT, values | {"exam": closed.exam, "sitting": closed.sitting})


def keep_result(exam: Exam, person_id: int) -> None:
    """Count the person's marked sittings anew, within the session's transaction: after a correction."""
    keep_results(exam, [person_id])


def keep_results(exam: Exam, person_ids: Sequence[int]) -> None:
    """The same for many."""
    db.session.flush()
    rule = _rule_of(exam)
    for person_id in person_ids:
        _recount(session_execute, rule, person_id)
    db.session.expire_all()


def _rule_of(exam: Exam) -> _Rule:
    marks = (int(points * 100) for points in (exam.full, exam.pass_mark, exam.excellent_mark))
    return _Rule(exam.id, *marks, exam.counts, exam.least_seconds * 1000 * exam.items)


def runs_of(exam: Exam, person_id: int) -> list[tuple[int, rules.Run]]:
    """Unit and run of each of a person's marked sittings that may count, in order."""
    rows = session_execute(_RUNS, {"exam": exam.id, "person": person_id})
    least = _rule_of(exam).least
    return [(row[0], _run(least, *row)) for row in rows]


def _count(execute: Execute, closed: _Closed, score: int) -> None:
    """Let the sitting count. A person's first has nothing before it to look up or to subtract."""
    if closed.number > 1:
        _recount(execute, closed.rule, closed.person)
    else:
        run = (closed.unit, score, closed.started_at, closed.submitted_at, closed.begun_at)
        _keep_result(execute, closed.rule, closed.person, runs=[run], before=[])


def _recount(execute: Execute, rule: _Rule, person: int) -> None:
    key = {"exam": rule.exam, "person": person}
    runs = execute(_RUNS, key)
    before = [_Counted(*row) for row in execute(_BEFORE, key)]
    if runs:
        _keep_result(execute, rule, person, runs=runs, before=before)
    elif before:
        # All that counted was voided.
        execute.later(_REMOVE, key)
        _move_totals(execute, rule.exam, before, after=None)


def _keep_result(
    execute: Execute, rule: _Rule, person: int, *, runs: Sequence[Any], before: Sequence[_Counted]
) -> None:
    """Set what counts of ``runs``, and move the unit totals by the difference to ``before``."""
    made, how = [_run(rule.least, *run) for run in runs], {"counts": rule.counts, "full": rule.full / _CENT}
    counted, graded = rules.counted(made, **how), int(rules.graded(made, **how) * 100)
    passed, excellent = graded >= rule.pass_mark, graded >= rule.excellent_mark
    after = _Counted(runs[-1][0], int(counted.score * 100), passed, excellent)
    kept = {
        "exam": rule.exam,
        "person": person,
        **after._asdict(),
        "millis": counted.millis,
        "sittings": len(runs),
        "submitted_at": to_millis(counted.submitted_at),
    }
    execute.later(_KEEP, kept)
    _move_totals(execute, rule.exam, before, after)


def _move_totals(execute: Execute, exam: int, before: Sequence[_Counted], after: _Counted | None) -> None:
    for values in _differences(before, after):
        execute.later(_ADD, {"exam": exam, **values})


_CENT = Decimal(100)


def _run(
    least: int, unit_id: int, score: int, started_at: int, submitted_at: int, begun_at: int
) -> rules.Run:
    """``started_at`` moved by what pauses took; nobody gains by less time than ``least``."""
    used, day = max(submitted_at - started_at, least), from_millis(begun_at).astimezone(exams.zone()).date()
    return rules.Run(score / _CENT, used, from_millis(submitted_at), day)


def _differences(before: Sequence[_Counted], after: _Counted | None) -> list[Mapping[str, int]]:
    """What to add to each unit's total; units in order of their ids, so that two persons cannot deadlock."""
    sums: dict[int, list[int]] = {}
    for sign, counted in [*((-1, old) for old in before), *((1, new) for new in (after,) if new)]:
        added = sums.setdefault(counted.unit, [0, 0, 0, 0])
        parts = (1, counted.score, int(counted.passed), int(counted.excellent))
        sums[counted.unit] = [total + sign * part for total, part in zip(added, parts, strict=True)]
    names = ("took_part", "score_sum", "passed", "excellent")
    return [{"unit": unit, **dict(zip(names, sums[unit], strict=True))} for unit in sorted(sums)]
