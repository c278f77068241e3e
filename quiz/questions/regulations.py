"""The organiser's pages about regulations: which are loaded, one with its articles, loading another."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.questions import articles, catalogue, coverage, law, queries
from quiz.questions.drafting import RegulationForm, day_in

blueprint = Blueprint("regulations", __name__, url_prefix="/admin/regulations")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return render_template(
        "questions/regulations.html",
        regulations=catalogue.regulations(),
        totals=coverage.totals(),
        on=clock.now().date(),
    )


@blueprint.get("/load")
def new() -> ResponseReturnValue:
    return render_template("questions/load.html", form=RegulationForm(), refusal="")


@blueprint.post("/load")
def load() -> ResponseReturnValue:
    form, at = RegulationForm(), clock.now()
    try:
        if not form.validate():
            raise law.BadRegulation(form.sentence())
        with transaction():
            number = articles.load(**form.given(), at=at, who=current_user.name).id
    except RuleBroken as refusal:
        return render_template("questions/load.html", form=form, refusal=refusal.message), refusal.status
    return redirect(url_for(".show", regulation_id=number), 303)


@blueprint.get("/<int:regulation_id>")
def show(regulation_id: int) -> ResponseReturnValue:
    found = catalogue.regulation(regulation_id)
    listed = coverage.articles(found)
    numbers = {article.number for article in listed}
    return render_template(
        "questions/regulation.html",
        regulation=found,
        articles=listed,
        counts=coverage.counts_by_article(found),
        gaps=[number for number in range(1, max(numbers, default=0)) if number not in numbers],
        banks=queries.banks(),
        numeral=law.numeral,
        on=clock.now().date(),
    )


@blueprint.post("/<int:regulation_id>/repeal")
def repeal(regulation_id: int) -> ResponseReturnValue:
    at, day = clock.now(), day_in(request.form.get("day", ""))
    with transaction():
        found = catalogue.regulation(regulation_id)
        articles.repeal(found, on=day, at=at, who=current_user.name)
    flash(f"已记下，{day:%Y-%m-%d} 起废止。" if day else "已记下，现在有效。")
    return redirect(url_for(".show", regulation_id=regulation_id), 303)


@blueprint.post("/<int:regulation_id>/remove")
def remove(regulation_id: int) -> ResponseReturnValue:
    at = clock.now()
    with transaction():
        articles.remove(catalogue.regulation(regulation_id), at=at, who=current_user.name)
    flash("已删除。题目的依据没有改动。")
    return redirect(url_for(".index"), 303)
