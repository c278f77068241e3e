"""账号: who may sign in at the desk, as what, and giving somebody a new password."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.access import Role
from quiz.errors import RuleBroken
from quiz.extensions import transaction
from quiz.people import accounts, queries
from quiz.people.forms import AccountForm
from quiz.people.models import Account
from quiz.web import clean, may

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    at = clock.now()
    rows = [(one, seen, accounts.locked_until(one, at=at)) for one, seen in queries.accounts()]
    return render_template("people/accounts.html", rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form, refusal = _form(), None
    if form.validate_on_submit():
        try:
            return _handed_over(form.name.data or "", _add(form))
        except RuleBroken as error:
            refusal = error
    status = 422 if request.method == "POST" else 200
    return render_template("people/account_new.html", form=form, refusal=refusal), status


def _add(form: AccountForm) -> str:
    # Who makes accounts but grants no roles makes one that may do nothing yet.
    chosen = form.chosen() if may("accounts.grant") else {"role": Role.NONE, "unit": None}
    with transaction():
        return accounts.add_account(
            name=form.name.data or "", at=clock.now(), who=current_user.name, **chosen
        )


def _form(found: Account | None = None) -> AccountForm:
    given = {} if found is None else {"role": found.role, "unit": found.unit_id or 0}
    return AccountForm(**given).with_choices(separate=_separate(), held=found and Role(found.role))


def _separate() -> bool:
    return bool(current_app.config["SEPARATE_DUTIES"])


def _handed_over(name: str, password: str) -> str:
    """The one page that ever shows this password."""
    return render_template("people/first_password.html", name=name, password=password)


@blueprint.get("/<int:account_id>")
def show(account_id: int) -> ResponseReturnValue:
    return _page(queries.account(account_id))


def _page(found: Account, form: AccountForm | None = None, refusal: RuleBroken | None = None) -> str:
    facts: dict[str, Any] = {"own": found.id == current_user.id, "refusal": refusal}
    until = accounts.locked_until(found, at=clock.now())
    facts |= {"form": form or _form(found), "sign_ins": queries.sign_ins(found)}
    return render_template("people/account.html", found=found, until=until, **facts)


@blueprint.post("/<int:account_id>/role")
def grant(account_id: int) -> ResponseReturnValue:
    found = queries.account(account_id)
    form, refusal = _form(found), None
    if form.validate():
        try:
            with transaction():
                more = {"separate": _separate(), "at": clock.now(), "by": current_user}
                accounts.grant(found, **form.chosen(), **more)
            return _done(account_id, "已保存，下一次点击就按新的权限。")
        except RuleBroken as error:
            refusal = error
    return _page(found, form, refusal), 422


def _done(account_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".show", account_id=account_id), 303)


@blueprint.post("/<int:account_id>/active")
def retire(account_id: int) -> ResponseReturnValue:
    active = request.form.get("active") == "y"
    with transaction():
        found = queries.account(account_id)
        accounts.set_active(found, active=active, separate=_separate(), at=clock.now(), by=current_user)
    return _done(account_id, "已恢复使用。" if active else "已停用，所有登录都已结束。")


@blueprint.post("/<int:account_id>/reset")
def reset(account_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.account(account_id)
        password = accounts.reset_password(found, separate=_separate(), at=clock.now(), by=current_user)
    return _handed_over(found.name, password)


@blueprint.post("/<int:account_id>/totp/off")
def totp_off(account_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.account(account_id)
        accounts.drop_second_factor(found, separate=_separate(), at=clock.now(), by=current_user)
    return _done(account_id, "已取消它的动态口令，请本人登录后重新设置。")


@blueprint.post("/<int:account_id>/unlock")
def unlock(account_id: int) -> ResponseReturnValue:
    with transaction():
        accounts.unlock(queries.account(account_id), at=clock.now(), who=current_user.name)
    return _done(account_id, "已解锁，现在就可以登录。")


@blueprint.post("/<int:account_id>/sso")
def sso(account_id: int) -> ResponseReturnValue:
    name = clean(request.form.get("name", ""), longest=200)
    with transaction():
        more = {"separate": _separate(), "at": clock.now(), "by": current_user}
        accounts.name_sso(queries.account(account_id), name=name, **more)
    return _done(
        account_id, "已保存，下次用它登录时按这个名字认。" if name.strip() else "已取消，不能再用它登录。"
    )


@blueprint.post("/<int:account_id>/sign-ins/end")
def end_sign_ins(account_id: int) -> ResponseReturnValue:
    with transaction():
        found = queries.account(account_id)
        keep = current_user.sign_in_id if found.id == current_user.id else None
        accounts.end_all(found, at=clock.now(), who=current_user.name, keep=keep)
    return _done(account_id, "已结束它的登录。")
