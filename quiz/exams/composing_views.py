"""抽题规则: how many questions of which kind, chapter and difficulty, beside what the bank has of them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank import history
from question_bank.paper import PRESETS, PaperSpec, Pool, shortages
from question_bank.remedy import remedies
from quiz import clock
from quiz.errors import BadRequest, RuleBroken
from quiz.exams import composing, freezing, grid, queries, rules
from quiz.exams.models import Exam
from quiz.exams.rules import Group
from quiz.exams.spread import spread
from quiz.extensions import transaction
from quiz.people import queries as people

blueprint = Blueprint("composing", __name__, url_prefix="/admin/exams/<code>/spec")


@dataclass
class Draft:
    """What is on the page: of whom, the table's spec as far as it can be read, and whether it is saved."""

    group: Group | None
    spec: PaperSpec | None
    saved: bool = True


@blueprint.get("")
def show(code: str) -> ResponseReturnValue:
    exam = queries.exam_by_code(code)
    return _page(exam, _stored(exam, request.args.get("group")))


@blueprint.post("")
def change(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), queries.exam_by_code(code)
    pool, draft = _pool(exam), Draft(_sent_group(), None, saved=False)
    try:
        draft.spec = _sent_spec(pool)
        if "save" not in request.form:
            return _page(exam, draft)
        _save(exam, draft, at=at)
    except RuleBroken as error:
        return _page(exam, draft, refusal=error)
    flash("抽题规则已保存，试题按题库现在的样子固定，试卷会重新组好。")
    return redirect(url_for(".show", code=exam.code, group=draft.group and draft.group.name), 303)


@blueprint.post("/drop")
def drop(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), queries.exam_by_code(code)
    with transaction():
        composing.drop_group(exam, request.form.get("group", ""), at=at, who=current_user.name)
    flash("已取消这一组的试卷，他们考全体的试卷。")
    return redirect(url_for(".show", code=exam.code), 303)


def _save(exam: Exam, draft: Draft, *, at: datetime) -> None:
    if draft.spec is None:
        raise BadRequest
    with transaction():
        composing.recompose(
            exam, draft.spec, group=draft.group, band=_sent_band(), at=at, who=current_user.name
        )


def _sent_band() -> Decimal | None:
    text = request.form.get("band", "").strip()
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise rules.BadSettings("难度相差应当是一个数。") from None


def _stored(exam: Exam, name: str | None) -> Draft:
    """``name``: None for everybody's paper, "" for a group to be made, from everybody's paper."""
    spec = PaperSpec.from_json(exam.spec)
    group = next((one for one in queries.groups_of(exam) if one.name == name), None)
    if group is not None:
        return Draft(group, group.spec)
    return Draft(None if name is None else Group("", (), spec), spec)


def _sent_group() -> Group | None:
    if "group" not in request.form:
        return None
    ranks = [rank.replace("\0", "")[:60] for rank in request.form.getlist("rank")[:100]]
    spec = PRESETS["monthly"].spec
    return Group(request.form["group"].replace("\0", "").strip(), tuple(ranks), spec)


def _sent_spec(pool: Pool) -> PaperSpec:
    """The table, or the preset or remedy that was chosen instead."""
    preset = PRESETS.get(request.form.get("preset", ""))
    if preset is not None:
        return preset.spec
    # The page says which chapter each row was: the bank may have changed since.
    chapters = [chapter.replace("\0", "") for chapter in request.form.getlist("chapter")[:500]]
    spec = grid.parsed(request.form, chapters or grid.chapters_of(pool.questions))
    chosen = request.form.get("remedy", type=int)
    offered = [one for lacking in _lacking(pool, spec) for one in lacking["remedies"]]
    return offered[chosen].spec if chosen is not None and 0 <= chosen < len(offered) else spec


def _lacking(pool: Pool, spec: PaperSpec | None) -> list[dict[str, Any]]:
    missing = shortages(pool, spec) if spec else []
    return [{"line": line, "remedies": remedies(pool, spec, line)} for line in missing if spec]


def _pool(exam: Exam) -> Pool:
    return Pool([row.as_bank_question() for row in freezing.usable(exam.bank_id)])


def _page(exam: Exam, draft: Draft, *, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    pool, spec = _pool(exam), draft.spec
    facts = {
        "line": queries.line(exam, at=clock.now()),
        "table": grid.grid(pool, spec),
        "pool": pool,
        "lacking": _lacking(pool, spec),
        "shares": grid.shares(pool, spec) if spec else {},
        "overlap": grid.overlap(pool, spec) if spec else 0,
        "difficulties": grid.DIFFICULTIES,
        "any_chapter": grid.ANY_CHAPTER,
        "average": history.average(pool, spec) if spec else 0,
        "spread": spread(exam) if draft.saved else None,
        "groups": queries.groups_of(exam),
        "ranks": people.ranks(),
        "presets": PRESETS.values(),
        "open": queries.state(exam, at=clock.now()) is rules.State.SCHEDULED,
    }
    page = render_template("exams/spec.html", exam=exam, draft=draft, spec=spec, refusal=refusal, **facts)
    return page, refusal.status if refusal else 200
