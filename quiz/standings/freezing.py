"""Deeds of 封榜 and 放榜: freeze the public table, tell the places step by step, publish.

The public copy holds what was submitted before the instant of the freeze, however late it is made: whoever
reads first after that instant has it made (pages.settled), and the closer does too.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from quiz.audit.services import record
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db, session_execute, to_millis
from quiz.sittings import closing
from quiz.sittings import rules as sitting_rules
from quiz.sittings.models import Sitting
from quiz.standings import revealing, tables
from quiz.standings.models import PublicResult, PublicTotal, Ranking, Reveal
from quiz.standings.revealing import CannotReveal, Entry
from quiz.standings.tables import Board, Table


class CannotFreeze(RuleBroken):
    code = "cannot-freeze"


# Whoever handed in again after the instant is looked at one by one: what counted then may be another run.
_COPY = """
INSERT INTO public_result (exam_id, person_id, unit_id, score, millis, passed, excellent, submitted_at)
SELECT r.exam_id, r.person_id, r.unit_id, r.score, r.millis, r.passed, r.excellent, r.submitted_at
  FROM result r
 WHERE r.exam_id = :exam AND NOT EXISTS (
       SELECT 1 FROM sitting s
        WHERE s.exam_id = r.exam_id AND s.person_id = r.person_id AND s.submitted_at >= :before)
"""
_SUM = """
SELECT unit_id, count(*), sum(score),
       sum(CASE WHEN passed THEN 1 ELSE 0 END), sum(CASE WHEN excellent THEN 1 ELSE 0 END)
  FROM public_result WHERE exam_id = :exam GROUP BY unit_id
"""
_TOTAL = """
INSERT INTO public_total (exam_id, unit_id, expected, took_part, score_sum, passed, excellent)
VALUES (:exam, :unit, :expected, :took_part, :score_sum, :passed, :excellent)
"""


def stored(exam: Exam) -> Ranking:
    """The exam's row, made with the defaults if there is none yet.

    Whoever is marking has committed, and others wait until this transaction has (closing shares the row).
    """
    db.session.execute(select(Exam.id).where(Exam.id == exam.id).with_for_update())
    found = tables.ranking(exam)
    db.session.add(found)
    db.session.flush()
    db.session.refresh(found)
    return found


def schedule(exam: Exam, *, freezes_at: datetime | None, at: datetime, who: str) -> None:
    """Freeze at an instant from now on, or, with None, not at all. CannotFreeze once it has come."""
    row = stored(exam)
    if row.freezes_at is not None and row.freezes_at <= at and row.published_at is None:
        raise CannotFreeze("已经封榜，不能再改时间。要解除，请公布。")
    if freezes_at is not None and freezes_at < at:
        raise CannotFreeze("封榜时间应当晚于现在。")
    row.freezes_at, row.frozen_at, row.published_at = freezes_at, None, None
    said = freezes_at.isoformat() if freezes_at else None
    record(who=who, what="standings.schedule", subject=f"exam:{exam.code}", at=at, freezes_at=said)


def is_due(exam: Exam, *, at: datetime) -> bool:
    row = tables.ranking(exam)
    return tables.is_frozen(row, at=at) and row.frozen_at is None


def freeze(exam: Exam, *, at: datetime) -> bool:
    """Fill the public tables with what was handed in before the instant of the freeze; once."""
    row = stored(exam)
    if row.freezes_at is None or row.freezes_at > at or row.frozen_at is not None or row.published_at:
        return False
    for table in (PublicTotal, PublicResult):
        db.session.execute(delete(table).where(table.exam_id == exam.id))
    before = to_millis(row.freezes_at)
    session_execute(_COPY, {"exam": exam.id, "before": before})
    late = _handed_in_since(exam, row.freezes_at)
    if late:
        db.session.execute(insert(PublicResult), late)
    _sum_up(exam, row)
    row.frozen_at = at
    record(who="system", what="standings.freeze", subject=f"exam:{exam.code}", at=at, late=len(late))
    return True


def _handed_in_since(exam: Exam, instant: datetime) -> list[dict[str, Any]]:
    """What counted at ``instant`` for whoever has handed in since."""
    since = (Sitting.exam_id == exam.id) & (Sitting.submitted_at >= instant)
    persons = db.session.scalars(select(Sitting.person_id).where(since).distinct()).all()
    found = [(person, closing.runs_of(exam, person)) for person in persons]
    rows = []
    for person, all_runs in found:
        runs = [(unit, run) for unit, run in all_runs if run.submitted_at < instant]
        if runs:
            how, own = {"counts": exam.counts, "full": exam.full}, [run for _, run in runs]
            counted, graded = sitting_rules.counted(own, **how), sitting_rules.graded(own, **how)
            rows.append(
                {
                    "exam_id": exam.id,
                    "person_id": person,
                    "unit_id": runs[-1][0],
                    "score": counted.score,
                    "millis": counted.millis,
                    "passed": graded >= exam.pass_mark,
                    "excellent": graded >= exam.excellent_mark,
                    "submitted_at": counted.submitted_at,
                }
            )
    return rows


def _sum_up(exam: Exam, row: Ranking) -> None:
    heads = tables.expected_heads(exam, row)
    sums = {one[0]: one[1:] for one in session_execute(_SUM, {"exam": exam.id})}
    for unit in sorted({*heads, *sums}):
        took_part, score_sum, passed, excellent = sums.get(unit, (0, 0, 0, 0))
        values = {"took_part": took_part, "score_sum": score_sum, "passed": passed, "excellent": excellent}
        expected = heads.get(unit) or took_part
        session_execute(_TOTAL, {"exam": exam.id, "unit": unit, "expected": expected, **values})


def publish(exam: Exam, *, at: datetime, who: str) -> None:
    """Let the public see what is known. CannotFreeze when nothing is frozen."""
    row = stored(exam)
    if not tables.is_frozen(row, at=at):
        raise CannotFreeze("现在没有封榜。")
    row.published_at = at
    db.session.execute(delete(Reveal).where(Reveal.exam_id == exam.id))
    record(who=who, what="standings.publish", subject=f"exam:{exam.code}", at=at)


def reveal_of(exam: Exam) -> Reveal | None:
    return db.session.get(Reveal, exam.id)


def entries_of(reveal: Reveal) -> list[Entry]:
    return [Entry(**one) for one in reveal.entries]


def begin(
    exam: Exam, *, rehearsal: bool, group: str, prizes: Sequence[int], at: datetime, who: str
) -> Reveal:
    """Fix what is told. In earnest only once all is handed in and the standings are frozen. CannotReveal."""
    row = stored(exam)
    if not rehearsal:
        _check_final(exam, row, at=at)
    public = Board(exam, table=Table.PUBLIC, at=at)
    known = public if rehearsal else Board(exam, table=Table.JURY, at=at)
    found = revealing.entries(public.ranked, known.ranked, method=public.method, group=group, prizes=prizes)
    db.session.execute(delete(Reveal).where(Reveal.exam_id == exam.id))
    told = [entry.document() for entry in found]
    made = Reveal(exam_id=exam.id, entries=told, step=0, rehearsal=rehearsal, began_at=at)
    db.session.add(made)
    said = {"rehearsal": rehearsal, "places": len(told)}
    record(who=who, what="standings.reveal", subject=f"exam:{exam.code}", at=at, **said)
    return made


def _check_final(exam: Exam, row: Ranking, *, at: datetime) -> None:
    if not tables.is_frozen(row, at=at) or row.frozen_at is None:
        raise CannotReveal("先封榜，才能放榜。")
    still = (Sitting.exam_id == exam.id) & Sitting.submitted_at.is_(None)
    left = db.session.scalar(select(Sitting.id).where(still).limit(1))
    if exams.state(exam, at=at) is not exam_rules.State.CLOSED or left is not None:
        raise CannotReveal("考试结束、全部交卷以后才能正式放榜。现在可以演练。")


def step(exam: Exam, *, seen: int, to: int) -> None:
    """Go to step ``to``; a press made while another step was shown (``seen``) does nothing."""
    found = db.session.scalar(select(Reveal).where(Reveal.exam_id == exam.id).with_for_update())
    if found is None:
        raise CannotReveal("放榜已经结束。")
    if found.step == seen:
        found.step = max(0, min(to, len(found.entries)))


def finish(exam: Exam, *, at: datetime, who: str) -> None:
    """Take the reveal off the wall; the standings stay frozen until they are published."""
    db.session.execute(delete(Reveal).where(Reveal.exam_id == exam.id))
    record(who=who, what="standings.reveal_over", subject=f"exam:{exam.code}", at=at)
