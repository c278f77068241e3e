"""What everybody may see of a draw: the notice, the file, the recomputation, the screen, one's own prize."""

from typing import Any

import segno
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from quiz import clock
from quiz.draws import queries, rules
from quiz.draws.models import Draw
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.limits import limited
from quiz.people.services import identify_by_phone

blueprint = Blueprint("draws", __name__, url_prefix="/draws")


@blueprint.get("/verify")
def verify() -> ResponseReturnValue:
    """Recompute a file one has: all of it in the browser."""
    return render_template("draws/verify.html", draw=None)


@blueprint.get("/<code>")
def notice(code: str) -> ResponseReturnValue:
    draw = queries.public_draw(code)
    over = draw.state in queries.OVER
    lines = list(queries.public_lines(draw)) if over else []
    facts = {"lines": lines, "before": queries.abandoned_before(draw), "over": over, "zone": exams.zone()}
    return render_template("draws/notice.html", draw=draw, State=rules.State, qr=_qr(draw), **facts)


@blueprint.get("/<code>/list")
def listed(code: str) -> ResponseReturnValue:
    draw = queries.public_draw(code)
    return Response(rules.canonical_list(draw.document or {}), mimetype="text/plain")


@blueprint.get("/<code>/file")
def published(code: str) -> ResponseReturnValue:
    draw = queries.public_draw(code)
    name = f"draw-{draw.code}.json"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(queries.published_json(draw), mimetype="application/json", headers=headers)


@blueprint.get("/<code>/recompute")
def recompute(code: str) -> ResponseReturnValue:
    return render_template("draws/verify.html", draw=queries.public_draw(code))


@blueprint.get("/<code>/screen")
def screen(code: str) -> ResponseReturnValue:
    draw = queries.public_draw(code)
    return render_template("draws/screen.html", draw=draw, qr=_qr(draw), local=exams.zone())


@blueprint.get("/<code>/screen.json")
def state(code: str) -> ResponseReturnValue:
    return queries.stage_document(queries.public_draw(code), at=clock.now())


@blueprint.route("/<code>/mine", methods=["GET", "POST"])
def mine(code: str) -> ResponseReturnValue:
    """One's own prize and the code to show, by name and phone; says nothing about anybody else."""
    draw, found = queries.public_draw(code), _Asked()
    if request.method == "POST":
        found = _ask(draw)
    page = render_template(
        "draws/mine.html", draw=draw, found=found, over=draw.state in queries.OVER, zone=exams.zone()
    )
    return page, found.refusal.status if found.refusal else 200


class _Asked:
    """The answer to somebody who asked for a prize of theirs."""

    def __init__(self, *, refusal: RuleBroken | None = None, row: Any = None, asked: bool = False) -> None:
        self.refusal, self.row, self.asked = refusal, row, asked


def _ask(draw: Draw) -> _Asked:
    name, phone = request.form.get("name", "")[:60], request.form.get("phone", "")[:40]
    try:
        with limited("draw", phone):
            person = identify_by_phone(name=name.replace("\0", ""), phone=phone.replace("\0", ""))
    except RuleBroken as refusal:
        return _Asked(refusal=refusal)
    row = queries.won_by(draw, person) if draw.state in queries.OVER else None
    return _Asked(row=row, asked=True)


def _qr(draw: Draw) -> Markup:
    base = current_app.config["BASE_URL"] or request.host_url.rstrip("/")
    made = segno.make(base + url_for(".notice", code=draw.code), error="m", boost_error=False)
    inline = made.svg_inline(border=0, dark="#211C16", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(inline)
