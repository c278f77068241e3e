"""谁来考，什么时候考: batches of units with windows of their own, and the list of persons from a file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank.report import Problem
from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import batching, queries, rules
from quiz.exams.admission import Window
from quiz.exams.forms import BatchForm, offer_units
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.people import services as people_services
from quiz.people.forms import RosterForm

blueprint = Blueprint("batching", __name__, url_prefix="/admin/exams/<code>")


@blueprint.route("/batches", methods=["GET", "POST"])
def page(code: str) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), queries.exam_by_code(code), None
    form = BatchForm.of(exam, zone=queries.zone())
    offer_units(form)
    if form.validate_on_submit():
        try:
            _set(exam, form, at=at)
            return redirect(url_for(".page", code=exam.code), 303)
        except RuleBroken as error:
            refusal = error
    return _page(exam, form, refusal, at=at)


def _set(exam: Exam, form: BatchForm, *, at: datetime) -> None:
    window = None if "drop" in request.form else form.window(queries.zone())
    units, reason = form.units.data or [], form.reason.data or ""
    with transaction():
        batching.set_batch(exam, unit_ids=units, window=window, reason=reason, at=at, who=current_user.name)
    flash(f"{len(units)} 个单位{'改回全场时间' if window is None else '的时间已保存'}。")


def _page(exam: Exam, form: BatchForm, refusal: RuleBroken | None, *, at: datetime) -> ResponseReturnValue:
    names = {unit.id: unit.name for unit in people.units()}
    by_window: dict[Window, list[str]] = {}
    for unit, window in queries.windows(exam).items():
        by_window.setdefault(window, []).append(names[unit])
    batches = [(queries.window_words(window), sorted(found)) for window, found in sorted(by_window.items())]
    opened = queries.state(exam, at=at) is not rules.State.SCHEDULED
    facts = {"line": queries.line(exam, at=at), "batches": batches, "opened": opened}
    shown = render_template("exams/batches.html", exam=exam, form=form, refusal=refusal, **facts)
    return shown, refusal.status if refusal else 422 if form.errors else 200


@blueprint.get("/list")
def named(code: str) -> ResponseReturnValue:
    return _list(queries.exam_by_code(code))


@blueprint.post("/list")
def name(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), queries.exam_by_code(code), RosterForm()
    if not form.validate_on_submit():
        return _list(exam, refusal=form.sentence(), status=422)
    try:
        count, problems = _name(exam, form, at=at)
    except RuleBroken as error:
        return _list(exam, refusal=error.message, status=error.status)
    return _list(exam, done=count, problems=problems)


@blueprint.post("/list/drop")
def unname(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), queries.exam_by_code(code)
    with transaction():
        batching.drop_list(exam, at=at, who=current_user.name)
    flash("已取消名单，参加的人按单位和身份类别。")
    return redirect(url_for("settings.change", code=exam.code), 303)


def _name(exam: Exam, form: RosterForm, *, at: datetime) -> tuple[int, list[Problem]]:
    folder, file = Path(current_app.config["DATA"]) / "uploads", form.file.data
    reading = people_services.read_upload(file.stream, name=file.filename, folder=folder)
    with transaction():
        return batching.name_persons(exam, reading, at=at, who=current_user.name)


def _list(
    exam: Exam,
    *,
    refusal: str = "",
    status: int = 200,
    done: int | None = None,
    problems: Sequence[Problem] = (),
) -> ResponseReturnValue:
    scheduled = queries.state(exam, at=clock.now()) is rules.State.SCHEDULED
    facts = {"rows": queries.named_rows(exam) if exam.named else [], "open": scheduled}
    said = {"refusal": refusal, "done": done, "problems": problems}
    return render_template("exams/list.html", exam=exam, **facts, **said), status
