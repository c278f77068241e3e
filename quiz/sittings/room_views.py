"""考场: the screen with the changing code, and the seat list to print."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from quiz import clock, web
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.sittings import rooming, rooms

blueprint = Blueprint("room_screen", __name__, url_prefix="/admin/exams/<code>")

USUAL_SEATS = 30


@blueprint.get("/room")
def page(code: str) -> ResponseReturnValue:
    return render_template("sittings/room.html", exam=exams.exam_by_code(code), shown=_shown(code))


@blueprint.get("/room/code", endpoint="code")
def present_code(code: str) -> ResponseReturnValue:
    found = _shown(code)
    return {"code": found.code, "seconds": found.seconds}


def _shown(code: str) -> rooming.Shown:
    secret = exams.exam_by_code(code).room_secret
    if secret is None:
        raise NotFound("这一场没有启用考场口令。")
    return rooming.shown(secret, at=clock.now())


@blueprint.get("/seats")
def seats(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    number = request.args.get("seats", USUAL_SEATS, type=_number)
    found = rooms.seat_list(exam, seats=number)
    local = at.astimezone(exams.zone())
    facts = {"window": exams.window(exam), "made": f"{local.month} 月 {local.day} 日 {local:%H:%M}"}
    return render_template("sittings/seats.html", exam=exam, rooms=found, seats=number, **facts)


def _number(text: str) -> int:
    return web.whole(text, digits=4)
