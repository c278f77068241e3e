"""The save rule in words (rules.py) and as a statement (saving.SAVE) say the same, case by case."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, make_bank, make_exam, make_person, make_unit
from flask.testing import FlaskClient

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import db, saver, to_millis, transaction
from quiz.sittings import rules, saving
from quiz.sittings.models import Response, Sitting

TICK = timedelta(milliseconds=1)
#: Owner?, submitted?, arrival after accept_until in ms, stored revision, new revision.
CASES = list(
    itertools.product([True, False], [True, False], [-1000, -1, 0, 1, 1000], [None, 1, 2, 3], [1, 2, 3])
)


def by_the_words(*, owner: bool, submitted: bool, late: int, stored: int | None, revision: int) -> bool:
    """Whether rules.py keeps it as news."""
    end = clock.now()
    weighed = None if stored is None else (stored, '["A"]')
    try:
        rules.may_save(owner=owner, submitted=submitted, accept_until=end, at=end + late * TICK)
        return rules.weigh(stored=weighed, revision=revision, answer='["B"]') is None
    except RuleBroken:
        return False


@pytest.fixture
def sitting(client: FlaskClient, time: Any) -> Sitting:
    exam = make_exam(make_bank(at=time.now()), at=time.now())
    phone = Phone(client, exam, make_person(unit=make_unit()))
    return db.session.get(Sitting, phone.start().get_json()["sitting"])


def test_statement_and_words_agree(sitting: Sitting, time: Any) -> None:
    for owner, submitted, late, stored, revision in CASES:
        with transaction():
            sitting.submitted_at = time.now() if submitted else None
            db.session.query(Response).delete()
            if stored is not None:
                row = Response(sitting_id=sitting.id, position=1, answer='["A"]', revision=stored)
                row.saved_at = time.now()
                db.session.add(row)
        values = {
            "sitting": sitting.id,
            "person": sitting.person_id if owner else sitting.person_id + 1,
            "exam": sitting.exam_id,
            "position": 1,
            "answer": '["B"]',
            "revision": revision,
            "at": to_millis(sitting.accept_until + late * TICK),
            "entry": "",
        }
        kept = bool(saver().run(saving.SAVE[db.engine.dialect.name], values))
        case = {"owner": owner, "submitted": submitted, "late": late, "stored": stored, "revision": revision}
        assert kept == by_the_words(**case), case
