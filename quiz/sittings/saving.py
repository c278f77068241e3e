"""Keeping one answer: the deed that comes by the thousand, and the statement that guards it."""

import json
from dataclasses import dataclass
from datetime import datetime

from quiz.extensions import db, from_millis, saver, to_millis
from quiz.sittings import queries, rules
from quiz.tokens import Candidate

_SAVE = """
INSERT INTO response (sitting_id, position, answer, revision, saved_at, history)
SELECT s.id, :position, :answer, :revision, :at, :entry FROM sitting s
 WHERE s.id = :sitting AND s.person_id = :person AND s.exam_id = :exam
   AND s.submitted_at IS NULL AND s.accept_until + COALESCE(:at - s.paused_at, 0) >= :at{lock}
ON CONFLICT (sitting_id, position) DO UPDATE
   SET answer = excluded.answer, revision = excluded.revision, saved_at = excluded.saved_at,
       history = CASE WHEN length(response.history) < 4000 THEN response.history || excluded.history
                      ELSE response.history END
 WHERE excluded.revision > response.revision
RETURNING (SELECT s.deadline + COALESCE(:at - s.paused_at, 0) FROM sitting s
            WHERE s.id = response.sitting_id),
          (SELECT s.phone FROM sitting s WHERE s.id = response.sitting_id)
"""
# On PostgreSQL a save and a submit run side by side: the shared lock lets the save see whether the sitting
# is still open when it is its turn. On SQLite writers already take turns.
SAVE = {"sqlite": _SAVE.format(lock=""), "postgresql": _SAVE.format(lock=" FOR SHARE")}

_REASON = """
SELECT s.person_id, s.exam_id, s.submitted_at, s.accept_until + COALESCE(:at - s.paused_at, 0),
       s.deadline + COALESCE(:at - s.paused_at, 0), r.revision, r.answer, s.phone
  FROM sitting s LEFT JOIN response r ON r.sitting_id = s.id AND r.position = :position
 WHERE s.id = :sitting
"""


_NONE = (None,) * 8
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Saved:
    """``kept`` is False when a newer revision was already there; ``revision`` is then the stored one.

    ``elsewhere``: another phone has taken the sitting over. What this one still had to say counts all the
    same, by its revision.
    """

    kept: bool
    revision: int
    seconds_left: float
    elsewhere: bool = False


def save_response(
    *,
    candidate: Candidate,
    sitting_id: int,
    position: int,
    answer: object,
    revision: object,
    left: object = None,
    at: datetime,
) -> Saved:
    """Keep one answer; returns after it is durable. One statement, two the first time, two on refusal.

    ``left``: seconds that were left when it was given, of an answer that had to wait for the network.
    Raises BadRequest, NotFound, SittingClosed, TimeOver or RevisionTaken.
    """
    number = rules.clean_revision(revision)
    cleaned = rules.clean_answer(answer, shape=queries.shape_of(sitting_id), position=position)
    text, millis = _compact(cleaned), to_millis(at)
    values = {
        "sitting": sitting_id,
        "person": candidate.person,
        "exam": candidate.exam,
        "position": position,
        "answer": text,
        "revision": number,
        "at": millis,
        "entry": rules.history_entry(
            revision=number, millis=millis, answer=text, left=rules.clean_left(left)
        ),
    }
    rows = saver().run(SAVE[db.engine.dialect.name], values)
    if rows:
        left = rules.seconds_left(deadline=from_millis(rows[0][0]), at=at)
        return Saved(True, number, left, rules.is_elsewhere(rows[0][1], candidate.phone))
    return _explain(candidate, values, at=at)


def _explain(candidate: Candidate, values: dict[str, object], *, at: datetime) -> Saved:
    """Why the guarded statement took nothing: only a refusal pays for this second look."""
    rows = saver().run(_REASON, values)
    person, exam, submitted, accept_until, deadline, revision, answer, phone = rows[0] if rows else _NONE
    owner = (person, exam) == (candidate.person, candidate.exam)
    stored = None if revision is None or not owner else (revision, answer)
    verdict = rules.weigh(stored=stored, revision=int(str(values["revision"])), answer=str(values["answer"]))
    if verdict is None:
        until = from_millis(accept_until) if owner else at
        rules.may_save(owner=owner, submitted=submitted is not None, accept_until=until, at=at)
        raise rules.RevisionTaken
    left = rules.seconds_left(deadline=from_millis(deadline), at=at)
    kept = verdict is rules.Verdict.KEPT
    return Saved(kept, revision, left, rules.is_elsewhere(phone, candidate.phone))
