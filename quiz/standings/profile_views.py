"""The candidate's own page of what they said when joining a contest."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.exams import terms
from quiz.exams.models import Enrolment, Exam
from quiz.extensions import transaction
from quiz.people.models import Person
from quiz.sittings import pages, queries
from quiz.sittings.join_forms import ProfileForm
from quiz.standings import profile

blueprint = Blueprint("profile", __name__)


@blueprint.route("/e/<code>/me", methods=["GET", "POST"])
def change(code: str) -> ResponseReturnValue:
    at, refusal = clock.now(), None
    exam, person = queries.own_exam(web.candidate(), code), queries.own_person(web.candidate())
    own = profile.own_enrolment(exam, person)
    form = _form(exam, person, own)
    if form.validate_on_submit():
        try:
            _change(form, code, at=at)
            return redirect(url_for(".change", code=exam.code, saved=1), 303)
        except RuleBroken as error:
            refusal = error
    facts = {"exam": exam, "person": person, "own": own, "saved": "saved" in request.args}
    status = refusal.status if refusal else 422 if form.errors else 200
    return render_template("standings/profile.html", form=form, refusal=refusal, **facts), status


def _form(exam: Exam, person: Person, own: Enrolment) -> ProfileForm:
    form = ProfileForm.of(person, own)
    form.offer(pages.units_offered(exam), preset=None)
    return form.by(terms.terms_of(exam), listed=not person.joined)


def _change(form: ProfileForm, code: str, *, at: datetime) -> None:
    with transaction():
        exam, person = queries.own_exam(web.candidate(), code), queries.own_person(web.candidate())
        name, said = form.said()
        profile.change(exam, person, name=name or person.name, said=said, at=at)
