"""账号: who may sign in at the desk, as what, and giving somebody a new password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.people import accounts, queries
from quiz.people.forms import AccountForm
from quiz.people.models import Account

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    at = clock.now()
    rows = [(one, seen, accounts.locked_until(one, at=at)) for one, seen in queries.accounts()]
    return render_template("people/accounts.html", rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form, refusal, at = AccountForm().with_units(), None, clock.now()
    if form.validate_on_submit():
        try:
            with transaction():
                by, name = current_user.name, form.name.data or ""
                password = accounts.add_account(name=name, at=at, who=by, **form.chosen())
            return _handed_over(name, password)
        except RuleBroken as error:
            refusal = error
    status = 422 if request.method == "POST" else 200
    return render_template("people/account_new.html", form=form, refusal=refusal), status


def _handed_over(name: str, password: str) -> str:
    """The one page that ever shows this password."""
    return render_template("people/first_password.html", name=name, password=password)


@blueprint.route("/<int:account_id>", methods=["GET", "POST"])
def show(account_id: int) -> ResponseReturnValue:
    found, refusal = queries.account(account_id), None
    form = AccountForm(role=found.role, unit=found.unit_id or 0, active=found.active).with_units()
    if form.validate_on_submit():
        try:
            with transaction():
                more = {"active": form.active.data, "at": clock.now(), "by": current_user}
                accounts.edit_account(found, **form.chosen(), **more)
            flash("已保存，下一次点击就按新的权限。")
            return redirect(url_for(".show", account_id=account_id), 303)
        except RuleBroken as error:
            refusal = error
    return _page(found, form, refusal), 422 if request.method == "POST" else 200


def _page(found: Account, form: AccountForm, refusal: RuleBroken | None) -> str:
    facts: dict[str, Any] = {"own": found.id == current_user.id, "refusal": refusal}
    until = accounts.locked_until(found, at=clock.now())
    sign_ins = queries.sign_ins(found)
    return render_template(
        "people/account.html", found=found, form=form, until=until, sign_ins=sign_ins, **facts
    )


@blueprint.post("/<int:account_id>/reset")
def reset(account_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.account(account_id)
        password = accounts.reset_password(found, at=clock.now(), by=current_user)
    return _handed_over(found.name, password)


@blueprint.post("/<int:account_id>/unlock")
def unlock(account_id: int) -> ResponseReturnValue:
    with transaction():
        accounts.unlock(queries.account(account_id), at=clock.now(), who=current_user.name)
    flash("已解锁，现在就可以登录。")
    return redirect(url_for(".show", account_id=account_id), 303)


@blueprint.post("/<int:account_id>/sign-ins/end")
def end_sign_ins(account_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.account(account_id)
        keep = current_user.sign_in_id if found.id == current_user.id else None
        accounts.end_all(found, at=clock.now(), who=current_user.name, keep=keep)
    flash("已结束它的所有登录。")
    return redirect(url_for(".show", account_id=account_id), 303)
