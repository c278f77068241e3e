"""One's own account: the password, and where one is signed in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.limits import limited
from quiz.people import accounts, queries
from quiz.people.forms import NewPasswordForm

blueprint = Blueprint("own", __name__, url_prefix="/admin/me")


@blueprint.get("/")
def page() -> ResponseReturnValue:
    return render_template("people/own.html", sign_ins=queries.sign_ins(current_user))


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    form, refusal = NewPasswordForm(), None
    if form.validate_on_submit():
        try:
            _change(form)
            flash("密码已改，其他设备上的登录都已结束。")
            return redirect(url_for(".page"), 303)
        except RuleBroken as error:
            refusal = error
    status = 422 if request.method == "POST" else 200
    return render_template("people/password.html", form=form, refusal=refusal), status


def _change(form: NewPasswordForm) -> None:
    given = {"old": form.old.data, "new": form.new.data, "keep": current_user.sign_in_id}
    with limited("account", current_user.name), transaction():
        accounts.change_password(current_user, **given, at=clock.now())


@blueprint.post("/sign-ins/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    with transaction():
        found = queries.own_sign_in(current_user, number)
        accounts.end(found, at=clock.now(), who=current_user.name)
    flash("已结束那一处的登录。")
    return redirect(url_for(".page"), 303)


@blueprint.post("/sign-ins/end-others")
def end_others() -> ResponseReturnValue:
    with transaction():
        keep = current_user.sign_in_id
        accounts.end_all(current_user, at=clock.now(), who=current_user.name, keep=keep)
    flash("其他设备上的登录都已结束。")
    return redirect(url_for(".page"), 303)
