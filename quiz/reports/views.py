"""Downloads for the organiser."""

import io
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.exams.models import Exam
from quiz.exams.queries import desk_exam, zone
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.reports import queries, services
from quiz.reports.queries import Sheet
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


def _download(exam: Exam, sheets: Sequence[Sheet], *, name: str, what: str, at: datetime) -> Response:
    content = services.workbook(sheets, at=at)
    file_name = f"{exam.title}{name}_{at.astimezone(zone()):%Y%m%d%H%M}.xlsx"
    with transaction():
        services.record_export(exam, what=what, content=content, sheets=sheets, at=at, who=current_user.name)
    response = send_file(io.BytesIO(content), _XLSX, as_attachment=True, download_name=file_name)
    response.headers["Cache-Control"] = "no-store"
    return response
