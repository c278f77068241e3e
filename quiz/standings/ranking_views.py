"""榜单设置: how units are ranked and who may see it, with what it would do; head counts; a wrong unit."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import NotFound, RuleBroken
from quiz.exams.models import Exam
from quiz.exams.queries import state
from quiz.exams.rules import State
from quiz.extensions import db, transaction
from quiz.people import queries as people
from quiz.people.models import Unit
from quiz.people.rules import clean_phone
from quiz.standings import documents, programme, rules, services, tables
from quiz.standings.method import Method, Visibility, check
from quiz.standings.queries import ranked_exam
from quiz.standings.ranking_forms import HeadForm, MoveForm, RankingForm
from quiz.standings.tables import Board, Table

blueprint = Blueprint("ranking", __name__, url_prefix="/admin/exams/<code>/ranking")


@blueprint.get("")
def page(code: str) -> ResponseReturnValue:
    return _page(ranked_exam(code), at=clock.now())


@blueprint.post("/preview")
def preview(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), ranked_exam(code), RankingForm()
    try:
        method = _chosen(form)
    except RuleBroken as error:
        return _page(exam, at=at, form=form, refusal=error)
    return _page(exam, at=at, form=form, method=method)


@blueprint.post("/save")
def save(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), ranked_exam(code), RankingForm()
    try:
        method = _chosen(form)
        with transaction():
            chosen = {"method": method, "visibility": Visibility(form.visibility.data)}
            services.decide(exam, **chosen, reason=form.reason.data, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, at=at, form=form, refusal=error)
    flash("榜单设置已保存。")
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/wall")
def wall(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    try:
        chosen = programme.chosen(request.form.getlist("scene"), request.form.get("slogans", "")[:2000])
        with transaction():
            services.show(exam, programme=chosen, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    flash("大屏轮播已保存，大屏几秒后自己换上。")
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/head")
def head(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), ranked_exam(code), HeadForm()
    try:
        with transaction():
            unit, said = _unit(form.unit.data), {"at": at, "who": current_user.name}
            services.change_head(exam, unit, expected=form.expected.data, reason=form.reason.data, **said)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    flash("应参人数已改，原因会印在榜上。")
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/move")
def move(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), ranked_exam(code), MoveForm()
    try:
        with transaction():
            person = people.person_by_phone(form.name.data or "", clean_phone(form.phone.data or ""))
            if person is None:
                raise NotFound("没有这个人。请核对姓名和手机号。")
            unit, said = _unit(form.unit.data), {"at": at, "who": current_user.name}
            services.move(exam, person, unit, reason=form.reason.data, **said)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    flash("成绩已经改计到新的单位。")
    return redirect(url_for(".page", code=exam.code), 303)


def _chosen(form: RankingForm) -> Method:
    """What was filled in; RuleBroken with the first thing to put right."""
    if not form.validate():
        field = next(iter(form.errors))
        raise services.BadChange(f"{form[field].label.text}：{form.errors[field][0]}。")
    method = form.method()
    check(method)
    return method


def _unit(number: int | None) -> Unit:
    found = db.session.get(Unit, number) if number is not None and 0 < number < 2**31 else None
    if found is None:
        raise NotFound("没有这个单位。")
    return found


def _page(
    exam: Exam,
    *,
    at: datetime,
    form: RankingForm | None = None,
    method: Method | None = None,
    refusal: RuleBroken | None = None,
) -> ResponseReturnValue:
    """With ``method``: what it would make of the ranks, beside what they are."""
    now = Board(exam, table=Table.JURY, at=at)
    then = Board(exam, table=Table.JURY, at=at, method=method) if method else None
    shown = render_template(
        "standings/ranking.html",
        exam=exam,
        form=form or RankingForm.of(now.method, now.visibility),
        board=now,
        then=then,
        rows=_rows(now, then or now),
        rules=rules,
        opened=state(exam, at=at) is not State.SCHEDULED,
        kept=now.ranking.heads_kept_at is not None,
        footnotes=documents.footnotes(exam),
        units=people.units(),
        frozen=tables.is_frozen(now.ranking, at=at),
        programme=programme.from_document(now.ranking.wall),
        scenes=list(programme.Scene),
        refusal=refusal,
    )
    return shown, refusal.status if refusal else 200


def _rows(now: Board, then: Board) -> list[dict[str, Any]]:
    """Each unit as it would be ranked, with its rank as it is."""
    before = {entry.row.unit_id: entry for entry in now.ranked}
    return [
        {"entry": entry, "before": before.get(entry.row.unit_id), "moved": _moved(entry, before)}
        for entry in then.ranked
    ]


def _moved(entry: rules.Ranked, before: dict[int, rules.Ranked]) -> int:
    """Places gained; 0 where ranks cannot be compared."""
    old = before.get(entry.row.unit_id)
    if old is None or old.rank is None or entry.rank is None or old.group != entry.group:
        return 0
    return old.rank - entry.rank
