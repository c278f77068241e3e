"""复核队列 at the desk: what is worth a look among those who took part, and what is done about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import BadRequest, NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import transaction
from quiz.people.forms import check_own_password
from quiz.sittings import flags
from quiz.sittings.flagging import Case, Flag, NobodyChosen

blueprint = Blueprint("flags", __name__, url_prefix="/admin/exams/<code>/queue")


def _contest(code: str) -> Exam:
    """Of cadres' exams there are hints, which are another thing (records.hints)."""
    exam = exams.exam_by_code(code)
    if exam.mode != Mode.CONTEST:
        raise NotFound
    return exam


@blueprint.get("")
def index(code: str) -> ResponseReturnValue:
    return _page(_contest(code))


def _page(exam: Exam, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    facts = {"queue": flags.queue(exam), "shown": flags.SHOWN, "zone": exams.zone(), "Flag": Flag}
    page = render_template("sittings/flags.html", exam=exam, refusal=refusal, **facts)
    return page, refusal.status if refusal else 200


@blueprint.post("/decide")
def decide(code: str) -> ResponseReturnValue:
    at, exam, reason = clock.now(), _contest(code), request.form.get("reason")
    try:
        case, excluded = _case(), _excluded()
        if excluded:
            check_own_password(request.form.get("password", ""))
        with transaction():
            flags.decide(exam, case=case, excluded=excluded, reason=reason, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, error)
    flash(f"{len(excluded)} 人的成绩不计入排名和抽奖。" if excluded else "已记为正常。")
    return redirect(url_for(".index", code=code), 303)


@blueprint.post("/clear-all", endpoint="clear_all")
def clear_all(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), _contest(code)
    with transaction():
        count = flags.clear_all(exam, _flag(), at=at, who=current_user.name)
    flash(f"{count} 条已记为正常。")
    return redirect(url_for(".index", code=code), 303)


@blueprint.post("/<int:number>/undo")
def undo(code: str, number: int) -> ResponseReturnValue:
    at, exam = clock.now(), _contest(code)
    try:
        check_own_password(request.form.get("password", ""))
        with transaction():
            flags.undo(exam, number, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, error)
    flash("已撤销，重新等待处理。")
    return redirect(url_for(".index", code=code), 303)


def _flag() -> Flag:
    try:
        return Flag(request.form.get("flag", ""))
    except ValueError:
        raise BadRequest from None


def _case() -> Case:
    persons = {web.whole(text, digits=9) for text in request.form.get("persons", "")[:100_000].split(",")}
    evidence = web.clean(request.form.get("evidence", ""), longest=200)
    return Case(_flag(), tuple(sorted(persons)), evidence)


def _excluded() -> list[int]:
    """Nobody for 正常; NobodyChosen where somebody should have been."""
    if request.form.get("deed") != "exclude":
        return []
    chosen = [web.whole(text, digits=9) for text in request.form.getlist("exclude")]
    if not chosen:
        raise NobodyChosen
    return chosen
