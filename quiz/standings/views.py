"""The wall's board and the organiser's live page."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.exams import queries as exams
from quiz.exams.views import qr_of
from quiz.people import queries as people
from quiz.standings import pages, queries, rules
from quiz.standings.rules import Formula

blueprint = Blueprint("standings", __name__)


@blueprint.get("/board/<code>")
def board(code: str) -> ResponseReturnValue:
    at = clock.now()
    exam = queries.ranked_exam(code)
    return render_template(
        "standings/board.html",
        exam=exam,
        formula=Formula(exam.formula),
        rules=rules,
        title_size=title_size(exam.title),
        qr=qr_of(exam, css="qr"),
        now=int(at.timestamp() * 1000),
        zone_minutes=int(at.astimezone(exams.zone()).utcoffset().total_seconds() // 60),  # type: ignore[union-attr]
    )


@blueprint.get("/admin/exams/<code>")
def live(code: str) -> ResponseReturnValue:
    within = people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    return pages.live(exam, at=clock.now(), within=within, everything=_everything())


@blueprint.get("/admin/exams/<code>/live")
def live_part(code: str) -> ResponseReturnValue:
    """The changing part of the live page, fetched every few seconds."""
    within = people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    facts = pages.live_facts(exam, at=clock.now(), within=within, everything=_everything())
    return render_template("standings/_live.html", part=True, **facts)


@blueprint.get("/admin/exams/<code>/absent.txt")
def absent(code: str) -> ResponseReturnValue:
    within = people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    return Response(queries.absent_text(exam, at=clock.now(), within=within), mimetype="text/plain")


def _everything() -> bool:
    return request.args.get("all") == "1"


def title_size(title: str) -> int:
    """In u: one line as long as that is readable from the last row, else two. 单位榜 follows the title."""
    width = sum(0.55 if character.isascii() else 1 for character in title) + 4
    return max(40, min(68, int(1180 / width)))
