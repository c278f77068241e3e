"""One person or one unit of the roster: adding, putting right, taking off. A unit manager asks for it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.people import persons, queries
from quiz.people.forms import PersonForm, UnitForm
from quiz.people.models import Person, Unit

blueprint = Blueprint("persons", __name__, url_prefix="/admin/roster")


@blueprint.route("/persons/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = PersonForm().within(queries.scope_of(current_user))
    return _form_page(form, None)


@blueprint.route("/persons/<int:person_id>", methods=["GET", "POST"])
def show(person_id: int) -> ResponseReturnValue:
    within = queries.scope_of(current_user)
    found = queries.person(person_id, within=within)
    return _form_page(PersonForm.of(found).within(within), found)


def _form_page(form: PersonForm, found: Person | None) -> ResponseReturnValue:
    refusal: RuleBroken | None = None
    if form.validate_on_submit():
        try:
            flash(_write(form, found))
            return redirect(url_for("people.roster", unit=form.unit.data), 303)
        except RuleBroken as error:
            refusal = error
    page = render_template("people/person.html", form=form, found=found, refusal=refusal)
    return page, 422 if request.method == "POST" else 200


def _write(form: PersonForm, found: Person | None) -> str:
    """Do it, or ask for it; the sentence to show."""
    at, given, who = clock.now(), form.given(), current_user.name
    with transaction():
        if not web.may("persons.decide"):
            unit_id = found.unit_id if found else form.unit.data
            reason = form.reason.data or ""
            persons.ask(person=found, unit_id=unit_id, given=given, reason=reason, at=at, who=who)
            return "已提交，组织者核准后生效。"
        if found is None:
            persons.add_person(given, at=at, who=who)
            return f"{given['name']}已加入名册。"
        persons.edit_person(found, given, at=at, who=who)
    return "已保存。"


@blueprint.post("/persons/<int:person_id>/active")
def retire(person_id: int) -> ResponseReturnValue:
    active = request.form.get("active") == "y"
    with transaction():
        found = queries.person(person_id, within=queries.scope_of(current_user))
        words = _retire(found, active)
    flash(words)
    return redirect(url_for("people.roster", unit=found.unit_id), 303)


def _retire(found: Person, active: bool) -> str:
    at, who = clock.now(), current_user.name
    if web.may("persons.decide"):
        persons.set_active(found, active=active, at=at, who=who)
        return f"{found.name}已回到名册。" if active else f"{found.name}已移出名册，考过的成绩都在。"
    reason = web.clean(request.form.get("reason", ""), longest=500)
    persons.ask(person=found, unit_id=found.unit_id, given={"active": False}, reason=reason, at=at, who=who)
    return "已提交，组织者核准后移出名册。"


@blueprint.post("/persons/<int:person_id>/sign-out")
def sign_out(person_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.person(person_id, within=None)
        persons.sign_out(found, at=clock.now(), who=current_user.name)
    flash(f"{found.name}的手机 5 秒内退出，要重新核对身份。已答的都在。")
    return redirect(url_for(".show", person_id=person_id), 303)


@blueprint.post("/requests/<int:number>/decide")
def decide(number: int) -> ResponseReturnValue:
    approve = request.form.get("approve") == "y"
    with transaction():
        found = queries.roster_request(number)
        persons.decide(found, approve=approve, at=clock.now(), who=current_user.name)
    flash("已核准，名册已改。" if approve else "没有核准，名册没有改动。")
    return redirect(url_for("people.roster"), 303)


@blueprint.route("/units/new", methods=["GET", "POST"])
def new_unit() -> ResponseReturnValue:
    return _unit_page(UnitForm().with_units(None), None)


@blueprint.route("/units/<int:unit_id>", methods=["GET", "POST"])
def unit(unit_id: int) -> ResponseReturnValue:
    found = queries.unit(unit_id)
    form = UnitForm(name=found.name, kind=found.kind, parent=found.parent_id or 0)
    return _unit_page(form.with_units(found), found)


def _unit_page(form: UnitForm, found: Unit | None) -> ResponseReturnValue:
    refusal: RuleBroken | None = None
    if form.validate_on_submit():
        try:
            with transaction():
                made = persons.write_unit(found, form.given(), at=clock.now(), who=current_user.name)
            flash("单位已保存。")
            return redirect(url_for("people.roster", unit=made.id), 303)
        except RuleBroken as error:
            refusal = error
    page = render_template("people/unit.html", form=form, found=found, refusal=refusal)
    return page, 422 if request.method == "POST" else 200


@blueprint.post("/units/<int:unit_id>/active")
def retire_unit(unit_id: int) -> ResponseReturnValue:
    active = request.form.get("active") == "y"
    with transaction():
        found = queries.unit(unit_id)
        persons.set_unit_active(found, active=active, at=clock.now(), who=current_user.name)
    flash(f"{found.name}已恢复。" if active else f"{found.name}已停用，以前的成绩都在。")
    return redirect(url_for("people.roster"), 303)
