"""封榜与放榜: freeze the standings, tell them place by place, publish. The presenter's page."""

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, tokens
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams import rules as exam_rules
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.standings import freezing, pages, revealing, tables
from quiz.standings.queries import ranked_exam
from quiz.standings.ranking_forms import FreezeForm, RevealForm
from quiz.standings.tables import Board, Table

blueprint = Blueprint("reveal", __name__, url_prefix="/admin/exams/<code>/reveal")


@blueprint.get("")
def page(code: str) -> ResponseReturnValue:
    return _page(ranked_exam(code), at=clock.now())


@blueprint.post("/freeze")
def freeze(code: str) -> ResponseReturnValue:
    """At the time given, at once (``now``), or not at all (``never``)."""
    at, exam, form = clock.now(), ranked_exam(code), FreezeForm()
    deed = request.form.get("deed", "")
    try:
        when = {"now": at, "never": None}.get(deed, at) if deed else _instant(form)
        with transaction():
            freezing.schedule(exam, freezes_at=when, at=at, who=current_user.name)
        pages.public(exam, at=at)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/begin")
def begin(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), ranked_exam(code), RevealForm()
    pages.public(exam, at=at)
    rehearsal, group = request.form.get("rehearsal") == "1", form.group.data or ""
    try:
        with transaction():
            chosen = {"rehearsal": rehearsal, "group": group, "prizes": form.prizes}
            freezing.begin(exam, **chosen, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/step")
def step(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    seen, to = (request.form.get(name, 0, type=int) for name in ("seen", "to"))
    try:
        with transaction():
            freezing.step(exam, seen=seen, to=to)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/over")
def over(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    with transaction():
        freezing.finish(exam, at=at, who=current_user.name)
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post("/publish")
def publish(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    try:
        with transaction():
            freezing.publish(exam, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, at=at, refusal=error)
    flash("已公布，大屏和手机上都是最终的榜。")
    return redirect(url_for(".page", code=exam.code), 303)


def _instant(form: FreezeForm) -> datetime:
    if not form.validate():
        raise freezing.CannotFreeze("请填写封榜时间。")
    return form.instant(exams.zone())


def _page(exam: Exam, *, at: datetime, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    pages.public(exam, at=at)
    row, board = tables.ranking(exam), Board(exam, table=Table.JURY, at=at)
    shown = render_template(
        "standings/reveal.html",
        exam=exam,
        row=row,
        frozen=tables.is_frozen(row, at=at),
        frozen_since=row.freezes_at and exam_rules.moment(row.freezes_at.astimezone(exams.zone())),
        groups=list(dict.fromkeys(entry.group for entry in board.ranked)),
        key=tokens.sign_wall(current_app.config["SECRET_KEY"], exam=exam.id),
        form=RevealForm(formdata=None),
        freeze_form=FreezeForm(formdata=None, freezes_at=_suggested(exam, at)),
        refusal=refusal,
        **_told(exam),
    )
    return shown, refusal.status if refusal else 200


def _suggested(exam: Exam, at: datetime) -> datetime:
    """The end of the exam, or now: in local time for the field."""
    ends = exam_rules.closing(closes_at=exam.closes_at, ended_at=exam.ended_at)
    return max(ends, at).astimezone(exams.zone()).replace(tzinfo=None)


def _told(exam: Exam) -> dict[str, Any]:
    """What the hall sees, and what the next press will tell it."""
    found = freezing.reveal_of(exam)
    if found is None:
        return {"reveal": None}
    entries = freezing.entries_of(found)
    hall = revealing.document(entries, step=found.step, rehearsal=found.rehearsal)
    after = entries[len(entries) - found.step - 1] if found.step < len(entries) else None
    return {"reveal": found, "hall": hall, "next": after}
