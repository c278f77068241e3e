"""Downloads for the organiser."""

import io
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.exams.models import Exam
from quiz.exams.queries import desk_exam, zone
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.reports import queries, services
from quiz.reports.queries import Sheet
from quiz.sittings.rules import clean_reason
from quiz.standings.queries import ranked_exam
from quiz.standings.tables import Board, Table

blueprint = Blueprint("reports", __name__, url_prefix="/admin/exams/<code>")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/scores.xlsx")
def scores(code: str) -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    exam = desk_exam(code, within=within)
    board = Board(exam, table=Table.JURY, at=at)
    return _download(exam, queries.scores_sheets(board, within=within), name="成绩", what="scores", at=at)


@blueprint.get("/standings.xlsx")
def standings(code: str) -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    exam = ranked_exam(desk_exam(code, within=within).code)
    board = Board(exam, table=Table.JURY, at=at)
    sheet = queries.units_sheet(board, within=within)
    return _download(exam, [sheet], name="单位排名", what="standings", at=at)


@blueprint.get("/make-up.xlsx")
def make_up(code: str) -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    exam = desk_exam(code, within=within)
    return _download(
        exam, queries.make_up_sheets(exam, at=at, within=within), name="补考名单", what="make_up", at=at
    )


@blueprint.get("/export")
def page(code: str) -> ResponseReturnValue:
    return _page(desk_exam(code, within=people.scope_of(current_user)))


def _page(exam: Exam, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    return render_template(
        "reports/export.html", exam=exam, refusal=refusal
    ), refusal.status if refusal else 200


@blueprint.post("/full.xlsx")
def full(code: str) -> ResponseReturnValue:
    """With whole phone numbers, for a reason that the ledger keeps."""
    at, exam, within = clock.now(), desk_exam(code, within=None), None
    try:
        reason = clean_reason(request.form.get("reason"))
    except RuleBroken as refusal:
        return _page(exam, refusal)
    given = {"within": within, "phone": queries.unmasked}
    if request.form.get("what") == "make_up":
        sheets, name = queries.make_up_sheets(exam, at=at, **given), "补考名单"
    else:
        sheets, name = queries.scores_sheets(Board(exam, table=Table.JURY, at=at), **given), "成绩"
    return _download(exam, sheets, name=f"{name}（完整手机号）", what="full", at=at, reason=reason)


def _download(
    exam: Exam, sheets: Sequence[Sheet], *, name: str, what: str, at: datetime, **more: str
) -> Response:
    content = services.workbook(sheets, at=at)
    file_name = f"{exam.title}{name}_{at.astimezone(zone()):%Y%m%d%H%M}.xlsx"
    with transaction():
        services.record_export(
            exam, what=what, content=content, sheets=sheets, at=at, who=current_user.name, **more
        )
    response = send_file(io.BytesIO(content), _XLSX, as_attachment=True, download_name=file_name)
    response.headers["Cache-Control"] = "no-store"
    return response
