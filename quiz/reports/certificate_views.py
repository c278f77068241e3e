"""证书: given at the desk, seen on the own phone, verified by anybody."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.exams import posters
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.extensions import transaction
from quiz.people.rules import mask_name
from quiz.reports import certificates, certifying
from quiz.reports.certificates import Choice
from quiz.reports.certifying import BadCertificate, Kind, Whom
from quiz.reports.models import Certificate
from quiz.sittings import queries as sittings
from quiz.standings.queries import ranked_exam
from quiz.standings.tables import Board, Table

blueprint = Blueprint("certificates", __name__)
_PROGRAM = Path(__file__).with_name("certificate_pdf.py")
_DESK = "/admin/exams/<code>/certificates"
#: As many as are drawn in one file, and listed on the page.
_MOST, _FIRST = 300, 200


@blueprint.get(_DESK)
def page(code: str) -> ResponseReturnValue:
    return _page(ranked_exam(code))


@blueprint.post(_DESK)
def issue(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    try:
        with transaction():
            board = Board(exam, table=Table.JURY, at=at)
            count = certificates.issue(board, _choice(), at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, refusal=error)
    flash(f"发了 {count} 张证书。" if count else "没有要发的：没有符合的，或都已经发过。")
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.post(f"{_DESK}/revoke")
def revoke(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), ranked_exam(code)
    number, reason = request.form.get("number", "")[:40], request.form.get("reason", "")[:200]
    try:
        with transaction():
            certificates.revoke(exam, number, reason=reason, at=at, who=current_user.name)
    except RuleBroken as error:
        return _page(exam, refusal=error)
    flash("证书已作废，核验时会写明。")
    return redirect(url_for(".page", code=exam.code), 303)


@blueprint.get(f"{_DESK}/print")
def sheets(code: str) -> ResponseReturnValue:
    """All of them, or a unit's, one a page, to print; ``plain`` without frame for printed shells (套打)."""
    found = _wanted(ranked_exam(code))
    return _sheets(found, plain="plain" in request.args)


@blueprint.get(f"{_DESK}.pdf")
def file(code: str) -> ResponseReturnValue:
    exam = ranked_exam(code)
    return _pdf(_wanted(exam), name=f"{exam.title}证书")


def _wanted(exam: Exam) -> list[Certificate]:
    unit = web.whole(request.args.get("unit", ""), digits=9) or None
    found = certificates.of_exam(exam, unit_id=unit, valid=True)
    page = max(1, web.whole(request.args.get("page", ""), digits=4, default=1))
    return found[(page - 1) * _MOST : page * _MOST]


def _choice() -> Choice:
    given = request.form
    try:
        kind, whom = Kind(given.get("kind", "")), Whom(given.get("whom", ""))
    except ValueError:
        raise BadCertificate("请选证书和发给谁。") from None
    ranks = {name: web.whole(given.get(name, "").strip(), digits=5, default=0) for name in ("first", "last")}
    return Choice(kind=kind, whom=whom, award=given.get("award", ""), issuer=given.get("issuer", ""), **ranks)


def _page(exam: Exam, *, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    found = certificates.of_exam(exam)
    shown = render_template(
        "reports/certificates.html",
        exam=exam,
        found=found[::-1][:_FIRST],
        count=sum(one.revoked_at is None for one in found),
        units=certificates.units_of(found),
        kinds=list(Kind),
        whoms=list(Whom),
        Kind=Kind,
        issuer=exam.host or current_app.config["PLACE"],
        most=_MOST,
        zone=exams.zone(),
        refusal=refusal,
    )
    return shown, refusal.status if refusal else 200


@blueprint.get("/e/<code>/certificates/<number>")
def mine(code: str, number: str) -> ResponseReturnValue:
    return _sheets([_own(code, number)], back=url_for("sittings.notice", code=code))


@blueprint.get("/e/<code>/certificates/<number>.pdf")
def my_file(code: str, number: str) -> ResponseReturnValue:
    return _pdf([_own(code, number)], name="证书")


def _own(code: str, number: str) -> Certificate:
    who = web.candidate()
    return certificates.own(sittings.own_exam(who, code).id, who.person, number)


@blueprint.route("/verify", defaults={"number": ""})
@blueprint.get("/verify/<number>")
def verify(number: str) -> ResponseReturnValue:
    """Whether a certificate is real: masked name, what for, when. Numbers cannot be counted through."""
    asked = request.args.get("number", number)[:40]
    found = certificates.of_number(asked)
    facts = (
        {"found": found, "kind": Kind(found.kind).chinese, "name": _masked(found)}
        if found
        else {"found": None}
    )
    facts |= {"day": _day(found.issued_at)} if found else {}
    shown = render_template("reports/verify.html", asked=asked, **facts)
    return shown, 200 if found or not asked else 404


def _masked(found: Certificate) -> str:
    return found.name if found.person_id is None else mask_name(found.name)


@blueprint.app_template_global()
def own_certificates(exam: Exam, person_id: int) -> list[dict[str, str]]:
    """For the phone: what somebody was given in this exam."""
    return [
        {
            "words": Kind(one.kind).chinese,
            "address": url_for("certificates.mine", code=exam.code, number=one.number),
        }
        for one in certificates.of_person(exam, person_id)
    ]


def _sheets(found: Sequence[Certificate], *, plain: bool = False, back: str = "") -> str:
    pages = [_facts(one) | {"qr": _qr(one)} for one in found]
    return render_template("reports/certificate.html", pages=pages, plain=plain, back=back)


def _facts(one: Certificate) -> dict[str, Any]:
    kind = Kind(one.kind)
    return {
        "title": kind.chinese,
        "to": certifying.addressed(one.name, unit=one.unit),
        "parts": certifying.parts(kind, title=one.title, award=one.award),
        "issuer": one.issuer,
        "day": _day(one.issued_at),
        "number": one.number,
        "address": _address(one),
    }


def _day(at: datetime) -> str:
    local = at.astimezone(exams.zone())
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def _address(one: Certificate) -> str:
    base = current_app.config["BASE_URL"] or request.host_url.rstrip("/")
    return f"{base}/verify/{one.number}"


def _qr(one: Certificate) -> Markup:
    made = segno.make(_address(one), error="m", boost_error=False)
    return Markup(made.svg_inline(border=0, dark="#3A2A10", svgclass="qr", lineclass=None, omitsize=True))


def _pdf(found: Sequence[Certificate], *, name: str) -> Response:
    order = {"fonts": _fonts(), "pages": [_facts(one) for one in found]}
    content = posters.drawn(_PROGRAM, order)
    response = send_file(io.BytesIO(content), "application/pdf", download_name=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


def _fonts() -> dict[str, Any]:
    """Those of the posters, and for the text a lighter cut of the same face where there is one."""
    found = posters.fonts(current_app.config["FONT"])
    light = found["song"]["path"].replace("-Bold.", "-Regular.")
    return found | {"text": found["song"] | ({"path": light} if Path(light).is_file() else {})}
