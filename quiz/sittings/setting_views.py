"""The organiser's page of an exam's settings: change them, delete the exam or put it away."""

import json
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank.marking import MultiplePolicy
from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import amending
from quiz.exams import queries as exams
from quiz.exams.counting import Counts
from quiz.exams.forms import ChangeForm, DeleteForm, offer_units
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.people import signing
from quiz.people.forms import check_own_password
from quiz.sittings import changing

blueprint = Blueprint("settings", __name__, url_prefix="/admin/exams/<code>")

_RELEASE = "exam.change"


@blueprint.route("/settings", methods=["GET", "POST"])
def change(code: str) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), exams.exam_by_code(code), None
    form = _form(exam, at=at)
    if form.validate_on_submit():
        try:
            _change(exam, form, at=at)
            return redirect(url_for(".change", code=exam.code), 303)
        except RuleBroken as error:
            refusal = error
    return _page(exam, form, refusal, at=at)


@blueprint.post("/delete")
def remove(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), DeleteForm()
    try:
        check_own_password(form.password.data or "")
        with transaction():
            changing.remove(exam, typed=form.title.data or "", at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, _form(exam, at=at, sent=False), error, at=at)
    flash("已删除。这个场次码不会再用。")
    return redirect(url_for("exams.index"), 303)


@blueprint.post("/archive")
def archive(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    with transaction():
        changing.archive(exam, at=at, who=current_user.name)
    flash("已归档。成绩和答卷都在，可以随时取回。")
    return redirect(url_for(".change", code=exam.code), 303)


@blueprint.post("/restore")
def restore(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    with transaction():
        changing.restore(exam, at=at, who=current_user.name)
    flash("已取回到考试列表。")
    return redirect(url_for(".change", code=exam.code), 303)


def _form(exam: Exam, *, at: datetime, sent: bool = True) -> ChangeForm:
    allowed = amending.open_to_change(
        opened=changing.has_opened(exam, at=at), over=changing.is_over(exam, at=at)
    )
    form = ChangeForm.of(exam, zone=exams.zone(), open_to_change=allowed, sent=sent)
    if "units" in form:
        offer_units(form)
    return form


def _change(exam: Exam, form: ChangeForm, *, at: datetime) -> None:
    values, reason = form.values(exams.zone()), form.reason.data or ""
    differing = changing.differing(exam, values)
    weighty = changing.has_opened(exam, at=at) and differing & amending.WEIGHTY
    if weighty:
        check_own_password(form.password.data or "")
    with transaction():
        terms = {name: str(changing.plain(values[name])) for name in differing}
        asked = {"deed": _RELEASE, "subject": f"exam:{exam.code}", "terms": terms, "by": current_user}
        if weighty and current_app.config["TWO_PERSONS"] and not signing.second(**asked, at=at):
            return flash(signing.WAITS)
        changed = changing.change(exam, values=values, reason=reason, at=at, who=current_user.name)
    names = "、".join(words for name, words in amending.SETTINGS.items() if name in changed)
    return flash(f"已改：{names}。" if changed else "没有改动。")


def _asked(exam: Exam, form: ChangeForm, *, at: datetime) -> list[str]:
    """What waits for a second person, in words."""
    found = signing.waiting(deed=_RELEASE, subject=f"exam:{exam.code}", at=at)
    return [f"{one.asked_by.name}申请把{_in_words(json.loads(one.terms), form)}" for one in found]


def _in_words(terms: dict[str, str], form: ChangeForm) -> str:
    said = []
    for name, value in terms.items():
        choices = form[name].iter_choices() if name in form and hasattr(form[name], "iter_choices") else ()
        shown = next((str(one.label) for one in choices if str(one.value) == value), value)
        said.append(f"“{amending.SETTINGS[name]}”改成“{shown}”")
    return "、".join(said)


def _page(exam: Exam, form: ChangeForm, refusal: RuleBroken | None, *, at: datetime) -> ResponseReturnValue:
    facts = {
        "line": exams.line(exam, at=at),
        "opened": changing.has_opened(exam, at=at),
        "over": changing.is_over(exam, at=at),
        "sat": changing.any_sitting(exam),
        "sections": exams.sections(exam),
        "policy": MultiplePolicy(exam.multiple_policy).sentence,
        "counts": Counts(exam.counts).chinese,
        "batches": len(exams.windows(exam)),
        "changes": changing.changes(exam),
        "asked": _asked(exam, form, at=at),
    }
    page = render_template("exams/settings.html", exam=exam, form=form, refusal=refusal, **facts)
    return page, refusal.status if refusal else 422 if form.errors else 200
