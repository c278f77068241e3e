"""人员情况: who has sat, who is sitting, who has not, and asking for leave."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from quiz import clock, web
from quiz.exams import queries as exams
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.people.rules import clean_name
from quiz.standings import leave, rules

blueprint = Blueprint("leave", __name__, url_prefix="/admin/exams/<code>/attendance")


@blueprint.get("")
def index(code: str) -> ResponseReturnValue:
    within = people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    text, state = clean_name(request.args.get("q", "").replace("\0", ""))[:60], request.args.get("state", "")
    page = leave.attendance(exam, within=within, text=text, state=state, number=_number())
    facts = {"requests": leave.requests(exam, within=within), "states": leave.STATES}
    return render_template("standings/attendance.html", exam=exam, page=page, text=text, state=state, **facts)


def _number() -> int:
    given = request.args.get("page", "1")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


@blueprint.post("/<int:person_id>/leave")
def ask(code: str, person_id: int) -> ResponseReturnValue:
    at, within, approved = clock.now(), people.scope_of(current_user), web.may("leave.decide")
    reason = web.clean(request.form.get("reason", ""), longest=500)
    try:
        with transaction():
            exam = exams.desk_exam(code, within=within)
            person = leave.invited(exam, person_id, within=within)
            leave.ask(exam, person, reason=reason, approved=approved, at=at, who=current_user.name)
    except IntegrityError:
        raise rules.LeaveStands from None
    flash(f"{person.name}已请假。" if approved else f"{person.name}的请假已提交，等组织者批准。")
    return redirect(url_for(".index", code=code, state=request.form.get("state") or None), 303)


@blueprint.post("/leave/<int:number>/decide")
def decide(code: str, number: int) -> ResponseReturnValue:
    approve = request.form.get("approve") == "y"
    with transaction():
        exam = exams.exam_by_code(code)
        found = leave.request_of(exam, number, within=None)
        leave.decide(found, exam, approve=approve, at=clock.now(), who=current_user.name)
    flash("已批准，按请假计，不算缺考。" if approve else "没有批准，仍算未参加。")
    return redirect(url_for(".index", code=code), 303)


@blueprint.post("/leave/<int:number>/withdraw")
def withdraw(code: str, number: int) -> ResponseReturnValue:
    within = people.scope_of(current_user)
    with transaction():
        exam = exams.desk_exam(code, within=within)
        found = leave.request_of(exam, number, within=within)
        approved = web.may("leave.decide")
        leave.withdraw(found, exam, approved=approved, at=clock.now(), who=current_user.name)
    flash("请假已撤回。")
    return redirect(url_for(".index", code=code), 303)
