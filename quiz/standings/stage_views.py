"""分阶段竞赛: the organiser's page of a series, and the page anybody may open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import transaction
from quiz.people.rules import mask_name
from quiz.standings import pages, rules, stages, staging
from quiz.standings.method import Visibility
from quiz.standings.models import Series, Stage
from quiz.standings.tables import Board, Table, ranking

blueprint = Blueprint("stages", __name__)
_DESK = "/admin/series"
#: Lines of a table on the organiser's page, and on everybody's.
_FIRST, _FIRST_PUBLIC = 200, rules.WALL_ROWS


@blueprint.route(_DESK, methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    at, refusal = clock.now(), None
    if request.method == "POST":
        try:
            with transaction():
                made = stages.make(title=request.form.get("title", ""), at=at, who=current_user.name)
            return redirect(url_for(".page", code=made.code), 303)
        except RuleBroken as error:
            refusal = error
    found = stages.all_series()
    shown = render_template(
        "standings/series_list.html", series=found, counts=stages.count_stages(found), refusal=refusal
    )
    return shown, refusal.status if refusal else 200


@blueprint.get(f"{_DESK}/<code>")
def page(code: str) -> ResponseReturnValue:
    return _page(stages.series_by_code(code), at=clock.now())


@blueprint.post(f"{_DESK}/<code>/add")
def add(code: str) -> ResponseReturnValue:
    def deed(series: Series, exam: Exam, said: dict[str, Any]) -> None:
        stages.add(series, exam, name=request.form.get("name", "")[:40], weight=_number("weight"), **said)

    return _do(code, deed, "已加上这一阶段。")


@blueprint.post(f"{_DESK}/<code>/weigh")
def weigh(code: str) -> ResponseReturnValue:
    def deed(series: Series, exam: Exam, said: dict[str, Any]) -> None:
        stages.weigh(series, exam, weight=_number("weight"), **said)

    return _do(code, deed, "占比已改。")


@blueprint.post(f"{_DESK}/<code>/drop")
def drop(code: str) -> ResponseReturnValue:
    return _do(
        code, lambda series, exam, said: stages.drop(series, exam, **said), "已从竞赛里取下这一场，考试还在。"
    )


@blueprint.post(f"{_DESK}/<code>/admit")
def admit(code: str) -> ResponseReturnValue:
    def deed(series: Series, exam: Exam, said: dict[str, Any]) -> None:
        first = exams.exam_by_code(request.form.get("first", "")[:12])
        board = Board(first, table=Table.JURY, at=said["at"])
        kind, wanted = request.form.get("kind", ""), _number("wanted")
        stages.admit(board, exam, kind=kind, wanted=wanted, **said)

    return _do(code, deed, "晋级名单已定，后一阶段只有名单里的可以参加。")


def _do(code: str, deed: Any, done: str) -> ResponseReturnValue:
    at, series = clock.now(), stages.series_by_code(code)
    try:
        with transaction():
            exam = exams.exam_by_code(request.form.get("exam", "")[:12])
            deed(series, exam, {"at": at, "who": current_user.name})
    except RuleBroken as error:
        return _page(series, at=at, refusal=error)
    flash(done)
    return redirect(url_for(".page", code=series.code), 303)


def _number(name: str) -> int:
    return web.whole(request.form.get(name, "").strip(), digits=5, default=-1)


def _page(series: Series, *, at: datetime, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    found = stages.stages_of(series)
    boards = [Board(one.exam, table=Table.JURY, at=at) for one in found]
    shown = render_template(
        "standings/series.html",
        series=series,
        stages=[_line(one, at=at) for one in found],
        rule=_rule(found),
        units=stages.unit_lines(found, boards)[:_FIRST],
        persons=stages.person_lines(found, boards)[:_FIRST],
        free=stages.free_exams(),
        rules=rules,
        refusal=refusal,
    )
    return shown, refusal.status if refusal else 200


def _line(stage: Stage, *, at: datetime) -> dict[str, Any]:
    to = stages.admission_to(stage.exam)
    line = exams.line(stage.exam, at=at)
    return {
        "stage": stage,
        "exam": stage.exam,
        "line": line,
        "admission": to,
        "said": stages.said(to) if to else "",
    }


def _rule(found: Sequence[Stage]) -> str:
    return (
        staging.weights_sentence([one.name for one in found], [one.weight for one in found]) if found else ""
    )


@blueprint.get("/series/<code>")
def show(code: str) -> ResponseReturnValue:
    """The stages for whoever comes, with the totals as far as every stage's ranking is open to all."""
    at, series = clock.now(), stages.series_by_code(code)
    found = stages.stages_of(series)
    facts: dict[str, Any] = {"units": [], "persons": [], "frozen": False}
    if found and all(_open_to_all(one.exam) for one in found):
        boards = [pages.public(one.exam, at=at) for one in found]
        facts = {
            "units": stages.unit_lines(found, boards)[:_FIRST_PUBLIC],
            "persons": _persons(found, boards),
        }
        facts["frozen"] = any(board.frozen for board in boards)
    lines = [_line(one, at=at) for one in found]
    return render_template(
        "standings/stages.html", series=series, stages=lines, rule=_rule(found), rules=rules, **facts
    )


def _open_to_all(exam: Exam) -> bool:
    return ranking(exam).visibility == Visibility.ALL


def _persons(found: Sequence[Stage], boards: Sequence[Board]) -> list[dict[str, Any]]:
    """Masked, and only where each stage is a contest: the scores of an exam are nobody else's."""
    if any(one.exam.mode != Mode.CONTEST for one in found):
        return []
    lines = stages.person_lines(found, boards)[:_FIRST_PUBLIC]
    return [
        {"rank": one.rank, "name": mask_name(one.name), "unit": one.unit, "total": one.total} for one in lines
    ]


@blueprint.app_template_global()
def series_lines(exam: Exam) -> dict[str, Any] | None:
    """The series an exam is a stage of, with its stages and their windows, for the phone's pages."""
    stage = stages.stage_of(exam)
    if stage is None:
        return None
    found = stages.stages_of(stage.series)
    lines = [
        {"name": one.name, "own": one.exam_id == exam.id, "window": exams.window(one.exam)} for one in found
    ]
    return {"series": stage.series, "stages": lines, "rule": _rule(found)}
