"""The organiser's page of how people join a contest."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import queries, terms
from quiz.exams.forms import TermsForm
from quiz.exams.models import Exam
from quiz.exams.rules import Mode, UnknownExam
from quiz.extensions import transaction

blueprint = Blueprint("terms", __name__, url_prefix="/admin/exams/<code>")


@blueprint.route("/joining", methods=["GET", "POST"])
def change(code: str) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), _contest(code), None
    form = TermsForm.of(terms.terms_of(exam))
    if form.validate_on_submit():
        try:
            with transaction():
                given = {"terms": form.terms(), "usual": form.usual.data}
                terms.decide(exam, at=at, who=current_user.name, **given)
            flash("报名设置已保存。")
            return redirect(url_for(".change", code=exam.code), 303)
        except RuleBroken as error:
            refusal = error
    facts = {"line": queries.line(exam, at=at), "version": terms.terms_of(exam).version}
    page = render_template("exams/terms.html", exam=exam, form=form, refusal=refusal, **facts)
    return page, refusal.status if refusal else 422 if form.errors else 200


def _contest(code: str) -> Exam:
    found = queries.exam_by_code(code)
    if found.mode != Mode.CONTEST:
        raise UnknownExam
    return found
