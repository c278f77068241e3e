"""我的信息 on the phone: see it, take it along, have it removed."""

import io

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from quiz import clock, tokens, web
from quiz.errors import NotSignedIn, RuleBroken
from quiz.exams import queries as exams
from quiz.exams import terms
from quiz.exams.models import Exam
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.privacy import queries, rules, services
from quiz.reports import services as reports
from quiz.reports.queries import Sheet

blueprint = Blueprint("mine", __name__, url_prefix="/me")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def page() -> ResponseReturnValue:
    return _page(queries.own_person(web.candidate()))


def _page(person: Person, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    at, exam = clock.now(), db.session.get(Exam, web.candidate().exam)
    facts = {"facts": queries.everything(person, at=at), "exam": exam, "refusal": refusal}
    facts["enrolled"] = exam is not None and terms.enrolment(exam.id, person.id) is not None
    shown = render_template("privacy/mine.html", person=person, **facts)
    return shown, refusal.status if refusal else 200


@blueprint.get("/data.json")
def as_json() -> ResponseReturnValue:
    at, person = clock.now(), queries.own_person(web.candidate())
    found: dict[str, list[dict[str, str]]] = {}
    for fact in queries.everything(person, at=at):
        found.setdefault(fact.part, []).append({"项目": fact.name, "内容": fact.value})
    response = jsonify({"生成时间": at.astimezone(exams.zone()).isoformat(timespec="seconds"), **found})
    response.headers.set("Content-Disposition", "attachment", filename="我的信息.json")
    return response


@blueprint.get("/data.xlsx")
def as_workbook() -> ResponseReturnValue:
    at, person = clock.now(), queries.own_person(web.candidate())
    rows = [(fact.part, fact.name, fact.value) for fact in queries.everything(person, at=at)]
    note = f"明试里存着的、和你有关的内容，{at.astimezone(exams.zone()):%Y-%m-%d %H:%M} 生成。"
    headings, widths = ("类别", "项目", "内容"), (14, 40, 80)
    sheet = Sheet("我的信息", "我的信息", note, headings, widths, rows)
    content = io.BytesIO(reports.workbook([sheet], at=at))
    return send_file(content, _XLSX, as_attachment=True, download_name="我的信息.xlsx")


@blueprint.post("/withdraw")
def withdraw() -> ResponseReturnValue:
    at, person = clock.now(), queries.own_person(web.candidate())
    name = web.clean(request.form.get("name", ""), longest=60)
    try:
        with transaction():
            services.withdraw(queries.own_person(web.candidate()), name=name, at=at)
    except NotSignedIn:
        raise
    except RuleBroken as refusal:
        return _page(person, refusal)
    services.forget_on_disk()
    return _forgotten()


def _forgotten() -> Response:
    response = make_response(render_template("privacy/gone.html"))
    for cookie in (tokens.COOKIE, tokens.PRACTICE_COOKIE):
        response.delete_cookie(cookie)
    return response


@blueprint.post("/ask")
def ask() -> ResponseReturnValue:
    at, person = clock.now(), queries.own_person(web.candidate())
    try:
        with transaction():
            services.ask_to_go(queries.own_person(web.candidate()), at=at)
    except rules.AlreadyAsked as refusal:
        return _page(person, refusal)
    return redirect(url_for(".page", asked=1), 303)
