"""A small model of a sitting, and a machine that plays phones, a bad network, organisers and a clock.

Each run has an exam and a person of its own in one application. The model knows nothing of the services:
it keeps what was acknowledged, reckons the end and marks with plain arithmetic; everything stored must be
what the model says.
"""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from factories import Phone, make_exam, make_person
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RULE_MARKER, RuleBasedStateMachine, precondition, rule
from sqlalchemy import select

from quiz.closer import close_due
from quiz.errors import RuleBroken
from quiz.exams.models import Exam
from quiz.exams.rules import GRACE
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.questions.models import Bank
from quiz.sittings import corrections, late, queries, rules, running, sealing
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import LateAnswer, Rescore, Response, Result, Sitting, UnitTotal

ALL, SCALED, REKEY = Deed
#: The two the machine answers and corrects; the paper has more. Each is a single with the key A.
POSITIONS = st.integers(1, 2)
LABELS = st.sampled_from(["A", "B", "C", "D"])
PHONES = st.integers(0, 1)
#: Seconds a phone says were left when an answer was given; most phones say so.
LEFT = st.sampled_from([300, 800, None, 0])
NEWEST = 2**31 - 1
#: What would end most runs early, or hold them up, comes once in three.
SURE = st.sampled_from([True, False, False])


@dataclasses.dataclass
class World:
    """What all runs share: the application, a bank, a unit, a clock, and counters."""

    app: Flask
    bank: Bank
    unit: Unit
    time: Any
    persons: int = 0
    once: int = 0

    def exam(self) -> Exam:
        exam = make_exam(
            self.bank, at=self.time.now(), preset="monthly", hours=15_000, pass_mark=Decimal("10")
        )
        with transaction():
            exam.takes_late = True
        return exam

    def person(self) -> Person:
        self.persons += 1
        return make_person(f"人{self.persons}", unit=self.unit, phone=f"138{self.persons:08}")

    def do(self, deed: Any, of: Any, *given: Any, **more: Any) -> bool:
        """Whether the organiser's deed was not refused."""
        try:
            with transaction():
                deed(of, *given, **more, at=self.time.now(), who="olga")
        except RuleBroken:
            return False
        return True


@dataclasses.dataclass(eq=False)
class Told:
    """An answer a phone has sent or tried to send: where, what, and how new."""

    position: int
    label: str
    revision: int


@dataclasses.dataclass
class Late:
    """A late answer as the model keeps it."""

    label: str
    left: int | None
    phone: int
    accepted: bool | None = None


class Model:
    """What must be so. ``end`` moves; ``score`` and ``closed_by`` are None while the sitting is open."""

    def __init__(self, now: datetime) -> None:
        self.sitting: int | None = None
        self.end = now
        self.paused_at: datetime | None = None
        self.holder = 0
        self.kept: dict[int, tuple[int, str]] = {}
        self.late: dict[tuple[int, int], Late] = {}
        self.heard = now
        self.closed_by: str | None = None
        self.submitted: datetime | None = None
        self.score: Decimal | None = None
        self.voided = False
        self.amended: dict[int, tuple[Deed, tuple[str, ...]]] = {}
        self.rescored: list[tuple[Decimal, Decimal]] = []
        #: Position → points and the question's own label for each shown one.
        self.paper: dict[int, tuple[int, dict[str, str]]] = {}

    @property
    def open(self) -> bool:
        return self.sitting is not None and self.closed_by is None

    def in_time(self, now: datetime) -> bool:
        return self.open and (self.paused_at is not None or now <= self.end + GRACE)

    def is_due(self, now: datetime) -> bool:
        return self.open and not self.in_time(now) and now > self.end + GRACE + rules.SETTLE

    def end_pause(self, now: datetime) -> None:
        if self.paused_at is not None:
            self.end += now - self.paused_at
            self.paused_at = None

    def close(self, now: datetime, *, by: str | None = None) -> None:
        by = by or ("person" if self.in_time(now) else "deadline")
        self.end_pause(now)
        self.closed_by, self.submitted, self.score = by, min(now, self.end), self.marked()

    def marked(self) -> Decimal:
        """全员给分, 按比例折算 and 改答案 as the rules for organisers say it, in plain arithmetic."""
        earned, lost, full = 0, 0, sum(points for points, _ in self.paper.values())
        for position, (points, own) in self.paper.items():
            deed, right = self.amended.get(position, (None, ("A",)))
            given = self.kept.get(position)
            if deed is SCALED:
                lost += points
            elif deed is ALL or (given is not None and own[given[1]] in right):
                earned += points
        exact = Decimal(earned) * full / (full - lost) / 100
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def mark_anew(self) -> None:
        """After a correction: both scores stay on record."""
        if self.score is not None:
            before, self.score = self.score, self.marked()
            self.rescored.append((before, self.score))

    def undecided(self) -> dict[int, tuple[int, Late]]:
        """Position → the newest late answer nobody has decided on and nothing newer has replaced."""
        found: dict[int, tuple[int, Late]] = {}
        for (position, revision), one in sorted(self.late.items(), key=lambda entry: entry[0]):
            if one.accepted is None and revision > self.kept.get(position, (0, ""))[0]:
                found[position] = (revision, one)
        return found

    def acceptable(self, one: Late) -> bool:
        if self.closed_by != "deadline" or one.phone != self.holder or not one.left:
            return False
        return self.heard <= self.end - timedelta(seconds=one.left) + sealing.CONTACT


class Phones(RuleBasedStateMachine):
    """Two phones of one person, the organiser, and time. ``world`` and ``closer`` are set by machine()."""

    world: World
    closer: bool

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        self.exam = self.world.exam()
        self.person = self.world.person()
        self.phones = [Phone(self.world.app.test_client(), self.exam, self.person) for _ in range(2)]
        self.keys = self.exam.id, self.person.id
        self.model = Model(self.now)
        self.paused = False
        self.sent: list[Told] = []

    @property
    def now(self) -> datetime:
        return self.world.time.now()

    @property
    def row(self) -> Sitting:
        return db.session.get(Sitting, self.model.sitting)

    # The phones.

    @rule(phone=PHONES)
    def start(self, phone: int) -> None:
        reply, model = self.phones[phone].start(), self.model
        if model.sitting is None and not self.paused:
            assert reply.status_code == 201
            model.sitting, model.holder = reply.get_json()["sitting"], phone
            model.end = self.now + timedelta(minutes=self.exam.minutes)
            for item in queries.items_of(self.row.paper):
                own = {"ABCD"[shown]: "ABCD"[place] for shown, place in enumerate(item.order)}
                model.paper[item.position] = item.points, own
        elif model.in_time(self.now):
            assert (reply.status_code, reply.get_json()["sitting"]) == (200, model.sitting)
        else:
            assert reply.status_code == 409

    @precondition(lambda self: self.model.sitting)
    @rule(phone=PHONES, position=POSITIONS, label=LABELS, again=st.booleans())
    def answer(self, phone: int, position: int, label: str, again: bool) -> None:
        """A new answer; ``again``: the one before it is delivered once more, behind it."""
        before = [told for told in self.sent if told.position == position]
        self._deliver(phone, self._give(position, label))
        if again and before:
            self._deliver(phone, before[-1])

    def _give(self, position: int, label: str) -> Told:
        # Which of the shown labels that is depends on the paper, and a run must not.
        shown = next(shown for shown, own in self.model.paper[position][1].items() if own == label)
        self.sent.append(Told(position, shown, len(self.sent) + 1))
        return self.sent[-1]

    @precondition(lambda self: self.sent)
    @rule(phone=PHONES, choice=st.integers(0, 10_000))
    def deliver_again(self, phone: int, choice: int) -> None:
        self._deliver(phone, self.sent[choice % len(self.sent)])

    def _deliver(self, phone: int, told: Told) -> None:
        model, given = self.model, (told.revision, told.label)
        reply = self.phones[phone].save(model.sitting, told.position, [told.label], told.revision)
        stored = model.kept.get(told.position, (0, ""))
        if stored[0] == told.revision and stored != given:
            assert reply.status_code == 409
            return
        if stored[0] < told.revision:
            if not model.in_time(self.now):
                assert reply.status_code == 409
                return
            model.kept[told.position], model.heard = given, self.now
        found = reply.get_json()
        assert (reply.status_code, found["kept"]) == (200, model.kept[told.position] == given)
        assert found.get("elsewhere", False) is (phone != model.holder)

    @precondition(lambda self: self.model.sitting and not self.model.in_time(self.now))
    @rule(phone=PHONES, position=POSITIONS, label=LABELS, left=LEFT, again=st.booleans())
    def bring_late(self, phone: int, position: int, label: str, left: int | None, again: bool) -> None:
        """An answer that could not be sent in time; ``again``: the last one, which may have been."""
        model = self.model
        told = self.sent[-1] if again and self.sent else self._give(position, label)
        entry = {"position": told.position, "answer": [told.label], "revision": told.revision, "left": left}
        path = f"/api/v1/sittings/{model.sitting}/late"
        reply = self.phones[phone]._send("post", path, json={"answers": [entry]})
        if model.is_due(self.now):
            model.close(self.now)
        taken = not model.open and self.now <= model.end + sealing.LATEST
        assert reply.get_json() == {"recorded": int(taken)}
        if taken and model.kept.get(told.position, (0, ""))[0] < told.revision:
            model.late.setdefault((told.position, told.revision), Late(told.label, left, phone))

    @precondition(lambda self: self.model.sitting)
    @rule(phone=PHONES)
    def take_over(self, phone: int) -> None:
        assert self.phones[phone]._send("post", f"/s/{self.model.sitting}/take-over").status_code == 303
        if self.model.in_time(self.now) and phone != self.model.holder:
            self.model.holder, self.model.heard = phone, self.now

    @precondition(lambda self: self.model.sitting)
    @rule(phone=PHONES, sure=SURE)
    def submit(self, phone: int, sure: bool) -> None:
        if not sure:
            return
        reply = self.phones[phone].submit(self.model.sitting)
        if self.model.open:
            self.model.close(self.now)
        said = None if self.model.voided else float(self.model.score)
        assert (reply.status_code, reply.get_json()["score"]) == (200, said)

    # The organiser.

    @precondition(lambda self: self.model.sitting)
    @rule(minutes=st.sampled_from([1, 30]), twice=st.booleans())
    def extend(self, minutes: int, twice: bool) -> None:
        self.world.once += 1
        whom = running.Whom(person=db.session.get(Person, self.keys[1]))
        values = {"minutes": minutes, "reason": "停电", "once": f"{self.world.once}", "seen": NEWEST}
        possible = self.model.in_time(self.now)
        for _ in range(1 + twice):
            assert self.world.do(running.extend, self.exam, whom, **values) == possible
        if possible:
            self.model.end += timedelta(minutes=minutes)

    @precondition(lambda self: self.model.open)
    @rule(sure=SURE)
    def pause(self, sure: bool) -> None:
        if not sure:
            return
        assert self.world.do(running.pause, self.exam, reason="火警", seen=NEWEST) == (not self.paused)
        if not self.paused and self.model.in_time(self.now):
            self.model.paused_at = self.now
        self.paused = True

    @precondition(lambda self: self.paused)
    @rule()
    def resume(self) -> None:
        assert self.world.do(running.resume, self.exam, seen=running.latest_pause(self.exam))
        self.paused = False
        self.model.end_pause(self.now)

    @precondition(lambda self: self.model.sitting)
    @rule(sure=SURE)
    def void(self, sure: bool) -> None:
        """Of an open sitting or a closed one; and let it count again."""
        if not sure and not self.model.voided:
            return
        deed, already = running.void, running.restore
        if self.model.voided:
            deed, already = already, deed
        assert not self.world.do(already, self.row, reason="替考")
        assert self.world.do(deed, self.row, reason="替考")
        if self.model.open:
            self.model.close(self.now, by="void")
        self.model.voided = not self.model.voided

    @precondition(lambda self: self.model.sitting)
    @rule(position=POSITIONS, deed=st.sampled_from(Deed), key=st.sampled_from([("B",), ("A", "C")]))
    def correct(self, position: int, deed: Deed, key: tuple[str, ...]) -> None:
        key = key if deed is REKEY else ()
        question = queries.items_of(self.row.paper)[position - 1].index
        amendment = Amendment(question, deed, key)
        done = self.world.do(corrections.apply, self.exam, amendment=amendment, reason="答案印错")
        assert done == (position not in self.model.amended)
        if done:
            self.model.amended[position] = deed, key
            self.model.mark_anew()

    @precondition(lambda self: self.model.amended)
    @rule(choice=st.integers(0, 1))
    def undo_correction(self, choice: int) -> None:
        position = sorted(self.model.amended)[choice % len(self.model.amended)]
        question = queries.items_of(self.row.paper)[position - 1].index
        [made] = [
            one
            for one in corrections.of_exam(self.exam)
            if one.pool_question_id == question and not one.undone_at
        ]
        assert self.world.do(corrections.undo, made)
        del self.model.amended[position]
        self.model.mark_anew()

    @precondition(lambda self: self.model.late)
    @rule(count=st.booleans())
    def decide_late(self, count: bool) -> None:
        model, waiting = self.model, self.model.undecided()
        found = {place: one for place, one in waiting.items() if not count or model.acceptable(one[1])}
        deed = late.accept if count else late.reject
        assert self.world.do(deed, self.row, reason="监考证明当时断网") == bool(found)
        if not count and found:
            for (position, revision), one in model.late.items():
                if one.accepted is None and revision > model.kept.get(position, (0, ""))[0]:
                    one.accepted = False
        elif found:
            for position, (revision, one) in found.items():
                one.accepted = True
                model.kept[position] = revision, one.label
            model.score = model.marked()

    # Time.

    @rule(how=st.sampled_from(["second", "minutes", "last instant", "just late", "due"]))
    def tick(self, how: str) -> None:
        self.world.time.at = max(self.now, self._instant(how))
        if self.closer:
            close_due(at=self.now)
            if self.model.is_due(self.now):
                self.model.close(self.now)

    def _instant(self, how: str) -> datetime:
        """Most errors of time live within a moment of the end."""
        last = self.model.end + GRACE
        return {
            "second": self.now + timedelta(seconds=1),
            "minutes": self.now + timedelta(minutes=7),
            "last instant": last,
            "just late": last + timedelta(milliseconds=1),
            "due": last + rules.SETTLE + timedelta(milliseconds=1),
        }[how]

    # What must be so whenever somebody looks, and in the end.

    @precondition(lambda self: self.model.sitting)
    @rule()
    def look(self) -> None:
        db.session.rollback()
        assert dict(self._answers()) == self.model.kept
        late_answers = {key: (one.label, one.accepted) for key, one in self.model.late.items()}
        assert dict(self._late()) == late_answers
        self._check_sitting()
        self._check_results()
        if self.model.in_time(self.now):
            self._check_clock()

    def teardown(self) -> None:
        if self.model.sitting:
            self.look()

    def _answers(self) -> Iterator[tuple[int, tuple[int, str]]]:
        wanted = select(Response.position, Response.revision, Response.answer)
        for row in db.session.execute(wanted.where(Response.sitting_id == self.model.sitting)):
            yield row.position, (row.revision, json.loads(row.answer)[0])

    def _late(self) -> Iterator[tuple[tuple[int, int], tuple[str, bool | None]]]:
        wanted = select(LateAnswer.position, LateAnswer.revision, LateAnswer.answer, LateAnswer.accepted)
        for row in db.session.execute(wanted.where(LateAnswer.sitting_id == self.model.sitting)):
            yield (row.position, row.revision), (json.loads(row.answer)[0], row.accepted)

    def _check_sitting(self) -> None:
        model = self.model
        parts = Sitting.score, Sitting.closed_by, Sitting.submitted_at, Sitting.voided_at.is_not(None)
        stored = db.session.execute(select(*parts).where(Sitting.id == model.sitting)).one()
        assert tuple(stored) == (model.score, model.closed_by, model.submitted, model.voided)
        both = select(Rescore.before, Rescore.after).where(Rescore.sitting_id == model.sitting)
        rows = db.session.execute(both.order_by(Rescore.id))
        assert [tuple(row) for row in rows] == model.rescored

    def _check_results(self) -> None:
        exam_id, score = self.keys[0], self.model.score
        results = db.session.execute(select(Result.score, Result.passed).where(Result.exam_id == exam_id))
        counts = score is not None and not self.model.voided
        assert [tuple(row) for row in results] == ([(score, score >= 10)] if counts else [])
        parts = select(UnitTotal.took_part, UnitTotal.score_sum, UnitTotal.passed)
        total = db.session.execute(parts.where(UnitTotal.exam_id == exam_id)).first()
        assert tuple(total or (0, 0, 0)) == ((1, score, score >= 10) if counts else (0, 0, 0))

    def _check_clock(self) -> None:
        model = self.model
        shown = self.phones[1].client.get(f"/api/v1/sittings/{model.sitting}/clock").get_json()
        left = model.end - (model.paused_at or self.now)
        assert shown["paused"] is (model.paused_at is not None)
        assert shown["seconds_left"] == round(max(0, left.total_seconds()), 1)
        assert shown.get("elsewhere", False) is (model.holder != 1)


def machine(of: World, *, with_closer: bool, only: str = "") -> type[Phones]:
    """The machine in one world; with the closer it looks after every step of time, as the thread would.

    ``only``: the rules that are played beside start, answer, tick and look; all, unless said otherwise.
    """
    played = {"start", "answer", "tick", "look", *only.split()}
    rules = {name for name, one in vars(Phones).items() if hasattr(one, RULE_MARKER)}
    assert played <= rules, played - rules
    without = dict.fromkeys(rules - played) if only else {}
    return type("Playing", (Phones,), {"world": of, "closer": with_closer, **without})
