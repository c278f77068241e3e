"""The deeds of a draw. Each step moves the state by one guarded statement and leaves a row in the ledger."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, update

from quiz.audit.services import record
from quiz.draws import queries, rules
from quiz.draws.models import Draw, DrawEntry, DrawStep, DrawWinner
from quiz.draws.rules import BEFORE, BadDraw, Eligible, State, Tickets, WrongStep
from quiz.exams.models import Exam
from quiz.extensions import db
from quiz.people.models import Person

#: No 0 O 1 I L: codes are read aloud and typed.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Settings:
    """What the organiser decides before the list is published."""

    title: str
    tiers: Sequence[rules.Tier]
    eligible: Eligible
    number: int = 0
    tickets: Tickets = Tickets.ONE
    alternates: int = 0
    no_staff: bool = True
    no_winners: bool = True
    source: str = "三位嘉宾现场各报一组三位数"
    rehearsal: bool = False


def prepare(exam: Exam, *, settings: Settings, at: datetime, who: str) -> Draw:
    """A new draw that nobody but the desk sees yet."""
    wishes = asdict(settings) | {"excluded": []}
    title, rehearsal = rules.one_line(wishes.pop("title")), wishes.pop("rehearsal")
    wishes |= {"eligible": settings.eligible.value, "tickets": settings.tickets.value}
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    made = Draw(
        code=code,
        exam_id=exam.id,
        title=title,
        rehearsal=rehearsal,
        state=State.PREPARED.value,
        settings=wishes | {"source": rules.one_line(settings.source)},
        salt=secrets.token_hex(16),
        created_at=at,
        shown=0,
    )
    db.session.add(made)
    db.session.flush()
    _note(made, what="prepared", who=who, at=at, detail="彩排" if rehearsal else "")
    return made


def exclude(draw: Draw, *, person: Person, reason: str, at: datetime, who: str) -> None:
    """Leave somebody out by name; only before the list is published."""
    _stay(draw, State.PREPARED)
    reason = rules.one_line(reason)
    if not reason:
        raise BadDraw("请写明为什么不参加。")
    others = [one for one in draw.settings["excluded"] if one["person"] != person.id]
    draw.settings = draw.settings | {"excluded": [*others, {"person": person.id, "reason": reason}]}
    _note(draw, what="excluded", who=who, at=at, detail=f"{person.name}：{reason}")


def include(draw: Draw, *, person: Person, at: datetime, who: str) -> None:
    """Take an exclusion back."""
    _stay(draw, State.PREPARED)
    others = [one for one in draw.settings["excluded"] if one["person"] != person.id]
    draw.settings = draw.settings | {"excluded": others}
    _note(draw, what="included", who=who, at=at, detail=person.name)


def publish(draw: Draw, *, at: datetime, who: str) -> None:
    """Freeze the list: from here on neither it nor the rules can change."""
    _move(draw, State.PUBLISHED)
    pool = queries.pool(draw)
    listed = {rules.mark(draw.salt, one): one for one in pool.listed}
    tiers = queries.tiers(draw)
    agreed = queries.agreed(draw.exam)
    entries = [queries.entry(draw, one, agreed) for one in listed.values()]
    rules.check_list(entries, tiers)
    draw.document = rules.published(
        title=draw.title,
        rehearsal=draw.rehearsal,
        rule="。".join(filter(None, (queries.rule_sentence(draw), queries.excluded_sentence(pool)))),
        source=draw.settings["source"],
        tiers=tiers,
        alternates=draw.settings["alternates"],
        entries=entries,
    )
    for place, line in enumerate(draw.document["list"], 1):
        person = listed[line["mark"]].person_id
        db.session.add(DrawEntry(draw_id=draw.id, place=place, person_id=person))
    _note(draw, what="published", who=who, at=at, detail=draw.document["fingerprint"])


def agree(draw: Draw, *, numbers: Sequence[tuple[str, str]], witnesses: str, at: datetime, who: str) -> None:
    """Take down what each guest said, in order, and who witnessed it; the seed follows."""
    _move(draw, State.AGREED)
    texts = [rules.one_line(text) for _, text in numbers]
    rules.check_numbers(texts)
    rules.canonical_numbers(texts)
    if not rules.one_line(witnesses):
        raise BadDraw("请写明见证人，如纪检、公证或群众代表。")
    document = draw.document or {}
    said = [
        {"who": rules.one_line(guest), "number": text}
        for (guest, _), text in zip(numbers, texts, strict=True)
    ]
    seed = rules.seed(document["fingerprint"], texts)
    draw.document = document | {"numbers": said, "seed": seed}
    draw.witnesses = rules.one_line(witnesses)
    _note(draw, what="agreed", who=who, at=at, detail="、".join(texts))


def hold(draw: Draw, *, at: datetime, who: str) -> None:
    """开奖, once: the winners follow from the list and the numbers and from nothing else."""
    _move(draw, State.DRAWN)
    document = draw.document or {}
    places = rules.winners(document, document["seed"])
    names = rules.tier_names(queries.tiers(draw))
    for number, place in enumerate(places, 1):
        db.session.add(
            DrawWinner(
                draw_id=draw.id,
                number=number,
                place=place,
                person_id=queries.entry_person(draw, place),
                tier=names[number - 1] if number <= len(names) else "",
                claim_code=f"{secrets.randbelow(10**6):06}",
            )
        )
    draw.document = document | {"winners": places}
    _note(draw, what="drawn", who=who, at=at, detail=f"{len(places)}")


def show(draw: Draw, *, shown: int, at: datetime, who: str) -> None:
    """Uncover the next one on the screen; pressed twice with the same ``shown`` it is one step."""
    if draw.state != State.DRAWN or shown >= queries.prizes(draw):
        raise WrongStep
    moved = update(Draw).where(Draw.id == draw.id, Draw.shown == shown).values(shown=shown + 1)
    if db.session.execute(moved).rowcount:  # type: ignore[attr-defined]
        _note(draw, what="shown", who=who, at=at, detail=f"{shown + 1}")


def announce(draw: Draw, *, notice_days: int, claim_days: int, at: datetime, who: str) -> None:
    """公示: the winners masked for everybody to read, and until when prizes wait."""
    _move(draw, State.ANNOUNCED)
    draw.shown = queries.prizes(draw)
    draw.notice_until = at + timedelta(days=notice_days)
    draw.claim_until = at + timedelta(days=claim_days)
    for row in queries.winners(draw):
        if row.tier:
            row.claim_until = draw.claim_until
    _note(draw, what="announced", who=who, at=at, detail=f"{notice_days}/{claim_days}")


def hand_over(draw: Draw, *, number: int, shown: str, at: datetime, who: str) -> None:
    """The prize was received: against the code on the winner's phone, or ``shown`` in words otherwise.

    Somebody without a phone shows papers; the words are kept. Digits are always taken for a code.
    """
    row, shown = queries.winner(draw, number), rules.one_line(shown)
    _stay(draw, State.ANNOUNCED)
    coded = shown.isascii() or shown.isdigit() or len(shown) < rules.SHORTEST_WORDS
    if coded and not secrets.compare_digest(shown.encode(), row.claim_code.encode()):
        raise BadDraw("领奖码不对。请中奖人出示手机上“查我的中奖”里的领奖码，没有手机的写明怎样核对的身份。")
    _settle(draw, number, claimed_at=at)
    _note(draw, what="claimed", who=who, at=at, detail=f"{number} {'领奖码' if coded else shown}")


def lapse(draw: Draw, *, number: int, claim_days: int, at: datetime, who: str) -> None:
    """视为放弃 after the deadline; the prize falls to the next alternate, if there is one."""
    row = queries.winner(draw, number)
    _stay(draw, State.ANNOUNCED)
    if row.claim_until is None or at <= row.claim_until:
        raise BadDraw("领奖期限还没到，不能按放弃处理。")
    _settle(draw, number, lapsed_at=at)
    follows = next((one for one in queries.winners(draw) if not one.tier), None)
    if follows is not None:
        follows.tier, follows.instead_of = row.tier, number
        follows.claim_until = at + timedelta(days=claim_days)
    _note(draw, what="lapsed", who=who, at=at, detail=f"{number} → {follows.number if follows else '无'}")


def close(draw: Draw, *, at: datetime, who: str) -> None:
    """No more claims. Refused while somebody's deadline is still to come."""
    for row in queries.winners(draw):
        waiting = row.tier and row.claimed_at is None and row.lapsed_at is None
        if waiting and (row.claim_until is None or at <= row.claim_until):
            raise BadDraw("还有人没到领奖期限，不能结束。")
    _move(draw, State.CLOSED)
    _note(draw, what="closed", who=who, at=at)


def abandon(draw: Draw, *, reason: str, at: datetime, who: str) -> None:
    """Give a draw up; it stays to be seen with its reason."""
    reason = rules.one_line(reason)
    if not reason:
        raise BadDraw("请写明作废的原因，原因会公开。")
    _move(draw, State.ABANDONED)
    draw.reason = reason
    _note(draw, what="abandoned", who=who, at=at, detail=reason)


def _stay(draw: Draw, state: State) -> None:
    """WrongStep unless the draw is there and stays there until this transaction ends."""
    _once(update(Draw).where(Draw.id == draw.id, Draw.state == state.value).values(state=state.value))


def _move(draw: Draw, to: State) -> None:
    """The one statement that decides who was first; everybody else is refused."""
    before = [state.value for state in BEFORE[to]]
    _once(update(Draw).where(Draw.id == draw.id, Draw.state.in_(before)).values(state=to.value))
    db.session.refresh(draw)


def _settle(draw: Draw, number: int, **instant: datetime) -> None:
    """Claimed or given up, whichever comes first."""
    wanted = (DrawWinner.draw_id == draw.id) & (DrawWinner.number == number) & (DrawWinner.tier != "")
    free = DrawWinner.claimed_at.is_(None) & DrawWinner.lapsed_at.is_(None)
    _once(update(DrawWinner).where(wanted, free).values(**instant))


def _once(statement: Update) -> None:
    if db.session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise WrongStep


def _note(draw: Draw, *, what: str, who: str, at: datetime, detail: str = "") -> None:
    """In the draw's own ledger, and in the house's; names of persons only in the former."""
    db.session.add(DrawStep(draw_id=draw.id, what=what, who=who, at=at, detail=detail))
    told = "" if what in ("excluded", "included") else detail
    record(who=who, what=f"draw.{what}", subject=f"draw:{draw.code}", at=at, detail=told)
