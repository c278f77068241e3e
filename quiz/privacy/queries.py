"""Reads: everything stored about one person, and whose data has been kept long enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from quiz.audit import rules as audit
from quiz.audit.models import Deed
from quiz.draws.models import Draw, DrawEntry, DrawWinner
from quiz.draws.rules import State as DrawState
from quiz.errors import NotSignedIn
from quiz.exams import queries as exams
from quiz.exams.models import Consent, Enrolment, Exam
from quiz.exams.rules import Mode, State, moment
from quiz.extensions import db
from quiz.people.models import Person
from quiz.practice.models import PracticeAnswer
from quiz.privacy import rules
from quiz.privacy.models import Keeping
from quiz.reports.models import Certificate
from quiz.sittings import queries as sittings
from quiz.sittings import releasing
from quiz.sittings.models import Appeal, Event, Response, Sitting
from quiz.standings.models import Leave
from quiz.tokens import Candidate

#: A draw that is neither over nor given up.
_UNDER_WAY = [DrawState.PUBLISHED, DrawState.AGREED, DrawState.DRAWN]
_CLOSED = {"person": "本人交卷", "deadline": "到时自动交卷", "void": "由考务收卷"}


def own_person(candidate: Candidate) -> Person:
    found = db.session.get(Person, candidate.person)
    if found is None or not found.active:
        raise NotSignedIn
    return found


@dataclass(frozen=True)
class Fact:
    """One thing that is stored, in words."""

    part: str
    name: str
    value: str


def everything(person: Person, *, at: datetime) -> list[Fact]:
    """What is stored about this person; scores and answers only as far as they are released."""
    return [
        *_profile(person),
        *_joined(person),
        *_sat(person, at=at),
        *_other(person),
        *_noted(person),
    ]


def _profile(person: Person) -> Iterator[Fact]:
    given = {
        "姓名": person.name,
        "手机号": person.phone,
        "单位": person.unit.name,
        "工号": person.number,
        "职务": person.post,
        "职级": person.rank,
        "身份类别": person.identity,
        "五进类别": person.category,
        "口令": "已设置，只存摘要" if person.passcode_hash else "",
        "来源": "自己报名" if person.joined else "参加人员名册",
    }
    return (Fact("基本信息", name, value) for name, value in given.items() if value)


def _joined(person: Person) -> Iterator[Fact]:
    wanted = select(Enrolment, Exam.title, Consent.words).join(Exam, Exam.id == Enrolment.exam_id)
    wanted = wanted.outerjoin(Consent, Consent.version == Enrolment.consent)
    for own, title, words in db.session.execute(wanted.where(Enrolment.person_id == person.id)):
        said = [own.category, own.identity, own.written_unit, own.class_code, own.seat]
        yield Fact("报名", title, "，".join([_moment(own.joined_at), *filter(None, said)]))
        if words:
            agreed = f"{_moment(own.consented_at)} 同意；公示：{'同意' if own.publish else '不同意'}"
            yield Fact("报名", f"{title}：同意书", f"{words}（{agreed}）")


def _sat(person: Person, *, at: datetime) -> Iterator[Fact]:
    wanted = select(Sitting).where(Sitting.person_id == person.id).order_by(Sitting.id)
    for one in db.session.scalars(wanted):
        title = f"{one.exam.title} 第 {one.number} 次"
        if one.submitted_at is None:
            yield Fact("答卷", title, f"{_moment(one.started_at)} 开始，正在作答")
            continue
        ended = f"{_moment(one.submitted_at)} {_CLOSED.get(one.closed_by or '', '')}"
        yield Fact("答卷", title, f"{_moment(one.started_at)} 开始，{ended}")
        if one.voided_at is not None:
            yield Fact("答卷", f"{title}：成绩", f"无效：{one.void_reason}")
        elif one.score is not None and releasing.score_shown(one.exam, at=at):
            yield Fact("答卷", f"{title}：成绩", f"{one.score:g} 分")
        if releasing.may_review(one, at=at):
            given = sorted(sittings.responses_of(one.id).items())
            told = "；".join(f"{position} {'、'.join(answer)}" for position, (answer, _) in given)
            yield Fact("答卷", f"{title}：答案", told)


def _other(person: Person) -> Iterator[Fact]:
    own = select(Sitting.id).where(Sitting.person_id == person.id)
    counts = {
        "作答的题": select(func.count()).select_from(Response).where(Response.sitting_id.in_(own)),
        "离开页面、换手机等经过": select(func.count()).select_from(Event).where(Event.sitting_id.in_(own)),
        "练习过的题": select(func.count())
        .select_from(PracticeAnswer)
        .where(PracticeAnswer.person_id == person.id),
    }
    for name, counted in counts.items():
        if number := db.session.scalar(counted):
            yield Fact("其他", name, f"{number} 条")
    for one in db.session.scalars(select(Appeal).where(Appeal.sitting_id.in_(own))):
        yield Fact("其他", "复核申请", f"{_moment(one.asked_at)}：{one.reason}。{one.answer or '等待答复'}")
    for leave in db.session.scalars(select(Leave).where(Leave.person_id == person.id)):
        yield Fact("其他", "请假", f"{_moment(leave.asked_at)}：{leave.reason}")
    for given in db.session.scalars(select(Certificate).where(Certificate.person_id == person.id)):
        yield Fact("其他", f"证书 {given.number}", f"{given.title}，{_moment(given.issued_at)} 发")
    for draw, tier in _draws(person):
        yield Fact("其他", f"抽奖“{draw.title}”", f"在名单上{'，' + tier if tier else ''}")


def _draws(person: Person) -> list[tuple[Draw, str]]:
    """Draws whose list this person is on, with the prize as far as it is announced."""
    wanted = (
        select(Draw, DrawWinner.tier)
        .join(DrawEntry, DrawEntry.draw_id == Draw.id)
        .outerjoin(
            DrawWinner, (DrawWinner.draw_id == Draw.id) & (DrawWinner.person_id == DrawEntry.person_id)
        )
        .where(DrawEntry.person_id == person.id)
    )
    told = (DrawState.ANNOUNCED, DrawState.CLOSED)
    rows = db.session.execute(wanted.order_by(Draw.id))
    return [(draw, (tier or "") if draw.state in told else "") for draw, tier in rows]


def _noted(person: Person) -> Iterator[Fact]:
    subjects = or_(Deed.who == f"person:{person.id}", Deed.subject == f"person:{person.id}")
    for one in db.session.scalars(select(Deed).where(subjects).order_by(Deed.id)):
        yield Fact("操作记录", audit.words(one.what), _moment(one.at))


def _moment(at: datetime | None) -> str:
    return "" if at is None else moment(at.astimezone(exams.zone()))


def check_may_go(person: Person, *, at: datetime) -> None:
    """OnRoster, ContestRuns or PrizeWaits while something speaks against removing this person's data."""
    if not person.joined:
        raise rules.OnRoster
    concerned = or_(
        exists().where(Sitting.exam_id == Exam.id, Sitting.person_id == person.id),
        exists().where(Enrolment.exam_id == Exam.id, Enrolment.person_id == person.id),
    )
    mine = list(db.session.scalars(select(Exam).where(concerned)))
    if any(exams.state(exam, at=at) is not State.CLOSED for exam in mine):
        raise rules.ContestRuns
    if db.session.scalar(select(_prize_waits()).where(Person.id == person.id)):
        raise rules.PrizeWaits


def _prize_waits() -> ColumnElement[bool]:
    """On the list of a draw that is being held, or with a prize that is neither received nor given up."""
    waiting = (DrawWinner.tier != "") & DrawWinner.claimed_at.is_(None) & DrawWinner.lapsed_at.is_(None)
    real = Draw.rehearsal.is_(False)
    listed = select(DrawEntry.person_id).join(Draw, Draw.id == DrawEntry.draw_id)
    won = select(DrawWinner.person_id).join(Draw, Draw.id == DrawWinner.draw_id)
    return or_(
        Person.id.in_(listed.where(real, Draw.state.in_(_UNDER_WAY))),
        Person.id.in_(won.where(real, Draw.state == DrawState.ANNOUNCED.value, waiting)),
    )


def keeping() -> Keeping:
    """What was decided; the defaults where nothing was, not stored."""
    return db.session.get(Keeping, 1) or Keeping(id=1, days=rules.USUAL_DAYS, nightly=False)


def due_ids(*, at: datetime, limit: int) -> Sequence[int]:
    """Persons who only ever joined contests, all of them over for long enough, and no prize waiting."""
    wanted = select(Person.id).where(*_due(at=at)).order_by(Person.id).limit(limit)
    return db.session.scalars(wanted).all()


def count_due(*, at: datetime) -> int:
    return db.session.scalar(select(func.count()).select_from(Person).where(*_due(at=at))) or 0


def _due(*, at: datetime) -> list[ColumnElement[bool]]:
    """Each list is made once, not looked up for each person: there may be a hundred thousand."""
    ended = func.coalesce(Exam.ended_at, Exam.closes_at)
    stays = or_(ended >= rules.cutoff(keeping().days, at=at), Exam.mode != Mode.CONTEST.value)
    held = select(Exam.id).where(stays)
    gone = Person.name_key.startswith(rules.MARK, autoescape=True)
    took_part = or_(Person.id.in_(select(Enrolment.person_id)), Person.id.in_(select(Sitting.person_id)))
    return [
        Person.joined,
        ~gone,
        took_part,
        Person.id.not_in(select(Enrolment.person_id).where(Enrolment.exam_id.in_(held))),
        Person.id.not_in(select(Sitting.person_id).where(Sitting.exam_id.in_(held))),
        ~_prize_waits(),
    ]


def contests_due(*, at: datetime) -> list[tuple[Exam, int]]:
    """Contests with the number of persons whose data would go now, the oldest first."""
    exam, own = aliased(Exam), aliased(Enrolment)
    counted = (
        select(exam, func.count(own.person_id))
        .join(own, own.exam_id == exam.id)
        .join(Person, Person.id == own.person_id)
        .where(*_due(at=at))
        .group_by(exam.id)
        .order_by(exam.closes_at, exam.id)
    )
    return [(found, count) for found, count in db.session.execute(counted)]
