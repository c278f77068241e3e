"""What the organiser reviews: who left the page, who changed phones, who asks for a review, and everything
that happened in one sitting, in order. A read model: changes nothing, concludes nothing.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select

from question_bank.question import FALSE, TRUE
from quiz.audit.models import Deed as Audit
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import Scope
from quiz.sittings import appealing, appeals, correcting, late, lookup, noting, queries, releasing, rooms
from quiz.sittings.models import Appeal, Correction, Event, LateAnswer, Rescore, Sitting
from quiz.sittings.noting import Happening

PER_PAGE = 50
_ABSENT = (Happening.LEFT.value, Happening.BLURRED.value)
_CLOSED = {"person": "本人交卷", "deadline": "到时自动交卷", "void": "由考务收卷"}


@dataclass(frozen=True)
class Row:
    """One sitting in the list. ``appeal``: 待答复, 维持原成绩, 成绩已更正 or empty."""

    sitting: Sitting
    times: int
    seconds: int
    phones: int
    appeal: str

    @property
    def away(self) -> str:
        return noting.in_words(self.seconds)

    @property
    def start(self) -> str:
        return moment(self.sitting.started_at)


@dataclass(frozen=True)
class Listing:
    rows: Sequence[Row]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True)
class Late:
    """An answer that came after the end, in words."""

    position: int
    answer: str
    claim: str
    arrived: str
    against: str


@dataclass(frozen=True)
class Line:
    """Something that happened in a sitting, in words."""

    at: datetime
    words: str
    who: str = ""

    @property
    def time(self) -> str:
        return moment(self.at)


def moment(instant: datetime) -> str:
    """11 月 24 日 9:05:30, in the local zone."""
    local = instant.astimezone(exams.zone())
    return f"{local.month} 月 {local.day} 日 {local.hour}:{local:%M:%S}"


def sitting_of(exam: Exam, sitting_id: int, *, within: Scope) -> Sitting:
    """A sitting of this exam by somebody of the units ``within``, or NotFound."""
    found = db.session.get(Sitting, sitting_id)
    if found is None or found.exam_id != exam.id or (within is not None and found.unit_id not in within):
        raise NotFound
    return found


def listing(exam: Exam, *, tab: str, text: str, number: int, within: Scope) -> Listing:
    """``tab``: all, appeals, late, away or phones; those most in need of a look on top."""
    away = _counts(_ABSENT, least=noting.LEAST_ABSENCE.seconds * 1000)
    phones = _counts((Happening.TAKEN_OVER.value,))
    wanted = (
        select(Sitting, away.c.times, away.c.millis, phones.c.times, Appeal)
        .join(Person, Person.id == Sitting.person_id)
        .join(Unit, Unit.id == Sitting.unit_id)
        .outerjoin(away, away.c.sitting_id == Sitting.id)
        .outerjoin(phones, phones.c.sitting_id == Sitting.id)
        .outerjoin(Appeal, Appeal.sitting_id == Sitting.id)
        .where(Sitting.exam_id == exam.id, *_tab(tab, away, phones), *_matching(text))
    )
    if within is not None:
        wanted = wanted.where(Sitting.unit_id.in_(within))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    number = min(number, max(1, -(-total // PER_PAGE)))
    waiting = Appeal.id.is_not(None) & Appeal.decided_at.is_(None)
    order = (waiting.desc(), func.coalesce(away.c.millis, 0).desc(), Unit.pinyin, Sitting.id)
    found = db.session.execute(wanted.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Listing([_row(*row) for row in found], total, number)


def _counts(kinds: Sequence[str], *, least: int = 0) -> Any:
    counted = select(Event.sitting_id, func.count().label("times"), func.sum(Event.millis).label("millis"))
    counted = counted.where(Event.kind.in_(kinds))
    if least:
        counted = counted.where(Event.millis >= least)
    return counted.group_by(Event.sitting_id).subquery()


def _tab(tab: str, away: Any, phones: Any) -> list[Any]:
    narrow = {
        "appeals": Appeal.id.is_not(None),
        "away": away.c.times.is_not(None),
        "phones": phones.c.times.is_not(None),
        "late": select(LateAnswer.id).where(LateAnswer.sitting_id == Sitting.id).exists(),
    }
    return [narrow[tab]] if tab in narrow else []


def _matching(text: str) -> list[Any]:
    columns = (Person.name, Unit.name, Person.number)
    return [or_(*(column.contains(text, autoescape=True) for column in columns))] if text else []


def _row(
    sitting: Sitting, times: int | None, millis: int | None, phones: int | None, appeal: Appeal | None
) -> Row:
    return Row(sitting, times or 0, round(int(millis or 0) / 1000), phones or 0, appeal_state(appeal))


def appeal_state(appeal: Appeal | None) -> str:
    if appeal is None:
        return ""
    return appealing.Decision(appeal.decision).chinese if appeal.decision else "待答复"


def waiting_appeals(exam: Exam, *, within: Scope) -> int:
    """How many reviews nobody has answered yet."""
    wanted = select(func.count()).select_from(Appeal).join(Sitting, Sitting.id == Appeal.sitting_id)
    wanted = wanted.where(Sitting.exam_id == exam.id, Appeal.decided_at.is_(None))
    return db.session.scalar(wanted if within is None else wanted.where(Sitting.unit_id.in_(within))) or 0


def log(sitting: Sitting, *, at: datetime, answers: bool = True) -> list[Line]:
    """Everything that happened in a sitting, in order; ``answers``: with every revision of every item."""
    lines = [*_course(sitting, at=at), *_events(sitting), *_scores(sitting), *_review(sitting)]
    lines += _late(sitting)
    if answers:
        lines += [Line(one.at, _answered(one)) for one in queries.history_of(sitting.id)]
        noted = rooms.notes(sitting.exam, sitting.person_id)
        lines += [Line(one.at, f"监考记录（{one.room.name}）：{one.text}", one.who) for one in noted]
    return sorted(lines, key=lambda line: line.at)


def _late(sitting: Sitting) -> Iterator[Line]:
    for row in late.of_sitting(sitting):
        given = answer_words(json.loads(row.answer))
        yield Line(row.arrived_at, f"截止后送到第 {row.position} 题：{given}，{_claim(row)}")
        if row.decided_at is not None:
            deed = "认定计入" if row.accepted else "核对后不计入"
            yield Line(row.decided_at, f"第 {row.position} 题{deed}，{row.reason}", row.decided_by or "")


def _claim(row: LateAnswer) -> str:
    if row.left_millis is None:
        return "手机没有说明何时作答"
    return f"手机称剩余 {noting.in_words(row.left_millis // 1000)}时作答"


def pending_late(sitting: Sitting) -> list[Late]:
    """What came late and nobody has decided on."""
    return [
        Late(
            one.row.position,
            answer_words(json.loads(one.row.answer)),
            _claim(one.row),
            moment(one.row.arrived_at),
            one.against,
        )
        for one in late.pending(sitting)
    ]


def _course(sitting: Sitting, *, at: datetime) -> Iterator[Line]:
    exam = sitting.exam
    yield Line(sitting.started_at, f"开始答题（第 {sitting.number} 次）")
    for entry in lookup.time_changes(exam, lookup.one(exam, sitting.person, at=at)):
        if sitting.started_at <= entry["at"] <= (sitting.submitted_at or at):
            yield Line(entry["at"], "，".join(filter(None, (entry["words"], entry["why"]))), entry["who"])
    if sitting.submitted_at is not None:
        yield Line(sitting.submitted_at, _CLOSED.get(sitting.closed_by or "", "交卷"))
    closing = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    if exam.review == exam_rules.Release.CLOSE and closing <= at:
        yield Line(closing, "考试结束，公布答案和解析")


def _answered(one: queries.Given) -> str:
    times = f"（第 {one.revision} 次改动）" if one.revision > 1 else ""
    return f"第 {one.position} 题：{answer_words(one.answer)}{times}"


def answer_words(answer: Sequence[str] | None) -> str:
    """AC, 正确, the texts of a fill, 清空, or that it is long."""
    if answer is None:
        return "填写了较长的文字"
    shown = [{TRUE: "正确", FALSE: "错误"}.get(label, label) for label in answer]
    single = all(len(label) == 1 and label.isascii() for label in answer)
    return ("" if single else "；").join(shown) or "清空"


def _events(sitting: Sitting) -> Iterator[Line]:
    for event in db.session.scalars(select(Event).where(Event.sitting_id == sitting.id)):
        kind = Happening(event.kind)
        lasted = ""
        if event.kind in _ABSENT:
            seconds = None if event.millis is None else round(event.millis / 1000)
            lasted = "，没有再回来" if seconds is None else f" {noting.in_words(seconds)}"
        yield Line(event.at, kind.chinese + lasted)


def _scores(sitting: Sitting) -> Iterator[Line]:
    wanted = select(Rescore, Correction).join(Correction, Correction.id == Rescore.correction_id)
    for rescore, correction in db.session.execute(wanted.where(Rescore.sitting_id == sitting.id)):
        taken_back = correction.undone_at is not None and rescore.at == correction.undone_at
        deed = "撤销更正" if taken_back else f"试题更正（{correcting.Deed(correction.deed).chinese}）"
        scores = f"{exam_rules.plain(rescore.before)} 分 → {exam_rules.plain(rescore.after)} 分"
        who = correction.undone_by if taken_back else correction.who
        yield Line(rescore.at, f"{deed}，{correction.reason}：{scores}", who or "")
    words = {"sitting.void": "作无效处理", "sitting.restore": "恢复成绩", "sitting.pack": "导出复核材料"}
    words |= {"late.bring": "收下带来的答案"}
    subject = f"exam:{sitting.exam.code}"
    for deed in db.session.scalars(select(Audit).where(Audit.subject == subject, Audit.what.in_(words))):
        if deed.detail.get("sitting") == sitting.id:
            reason = deed.detail.get("reason")
            yield Line(deed.at, words[deed.what] + (f"，{reason}" if reason else ""), deed.who)


def _review(sitting: Sitting) -> Iterator[Line]:
    appeal = appeals.of_sitting(sitting)
    if appeal is None:
        return
    yield Line(appeal.asked_at, f"申请复核：{appeal.reason}", appeal.asked_by or "本人")
    if appeal.decided_at is not None:
        yield Line(
            appeal.decided_at, f"答复：{appeal_state(appeal)}。{appeal.answer}", appeal.decided_by or ""
        )


def pack(sitting: Sitting, *, at: datetime) -> dict[str, Any]:
    """The whole file of one sitting for a review: paper as sat, answers, key, marks, events, corrections."""
    items = releasing.whole_review(sitting)
    return {
        "items": [item | {"given": answer_words(item["answer"]), "right": _key(item)} for item in items],
        "events": log(sitting, at=at, answers=False),
        "answers": [Line(one.at, _answered(one)) for one in queries.history_of(sitting.id)],
        "total": sum((Decimal(str(item["mark"])) for item in items), Decimal(0)),
        "appeal": appeals.of_sitting(sitting),
        "first_score": queries.score_at_submit(sitting),
        "closed": _CLOSED.get(sitting.closed_by or "", "还没有交卷"),
    }


def _key(item: dict[str, Any]) -> str:
    return answer_words(item["key"])
