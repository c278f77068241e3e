"""Papers of an exam: even, of about the same difficulty, new for whoever comes again, and drawn again."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    PASSWORD,
    Phone,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_unit,
)
from flask import Flask
from sqlalchemy import event, func, select

from question_bank import Difficulty, Question
from question_bank.history import average
from question_bank.paper import History, draw
from quiz import closer
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Exposure, Paper
from quiz.extensions import db, transaction
from quiz.sittings import drawing


def graded(**more: int) -> list[Question]:
    """The usual questions, of every difficulty in turn."""
    levels = list(Difficulty)
    return [replace(q, difficulty=levels[n % 3]) for n, q in enumerate(make_questions(**more))]


@pytest.fixture
def exam(app: object, time: Any) -> Exam:
    bank = make_bank(graded(single=60, multiple=30, true_false=30), at=time.now())
    return make_exam(bank, at=time.now() + timedelta(hours=1), preset="monthly", chances=2)


@pytest.fixture
def persons(app: object) -> list[Any]:
    unit = make_unit()
    return [make_person(f"安{n}", unit=unit, phone=f"138000001{n:02}") for n in range(30)]


def papers() -> list[Paper]:
    return list(db.session.scalars(select(Paper).order_by(Paper.id)))


def stems(exam: Exam, paper: Paper) -> set[str]:
    pool = exams.pool_to_draw(exam)
    return {pool.by_id[row[0]].stem for row in paper.items}


def test_papers_made_ready_ask_every_question_equally_often(exam: Exam, persons: Any, time: Any) -> None:
    while closer.draw_ahead(at=time.now()):
        pass
    asked = Counter(row[0] for paper in papers() for row in paper.items)
    kept = dict(db.session.execute(select(Exposure.pool_question_id, Exposure.papers)).all())
    assert kept == asked
    pool = exams.pool_to_draw(exam)
    for kind in {question.kind for question in pool.questions}:
        counts = [asked[row] for row, question in pool.by_id.items() if question.kind is kind]
        assert max(counts) - min(counts) <= 2


def test_papers_made_ready_are_of_about_the_same_difficulty(exam: Exam, persons: Any, time: Any) -> None:
    exam.band = Decimal("1.50")
    db.session.commit()
    closer.draw_ahead(at=time.now())
    middle = float(average(exams.pool_to_draw(exam).pool, exams.spec_for(exam)))
    assert all(abs(paper.expected / 100 - middle) <= 1.51 for paper in papers())


def test_every_paper_can_be_drawn_again(exam: Exam, persons: Any, time: Any) -> None:
    """From seed, pool and what was kept, by the application and by the library alone."""
    closer.draw_ahead(at=time.now())
    pool = exams.pool_to_draw(exam)
    backwards = list(reversed(pool.questions))
    for paper in papers():
        assert drawing.drawn_again(exam, paper) == paper.items
        history = History.from_json(drawing.history_document(pool, paper.inputs))
        seed = drawing.seed_of(exam, paper.person_id, 1)
        again = draw(backwards, exams.spec_for(exam), seed=seed, history=history)
        assert again.pool_fingerprint == exam.pool_fingerprint
        assert {item.question.stem for item in again.items} == stems(exam, paper)
    assert any(paper.inputs["asked"] and max(paper.inputs["asked"]) for paper in papers())


def test_without_what_was_kept_it_is_another_paper(exam: Exam, persons: Any, time: Any) -> None:
    """The control: the seed alone does not give it."""
    closer.draw_ahead(at=time.now())
    last = papers()[-1]
    last.inputs = None
    assert drawing.drawn_again(exam, last) != last.items


def test_a_second_chance_asks_nothing_of_the_first(exam: Exam, persons: Any, app: Flask, time: Any) -> None:
    time.move(hours=1)
    phone = Phone(app.test_client(), exam, persons[0])
    for _ in range(2):
        phone.submit(phone.start().get_json()["sitting"])
    first, second = papers()
    assert not stems(exam, first) & stems(exam, second)
    assert drawing.drawn_again(exam, second) == second.items


def test_another_exam_of_the_bank_asks_nothing_of_the_first(
    exam: Exam, persons: Any, app: Flask, time: Any
) -> None:
    time.move(hours=1)
    phone = Phone(app.test_client(), exam, persons[0])
    phone.submit(phone.start().get_json()["sitting"])
    other = make_exam(exam.bank, at=time.now(), preset="monthly")
    Phone(app.test_client(), other, persons[0]).start()
    first, second = papers()
    assert not stems(exam, first) & stems(other, second)


def test_a_discarded_paper_is_not_counted(exam: Exam, persons: Any, app: Flask, time: Any) -> None:
    client = app.test_client()
    make_account(at=time.now())
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    closer.draw_ahead(at=time.now())
    page = client.get(f"/admin/exams/{exam.code}/spec").get_data(as_text=True)
    assert "已组好 30 份" in page
    sent = {"points-single": "5", "n-single-0-0": "20", "band": "2", "save": "1"}
    assert client.post(f"/admin/exams/{exam.code}/spec", data=sent).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Exposure)) == 0
    db.session.refresh(exam)
    assert exam.band == 2
    wrong = client.post(f"/admin/exams/{exam.code}/spec", data=sent | {"band": "x"})
    assert (wrong.status_code, "难度相差应当是一个数" in wrong.get_data(as_text=True)) == (422, True)


def test_drawing_many_at_once_reads_once(exam: Exam, persons: Any, time: Any) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    with transaction():
        drawing.make_papers(exam, limit=30)
    assert len([one for one in statements if one.startswith("SELECT")]) <= 8
