"""Reads of draws, and the list of who may take part taken from what is stored about sittings."""

import json
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from quiz.draws import rules, staff
from quiz.draws.models import Draw, DrawEntry, DrawStep, DrawWinner
from quiz.draws.rules import Eligible, Entry, Finisher, State, Tickets, Tier
from quiz.errors import NotFound
from quiz.exams.models import Enrolment, Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.people.models import Person, Unit
from quiz.people.rules import mask_name, name_key
from quiz.sittings import flags
from quiz.sittings.flagging import Flag
from quiz.sittings.models import Result

#: What the public may know of: everything from the published list on.
PUBLIC = [State.PUBLISHED, State.AGREED, State.DRAWN, State.ANNOUNCED, State.CLOSED, State.ABANDONED]
#: Why somebody is left out by a rule; what organisers write themselves is not printed.
AGAIN, WON, TOO_FAST = "手机号重复，只留一人", "以前中过奖", "答得太快，还没有复核"
_OWN_WORDS = (staff.STAFF, staff.SAW, AGAIN, WON, TOO_FAST)
OVER = (State.ANNOUNCED, State.CLOSED)


def draw(code: str) -> Draw:
    """For the desk: any draw, or NotFound."""
    found = db.session.scalar(select(Draw).where(Draw.code == code).options(joinedload(Draw.exam)))
    if found is None:
        raise NotFound
    return found


def public_draw(code: str) -> Draw:
    """A draw whose list is out, or NotFound; rehearsals included, their pages say what they are."""
    found = draw(code)
    if found.state not in PUBLIC or found.document is None:
        raise NotFound
    return found


def draws() -> list[Draw]:
    return list(db.session.scalars(select(Draw).order_by(Draw.id.desc()).options(joinedload(Draw.exam))))


def drawable_exams() -> list[Exam]:
    """With at least one result, the newest first."""
    some = select(Result.exam_id).distinct()
    wanted = select(Exam).where(Exam.id.in_(some), Exam.mode != "practice").order_by(Exam.id.desc())
    return list(db.session.scalars(wanted))


def finishers(exam: Exam) -> list[Finisher]:
    """Everybody with a result in this exam who is still on the roster, ranked as the standings rank."""
    keys = (Result.score.desc(), Result.millis, Result.submitted_at)
    wanted = (
        select(
            Person.id,
            Person.name,
            Person.phone,
            Unit.name,
            Result.score,
            Result.passed,
            Result.sittings,
            func.rank().over(order_by=keys),
            func.rank().over(partition_by=Result.unit_id, order_by=keys),
        )
        .join(Person, Person.id == Result.person_id)
        .join(Unit, Unit.id == Result.unit_id)
        .where(Result.exam_id == exam.id, Person.active)
    )
    rows = db.session.execute(wanted)
    return [Finisher(row[0], row[1], row[2] or "", *row[3:]) for row in rows]


@dataclass
class Pool:
    """Who would be on the list now, and who would not although the rule lets them: with the reason."""

    listed: list[Finisher] = field(default_factory=list)
    excluded: list[tuple[Finisher, str]] = field(default_factory=list)


def pool(found: Draw) -> Pool:
    """The eligible of a draw by its settings, as stored now."""
    settings, result = found.settings, Pool()
    rule = Eligible(settings["eligible"])
    allowed = [one for one in finishers(found.exam) if rules.is_eligible(one, rule, settings["number"])]
    reasons = _reasons(found) | _too_fast(found, rule)
    known = staff.reasons() if settings["no_staff"] else staff.Staff({})
    left = []
    for one in sorted(allowed, key=lambda one: (one.rank, one.person_id)):
        reason = reasons.get(one.person_id) or known.why(one.name, one.unit)
        if reason:
            result.excluded.append((one, reason))
        else:
            left.append(one)
    result.listed, again = rules.one_per_phone(left)
    result.excluded += [(one, AGAIN) for one in again]
    return result


def _reasons(found: Draw) -> dict[int, str]:
    """Person → why they are left out: named ones, and winners of earlier draws."""
    named = {entry["person"]: entry["reason"] for entry in found.settings["excluded"]}
    if not found.settings["no_winners"]:
        return named
    earlier = (
        select(DrawWinner.person_id)
        .join(Draw, Draw.id == DrawWinner.draw_id)
        .where(Draw.rehearsal.is_(False), Draw.state.in_(OVER), DrawWinner.tier != "", Draw.id != found.id)
        .where(DrawWinner.lapsed_at.is_(None))
    )
    return dict.fromkeys(db.session.scalars(earlier), WON) | named


def _too_fast(found: Draw, rule: Eligible) -> dict[int, str]:
    """Where places are prizes: whoever was implausibly fast, until the organiser has looked (WEB-4)."""
    if rule not in (Eligible.TOP, Eligible.UNIT_TOP):
        return {}
    return dict.fromkeys(flags.waiting_persons(found.exam, Flag.SPEED), TOO_FAST)


def excluded_sentence(result: Pool) -> str:
    """How many the rules leave out and why: 按规则排除 3 人（工作人员 2 人，其他原因 1 人）."""
    counts = Counter(reason if reason in _OWN_WORDS else "其他原因" for _, reason in result.excluded)
    if not counts:
        return ""
    return f"按规则排除 {counts.total()} 人（{'，'.join(f'{why} {n} 人' for why, n in counts.items())}）"


def tickets(found: Draw, one: Finisher) -> int:
    if found.settings["tickets"] == Tickets.ONE:
        return 1
    return max(1, min(rules.MOST_EACH, one.sittings))


def agreed(exam: Exam) -> set[int] | None:
    """Who agreed that their masked name is published with a prize; None where nobody had to be asked.

    A contest asks everybody, and who did not tick has not agreed.
    """
    if exam.mode != Mode.CONTEST:
        return None
    wanted = select(Enrolment.person_id).where(Enrolment.exam_id == exam.id, Enrolment.publish)
    return set(db.session.scalars(wanted))


def entry(found: Draw, one: Finisher, agreed: Set[int] | None) -> Entry:
    """The masked line: 陈*远, unit, the phone's last four, tickets, mark; without consent the last two."""
    if agreed is not None and one.person_id not in agreed:
        return Entry(rules.UNNAMED, "", "", tickets(found, one), rules.mark(found.salt, one))
    tail = one.phone[-4:] if len(one.phone) == 11 else ""
    masked = rules.one_line(mask_name(one.name))
    mark = rules.mark(found.salt, one)
    return Entry(masked, rules.one_line(one.unit), tail, tickets(found, one), mark)


def tiers(found: Draw) -> list[Tier]:
    return [Tier(**one) for one in found.settings["tiers"]]


def rule_sentence(found: Draw) -> str:
    settings = found.settings
    parts = [
        Eligible(settings["eligible"]).sentence(settings["number"]),
        Tickets(settings["tickets"]).sentence,
    ]
    if settings["no_staff"]:
        parts.append("工作人员和看过题库的人不参加")
    if settings["no_winners"]:
        parts.append("以前中过奖的不参加")
    return "，".join([*parts, "每人限中一次"])


def person_named(name: str, phone_tail: str) -> list[Person]:
    """Active persons of this name; narrowed by the end of the phone when it is given."""
    wanted = select(Person).where(Person.name_key == name_key(name), Person.active)
    if phone_tail:
        wanted = wanted.where(Person.phone.endswith(phone_tail, autoescape=True))
    return list(db.session.scalars(wanted.options(joinedload(Person.unit)).order_by(Person.id)))


def persons_of(ids: list[int]) -> dict[int, Person]:
    wanted = select(Person).where(Person.id.in_(ids)).options(joinedload(Person.unit))
    return {one.id: one for one in db.session.scalars(wanted)}


def entry_person(found: Draw, place: int) -> int:
    return db.session.scalars(
        select(DrawEntry.person_id).where(DrawEntry.draw_id == found.id, DrawEntry.place == place)
    ).one()


def winners(found: Draw) -> list[DrawWinner]:
    """In the order selected, alternates included. For the desk."""
    wanted = select(DrawWinner).where(DrawWinner.draw_id == found.id).order_by(DrawWinner.number)
    person = joinedload(DrawWinner.person).joinedload(Person.unit)
    return list(db.session.scalars(wanted.options(person)))


def winner(found: Draw, number: int) -> DrawWinner:
    row = db.session.get(DrawWinner, (found.id, number))
    if row is None:
        raise NotFound
    return row


def won_by(found: Draw, person: Person) -> DrawWinner | None:
    """What this person may be told: a prize that is theirs now."""
    wanted = (DrawWinner.draw_id == found.id) & (DrawWinner.person_id == person.id)
    return db.session.scalar(
        select(DrawWinner).where(wanted, DrawWinner.tier != "", DrawWinner.lapsed_at.is_(None))
    )


def steps(found: Draw) -> list[DrawStep]:
    return list(
        db.session.scalars(select(DrawStep).where(DrawStep.draw_id == found.id).order_by(DrawStep.id))
    )


def abandoned_before(found: Draw) -> list[Draw]:
    """Real draws of the same exam that came to nothing: shown beside every later one."""
    wanted = select(Draw).where(Draw.exam_id == found.exam_id, Draw.state == State.ABANDONED.value)
    wanted = wanted.where(Draw.rehearsal.is_(False), Draw.document.is_not(None), Draw.id != found.id)
    return list(db.session.scalars(wanted.order_by(Draw.id)))


def published_json(found: Draw) -> str:
    """The file everybody may have; winners in it as far as the state allows."""
    document = dict(found.document or {})
    if found.state == State.DRAWN:  # they are being uncovered one by one on the screen
        document.pop("winners", None)
    return json.dumps(document, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Line:
    """A prize on public pages and the wall: masked as the list is."""

    number: int
    tier: str
    name: str
    unit: str
    tail: str
    note: str


def public_lines(found: Draw) -> Iterator[Line]:
    """The prizes as they stand now, in the order selected, from the published list only."""
    listed = (found.document or {}).get("list", [])
    for row in winners(found):
        if row.tier:
            one = listed[row.place - 1]
            note = "视为放弃" if row.lapsed_at else "递补" if row.instead_of else ""
            # Without a name, the number on the published list is what the winner is known by.
            name = f"{rules.UNNAMED}（{row.place} 号）" if one["name"] == rules.UNNAMED else one["name"]
            yield Line(row.number, row.tier, name, one["unit"], one["tail"], note)


def prizes(found: Draw) -> int:
    return sum(tier.count for tier in tiers(found))


def stage_document(found: Draw, *, at: datetime) -> dict[str, Any]:
    """Everything the screen shows: never more winners than the presenter has uncovered."""
    names = rules.tier_names(tiers(found))
    document: dict[str, Any] = found.document or {}
    lines = list(public_lines(found))[: found.shown] if found.state in (State.DRAWN, *OVER) else []
    shown = [(line.tier, line.name, line.unit, line.tail) for line in lines]
    tier = names[max(0, min(found.shown, len(names)) - 1)] if found.shown else names[0]
    return {
        "state": found.state,
        "rehearsal": found.rehearsal,
        "tier": tier,
        "total": names.count(tier),
        "shown": found.shown,
        "prizes": len(names),
        "winners": [dict(zip(("tier", "name", "unit", "tail"), one, strict=True)) for one in shown],
        "persons": len(document.get("list", ())),
        "fingerprint": document.get("fingerprint", ""),
        "numbers": [one["number"] for one in document.get("numbers", ())],
        "seed": document.get("seed", ""),
        "as_of": at.isoformat(),
    }
