"""The organiser's pages of a draw: make it, and take one step after the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from quiz import clock, web
from quiz.draws import queries, rules, services
from quiz.draws.forms import DrawForm
from quiz.draws.models import Draw
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.extensions import transaction
from quiz.limits import limited
from quiz.people import signing
from quiz.people.forms import check_own_password
from quiz.sittings import flags

blueprint = Blueprint("draw_desk", __name__, url_prefix="/admin/draws")

#: Names on the page; everybody is in the published file.
FIRST = 100
GUESTS = 5
_HOLD = "draw.drawn"


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return render_template("draws/index.html", draws=queries.draws(), State=rules.State, zone=exams.zone())


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form, refusal = _form(), None
    if form.validate_on_submit():
        try:
            return redirect(url_for(".show", code=_prepare(form)), 303)
        except RuleBroken as error:
            refusal = error
    page = render_template("draws/new.html", form=form, refusal=refusal)
    return page, 422 if request.method == "POST" else 200


def _form() -> DrawForm:
    form = DrawForm(
        eligible="passed",
        tickets="one",
        tiers="三等奖 10\n二等奖 5\n一等奖 1",
        alternates=5,
        source="三位嘉宾现场各报一组三位数",
        no_staff=request.method == "GET",
        no_winners=request.method == "GET",
        exam=request.args.get("exam"),
    )
    form.exam.choices = [SelectChoice(exam.code, exam.title) for exam in queries.drawable_exams()]
    return form


def _prepare(form: DrawForm) -> str:
    at = clock.now()
    with transaction():
        exam = exams.exam_by_code(form.exam.data or "")
        return services.prepare(exam, settings=form.settings(), at=at, who=current_user.name).code


@blueprint.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    return _page(queries.draw(code))


def _page(draw: Draw, *, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    pool = queries.pool(draw) if draw.state == rules.State.PREPARED else None
    facts = {
        "pool": pool,
        "left_out": queries.excluded_sentence(pool) if pool else "",
        "unseen": flags.count_waiting(draw.exam) if pool else 0,
        "named": {entry["person"]: entry["reason"] for entry in draw.settings["excluded"]},
        "rule": queries.rule_sentence(draw),
        "tiers": queries.tiers(draw),
        "winners": queries.winners(draw),
        "steps": queries.steps(draw),
        "asked": signing.waiting(deed=_HOLD, subject=f"draw:{draw.code}", at=clock.now()),
        "now": clock.now(),
        "zone": exams.zone(),
    }
    shown = render_template(
        "draws/show.html", draw=draw, refusal=refusal, State=rules.State, first=FIRST, guests=GUESTS, **facts
    )
    return shown, 200 if refusal is None else refusal.status


def _step(
    code: str,
    words: str,
    deed: Callable[[Draw, datetime, str], Any],
    *,
    around: AbstractContextManager[None] | None = None,
) -> ResponseReturnValue:
    """Take one step in a transaction; a refusal is shown on the page of the draw as it now stands."""
    at = clock.now()
    try:
        with around or nullcontext(), transaction():
            deed(queries.draw(code), at, current_user.name)
    except NotFound:
        raise
    except RuleBroken as error:
        return _page(queries.draw(code), refusal=error)
    if words:
        flash(words)
    return redirect(url_for(".show", code=code), 303)


def _given(name: str, longest: int = 200) -> str:
    return request.form.get(name, "").replace("\0", "")[:longest]


def _whole(name: str, default: int) -> int:
    return web.whole(request.form.get(name, ""), digits=6, default=default)


def _days(name: str, default: int) -> int:
    return max(1, min(365, _whole(name, default)))


@blueprint.post("/<code>/exclude")
def exclude(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        found = queries.person_named(_given("name"), _given("tail"))
        if len(found) != 1:
            raise rules.BadDraw(
                "名册里没有这个人。" if not found else "名册里有几个同名的人，请加上手机尾号。"
            )
        services.exclude(draw, person=found[0], reason=_given("reason"), at=at, who=who)

    return _step(code, "已经排除，名单和原因都有记录。", deed)


@blueprint.post("/<code>/include")
def include(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        found = queries.persons_of([_whole("person", 0)])
        for person in found.values():
            services.include(draw, person=person, at=at, who=who)

    return _step(code, "已经恢复。", deed)


@blueprint.post("/<code>/publish")
def publish(code: str) -> ResponseReturnValue:
    deed: Any = lambda draw, at, who: services.publish(draw, at=at, who=who)  # noqa: E731
    return _step(code, "名单已公布，不能再改。请把指纹读给大家听，或者投到大屏上。", deed)


@blueprint.post("/<code>/agree")
def agree(code: str) -> ResponseReturnValue:
    pairs = zip(request.form.getlist("guest"), request.form.getlist("number"), strict=False)
    numbers = [(guest[:60], number[:120]) for guest, number in pairs if number.strip()]

    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.agree(draw, numbers=numbers, witnesses=_given("witnesses"), at=at, who=who)

    return _step(code, "种子已经定下。", deed)


@blueprint.post("/<code>/hold")
def hold(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.hold(draw, at=at, who=who)

    found = queries.draw(code)
    try:
        check_own_password(_given("password"))
    except RuleBroken as refusal:
        return _page(found, refusal=refusal)
    if found.state == rules.State.AGREED and current_app.config["TWO_PERSONS"] and not _second(found):
        flash(signing.WAITS)
        return redirect(url_for(".show", code=code), 303)
    return _step(code, "已经开奖。下面逐个揭晓，大屏跟着显示。", deed)


def _second(draw: Draw) -> bool:
    with transaction():
        asked = {"deed": _HOLD, "subject": f"draw:{draw.code}", "terms": {}}
        return signing.second(**asked, by=current_user, at=clock.now())


@blueprint.post("/<code>/reveal")
def reveal(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.show(draw, shown=_whole("shown", -1), at=at, who=who)

    return _step(code, "", deed)


@blueprint.post("/<code>/announce")
def announce(code: str) -> ResponseReturnValue:
    days = {"notice_days": _days("notice_days", 5), "claim_days": _days("claim_days", 30)}
    deed: Any = lambda draw, at, who: services.announce(draw, at=at, who=who, **days)  # noqa: E731
    return _step(code, "公示已经开始。", deed)


@blueprint.post("/<code>/hand-over")
def hand_over(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.hand_over(draw, number=_whole("winner", 0), shown=_given("claim", 60), at=at, who=who)

    return _step(code, "已记下领奖。", deed, around=limited("claim", code))


@blueprint.post("/<code>/lapse")
def lapse(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.lapse(draw, number=_whole("winner", 0), claim_days=_days("claim_days", 30), at=at, who=who)

    return _step(code, "已按放弃处理，有递补的由递补的人领。", deed)


@blueprint.post("/<code>/close")
def close(code: str) -> ResponseReturnValue:
    deed: Any = lambda draw, at, who: services.close(draw, at=at, who=who)  # noqa: E731
    return _step(code, "这次抽奖已经结束。", deed)


@blueprint.post("/<code>/abandon")
def abandon(code: str) -> ResponseReturnValue:
    def deed(draw: Draw, at: datetime, who: str) -> None:
        services.abandon(draw, reason=_given("reason"), at=at, who=who)

    return _step(code, "已作废，原因会一直公开。", deed)
