"""Deeds on standings: keep the head counts, decide how an exam is ranked, move somebody to another unit."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from quiz.audit.services import record
from quiz.errors import NotFound, RuleBroken
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.sittings import changing, closing
from quiz.sittings.models import Sitting
from quiz.standings import method as methods
from quiz.standings import queries, tables
from quiz.standings.freezing import stored
from quiz.standings.method import Method, Visibility
from quiz.standings.models import Head, RankingChange
from quiz.standings.programme import Programme

LONGEST_REASON = 100
LARGEST_HEAD = 1_000_000


class BadChange(RuleBroken):
    code = "bad-change"
    status = 422


class FrozenNow(RuleBroken):
    code = "frozen"
    message = "封榜期间不能改计分办法和应参人数。请先公布，或等放榜以后再改。"


def keep_heads(exam: Exam, *, at: datetime) -> bool:
    """Keep 应参人数 of each unit once the exam has opened; again does nothing. True when it was done."""
    if exam.opens_at > at or tables.ranking(exam).heads_kept_at is not None:
        return False
    row = stored(exam)
    if row.heads_kept_at is not None:
        return False
    heads = [
        {"exam_id": exam.id, "unit_id": one.unit_id, "expected": one.expected}
        for one in queries.unit_rows(exam)
    ]
    if heads:
        db.session.execute(insert(Head), heads)
    row.heads_kept_at = at
    return True


def admit_units(exam: Exam, *, unit_ids: Collection[int], reason: str, at: datetime, who: str) -> list[Unit]:
    """Let units sit that were forgotten when the exam was made; returns them. SettingFrozen, BadSettings.

    Their 应参人数 is kept as if they had been there at the opening, with a footnote for each.
    """
    row = stored(exam)
    new = changing.add_units(exam, unit_ids=unit_ids, reason=reason, at=at, who=who)
    found = list(db.session.scalars(select(Unit).where(Unit.id.in_(new)).order_by(Unit.pinyin, Unit.id)))
    if row.heads_kept_at is not None:
        counts = {one.unit_id: one.expected for one in queries.unit_rows(exam)}
        for unit in found:
            expected = counts.get(unit.id, 0)
            db.session.merge(Head(exam_id=exam.id, unit_id=unit.id, expected=expected))
            _note(exam, unit, before="0", after=str(expected), reason=reason.strip(), at=at, who=who)
    return found


def change_head(
    exam: Exam, unit: Unit, *, expected: int | None, reason: str | None, at: datetime, who: str
) -> None:
    """Another 应参人数 for one unit; after the opening it stands as a footnote. BadChange or FrozenNow."""
    row = stored(exam)
    _check_thawed(exam, at=at)
    if expected is None or not 0 <= expected <= LARGEST_HEAD:
        raise BadChange("应参人数应当是 0 或更大的整数。")
    why = _reason(reason)
    if row.heads_kept_at is None:
        raise BadChange("开考以前，应参人数就是名册里的人数，请改名册。")
    head = db.session.get(Head, (exam.id, unit.id))
    before = head.expected if head else 0
    if before == expected:
        raise BadChange("应参人数和原来一样。")
    db.session.merge(Head(exam_id=exam.id, unit_id=unit.id, expected=expected))
    _note(exam, unit, before=str(before), after=str(expected), reason=why, at=at, who=who)
    said = {"unit": unit.id, "before": before, "after": expected, "reason": why}
    record(who=who, what="standings.head", subject=f"exam:{exam.code}", at=at, **said)


def decide(
    exam: Exam, *, method: Method, visibility: Visibility, reason: str | None, at: datetime, who: str
) -> None:
    """How the exam is ranked and who may read it. Raises BadMethod, BadChange or FrozenNow.

    After the opening another method needs a reason, which is printed; another visibility does not.
    """
    methods.check(method)
    row = stored(exam)
    before = methods.from_document(row.method)
    if before != method:
        _check_thawed(exam, at=at)
        if exam.opens_at <= at:
            _note(exam, None, before=before.sentences, after=method.sentences, reason=_reason(reason),
                  at=at, who=who)  # fmt: skip
    row.method, row.visibility = method.document(), visibility.value
    said = {"rule": method.sentences, "visible": visibility.chinese}
    record(who=who, what="standings.decide", subject=f"exam:{exam.code}", at=at, **said)


def show(exam: Exam, *, programme: Programme, at: datetime, who: str) -> None:
    """What the wall shows in turn."""
    stored(exam).wall = programme.document()
    record(who=who, what="standings.wall", subject=f"exam:{exam.code}", at=at, **programme.document())


def move(exam: Exam, person: Person, unit: Unit, *, reason: str | None, at: datetime, who: str) -> None:
    """Let somebody's sittings of this exam count for another unit, totals with them. BadChange, NotFound."""
    why = _reason(reason)
    own = (Sitting.exam_id == exam.id) & (Sitting.person_id == person.id)
    found = db.session.scalars(select(Sitting).where(own).order_by(Sitting.id).with_for_update()).all()
    if not found:
        raise NotFound
    before = sorted({one.unit_id for one in found})
    if before == [unit.id]:
        raise BadChange("这个人的成绩已经计在这个单位。")
    db.session.execute(update(Sitting).where(own).values(unit_id=unit.id))
    closing.keep_result(exam, person.id)
    said = {"person": person.id, "before": before, "after": unit.id, "reason": why}
    record(who=who, what="standings.move", subject=f"exam:{exam.code}", at=at, **said)


def _check_thawed(exam: Exam, *, at: datetime) -> None:
    if tables.is_frozen(tables.ranking(exam), at=at):
        raise FrozenNow


def _reason(reason: str | None) -> str:
    found = (reason or "").strip()
    if not 2 <= len(found) <= LONGEST_REASON or not all(map(str.isprintable, found)):
        raise BadChange(f"请写明原因，2 至 {LONGEST_REASON} 个字。")
    return found


def _note(exam: Exam, unit: Unit | None, **values: Any) -> None:
    db.session.add(RankingChange(exam_id=exam.id, unit_id=unit.id if unit else None, **values))
