"""What walls show in turn: who may see it, what is refused, and which question may be shown with its key."""

from typing import Any

import pytest
from factories import (
    PASSWORD,
    decide_ranking,
    forget,
    make_account,
    make_bank,
    make_exam,
    make_person,
    make_questions,
    make_result,
    make_unit,
)
from flask import Flask
from flask.testing import FlaskClient

from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.questions.models import Question
from quiz.standings import programme, services
from quiz.standings.programme import Programme, Scene
from quiz.tokens import sign_wall

ALL = Programme(tuple(Scene), ("学条例　办实事",))


@pytest.fixture
def exam(app: Flask, time: Any) -> Exam:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    make_result(exam, make_person("司马云岚", unit=make_unit()), "92.5", at=time.at)
    decide_ranking(exam, at=time.at, visibility="own")
    with transaction():
        services.show(exam, programme=ALL, at=time.at, who="olga")
    return exam


def wall(client: FlaskClient, exam: Exam, key: str = "") -> dict[str, Any]:
    return client.get(f"/api/v1/exams/{exam.code}/standings/wall?key={key}").get_json()


def test_persons_are_masked_and_only_for_the_wall_with_its_link(
    app: Flask, client: FlaskClient, exam: Exam
) -> None:
    assert wall(client, exam)["persons"] == []
    shown = wall(client, exam, sign_wall(app.config["SECRET_KEY"], exam=exam.id))
    assert [(one["rank"], one["name"]) for one in shown["persons"]] == [(1, "司**岚")]
    assert shown["slogans"] == ["学条例　办实事"]
    assert shown["scenes"] == [scene.value for scene in Scene]


def test_the_question_is_never_one_that_is_being_asked(
    app: Flask, client: FlaskClient, exam: Exam, time: Any
) -> None:
    with transaction():
        for question in db.session.scalars(db.select(Question)):
            question.practisable = True
    assert wall(client, exam)["question"] is None, "the pool of this exam"
    other = make_questions(single=1, multiple=0, true_false=0)[0]
    make_bank([type(other)(other.kind, "另一题", other.options, other.key)], name="另一题库", at=time.at)
    with transaction():
        db.session.scalars(db.select(Question).where(Question.stem == "另一题")).one().practisable = False
    forget(app)
    assert wall(client, exam)["question"] is None, "nobody released it for practice"
    with transaction():
        db.session.scalars(db.select(Question).where(Question.stem == "另一题")).one().practisable = True
    forget(app)
    shown = wall(client, exam)["question"]
    assert (shown["stem"], shown["key"]) == ("另一题", "A")


def test_without_settings_a_wall_shows_the_units(app: Flask, client: FlaskClient, time: Any) -> None:
    exam = make_exam(make_bank(at=time.at), at=time.at)
    assert wall(client, exam) == {"scenes": ["units"], "slogans": [], "persons": [], "question": None}


@pytest.mark.parametrize(
    ("scenes", "slogans"),
    [([], ""), (["slogans"], " \n "), (["units"], "长" * 31), (["units"], "x\n" * 13), (["units"], "a\x07b")],
)
def test_what_cannot_be_shown_is_refused(scenes: list[str], slogans: str) -> None:
    with pytest.raises(programme.BadProgramme):
        programme.chosen(scenes, slogans)


def test_the_programme_is_chosen_on_the_page(app: Flask, client: FlaskClient, exam: Exam, time: Any) -> None:
    make_account(at=time.at)
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    path = f"/admin/exams/{exam.code}/ranking/wall"
    assert (
        client.post(path, data={"scene": ["slogans", "units", "bogus"], "slogans": "一\n\n二 "}).status_code
        == 303
    )
    forget(app)
    shown = wall(client, exam)
    assert (shown["scenes"], shown["slogans"]) == (["units", "slogans"], ["一", "二"])
    assert client.post(path, data={"slogans": "一"}).status_code == 422
