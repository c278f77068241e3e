"""A contest's posters, one for each unit: to print from the browser, or all as one PDF."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import web
from quiz.errors import RuleBroken
from quiz.exams import posters, queries
from quiz.exams.models import Exam
from quiz.exams.pages import join_address, qr_of
from quiz.exams.rules import Mode, UnknownExam
from quiz.extensions import db
from quiz.people import queries as people
from quiz.people.models import Unit

blueprint = Blueprint("posters", __name__, url_prefix="/admin/exams/<code>/posters")
#: As many as a browser lays out at once without a long wait; more come as PDF.
MOST_SHOWN = 60


@blueprint.get("/")
def page(code: str) -> ResponseReturnValue:
    return _page(_contest(code), None)


@blueprint.get("/pdf")
def pdf(code: str) -> ResponseReturnValue:
    exam = _contest(code)
    sheets = [(unit, join_address(exam, unit)) for unit in _chosen(exam)]
    given = {"size": _size(), "font": current_app.config["FONT"]}
    words = f"海报-{exam.code}-{_size()}.pdf"
    # What takes long reads nothing more: nobody waits for this connection meanwhile.
    db.session.expunge_all()
    db.session.rollback()
    try:
        made = posters.pdf(exam, sheets, **given)
    except RuleBroken as refusal:
        return _page(_contest(code), refusal)
    response = Response(made, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=words)
    return response


def _page(exam: Exam, refusal: RuleBroken | None) -> ResponseReturnValue:
    units, chosen = _units(exam), _chosen(exam)
    shown = chosen if len(chosen) <= MOST_SHOWN else chosen[:1]
    sheets = [(unit, qr_of(exam, unit)) for unit in shown]
    facts: dict[str, Any] = {"units": units, "chosen": chosen, "sheets": sheets, "size": _size()}
    facts |= {"address": join_address(exam), "pdf": url_for(".pdf", code=exam.code), **posters.words(exam)}
    page = render_template("exams/posters.html", exam=exam, refusal=refusal, **facts)
    return page, refusal.status if refusal else 200


def _contest(code: str) -> Exam:
    found = queries.desk_exam(code, within=people.scope_of(current_user))
    if found.mode != Mode.CONTEST:
        raise UnknownExam
    return found


def _units(exam: Exam) -> list[Unit]:
    """Those that take part, of the units of whoever asks."""
    found = people.units(within=people.scope_of(current_user))
    return [unit for unit in found if exam.unit_ids is None or unit.id in exam.unit_ids]


def _chosen(exam: Exam) -> list[Unit]:
    wanted = web.whole(request.args.get("unit", ""), digits=9)
    return [unit for unit in _units(exam) if wanted in (0, unit.id)]


def _size() -> str:
    size = request.args.get("size", "")
    return size if size in posters.SIZES else posters.SIZES[0]
