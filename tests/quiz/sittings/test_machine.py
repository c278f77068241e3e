"""A sitting against a small model: whatever is sent in whatever order, what is kept is what the model says.

Hypothesis plays phones, a bad network and a clock: starts, new answers, old ones delivered again, submits,
time passing, extensions, pauses and voiding, with the closer on and off. Seeded faults show that the
machine would notice.
"""

import dataclasses
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from quiz.closer import close_due
from quiz.errors import RuleBroken
from quiz.exams.models import Exam
from quiz.exams.rules import GRACE
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.sittings import closing, rules, running, saving
from quiz.sittings.models import Response, Result, Sitting, UnitTotal

#: Runs of each machine; more by MINGSHI_TEST_EXAMPLES.
EXAMPLES = int(os.environ.get("MINGSHI_TEST_EXAMPLES", "15"))
POSITIONS = st.integers(1, 4)
LABELS = st.sampled_from(["A", "B", "C", "D"])


@dataclasses.dataclass
class World:
    """What all runs share: an exam that never closes within a run, a clock, a unit, a counter of persons."""

    app: Flask
    exam: Exam
    unit: Unit
    time: Any
    persons: int = 0
    once: int = 0
    paused: bool = False

    def whom(self, person_id: int) -> running.Whom:
        return running.Whom(person=db.session.get(Person, person_id))

    def do(self, deed: Any, *given: Any, of: Any = None, **more: Any) -> bool:
        """Whether the organiser's deed was not refused."""
        try:
            with transaction():
                deed(self.exam if of is None else of, *given, **more, at=self.time.now(), who="olga")
        except RuleBroken:
            return False
        return True


def machine(world: World, *, closer: bool) -> type[RuleBasedStateMachine]:
    """The machine for one world; with ``closer`` it runs after every step, as the thread would."""

    class Phones(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            world.persons += 1
            person = make_person(f"人{world.persons}", unit=world.unit, phone=f"138{world.persons:08}")
            self.person = person.id
            self.phone = Phone(world.app.test_client(), world.exam, person)
            self.sitting: int | None = None
            self.end = world.time.now()
            self.kept: dict[int, tuple[int, str]] = {}
            self.sent: list[tuple[int, str, int]] = []
            self.revision = 0
            self.score: float | None = None
            self.paused_at: Any = None
            self.voided = False

        @property
        def open(self) -> bool:
            return self.sitting is not None and self.score is None

        @property
        def in_time(self) -> bool:
            return self.paused_at is not None or world.time.now() <= self.end + GRACE

        def _end_pause(self) -> None:
            if self.paused_at is not None:
                self.end += world.time.now() - self.paused_at
                self.paused_at = None

        def teardown(self) -> None:
            world.do(running.resume, seen=running.latest_pause(world.exam))
            world.paused = False

        @rule()
        def start(self) -> None:
            reply = self.phone.start()
            if self.sitting is None and world.paused:
                assert reply.status_code == 409
            elif self.sitting is None:
                assert reply.status_code == 201
                self.sitting = reply.get_json()["sitting"]
                self.end = world.time.now() + timedelta(minutes=world.exam.minutes)
            elif self.open and self.in_time:
                assert (reply.status_code, reply.get_json()["sitting"]) == (200, self.sitting)
            else:
                assert reply.status_code == 409

        @precondition(lambda self: self.sitting is not None)
        @rule(position=POSITIONS, label=LABELS)
        def answer(self, position: int, label: str) -> None:
            self.revision += 1
            self.sent.append((position, label, self.revision))
            self._deliver(position, label, self.revision)

        @precondition(lambda self: self.sent)
        @rule(choice=st.integers(0, 10_000))
        def deliver_again(self, choice: int) -> None:
            self._deliver(*self.sent[choice % len(self.sent)])

        def _deliver(self, position: int, label: str, revision: int) -> None:
            reply = self.phone.save(self.sitting, position, [label], revision)
            stored = self.kept.get(position)
            if stored is not None and stored[0] >= revision:
                kept = stored == (revision, label)
                assert (reply.status_code, reply.get_json().get("kept")) == (200, kept)
            elif self.open and self.in_time:
                assert (reply.status_code, reply.get_json().get("kept")) == (200, True)
                self.kept[position] = (revision, label)
            else:
                assert reply.status_code == 409

        @precondition(lambda self: self.sitting is not None)
        @rule(sure=st.integers(0, 2))
        def submit(self, sure: int) -> None:
            # Most runs should see the end of the time.
            if sure:
                return
            reply = self.phone.submit(self.sitting)
            assert reply.status_code == 200
            found = reply.get_json()["score"]
            if self.voided:
                assert found is None
                return
            assert self.score in (None, found)
            self._end_pause()
            self.score = found

        @precondition(lambda self: self.sitting is not None)
        @rule(minutes=st.sampled_from([1, 30]))
        def extend(self, minutes: int) -> None:
            world.once += 1
            values = {"minutes": minutes, "reason": "停电", "once": f"{world.once}", "seen": 2**31 - 1}
            extended = world.do(running.extend, world.whom(self.person), **values)
            assert extended == (self.open and self.in_time)
            if extended:
                self.end += timedelta(minutes=minutes)

        @precondition(lambda self: self.open)
        @rule()
        def pause(self) -> None:
            assert world.do(running.pause, reason="火警", seen=2**31 - 1) == (not world.paused)
            if not world.paused and self.open and self.in_time:
                self.paused_at = world.time.now()
            world.paused = True

        @precondition(lambda self: world.paused)
        @rule(sure=st.integers(0, 2))
        def resume(self, sure: int) -> None:
            if sure:
                return
            assert world.do(running.resume, seen=running.latest_pause(world.exam)) == world.paused
            world.paused = False
            self._end_pause()

        @precondition(lambda self: self.score is not None)
        @rule()
        def void(self) -> None:
            row = db.session.get(Sitting, self.sitting)
            deed = running.restore if self.voided else running.void
            assert world.do(deed, reason="替考", of=row)
            self.voided = not self.voided

        @rule(seconds=st.sampled_from([1, 1799, 3601]))
        def tick(self, seconds: int) -> None:
            world.time.move(seconds=seconds)
            if closer:
                with world.app.app_context():
                    close_due(at=world.time.now())
                if self.open and not self.in_time and world.time.now() > self.end + GRACE + rules.SETTLE:
                    self.score = float(db.session.scalar(self._of(Sitting.score)))

        def _of(self, column: Any) -> Any:
            db.session.rollback()
            return select(column).where(Sitting.id == self.sitting)

        @invariant()
        def what_is_stored_is_the_newest_acknowledged(self) -> None:
            if self.sitting is None:
                return
            db.session.rollback()
            rows = db.session.scalars(select(Response).where(Response.sitting_id == self.sitting))
            stored = {row.position: (row.revision, json.loads(row.answer)[0]) for row in rows}
            assert stored == self.kept

        @invariant()
        def the_score_is_what_was_kept_and_counted_once(self) -> None:
            db.session.rollback()
            results = db.session.scalars(select(Result).where(Result.person_id == self.person)).all()
            if self.score is None or self.voided:
                assert results == []
                return
            assert [float(result.score) for result in results] == [self.score]
            assert db.session.scalar(self._of(Sitting.submitted_at)) <= self.end

        @invariant()
        def the_unit_total_is_the_sum_of_its_results(self) -> None:
            db.session.rollback()
            total = db.session.execute(select(UnitTotal.took_part, UnitTotal.score_sum)).first()
            scores = db.session.scalars(select(Result.score)).all()
            assert tuple(total or (0, 0)) == (len(scores), sum(scores))

        @invariant()
        def the_phone_is_told_the_end_of_the_model(self) -> None:
            if self.open and self.in_time:
                shown = self.phone.client.get(f"/api/v1/sittings/{self.sitting}/clock").get_json()
                left = self.end - (self.paused_at or world.time.now())
                assert shown["paused"] is (self.paused_at is not None)
                assert shown["seconds_left"] == max(0, left.total_seconds())

    return Phones


@pytest.fixture
def world(app: Flask, time: Any) -> World:
    exam = make_exam(make_bank(at=time.now()), at=time.now(), hours=15_000)
    return World(app, exam, make_unit(), time)


def play(world: World, *, closer: bool, examples: int) -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=40,
        # What is found is found; making it small would cost minutes nobody reads.
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(world, closer=closer), settings=how)


SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@SQLITE
@pytest.mark.parametrize("closer", [True, False], ids=["closer", "no closer"])
def test_whatever_happens_the_model_holds(world: World, closer: bool) -> None:
    play(world, closer=closer, examples=EXAMPLES)


STANDING = "COALESCE(:at - s.paused_at, 0)"
FAULTS = {
    "an older answer replaces a newer one": (saving.SAVE, "WHERE excluded.revision > response.revision", ""),
    "nothing is refused after the end": (saving.SAVE, f"AND s.accept_until + {STANDING} >= :at", ""),
    "a pause takes answers away": (saving.SAVE, f"s.accept_until + {STANDING}", "s.accept_until"),
    "answers are taken after submitting": (saving.SAVE, "AND s.submitted_at IS NULL", ""),
    "the end is when it was noticed": (
        closing,
        f"CASE WHEN :at < deadline + {closing._PAUSED} THEN :at ELSE deadline + {closing._PAUSED} END",
        ":at",
    ),
    "submitting again closes again": (closing, "AND submitted_at IS NULL", ""),
}


@SQLITE
@pytest.mark.parametrize("fault", FAULTS)
def test_the_machine_notices_a_seeded_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    target, words, instead = FAULTS[fault]
    if target is closing:
        assert words in closing.CLOSE
        monkeypatch.setattr(closing, "CLOSE", closing.CLOSE.replace(words, instead))
    else:
        assert words in saving.SAVE["sqlite"]
        monkeypatch.setitem(saving.SAVE, "sqlite", saving.SAVE["sqlite"].replace(words, instead))
    with pytest.raises(Exception, match=r"(?s).*"):
        play(world, closer=False, examples=200)
