"""更正试题: choose a question that was asked, see what a correction would change, apply it, take it back."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import BadRequest, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.people.forms import check_own_password
from quiz.sittings import corrections as deeds
from quiz.standings import corrections
from quiz.standings.forms import CorrectionForm, PasswordForm

blueprint = Blueprint("corrections", __name__, url_prefix="/admin/exams/<code>/corrections")


@blueprint.get("")
def index(code: str) -> ResponseReturnValue:
    exam = exams.exam_by_code(code)
    number = request.args.get("question", type=_row)
    form = CorrectionForm(formdata=None, question=number)
    return _page(exam, form, None if number is None else corrections.line(exam, number))


@blueprint.post("/preview")
def preview(code: str) -> ResponseReturnValue:
    at, form, exam = clock.now(), CorrectionForm(), exams.exam_by_code(code)
    row = _chosen(exam, form)
    if not form.validate():
        return _page(exam, form, row, status=422)
    try:
        found = _preview(exam, form, row, at=at)
    except RuleBroken as error:
        return _page(exam, form, row, refusal=error, status=error.status)
    return _page(exam, form, row, found=found, key=form.key(row.question))


@blueprint.post("/apply")
def apply(code: str) -> ResponseReturnValue:
    at, form, exam = clock.now(), CorrectionForm(), exams.exam_by_code(code)
    row = _chosen(exam, form)
    if not form.validate():
        return _page(exam, form, row, status=422)
    try:
        check_own_password(form.password.data or "")
        _apply(exam, form, row, at=at)
    except RuleBroken as error:
        return _page(exam, form, row, refusal=error, status=error.status)
    flash("已经更正，成绩和名次按新的结果计算。原来的成绩都有留存。")
    return redirect(url_for(".index", code=exam.code), 303)


@blueprint.post("/<int:number>/undo")
def undo(code: str, number: int) -> ResponseReturnValue:
    at, form, exam = clock.now(), PasswordForm(), exams.exam_by_code(code)
    try:
        check_own_password(form.password.data or "")
        with transaction():
            deeds.undo(deeds.of_id(exam, number), at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, CorrectionForm(formdata=None), None, refusal=error, status=error.status)
    flash("已经撤销，成绩恢复原样。")
    return redirect(url_for(".index", code=exam.code), 303)


def _row(text: str) -> int:
    return web.whole(text, digits=9)


def _chosen(exam: Exam, form: CorrectionForm) -> corrections.Line:
    if not isinstance(form.question.data, int):
        raise BadRequest
    return corrections.line(exam, form.question.data)


def _preview(exam: Exam, form: CorrectionForm, row: corrections.Line, *, at: datetime) -> corrections.Preview:
    with transaction():
        amendment = form.amendment(row.question)
        return corrections.preview(exam, amendment=amendment, reason=form.reason.data, at=at)


def _apply(exam: Exam, form: CorrectionForm, row: corrections.Line, *, at: datetime) -> None:
    with transaction():
        amendment = form.amendment(row.question)
        deeds.apply(exam, amendment=amendment, reason=form.reason.data, at=at, who=current_user.name)


def _page(
    exam: Exam, form: CorrectionForm, row: corrections.Line | None, *, status: int = 200, **more: Any
) -> ResponseReturnValue:
    text = request.args.get("q", "").replace("\0", "").strip()[:60]
    lines = corrections.lines(exam, text=text)
    facts = {"lines": lines, "text": text, "ledger": corrections.ledger(exam), "password": PasswordForm()}
    if row is not None:
        given = request.form.getlist("key") if request.method == "POST" else None
        facts |= {"choices": corrections.choices(row), "blanks": corrections.blanks(row), "given": given}
    first = corrections.FIRST_QUESTIONS
    page = render_template(
        "standings/corrections.html", exam=exam, form=form, row=row, first=first, **facts, **more
    )
    return page, status
