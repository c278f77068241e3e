"""One's own account: the password, and where one is signed in."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.limits import limited
from quiz.people import accounts, queries, second_factor
from quiz.people.forms import NewPasswordForm, TotpForm

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


@blueprint.route("/totp", methods=["GET", "POST"])
def totp() -> ResponseReturnValue:
    form, refusal = TotpForm(), None
    if form.validate_on_submit():
        try:
            return _switch(form)
        except RuleBroken as error:
            refusal = error
    status = 422 if request.method == "POST" else 200
    return render_template("people/totp.html", form=form, refusal=refusal, **_offer()), status


def _switch(form: TotpForm) -> ResponseReturnValue:
    at = clock.now()
    with limited("account", current_user.name), transaction():
        if current_user.totp_secret is None:
            secret, code = session.get("totp", ""), form.code.data or ""
            codes = second_factor.switch_on(current_user, secret=secret, code=code.strip(), at=at)
        else:
            accounts.sign_in_account(name=current_user.name, password=form.password.data or "")
            second_factor.switch_off(current_user, at=at, who=current_user.name)
            codes = []
    session.pop("totp", None)
    if codes:
        return render_template("people/recovery.html", codes=codes)
    flash("动态口令已取消。")
    return redirect(url_for(".page"), 303)


def _offer() -> dict[str, Any]:
    """A secret to scan, the same until it is used; it lives in the browser's own session meanwhile."""
    if current_user.totp_secret is not None:
        return {"secret": None}
    secret = session.setdefault("totp", second_factor.new_secret())
    issuer = f"明试 {current_app.config['PLACE']}"
    picture = second_factor.picture(secret, name=current_user.name, issuer=issuer)
    now = clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    return {"secret": secret, "picture": picture, "now": f"{now:%H:%M:%S}"}


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
