"""阅卷: answers marked by people, one after another without names, and counted when all is marked."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.people.forms import check_own_password
from quiz.sittings import blind, hand_marks
from quiz.sittings.marking_forms import DecisionForm, MarkersForm, MarkForm

blueprint = Blueprint("marking", __name__, url_prefix="/admin")
_EXAM = "/exams/<code>/marking"
_ANSWER = _EXAM + "/answers/<int:number>"


@blueprint.get("/marking/")
def mine() -> ResponseReturnValue:
    """Where a marker begins: the exams with answers for them."""
    return render_template("sittings/my_marking.html", lines=hand_marks.exams_for(current_user.id))


@blueprint.get(_EXAM)
def index(code: str) -> ResponseReturnValue:
    return _overview(exams.exam_by_code(code), DecisionForm(formdata=None))


@blueprint.post(_EXAM + "/markers")
def markers(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), MarkersForm()
    if form.validate():
        try:
            with transaction():
                hand_marks.choose_markers(exam, markers=form.markers.data, at=at, who=current_user.name)
        except RuleBroken as error:
            return _overview(exam, DecisionForm(formdata=None), refusal=error)
    return redirect(url_for(".index", code=exam.code), 303)


@blueprint.post(_EXAM + "/count")
def count(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    try:
        with transaction():
            counted = hand_marks.count_in(exam, at=at, who=current_user.name)
    except RuleBroken as error:
        return _overview(exam, DecisionForm(formdata=None), refusal=error)
    flash(f"{counted} 份答卷的成绩已经计入。")
    return redirect(url_for(".index", code=exam.code), 303)


@blueprint.get(_EXAM + "/next")
def next_(code: str) -> ResponseReturnValue:
    exam = exams.exam_by_code(code)
    found = hand_marks.next_for(exam, current_user.id)
    if found is None:
        return render_template("sittings/marked.html", exam=exam, latest=_latest(exam))
    return redirect(url_for(".answer", code=exam.code, number=found.id))


@blueprint.get(_ANSWER)
def answer(code: str, number: int) -> ResponseReturnValue:
    return _answer(exams.exam_by_code(code), number, MarkForm(formdata=None))


@blueprint.post(_ANSWER)
def give(code: str, number: int) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), MarkForm()
    if not form.validate():
        return _answer(exam, number, form, status=422)
    try:
        with transaction():
            hand_marks.give(exam, number, account_id=current_user.id, mark=form.hundredths(), at=at)
    except blind.BadMark as error:
        return _answer(exam, number, form, refusal=error, status=error.status)
    except blind.AlreadyMarked as error:
        flash(error.message)
    return redirect(url_for(".next_", code=exam.code), 303)


@blueprint.post(_ANSWER + "/decide")
def decide(code: str, number: int) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), DecisionForm()
    if not form.validate():
        return _overview(exam, form, deciding=number, status=422)
    try:
        check_own_password(form.password.data or "")
        before, after = _decide(exam, number, form, at=at)
    except RuleBroken as error:
        return _overview(exam, form, deciding=number, refusal=error)
    flash(f"已经改判，成绩由 {before:g} 分改为 {after:g} 分。")
    return redirect(url_for(".index", code=exam.code), 303)


def _decide(exam: Exam, number: int, form: DecisionForm, *, at: Any) -> Any:
    with transaction():
        return hand_marks.decide(
            exam,
            number,
            mark=form.hundredths(),
            reason=form.reason.data or "",
            at=at,
            who=current_user.name,
        )


def _overview(
    exam: Exam,
    form: DecisionForm,
    *,
    refusal: RuleBroken | None = None,
    deciding: int | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    text = request.args.get("q", "").replace("\0", "").strip()[:60]
    page = render_template(
        "sittings/marking.html",
        exam=exam,
        form=form,
        refusal=refusal,
        deciding=deciding,
        lines=hand_marks.progress(exam),
        ready=hand_marks.ready_count(exam),
        by_marker=hand_marks.by_marker(exam),
        begun=hand_marks.begun(exam),
        mine=hand_marks.next_for(exam, current_user.id) is not None,
        counted=hand_marks.counted(exam, text=text),
        text=text,
    )
    return page, refusal.status if refusal else status


def _answer(
    exam: Exam, number: int, form: MarkForm, *, refusal: RuleBroken | None = None, status: int = 200
) -> ResponseReturnValue:
    found = hand_marks.to_mark(exam, number, current_user.id)
    own = next((mark.mark for mark in found.marks if mark.account_id == current_user.id), None)
    if own is not None and form.mark.data is None:
        form.mark.data = own.normalize()
    page = render_template(
        "sittings/answer.html",
        exam=exam,
        answer=found,
        form=form,
        refusal=refusal,
        own=own,
        text=hand_marks.text_of(found),
        latest=_latest(exam),
        done=hand_marks.by_marker(exam).get(current_user.name, 0),
    )
    return page, status


def _latest(exam: Exam) -> Any:
    return hand_marks.latest_of(exam, current_user.id)
