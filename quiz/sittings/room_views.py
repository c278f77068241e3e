"""考场口令: the screen with the changing code of an exam without rooms."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from quiz import clock
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.sittings import rooming

blueprint = Blueprint("room_screen", __name__, url_prefix="/admin/exams/<code>")


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
