"""Signing in and out at a desk."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from quiz.errors import RuleBroken
from quiz.limits import limited
from quiz.people import services
from quiz.people.forms import SignInForm

blueprint = Blueprint("people", __name__, url_prefix="/admin")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    form, refusal = SignInForm(), None
    if form.validate_on_submit():
        try:
            with limited("account", form.name.data):
                login_user(services.sign_in_account(name=form.name.data, password=form.password.data))
            return redirect(_own_path(request.args.get("next", "")))
        except RuleBroken as error:
            refusal = error
    return render_template("people/sign_in.html", form=form, refusal=refusal), 401 if refusal else 200


def _own_path(path: str) -> str:
    """``path`` if it leads into the desk pages, else their first page: nobody is sent to another site."""
    safe = path.startswith("/admin/") and "\\" not in path and "//" not in path
    return path if safe else "/admin/"


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("people.sign_in"))
