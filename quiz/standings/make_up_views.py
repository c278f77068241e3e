"""安排补考: who was absent or failed, and a new exam for them."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import LONGEST_TITLE
from quiz.extensions import transaction
from quiz.standings import make_up
from quiz.standings import queries as standings
from quiz.standings.forms import MakeUpForm

blueprint = Blueprint("make_up", __name__, url_prefix="/admin/exams/<code>/make-up")

#: Names on the page; the workbook has them all.
FIRST_NAMES = 200


@blueprint.route("", methods=["GET", "POST"])
def page(code: str) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), exams.exam_by_code(code), None
    form = _form(exam, at)
    try:
        make_up.check_over(exam, at=at)
        if form.validate_on_submit():
            return redirect(url_for("standings.live", code=_arrange(exam, form, at=at).code), 303)
    except RuleBroken as error:
        refusal = error
    facts = {"rows": make_up.candidates(exam), "earlier": exams.make_ups(exam), "first": FIRST_NAMES}
    facts["voided"] = len(standings.voided_rows(exam))
    shown = render_template("standings/make_up.html", exam=exam, form=form, refusal=refusal, **facts)
    return shown, 200 if request.method == "GET" else refusal.status if refusal else 422


def _form(exam: Exam, at: datetime) -> MakeUpForm:
    local = at.astimezone(exams.zone()).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    opens_at = local.replace(hour=9) + timedelta(days=1)
    return MakeUpForm(
        title=f"{exam.title[: LONGEST_TITLE - 2]}补考",
        opens_at=opens_at,
        closes_at=opens_at + timedelta(hours=8),
        minutes=exam.minutes,
    )


def _arrange(exam: Exam, form: MakeUpForm, *, at: datetime) -> Exam:
    opens_at, closes_at = form.instants(exams.zone())
    with transaction():
        made = make_up.arrange(
            exam,
            title=form.title.data,
            opens_at=opens_at,
            closes_at=closes_at,
            minutes=form.minutes.data,
            at=at,
            account_id=current_user.id,
            who=current_user.name,
        )
    flash(f"补考已安排，场次码 {made.code}。只有名单里的人可以参加。")
    return made
