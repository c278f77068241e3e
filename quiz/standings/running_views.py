"""Where the organiser looks one person up while an exam runs, gives time, pauses and voids."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams import services as exam_services
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.forms import check_own_password
from quiz.people.models import Person, Unit
from quiz.sittings import rooms, rules, running, seating
from quiz.sittings.forms import SeatingForm
from quiz.sittings.running import Whom
from quiz.standings import pages, services
from quiz.standings.forms import ChangeForm, UnitsForm

blueprint = Blueprint("running", __name__, url_prefix="/admin/exams/<code>")


@blueprint.get("/people")
def people(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    number = request.args.get("person", type=int)
    person = None if number is None else running.person_of(exam, _row(number))
    return pages.people(exam, at=at, text=_text(), person=person)


@blueprint.post("/extend")
def extend(code: str) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    whom, once = _whom(exam, form), web.clean(form.once.data or secrets.token_urlsafe(12), longest=60)
    given = {"minutes": form.minutes.data, "reason": form.reason.data, "seen": form.newest()}
    try:
        with transaction():
            moved = running.extend(exam, whom, once=once, at=at, who=current_user.name, **given)
    except RuleBroken as error:
        return _refused(exam, error, person=whom.person)
    flash(f"已延长 {form.minutes.data} 分钟，正在作答的 {moved} 人有效。手机上 5 秒内显示。")
    return _back(exam, whom.person)


@blueprint.post("/pause")
def pause(code: str) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    try:
        with transaction():
            given = {"reason": form.reason.data, "seen": form.newest()}
            moved = running.pause(exam, at=at, who=current_user.name, **given)
    except RuleBroken as error:
        return _refused(exam, error)
    flash(f"已暂停，{moved} 人的时间停住。已答的照常保存。")
    return _back(exam)


@blueprint.post("/resume")
def resume(code: str) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    try:
        with transaction():
            taken = running.resume(exam, seen=form.newest(), at=at, who=current_user.name)
    except RuleBroken as error:
        return _refused(exam, error)
    flash(f"考试继续，补回 {rules.in_minutes(taken)}。")
    return _back(exam)


@blueprint.post("/end")
def end(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    try:
        with transaction():
            exam_services.end(exam, at=at, who=current_user.name)
    except RuleBroken as error:
        return _refused(exam, error)
    flash("考试已结束。正在作答的人可以答到各自的时间到。")
    return _back(exam)


@blueprint.route("/units", methods=["GET", "POST"])
def units(code: str) -> ResponseReturnValue:
    """Units that were forgotten: they may still be let in while the exam is open."""
    at, exam, form, refusal = clock.now(), exams.exam_by_code(code), UnitsForm.of(code), None
    if form.is_submitted():
        try:
            with transaction():
                found = services.admit_units(exam, **form.given(), at=at, who=current_user.name)
            flash(f"{'、'.join(unit.name for unit in found)}现在可以参加。")
            return redirect(url_for(".units", code=exam.code), 303)
        except RuleBroken as error:
            refusal = error
    line, status = exams.line(exam, at=at), refusal.status if refusal else 200
    return render_template("standings/units.html", exam=exam, form=form, refusal=refusal, line=line), status


@blueprint.post("/people/<int:person>/extra")
def extra(code: str, person: int) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    row = running.person_of(exam, person)
    given = {"percent": form.percent.data, "minutes": form.minutes.data, "reason": form.reason.data}
    try:
        with transaction():
            running.set_extra(exam, row, at=at, who=current_user.name, **given)
    except RuleBroken as error:
        return _refused(exam, error, person=row)
    flash("加时已设好，本人开始答题时生效。")
    return _back(exam, row)


@blueprint.post("/people/<int:person>/seat")
def seat(code: str, person: int) -> ResponseReturnValue:
    at, form, exam = clock.now(), SeatingForm(), exams.exam_by_code(code)
    row = running.person_of(exam, person)
    try:
        with transaction():
            room = rooms.room_of(exam, _row(form.room.data)) if form.room.data else None
            seating.move(exam, row, room=room, number=form.number.data, at=at, who=current_user.name)
    except RuleBroken as error:
        return _refused(exam, error, person=row)
    flash("座位已改。")
    return _back(exam, row)


@blueprint.post("/sittings/<int:sitting>/void")
def void(code: str, sitting: int) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    row = running.sitting_of(exam, sitting)
    try:
        check_own_password(form.password.data or "")
        with transaction():
            running.void(row, reason=form.reason.data, at=at, who=current_user.name)
    except RuleBroken as error:
        return _refused(exam, error, person=row.person)
    flash("这一次的成绩已作无效处理，不计入排名。")
    return _back(exam, row.person)


@blueprint.post("/sittings/<int:sitting>/restore")
def restore(code: str, sitting: int) -> ResponseReturnValue:
    at, form, exam = clock.now(), ChangeForm(), exams.exam_by_code(code)
    row = running.sitting_of(exam, sitting)
    try:
        check_own_password(form.password.data or "")
        with transaction():
            running.restore(row, reason=form.reason.data, at=at, who=current_user.name)
    except RuleBroken as error:
        return _refused(exam, error, person=row.person)
    flash("成绩已恢复，重新计入排名。")
    return _back(exam, row.person)


def _whom(exam: Exam, form: ChangeForm) -> Whom:
    """Raises NotFound for somebody who is not in this exam, and for an unknown unit or room."""
    if form.person.raw_data and form.person.raw_data[0]:
        return Whom(person=running.person_of(exam, _row(form.person.data)))
    chosen = form.unit.raw_data[0] if form.unit.raw_data else ""
    if chosen.startswith("room-"):
        return Whom(room=rooms.room_of(exam, web.whole(chosen.removeprefix("room-"), digits=9)))
    if chosen:
        unit = db.session.get(Unit, _row(form.unit.data))
        if unit is None:
            raise NotFound
        return Whom(unit=unit)
    return Whom()


def _row(number: int | None) -> int:
    if number is None or not 0 < number < 2**31:
        raise NotFound
    return number


def _text() -> str:
    return request.values.get("q", "").replace("\0", "").strip()[:60]


def _refused(exam: Exam, error: RuleBroken, *, person: Person | None = None) -> ResponseReturnValue:
    """The page the form is on, with what was typed and the sentence beside the button."""
    at = clock.now()
    if person is None:
        return pages.live(exam, at=at, within=None, refusal=error), error.status
    return pages.people(exam, at=at, text=_text(), person=person, refusal=error), error.status


def _back(exam: Exam, person: Person | None = None) -> ResponseReturnValue:
    if person is None:
        return redirect(url_for("standings.live", code=exam.code), 303)
    where = url_for(".people", code=exam.code, person=person.id, q=_text() or None)
    return redirect(where, 303)
