"""A sitting against a small model (tests/machine.py): whatever comes in what order, what is kept is right.

Seeded faults show that the machine would notice: each changes one line of a service.
"""

import inspect
import os
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from factories import make_bank, make_questions, make_unit
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Phones, World, machine

from quiz import extensions
from quiz.extensions import db
from quiz.sittings import closing, corrections, events, late, rules, running, saving
from quiz.sittings.correcting import Deed

#: Runs of each machine; more by MINGSHI_TEST_EXAMPLES.
EXAMPLES = int(os.environ.get("MINGSHI_TEST_EXAMPLES", "15"))


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite without waiting for the disk: no power is cut here."""
    careful = extensions._set_pragmas

    def set_pragmas(connection: Any) -> None:
        careful(connection)
        connection.execute("PRAGMA synchronous=OFF")

    monkeypatch.setattr(extensions, "_set_pragmas", set_pragmas)


@pytest.fixture
def world(swift: None, app: Flask, time: Any) -> World:
    bank = make_bank(make_questions(single=10, multiple=5, true_false=5), at=time.now())
    return World(app, bank, make_unit(), time)


def play(world: World, *, closer: bool, examples: int, only: str = "") -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=40,
        # What is found is found; making it small would cost minutes nobody reads.
        phases=[Phase.generate],
        report_multiple_bugs=False,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(world, with_closer=closer, only=only), settings=how)


@pytest.mark.parametrize("closer", [True, False], ids=["closer", "no closer"])
def test_whatever_happens_the_model_holds(world: World, closer: bool) -> None:
    fewer = 1 if db.engine.dialect.name == "sqlite" else 3
    play(world, closer=closer, examples=max(1, EXAMPLES // fewer))


STANDING = "COALESCE(:at - s.paused_at, 0)"
PAUSED = closing._PAUSED
COUNT = "closing.keep_result(exam, sitting.person_id)"
Course = Callable[[Phones], object]
#: The shortest course that shows it; module, statement or function in it, words of it, what is there instead.
FAULTS: dict[str, tuple[Course, ModuleType, str, str, str]] = {
    "an older answer replaces a newer one": (
        lambda m: (m.answer(0, 1, "A", False), m.answer(0, 1, "B", True)),
        *(saving, "SAVE", "WHERE excluded.revision > response.revision", ""),
    ),
    "nothing is refused after the end": (
        lambda m: (m.tick("just late"), m.answer(0, 1, "A", False)),
        *(saving, "SAVE", f"AND s.accept_until + {STANDING} >= :at", ""),
    ),
    "a pause takes answers away": (
        lambda m: (m.pause(True), m.tick("just late"), m.answer(0, 1, "A", False)),
        *(saving, "SAVE", f"s.accept_until + {STANDING}", "s.accept_until"),
    ),
    "answers are taken after submitting": (
        lambda m: (m.submit(0, True), m.answer(0, 1, "A", False)),
        *(saving, "SAVE", "AND s.submitted_at IS NULL", ""),
    ),
    "the end is when it was noticed": (
        lambda m: (m.tick("due"), m.submit(0, True)),
        *(
            closing,
            "CLOSE",
            f"CASE WHEN :at < deadline + {PAUSED} THEN :at ELSE deadline + {PAUSED} END",
            ":at",
        ),
    ),
    "submitting again closes again": (
        lambda m: (m.submit(0, True), m.tick("minutes"), m.submit(0, True)),
        *(closing, "CLOSE", "AND submitted_at IS NULL", ""),
    ),
    "more time is only shown": (
        lambda m: (m.extend(30, False), m.tick("last instant"), m.answer(0, 1, "A", False)),
        *(running, "_change", "Sitting.accept_until + millis", "Sitting.accept_until"),
    ),
    "more time is given twice": (
        lambda m: m.extend(30, True),
        *(running, "extend", "return earlier.sittings", "once += '又'"),
    ),
    "more time wakes what is over": (
        lambda m: (m.tick("just late"), m.extend(30, False)),
        *(running, "_still_open", "in_time]", "]"),
    ),
    "what is voided counts": (
        lambda m: (m.submit(0, True), m.void(True)),
        *(running, "_recount", COUNT, "pass"),
    ),
    "voiding leaves it open": (
        lambda m: m.void(True),
        *(running, "void", "closing.submit(sitting, at=at)", "pass"),
    ),
    "voided twice": (
        lambda m: (m.submit(0, True), m.void(True), m.void(True)),
        *(running, "void", "raise rules.NotVoidable", "pass"),
    ),
    "a correction stops before the result": (
        lambda m: (m.submit(0, True), m.correct(1, Deed.ALL_POINTS, ())),
        *(corrections, "_mark_anew", "closing.keep_results", "print"),
    ),
    "only the new score is kept": (
        lambda m: (m.submit(0, True), m.correct(1, Deed.REKEY, ("B",))),
        *(corrections, "_mark_anew", "if ledger", "if not ledger"),
    ),
    "what is undone goes on": (
        lambda m: (m.correct(1, Deed.ALL_POINTS, ()), m.undo_correction(0), m.submit(0, True)),
        *(corrections, "undo", "if o.question != correction.pool_question_id", ""),
    ),
    "who hands in later has the old key": (
        lambda m: (m.answer(0, 1, "B", False), m.correct(1, Deed.REKEY, ("B",)), m.submit(0, True)),
        *(closing, "_mark", "json.loads(corrections)", "[]"),
    ),
    "who takes over does not hold it": (
        lambda m: (m.take_over(1), m.answer(0, 1, "A", False)),
        *(events, "take_over", "sitting.phone = candidate.phone", "pass"),
    ),
    "the first phone is not told": (
        lambda m: (m.take_over(1), m.answer(0, 1, "A", False)),
        *(rules, "is_elsewhere", "holder is not None and holder != phone", "False"),
    ),
    "what arrived in time is late": (
        lambda m: (m.answer(0, 1, "A", False), m.tick("due"), m.bring_late(0, 1, "A", 300, True)),
        *(late, "_KEEP", "r.revision >= :revision", "r.revision > :revision"),
    ),
    "late answers are lost": (
        lambda m: (m.tick("due"), m.bring_late(0, 1, "A", 300, False)),
        *(late, "take_down", "return saver().work(deed)", "return len(values)"),
    ),
    "another phone's late answer counts": (
        lambda m: (m.tick("due"), m.bring_late(1, 1, "A", 300, False), m.decide_late(True)),
        *(late, "_against", "row.phone == sitting.phone", "True"),
    ),
    "late answers change no result": (
        lambda m: (m.tick("due"), m.bring_late(0, 1, "A", 300, False), m.decide_late(True)),
        *(late, "_mark_anew", COUNT, "pass"),
    ),
    "an older late answer replaces a newer one": (
        lambda m: (
            *(m.tick("due"), m.bring_late(0, 1, "A", 300, False), m.bring_late(0, 1, "B", 300, False)),
            *(m.decide_late(True), m.decide_late(True)),
        ),
        *(late, "waiting", "row.revision > stored.get(row.position, 0)", "True"),
    ),
    "what was accepted hides when the phone was heard": (
        lambda m: (
            *(m.tick("minutes"), m.tick("minutes"), m.answer(0, 1, "A", False), m.tick("due")),
            *(m.bring_late(0, 1, "B", 300, False), m.bring_late(0, 2, "B", 800, False)),
            *(m.decide_late(True), m.decide_late(True)),
        ),
        *(late, "_last_heard", "*(entry.at for entry in queries.entries(history))", ""),
    ),
}


def course(world: World, play: Course) -> None:
    """One run by hand: a start, the course, and a look at everything stored."""
    phones = machine(world, with_closer=False)()
    phones.start(0)
    play(phones)
    phones.look()


def seed(patch: pytest.MonkeyPatch, module: ModuleType, name: str, words: str, instead: str) -> None:
    sound = getattr(module, name)
    # monkeypatch takes note of what is there and puts it back.
    if callable(sound):
        source = inspect.getsource(sound)
        assert words in source
        patch.setattr(module, name, sound)
        exec(source.replace(words, instead), vars(module))
    else:
        statements = sound if isinstance(sound, dict) else {"": sound}
        assert all(words in one for one in statements.values())
        changed = {key: one.replace(words, instead) for key, one in statements.items()}
        patch.setattr(module, name, changed if isinstance(sound, dict) else changed[""])


def is_noticed(deed: Callable[[], None]) -> bool:
    try:
        deed()
    except Exception:
        # A service that fails is noticed as well.
        db.session.rollback()
        return True
    return False


def test_the_machine_notices_each_seeded_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = []
    for fault, (play, *where) in FAULTS.items():
        course(world, play)
        with monkeypatch.context() as patch:
            seed(patch, *where)
            missed += [] if is_noticed(partial(course, world, play)) else [fault]
    assert missed == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_search_finds_some_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those it finds within a second or two, one of each sort; the others take a minute of looking."""
    alone = {
        "answers are taken after submitting": "submit",
        "more time is given twice": "extend",
        "voiding leaves it open": "void",
        "only the new score is kept": "correct submit",
        "who takes over does not hold it": "take_over",
        "late answers are lost": "bring_late",
    }
    missed = []
    for fault, only in alone.items():
        with monkeypatch.context() as patch:
            seed(patch, *FAULTS[fault][1:])
            found = is_noticed(partial(play, world, closer=False, examples=200, only=only))
            missed += [] if found else [fault]
    assert missed == []
