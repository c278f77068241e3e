"""Answers counted once, the book, and what the organiser releases; on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import make_bank, make_exam, make_person, make_questions, make_result, make_unit
from flask import Flask

from quiz.audit.models import Deed
from quiz.errors import NotFound
from quiz.exams.rules import Mode
from quiz.exams.services import end
from quiz.extensions import db, to_millis, transaction
from quiz.people.models import Person
from quiz.practice import queries, rules, services
from quiz.practice.models import PracticeAnswer
from quiz.practice.rules import Record
from quiz.questions.models import DRAFT, RETIRED, Bank, Question


@pytest.fixture
def bank(app: Flask, time: Any) -> Bank:
    return make_bank(make_questions(single=40, multiple=20, true_false=20), at=time.now())


@pytest.fixture
def ann(bank: Bank) -> Person:
    return make_person(unit=make_unit())


def first(bank: Bank) -> Question:
    found = db.session.scalars(db.select(Question).filter_by(bank_id=bank.id).order_by(Question.id)).first()
    assert found is not None
    return found


def keep(person: Person, question: Question, right: bool, at: datetime, *, again: bool = False) -> Any:
    """As a page does it: what it was shown last comes back. ``again``: the page before that one is resent."""
    with transaction():
        row = queries.record_of(person.id, question.id)
        seen = None if row is None or again else to_millis(row.answered_at)
        return services.keep_answer(person, question, right=right, seen=seen, at=at)


def test_answers_are_counted_and_the_book_is_kept(bank: Bank, ann: Person, time: Any) -> None:
    question = first(bank)
    assert keep(ann, question, False, time.now()) == (Record(), Record(0, 1, True))
    assert keep(ann, question, True, time.move(seconds=9))[1] == Record(1, 1, True)
    assert keep(ann, question, True, time.move(seconds=9))[1] == Record(2, 1, False)
    row = queries.record_of(ann.id, question.id)
    assert (row.right, row.wrong, row.in_book, row.answered_at) == (2, 1, False, time.now())


def test_a_page_sent_twice_counts_once(bank: Bank, ann: Person, time: Any) -> None:
    question = first(bank)
    keep(ann, question, False, time.now())
    assert keep(ann, question, False, time.move(seconds=1), again=True) == (Record(0, 1, True),) * 2
    assert queries.record_of(ann.id, question.id).wrong == 1


@pytest.mark.parametrize("known", [False, True])
def test_of_two_at_once_one_is_counted(bank: Bank, ann: Person, time: Any, known: bool) -> None:
    """The row as it was read is written over only if it is still so."""
    question = first(bank)
    if known:
        keep(ann, question, True, time.now())
        time.move(seconds=1)
    with transaction():
        stale = queries.record_of(ann.id, question.id)
        now = Record(0, 1, True)
        assert services._write(stale, ann.id, question.id, now, time.move(seconds=1))
        if stale is not None:
            db.session.expunge(stale)
            stale.answered_at -= timedelta(seconds=2)
        assert not services._write(stale, ann.id, question.id, now, time.move(seconds=1))
    assert db.session.scalars(db.select(PracticeAnswer)).one().wrong == 1


def test_the_person_takes_a_question_out_of_their_own_book_alone(bank: Bank, ann: Person, time: Any) -> None:
    question, other = first(bank), make_person("波", unit=ann.unit, phone="13800000002")
    for person in (ann, other):
        keep(person, question, False, time.now())
    with transaction():
        services.take_out(ann, question_id=question.id)
    assert not queries.record_of(ann.id, question.id).in_book
    assert queries.record_of(other.id, question.id).in_book


def test_the_desk_releases_and_withdraws_by_bank_and_chapter(bank: Bank, ann: Person, time: Any) -> None:
    with transaction():
        first(bank).chapter, first(bank).state = "第二章", DRAFT
    with transaction():
        last = db.session.scalars(db.select(Question).order_by(Question.id.desc())).first()
        last.state = RETIRED
    at = time.now()

    def release(practisable: bool, chapter: str | None = None) -> int:
        with transaction():
            return services.release(bank, practisable=practisable, chapter=chapter, at=at, who="olga")

    assert release(False, "第二章") == 1
    assert release(False) == 78
    assert release(False) == 0
    assert not queries.anything_released()
    assert release(True, "") == 0
    assert release(True, "第一章 总则") == 78
    assert queries.by_chapter(bank.id, ann.id, [])["第一章 总则"].free == 78


def test_only_approved_and_released_questions_are_found(bank: Bank, time: Any) -> None:
    at, question = time.now(), first(bank)
    assert queries.released_question(bank.id, question.id, at=at) is question
    with pytest.raises(NotFound):
        queries.released_question(bank.id + 1, question.id, at=at)
    with transaction():
        question.practisable = False
    with pytest.raises(NotFound):
        queries.released_question(bank.id, question.id, at=at)
    with transaction():
        question.practisable, question.state = True, DRAFT
    with pytest.raises(NotFound):
        queries.released_question(bank.id, question.id, at=at)


def paused(bank: Bank, question: Question, at: datetime) -> bool:
    try:
        queries.released_question(bank.id, question.id, at=at)
    except rules.Paused:
        return True
    return False


def test_an_exam_pauses_its_pool_and_copies_of_it(bank: Bank, ann: Person, time: Any) -> None:
    copy = make_bank(make_questions(single=1, multiple=0, true_false=0), name="抄来的题库", at=time.now())
    exam = make_exam(bank, at=time.now() + timedelta(hours=1))
    fresh = make_questions(single=41, multiple=0, true_false=0)[40:]
    make_bank(fresh, at=time.now())  # came into the bank after the pool was frozen
    added = db.session.scalars(db.select(Question).order_by(Question.id.desc())).first()
    assert not paused(bank, first(bank), time.now())
    time.move(hours=1)
    assert paused(bank, first(bank), time.now())
    assert paused(copy, first(copy), time.now())
    assert not paused(bank, added, time.now())
    tallies = dict(queries.by_bank(ann.id, queries.running(at=time.now())))
    assert {one.name: (tally.free, tally.held) for one, tally in tallies.items()} == {
        "条例题库": (1, 80),
        "抄来的题库": (0, 1),
    }
    chosen = rules.Series(rules.Way.CHAPTER, "第一章 总则")
    assert list(queries.series(bank.id, ann.id, chosen, at=time.now())) == [added.id]
    with transaction():
        end(exam, at=time.now(), who="olga")
    assert paused(bank, first(bank), time.move(minutes=59))
    assert not paused(bank, first(bank), time.move(minutes=2))


@pytest.mark.parametrize("mode", [Mode.CONTEST, Mode.PRACTICE])
def test_contests_and_practices_pause_nothing(bank: Bank, time: Any, mode: Mode) -> None:
    make_exam(bank, at=time.now(), mode=mode)
    assert not paused(bank, first(bank), time.now())


def test_an_edited_question_stays_paused(bank: Bank, time: Any) -> None:
    make_exam(bank, at=time.now())
    with transaction():
        first(bank).fingerprint = "reworded"
    assert paused(bank, first(bank), time.now())


def test_an_organiser_may_let_practising_go_on_during_an_exam(bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now())
    assert queries.exams_ahead(at=time.now()) == [(exam, False)]
    for _ in range(2):
        with transaction():
            services.set_kept(exam, kept=True, at=time.now(), who="olga")
    assert queries.exams_ahead(at=time.now()) == [(exam, True)]
    assert not paused(bank, first(bank), time.now())
    with transaction():
        services.set_kept(exam, kept=False, at=time.now(), who="olga")
    assert paused(bank, first(bank), time.now())
    kept = [deed.detail["kept"] for deed in db.session.query(Deed).filter_by(what="practice.during-exam")]
    assert kept == [True, True, False]


def test_who_has_more_time_keeps_the_questions_paused(bank: Bank, ann: Person, time: Any) -> None:
    exam = make_exam(bank, at=time.now(), hours=1)
    sitting = make_result(exam, ann, "0", at=time.now())
    with transaction():
        sitting.submitted_at = None
        sitting.accept_until = exam.closes_at + timedelta(minutes=30)
    assert paused(bank, first(bank), time.move(minutes=89))
    with transaction():
        sitting.paused_at = time.now()
    assert paused(bank, first(bank), time.move(minutes=120))
    with transaction():
        sitting.paused_at, sitting.submitted_at = None, time.now()
    assert not paused(bank, first(bank), time.now())


def test_an_exam_whose_clock_stands_still_pauses_on(bank: Bank, time: Any) -> None:
    exam = make_exam(bank, at=time.now(), hours=1)
    with transaction():
        exam.paused_at = time.now()
    assert paused(bank, first(bank), time.move(minutes=300))
    assert queries.running(at=time.now())[0].stopped
