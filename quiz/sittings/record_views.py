"""答题记录 and 复核 at the desk: the facts of every sitting, its log, its review, its printed file."""

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.audit.services import record
from quiz.errors import BadRequest, NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import State
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.sittings import appeals, hints, late, pages, records, services
from quiz.sittings.appealing import Decision
from quiz.sittings.forms import ConductForm
from quiz.sittings.models import Sitting
from quiz.web import may

blueprint = Blueprint("records", __name__, url_prefix="/admin/exams/<code>")

_TABS = {"all": "全部", "appeals": "复核", "late": "截止后送到", "away": "离开过页面", "phones": "换过手机"}


@blueprint.get("/records")
def index(code: str) -> ResponseReturnValue:
    within = people.scope_of(current_user)
    exam, tab = exams.desk_exam(code, within=within), request.args.get("tab", "all")
    text = request.args.get("q", "").replace("\0", "").strip()[:60]
    page = max(1, request.args.get("page", 1, type=_row))
    found = records.listing(exam, tab=tab, text=text, number=page, within=within)
    waiting = records.waiting_appeals(exam, within=within)
    facts = {"tabs": _TABS, "tab": tab, "text": text, "waiting": waiting}
    return render_template("sittings/records.html", exam=exam, found=found, **facts)


def _row(text: str) -> int:
    return web.whole(text, digits=5, default=1)


@blueprint.get("/records/<int:sitting_id>")
def sitting(code: str, sitting_id: int) -> ResponseReturnValue:
    return _page(*_load(code, sitting_id), at=clock.now())


def _load(code: str, sitting_id: int) -> tuple[Exam, Sitting]:
    within = people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    return exam, records.sitting_of(exam, sitting_id, within=within)


def _page(
    exam: Exam, sitting: Sitting, *, at: datetime, refusal: RuleBroken | None = None
) -> ResponseReturnValue:
    facts: dict[str, Any] = {
        "log": records.log(sitting, at=at, answers=may("records.pack")),
        "refusal": refusal,
    }
    facts |= {"late": records.pending_late(sitting)}
    facts |= {"appeal": pages.appeal_facts(sitting, at=at), "decisions": list(Decision)}
    page = render_template("sittings/record.html", exam=exam, sitting=sitting, records=records, **facts)
    return page, refusal.status if refusal else 200


@blueprint.post("/records/<int:sitting_id>/appeal")
def appeal(code: str, sitting_id: int) -> ResponseReturnValue:
    at = clock.now()
    try:
        with transaction():
            _, found = _load(code, sitting_id)
            appeals.ask(found, reason=request.form.get("reason"), at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(*_load(code, sitting_id), at=at, refusal=error)
    flash("已登记复核申请。")
    return redirect(url_for(".sitting", code=code, sitting_id=sitting_id), 303)


@blueprint.post("/records/<int:sitting_id>/decide")
def decide(code: str, sitting_id: int) -> ResponseReturnValue:
    at = clock.now()
    try:
        with transaction():
            _decide(_load(code, sitting_id)[1], at=at)
    except RuleBroken as error:
        return _page(*_load(code, sitting_id), at=at, refusal=error)
    flash("已答复，本人在成绩页上可以看到。")
    return redirect(url_for(".sitting", code=code, sitting_id=sitting_id), 303)


def _decide(sitting: Sitting, *, at: datetime) -> None:
    found, decision = appeals.of_sitting(sitting), request.form.get("decision", "")
    if found is None:
        raise NotFound
    if decision not in list(Decision):
        raise BadRequest("请选择“维持原成绩”或“成绩已更正”。")
    answer = request.form.get("answer")
    appeals.decide(found, decision=Decision(decision), answer=answer, at=at, who=current_user.name)


@blueprint.post("/records/<int:sitting_id>/late", endpoint="late")
def decide_late(code: str, sitting_id: int) -> ResponseReturnValue:
    at, deed = clock.now(), late.accept if request.form.get("deed") == "accept" else late.reject
    try:
        with transaction():
            found = _load(code, sitting_id)[1]
            counted = deed(found, reason=request.form.get("reason"), at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(*_load(code, sitting_id), at=at, refusal=error)
    flash(f"{counted} 题已{'计入，成绩重新计算' if deed is late.accept else '登记为不计入'}。")
    return redirect(url_for(".sitting", code=code, sitting_id=sitting_id), 303)


@blueprint.post("/records/<int:sitting_id>/bring")
def bring(code: str, sitting_id: int) -> ResponseReturnValue:
    at, secret = clock.now(), current_app.config["SECRET_KEY"]
    try:
        with transaction():
            found = _load(code, sitting_id)[1]
            services.finalise_if_due(found.id, at=at)
            kept = late.bring(found, _brought(), secret=secret, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(*_load(code, sitting_id), at=at, refusal=error)
    flash(f"已登记 {kept} 题，算截止后送到的答案。")
    return redirect(url_for(".sitting", code=code, sitting_id=sitting_id), 303)


def _brought() -> str:
    """What was pasted, and the file."""
    file = request.files.get("file")
    return request.form.get("text", "") + (file.read().decode(errors="replace") if file else "")


@blueprint.get("/records/<int:sitting_id>/pack")
def pack(code: str, sitting_id: int) -> ResponseReturnValue:
    """The whole file of a sitting on A4; that it was taken out is on record, as of every export."""
    at = clock.now()
    exam, found = _load(code, sitting_id)
    if found.score is None:
        raise NotFound
    facts = records.pack(found, at=at)
    with transaction():
        who, subject = current_user.name, f"exam:{exam.code}"
        record(who=who, what="sitting.pack", subject=subject, at=at, sitting=sitting_id)
    return render_template("sittings/pack.html", exam=exam, sitting=found, records=records, at=at, **facts)


@blueprint.get("/hints", endpoint="hints")
def show_hints(code: str) -> ResponseReturnValue:
    exam = exams.exam_by_code(code)
    closed = exams.state(exam, at=clock.now()) is State.CLOSED
    found = hints.of_exam(exam) if closed else None
    return render_template("sittings/hints.html", exam=exam, found=found)


@blueprint.route("/conduct", methods=["GET", "POST"])
def conduct(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    form = ConductForm(obj=exam)
    if form.validate_on_submit():
        with transaction():
            form.apply(exams.exam_by_code(code), at=at, who=current_user.name)
        flash("已保存。")
        return redirect(url_for(".conduct", code=exam.code), 303)
    page = render_template("sittings/conduct.html", exam=exam, form=form)
    return page, 422 if request.method == "POST" else 200
