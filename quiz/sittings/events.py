"""What happens around the answers: a sitting taken over by another phone, opened again, left for a while.

Facts for whoever reviews a sitting; nothing follows from them by itself. A page tells of them when it can,
again after a lost acknowledgement, and ``mark`` makes the repeat harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from quiz.errors import NotFound
from quiz.extensions import Execute, saver, session_execute, to_millis
from quiz.sittings import noting, rules
from quiz.sittings.models import Sitting
from quiz.sittings.noting import Happening, Noted
from quiz.tokens import Candidate

#: Nobody leaves a page oftener within one sitting; a script that pretends to must not fill the disk.
MOST = 500

# What a page says of the past is held within the sitting: it can neither begin before nor last longer.
_NOTE = """
INSERT INTO event (sitting_id, at, kind, mark, millis, phone)
SELECT s.id, CASE WHEN :began < s.started_at THEN s.started_at ELSE :began END, CAST(:kind AS varchar), :mark,
       CASE WHEN CAST(:millis AS bigint) > :at - s.started_at THEN :at - s.started_at
            ELSE CAST(:millis AS bigint) END, :phone
  FROM sitting s JOIN exam e ON e.id = s.exam_id
 WHERE s.id = :sitting AND s.person_id = :person AND s.exam_id = :exam AND s.submitted_at IS NULL
   AND (CAST(:kind AS varchar) NOT IN ('left', 'blurred') OR e.watch_leaving)
   AND (SELECT count(*) FROM event v WHERE v.sitting_id = s.id) < :most
ON CONFLICT (sitting_id, mark) DO UPDATE
   SET millis = excluded.millis, kind = excluded.kind
 WHERE event.millis IS NULL
"""
_AWAY = """
SELECT count(v.id), COALESCE(sum(v.millis), 0)
  FROM sitting s
  LEFT JOIN event v ON v.sitting_id = s.id AND v.kind IN ('left', 'blurred') AND v.millis >= :least
 WHERE s.id = :sitting AND s.person_id = :person AND s.exam_id = :exam
 GROUP BY s.id
"""


@dataclass(frozen=True)
class Away:
    """How often a page was left for so long that it counts, and for how long altogether."""

    times: int
    seconds: int


def note(*, candidate: Candidate, sitting_id: int, told: object, at: datetime) -> Away:
    """Keep what a page tells of a sitting that is open; returns all absences so far. BadRequest, NotFound."""
    entries = noting.clean(told)

    def deed(execute: Execute) -> Away:
        for entry in entries:
            execute(_NOTE, _values(candidate, sitting_id, entry, at=at))
        return _away(execute, candidate, sitting_id)

    return saver().work(deed)


def _values(candidate: Candidate, sitting_id: int, entry: Noted, *, at: datetime) -> dict[str, object]:
    return {
        **_own(candidate, sitting_id),
        "at": to_millis(at),
        "began": to_millis(at - entry.ago),
        "kind": entry.kind.value,
        "mark": entry.mark,
        "millis": None if entry.lasted is None else entry.lasted // timedelta(milliseconds=1),
        "phone": candidate.phone,
        "most": MOST,
    }


def _own(candidate: Candidate, sitting_id: int) -> dict[str, object]:
    return {"sitting": sitting_id, "person": candidate.person, "exam": candidate.exam}


def _away(execute: Execute, candidate: Candidate, sitting_id: int) -> Away:
    least = noting.LEAST_ABSENCE // timedelta(milliseconds=1)
    rows = execute(_AWAY, {**_own(candidate, sitting_id), "least": least})
    if not rows:
        raise NotFound
    return Away(rows[0][0], round(int(rows[0][1]) / 1000))


def away(candidate: Candidate, sitting: Sitting) -> Away:
    """The same without telling anything: for the page as it opens."""
    return _away(session_execute, candidate, sitting.id)


def take_over(sitting: Sitting, candidate: Candidate, *, at: datetime) -> None:
    """Let the open sitting go on on this phone. Answers still waiting on the other count by their revision.

    Within the session's transaction. A sitting that is over stays as it is.
    """
    if not sitting.accepts(at) or not rules.is_elsewhere(sitting.phone, candidate.phone):
        return
    sitting.phone = candidate.phone
    entry = Noted(f"over-{to_millis(at)}", Happening.TAKEN_OVER, timedelta(0), None)
    session_execute(_NOTE, _values(candidate, sitting.id, entry, at=at))
