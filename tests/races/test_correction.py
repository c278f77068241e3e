"""A correction beside a submit: whichever is first, the sitting ends with the score after the correction."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.exams import queries as exams
from quiz.extensions import db, transaction
from quiz.sittings import closing, correcting, corrections
from quiz.sittings.correcting import Amendment, Deed
from quiz.sittings.models import Result, Sitting

AtOnce = Callable[..., list[Any]]
PROTECTED = closing._ANSWERS
BARE = {name: sql.replace(" FOR SHARE", "") for name, sql in PROTECTED.items()}


class Meeting:
    """A submit that stops between marking and commit until the correction is through, or must wait for it."""

    def __init__(self, app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.at = app, time.now()
        self.exam = make_exam(make_bank(at=self.at), at=self.at)
        self.phone = Phone(app.test_client(), self.exam, make_person(unit=make_unit()))
        self.sitting = self.phone.start().get_json()["sitting"]
        self.question = db.session.get(Sitting, self.sitting).paper.items[0][0]
        self.marked, self.applied = threading.Event(), threading.Event()
        self.real = correcting.score
        monkeypatch.setattr(correcting, "score", self.score)
        db.session.rollback()

    def score(self, *given: Any) -> int:
        found = self.real(*given)
        if not self.marked.is_set():
            self.marked.set()
            # Ends early only where nothing makes the correction wait.
            self.applied.wait(timeout=1)
        return found

    def apply(self) -> None:
        with self.app.app_context():
            assert self.marked.wait(timeout=10)
            with transaction():
                amendment = Amendment(self.question, Deed.ALL_POINTS)
                exam = exams.exam_by_code(self.exam.code)
                corrections.apply(exam, amendment=amendment, reason="错题", at=self.at, who="olga")
            self.applied.set()

    def scores(self) -> tuple[float, float]:
        db.session.rollback()
        result = db.session.query(Result).one()
        return float(db.session.get(Sitting, self.sitting).score), float(result.score)


@pytest.fixture
def meeting(app: Flask, time: Any, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    return Meeting(app, time, monkeypatch)


def test_a_submit_under_way_is_marked_anew(meeting: Meeting, at_once: AtOnce) -> None:
    at_once([partial(meeting.phone.submit, meeting.sitting), meeting.apply])
    assert meeting.scores() == (1, 1)


@pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_without_the_shared_row_a_submit_slips_through(
    meeting: Meeting, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, where transactions run side by side; SQLite's writers take turns anyway."""
    monkeypatch.setattr(closing, "_ANSWERS", BARE)
    at_once([partial(meeting.phone.submit, meeting.sitting), meeting.apply])
    assert meeting.scores() == (0, 0)
