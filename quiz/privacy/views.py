"""How long personal data of contests is kept, and letting go what is over, at the desk."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.extensions import transaction
from quiz.people.forms import check_own_password
from quiz.privacy import queries, services

blueprint = Blueprint("privacy", __name__, url_prefix="/admin/privacy")

#: Chunks of one press: more would keep the page waiting.
MOST = 100


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return _page()


def _page(refusal: RuleBroken | None = None) -> ResponseReturnValue:
    at = clock.now()
    facts = {"keeping": queries.keeping(), "contests": queries.contests_due(at=at), "zone": exams.zone()}
    page = render_template("privacy/keeping.html", due=queries.count_due(at=at), refusal=refusal, **facts)
    return page, refusal.status if refusal else 200


@blueprint.post("/")
def decide() -> ResponseReturnValue:
    at, days = clock.now(), web.whole(request.form.get("days", ""), digits=5)
    try:
        check_own_password(request.form.get("password", ""))
        with transaction():
            services.decide(days=days, nightly="nightly" in request.form, at=at, who=current_user.name)
    except RuleBroken as refusal:
        return _page(refusal)
    flash("已保存。")
    return redirect(url_for(".index"), 303)


@blueprint.post("/tidy")
def tidy() -> ResponseReturnValue:
    at, gone = clock.now(), 0
    try:
        check_own_password(request.form.get("password", ""))
    except RuleBroken as refusal:
        return _page(refusal)
    for _ in range(MOST):
        with transaction():
            removed = services.tidy(at=at, who=current_user.name)
        gone += removed
        if not removed:
            break
    services.forget_on_disk()
    flash(f"{gone} 人的姓名、手机号等已清除，成绩和统计不变。")
    return redirect(url_for(".index"), 303)
