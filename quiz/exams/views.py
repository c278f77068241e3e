"""The organiser's pages about exams: the work page, the list, making one, its poster."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from question_bank.paper import PRESETS
from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.exams import posters, queries, rules, services
from quiz.exams.forms import ExamForm, offer_units
from quiz.exams.models import Exam
from quiz.exams.pages import join_address, qr_of
from quiz.extensions import transaction
from quiz.people import queries as people
from quiz.questions import queries as questions

blueprint = Blueprint("exams", __name__, url_prefix="/admin")


@blueprint.get("/")
def home() -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    lines = [queries.line(exam, at=at) for exam in queries.recent(limit=30, within=within)]
    current = [line for line in lines if line.state is not rules.State.CLOSED]
    facts = {"banks": questions.banks(), "persons": sum(people.headcounts(within).values()), "lines": lines}
    return render_template("exams/home.html", current=current, **facts)


@blueprint.get("/exams/")
def index() -> ResponseReturnValue:
    at, page = clock.now(), max(1, request.args.get("page", 1, type=_page))
    archived = request.args.get("archived") == "1"
    exams, more = queries.page(page, within=people.scope_of(current_user), archived=archived)
    lines = [queries.line(exam, at=at) for exam in exams]
    return render_template("exams/index.html", lines=lines, page=page, more=more, archived=archived)


def _page(text: str) -> int:
    return web.whole(text, digits=5, default=1)


@blueprint.route("/exams/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    at, refusal = clock.now(), None
    form = _form(at)
    if form.validate_on_submit():
        try:
            return redirect(url_for("standings.live", code=_create(form, at=at).code))
        except RuleBroken as error:
            refusal = error
    page = render_template("exams/new.html", form=form, refusal=refusal, **_choices(form))
    return page, 422 if request.method == "POST" else 200


def _form(at: datetime) -> ExamForm:
    local = at.astimezone(queries.zone()).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    preset = PRESETS["jining"]
    form = ExamForm(
        preset=preset.key,
        opens_at=local + timedelta(hours=1),
        closes_at=local + timedelta(hours=3),
        minutes=preset.minutes,
        pass_mark=Decimal(preset.pass_mark // 100),
        excellent_mark=Decimal(preset.spec.full * 9 // 1000),
        chances=preset.chances,
        counts=preset.counts,
    )
    form.bank.choices = [SelectChoice(str(bank.id), bank.name) for bank in questions.banks()]
    offer_units(form)
    return form


def _choices(form: ExamForm) -> dict[str, Any]:
    """What each bank has beside what each preset needs, for the page and its script."""
    have = {bank.value: questions.count_by_kind(int(bank.value)) for bank in form.bank.choices}
    return {"presets": [queries.preset_card(preset) for preset in PRESETS.values()], "have": have}


def _create(form: ExamForm, *, at: datetime) -> Exam:
    with transaction():
        bank = questions.bank(form.bank.data)
        settings = form.settings(queries.zone())
        exam = services.create(
            bank, settings=settings, at=at, account_id=current_user.id, who=current_user.name
        )
    flash(f"考试已建好，场次码 {exam.code}。")
    return exam


@blueprint.post("/exams/<code>/copy")
def copy(code: str) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        exam = queries.exam_by_code(code)
        made = services.copy(exam, at=at, account_id=current_user.id, who=current_user.name)
    flash(f"已按“{exam.title}”建好一场，场次码 {made.code}。请核对名称和时间。")
    return redirect(url_for("settings.change", code=made.code), 303)


@blueprint.post("/exams/<code>/rehearse")
def rehearse(code: str) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        exam = queries.exam_by_code(code)
        made = services.rehearse(exam, at=at, account_id=current_user.id, who=current_user.name)
    flash(f"试考已开放，场次码 {made.code}，到正式开考时结束。成绩不计入任何排名。")
    return redirect(url_for("standings.live", code=made.code), 303)


@blueprint.get("/exams/<code>/rules")
def rules_page(code: str) -> ResponseReturnValue:
    """What the phone's notice says, to print and hang up."""
    exam = queries.desk_exam(code, within=people.scope_of(current_user))
    sentences = queries.rule_sentences(exam)
    return render_template("exams/rules.html", exam=exam, rules=sentences, window=queries.window(exam))


@blueprint.get("/exams/<code>/poster")
def poster(code: str) -> ResponseReturnValue:
    exam = queries.desk_exam(code, within=people.scope_of(current_user))
    facts = {"qr": qr_of(exam), "address": join_address(exam), **posters.words(exam)}
    return render_template("exams/poster.html", exam=exam, **facts)


@blueprint.get("/exams/<code>/qr.svg")
def qr(code: str) -> ResponseReturnValue:
    exam = queries.desk_exam(code, within=people.scope_of(current_user))
    return Response(qr_of(exam), mimetype="image/svg+xml")
