"""The deadline in words (exams.rules.deadline) and as a statement (services.HAND_OUT), case by case."""

import itertools
from datetime import timedelta
from typing import Any

from factories import make_bank, make_exam, make_person, make_unit
from flask import Flask

from quiz.extensions import db, transaction
from quiz.sittings import queries, services
from quiz.sittings.models import Accommodation, Sitting
from quiz.tokens import Candidate

#: Minutes after the opening, minutes the window lasts, percent, minutes more.
CASES = list(itertools.product([0, 59, 60, 119], [60, 90, 120], [100, 125, 150, 200], [0, 7]))


def test_both_starts_and_the_words_agree(app: Flask, time: Any) -> None:
    opened = time.now()
    exam, unit = make_exam(make_bank(at=opened), at=opened), make_unit()
    with transaction():
        exam.minutes = 50
    for number, (late, window, percent, more) in enumerate(CASES):
        if late >= window:
            continue
        at = opened + timedelta(minutes=late)
        for handed in (True, False):
            person = make_person(unit=unit, phone=f"138{number:05}{handed:03}")
            with transaction():
                exam.closes_at = opened + timedelta(minutes=window)
                extra = {"percent": percent, "minutes": more, "reason": "视力", "who": "olga", "at": at}
                db.session.add(Accommodation(exam_id=exam.id, person_id=person.id, **extra))
                if handed:
                    db.session.add(services.draw_paper(exam, person_id=person.id, number=1))
                else:
                    services.start(exam=exam, person=person, at=at)
            if handed:
                candidate = Candidate(person.id, exam.id, "")
                assert services.hand_out(candidate=candidate, code=exam.code, at=at) is not None
            db.session.rollback()
            sitting = queries.sittings_of(exam.id, person.id)[0]
            allowed = min(late + 50, window) + 50 * (percent - 100) / 100 + more
            assert sitting.deadline - opened == timedelta(minutes=allowed), (late, window, percent, more)
            assert sitting.accept_until - sitting.deadline == timedelta(seconds=2)


def test_extra_time_of_one_exam_is_nothing_in_another(app: Flask, time: Any) -> None:
    bank, person = make_bank(at=time.now()), make_person(unit=make_unit())
    first, second = (make_exam(bank, at=time.now()) for _ in range(2))
    with transaction():
        extra = {"percent": 200, "minutes": 0, "reason": "视力", "who": "olga", "at": time.now()}
        db.session.add(Accommodation(exam_id=first.id, person_id=person.id, **extra))
    for exam, minutes in ((first, 120), (second, 60)):
        with transaction():
            services.start(exam=exam, person=person, at=time.now())
        sitting: Sitting = queries.sittings_of(exam.id, person.id)[0]
        assert sitting.deadline - sitting.started_at == timedelta(minutes=minutes)
