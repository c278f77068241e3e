"""The sample county: made quickly, always the same, and true in itself."""

import shutil
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from conftest import NOON
from sqlalchemy import func, select, text

from quiz import config, create_app
from quiz.demo import county, making
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import db, saver, transaction
from quiz.people import accounts, rules
from quiz.people import services as people
from quiz.people.models import Person, Unit
from quiz.questions.models import Article, Question
from quiz.sittings import closing
from quiz.sittings.models import Response, Sitting

TOTALS = "SELECT exam_id, unit_id, took_part, score_sum, passed, excellent FROM unit_total ORDER BY 1, 2"
PAPERS = "SELECT exam_id, person_id, items FROM paper ORDER BY id"
SCORES = "SELECT exam_id, person_id, score FROM sitting ORDER BY id"


@contextmanager
def application(folder):
    app = create_app(config.load({}, data=folder) | {"TESTING": True})
    with app.app_context():
        yield app
        db.session.remove()
        saver().close()
        db.engine.dispose()


def made_in(folder, empty):
    shutil.copy(empty, folder / "mingshi.db")
    with application(folder):
        making.make(at=NOON)
    return folder / "mingshi.db"


@pytest.fixture(scope="module")
def county_file(empty_sqlite, tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("county"), empty_sqlite)


@pytest.fixture
def made(county_file, tmp_path):
    """A copy of one county for each test: making it takes seconds."""
    shutil.copy(county_file, tmp_path / "mingshi.db")
    with application(tmp_path) as app:
        yield app


def rows(statement):
    return [tuple(map(str, row)) for row in db.session.execute(text(statement))]


def by_title():
    return {exam.title: exam for exam in db.session.scalars(select(Exam))}


def test_the_county_is_whole(made):
    assert db.session.scalar(select(func.count(Unit.id))) == 30
    assert db.session.scalar(select(func.count(Person.id))) == 300
    states = Counter(exams.state(exam, at=NOON).value for exam in by_title().values())
    assert states == {"closed": 1, "open": 2}
    over = select(Sitting.exam_id, func.count()).where(Sitting.score.is_not(None)).group_by(Sitting.exam_id)
    assert all(count > 40 for _, count in db.session.execute(over))


def test_there_is_life_in_the_open_exam(made):
    exam = by_title()[making.OPEN_TITLE]
    sittings = db.session.query(Sitting).filter_by(exam_id=exam.id).all()
    going_on = [sitting for sitting in sittings if sitting.submitted_at is None]
    assert len(going_on) > 20
    assert all(sitting.deadline > NOON for sitting in going_on)
    assert all(sitting.started_at >= exam.opens_at for sitting in sittings)
    answered = select(func.count()).where(Response.sitting_id.in_([s.id for s in going_on]))
    assert db.session.scalar(answered) > 400
    begun = {sitting.person_id for sitting in sittings}
    cast = db.session.query(Person).filter(Person.name.in_([name for name, _ in county.CAST])).all()
    assert begun.isdisjoint(person.id for person in cast)


def test_the_kept_totals_equal_a_rebuild(app):
    making.make(at=NOON)
    kept = rows(TOTALS)
    with transaction():
        for exam in by_title().values():
            closing.rebuild_totals(exam)
    assert rows(TOTALS) == kept
    assert len(kept) > 60


def test_scores_are_those_of_a_county(made):
    exam = next(exam for exam in by_title().values() if exams.state(exam, at=NOON).value == "closed")
    scores = [float(s.score) for s in db.session.query(Sitting).filter_by(exam_id=exam.id)]
    passed = db.session.query(Sitting).filter_by(exam_id=exam.id, passed=True).count()
    assert 75 < sum(scores) / len(scores) < 90
    assert 0.5 < passed / len(scores) < 0.9
    assert min(scores) < 60 < 95 < max(scores)


def test_it_comes_out_the_same_each_time(made, empty_sqlite, tmp_path):
    before = rows(SCORES), rows(PAPERS)
    (tmp_path / "again").mkdir()
    made_in(tmp_path / "again", empty_sqlite)
    with application(tmp_path / "again"):
        assert (rows(SCORES), rows(PAPERS)) == before


def test_what_the_screen_prints_signs_in(made):
    first, second, third = county.roster()[:3]
    assert people.identify_by_phone(name=first.name, phone=first.phone).unit.name == first.unit
    assert people.identify_by_phone(name=second.name, phone=second.phone).name == second.name
    assert people.identify_by_number(number=third.number, passcode=county.PASSCODE).name == third.name
    assert accounts.sign_in_account(name=making.ACCOUNT, password=making.PASSWORD).role == "admin"


def test_every_question_shows_its_article(made):
    tied = select(func.count()).select_from(Question).where(Question.article_id.is_not(None))
    assert db.session.scalar(tied) == db.session.query(Question).count()
    assert db.session.query(Article).count() == 50


def test_the_open_exam_is_kept_and_made_anew_when_over(made):
    first = making.open_exam(at=NOON + timedelta(days=1))
    assert first.id == by_title()[making.OPEN_TITLE].id
    later = NOON + timedelta(days=30)
    second = making.open_exam(at=later)
    assert second.id != first.id
    assert exams.state(second, at=later).value == "open"
    assert db.session.query(Sitting).filter_by(exam_id=second.id).count() > 50


def test_the_roster_is_fictional_and_complete():
    people_ = county.roster()
    assert len({one.phone for one in people_}) == len(people_) == county.PERSONS
    assert all(one.phone.startswith("1380000") for one in people_)
    assert all(rules.clean_phone(one.phone) == one.phone for one in people_)
    assert {one.unit for one in people_} == {name for name, *_ in county.UNITS}
    assert 3 <= sum(one.number is not None for one in people_) <= 10
    assert people_ == county.roster()
