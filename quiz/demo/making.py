"""Fills an empty database with the sample county: what a county looks like in the middle of a campaign.

Papers, marks and totals come from the same services the phones use; only the answers are made up, and
they are stored in bulk. With one ``at`` the same county comes out each time, exam codes excepted.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from pathlib import Path

from pypinyin import lazy_pinyin
from sqlalchemy import insert, select

from question_bank import Kind, reading
from question_bank.paper import Item
from question_bank.question import FALSE, LABELS, TRUE
from quiz.access import Role
from quiz.demo import county
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode, State
from quiz.exams.services import Settings, create
from quiz.extensions import db, transaction
from quiz.people import accounts
from quiz.people import services as people
from quiz.people.models import Person, Unit
from quiz.people.rules import name_key
from quiz.questions.articles import load
from quiz.questions.models import Bank
from quiz.questions.services import add_questions, find_or_make_bank
from quiz.sittings import closing, queries, services
from quiz.sittings.models import Response, Sitting
from quiz.standings.method import Visibility
from quiz.standings.services import decide
from quiz.standings.tables import Board, Table

BANK = "《信访工作条例》学习题库"
STARTER = Path(__file__).with_name("starter_bank.csv")
REGULATION = Path(__file__).with_name("regulation_2022.md")
ACCOUNT, PASSWORD = "安澜", "anlan-2026"
OPEN_TITLE = "2026 年度《信访工作条例》应知应会考试"
#: The closed exam: how long ago it opened and how long it was open.
_AGO, _LASTED = timedelta(days=9), timedelta(days=6)
_WINDOW = timedelta(days=7)
_HOUR = timedelta(hours=1)
_BATCH = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """One sitting to come about: who, when they began, how long they stay, how much of it they answer.

    ``stays`` is None for somebody who is still answering.
    """

    person: Person
    skill: float
    started_at: datetime
    stays: timedelta | None
    share: float


def make(*, at: datetime, tick: Callable[[int], object] = lambda done: None) -> None:
    """The whole county into an empty, migrated database. ``tick`` hears how many sittings were made."""
    with transaction():
        bank = _bank(at - _AGO)
        cast = _people()
        accounts.create_account(name=ACCOUNT, password=PASSWORD, role=Role.ADMIN, at=at - _AGO)
    then = _whole_hour(at - _AGO)
    closed = _exam(bank, "2026 年第三季度《信访工作条例》学习测试", opens_at=then, lasts=_LASTED)
    open_ = _open_exam(bank, at=at)
    practice = _exam(bank, "每日一练", opens_at=then, lasts=60 * _WINDOW, mode=Mode.PRACTICE)
    chance = random.Random("安澜县的考试")
    _sit(closed, list(_past(chance, cast, closed)), chance, tick)
    _sit(practice, list(_past(chance, cast[:60], practice, until=at)), chance, tick)
    enliven(open_, at=at, tick=tick)


def sittings_planned() -> int:
    """About how many sittings make() will report, for a progress bar."""
    return round(county.PERSONS * 0.88 + 55 + county.PERSONS * 0.42)


def open_exam(*, at: datetime) -> Exam:
    """The demo's exam that is open now, made anew with some life in it when the last one is over."""
    of_mode = select(Exam).where(Exam.mode == Mode.EXAM.value).order_by(Exam.id.desc())
    for exam in db.session.scalars(of_mode):
        if exams.state(exam, at=at) is State.OPEN:
            return exam
    bank = db.session.scalars(select(Bank).order_by(Bank.id)).first()
    if bank is None:
        raise ValueError("this database holds no demo")
    exam = _open_exam(bank, at=at)
    enliven(exam, at=at)
    return exam


def enliven(exam: Exam, *, at: datetime, tick: Callable[[int], object] = lambda done: None) -> None:
    """Have some of the county hand in already and some be at it right now."""
    chance = random.Random(f"安澜县的人气 {at:%Y-%m-%d}")
    _sit(exam, list(_present(chance, _with_skill(), at)), chance, tick)


def _bank(at: datetime) -> Bank:
    report = reading.read(STARTER)
    bank = find_or_make_bank(name=BANK, at=at)
    add_questions(bank, questions=[(placed.question, placed.row) for placed in report.questions], at=at)
    load(text=REGULATION.read_text(encoding="utf-8"), at=at, who=ACCOUNT)
    return bank


def _people() -> list[tuple[Person, float]]:
    """Units and persons stored; each person with their skill."""
    units = {
        name: Unit(name=name, kind=kind, pinyin=" ".join(lazy_pinyin(name)))
        for name, kind, _, _ in county.UNITS
    }
    db.session.add_all(units.values())
    db.session.flush()
    found = [(_person(one, units[one.unit].id), one.skill) for one in county.roster()]
    db.session.add_all(person for person, _ in found)
    db.session.flush()
    return found


def _person(one: county.Somebody, unit_id: int) -> Person:
    return Person(
        name=one.name,
        name_key=name_key(one.name),
        unit_id=unit_id,
        phone=one.phone,
        number=one.number,
        passcode_hash=people.hash_passcode(county.PASSCODE, number=one.number) if one.number else None,
        post=one.post,
        rank=one.rank,
        identity=one.identity,
    )


def _with_skill() -> list[tuple[Person, float]]:
    """Everybody of the county who is still on the roster."""
    skills = {one.phone: one.skill for one in county.roster()}
    persons = db.session.scalars(select(Person).where(Person.active).order_by(Person.id))
    return [(person, skills[person.phone]) for person in persons if person.phone in skills]


def _exam(bank: Bank, title: str, *, opens_at: datetime, lasts: timedelta, mode: Mode = Mode.EXAM) -> Exam:
    settings = Settings(
        title=title,
        preset="monthly" if mode is Mode.PRACTICE else "jining",
        opens_at=opens_at,
        closes_at=opens_at + lasts,
        mode=mode,
        host=county.HOST,
        chances=0 if mode is Mode.PRACTICE else None,
    )
    with transaction():
        exam = create(bank, settings=settings, at=opens_at, who=ACCOUNT)
        # Everything random about a paper comes from here: the same county gets the same papers.
        exam.seed = f"demo-{title}"
        if mode is not Mode.PRACTICE:
            _show_to_all(exam)
    return exam


def _show_to_all(exam: Exam) -> None:
    """A demo is there to be looked at: its ranks are open to everybody, as those of cadres would not be."""
    method = Board(exam, table=Table.JURY, at=exam.opens_at).method
    decide(exam, method=method, visibility=Visibility.ALL, reason=None, at=exam.opens_at, who=ACCOUNT)


def _open_exam(bank: Bank, *, at: datetime) -> Exam:
    return _exam(bank, OPEN_TITLE, opens_at=_whole_hour(at - 3 * _HOUR), lasts=_WINDOW)


def _whole_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _past(
    chance: random.Random,
    cast: Sequence[tuple[Person, float]],
    exam: Exam,
    *,
    until: datetime | None = None,
) -> Iterator[Plan]:
    """About nine of ten took part, all of it over."""
    last = (until or exam.closes_at) - timedelta(minutes=exam.minutes + 5)
    for person, skill in cast:
        if chance.random() < 0.88:
            started_at = exam.opens_at + (last - exam.opens_at) * chance.random()
            out_of_time = chance.random() < 0.03
            stays = timedelta(minutes=exam.minutes * (1.1 if out_of_time else chance.uniform(0.3, 0.97)))
            share = 0.8 if out_of_time else chance.choice((1, 1, 1, 0.97))
            yield Plan(person, skill, started_at, stays, share)


def _present(chance: random.Random, cast: Sequence[tuple[Person, float]], at: datetime) -> Iterator[Plan]:
    """A third has handed in, a tenth is at it; the persons the screen names have not begun."""
    for person, skill in cast[len(county.CAST) :]:
        draw = chance.random()
        if draw < 0.32:
            stays = timedelta(minutes=chance.uniform(20, 58))
            ended_at = at - 1.8 * _HOUR * chance.random()
            yield Plan(person, skill, ended_at - stays, stays, 1)
        elif draw < 0.42:
            share = chance.uniform(0.1, 0.9)
            yield Plan(person, skill, at - timedelta(minutes=50 * share), None, share)


def _sit(exam: Exam, plans: Sequence[Plan], chance: random.Random, tick: Callable[[int], object]) -> None:
    for first in range(0, len(plans), _BATCH):
        some = plans[first : first + _BATCH]
        with transaction():
            for plan in some:
                _one(exam, plan, chance)
        tick(len(some))


def _one(exam: Exam, plan: Plan, chance: random.Random) -> None:
    sitting, _ = services.start(exam=exam, person=plan.person, at=plan.started_at)
    rows = list(_responses(sitting, plan, chance))
    if rows:
        db.session.execute(insert(Response), rows)
    if plan.stays is not None:
        closing.submit(sitting, at=plan.started_at + plan.stays)


def _responses(sitting: Sitting, plan: Plan, chance: random.Random) -> Iterator[dict[str, object]]:
    items = queries.items_of(sitting.paper)
    answered = items[: round(len(items) * plan.share)]
    used = min(plan.stays or timedelta(minutes=50) * plan.share, timedelta(minutes=sitting.exam.minutes))
    for place, item in enumerate(answered, 1):
        answer = sorted(_answer(item, plan.skill, chance))
        yield {
            "sitting_id": sitting.id,
            "position": item.position,
            "answer": json.dumps(answer, ensure_ascii=False, separators=(",", ":")),
            "revision": 1,
            "saved_at": plan.started_at + used * place / (len(answered) + 1),
        }


def _answer(item: Item, skill: float, chance: random.Random) -> list[str]:
    """The key or something near it: harder questions and weaker persons miss more."""
    hardness = {1: -0.6, 2: 0.0, 3: 0.8}[int(item.question.difficulty)]
    if item.question.kind is Kind.MULTIPLE:
        hardness += 0.6
    if chance.random() < 1 / (1 + exp(-(2.0 + skill - hardness))):
        return list(item.key)
    if item.question.kind is Kind.TRUE_FALSE:
        return [FALSE if item.key == (TRUE,) else TRUE]
    labels = LABELS[: len(item.question.options)]
    if item.question.kind is Kind.MULTIPLE:
        # The usual slip: one too few or one too many.
        return list(set(item.key) ^ {chance.choice(labels)}) or [labels[0]]
    return [chance.choice([label for label in labels if label not in item.key])]
