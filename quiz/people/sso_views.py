"""Signing in at the desk by 统一身份认证, where it is configured. What follows is as after a password."""

import hmac
from datetime import datetime, timedelta

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from quiz import clock
from quiz.errors import NotFound, RuleBroken
from quiz.extensions import from_millis, to_millis, transaction
from quiz.people import accounts, rules, sso
from quiz.people.forms import SignInForm
from quiz.people.models import Account
from quiz.people.sso import Journey
from quiz.people.views import counted, go_on

blueprint = Blueprint("sso", __name__, url_prefix="/admin/sign-in/sso")

_WAITS = timedelta(minutes=10)


@blueprint.get("/")
def begin() -> ResponseReturnValue:
    oidc, at = _oidc(), clock.now()
    try:
        address, journey = sso.begin(oidc, back=_back())
    except RuleBroken as error:
        return _refused(error)
    session["sso"] = [*journey, request.args.get("next", "")[:300], to_millis(at)]
    return redirect(address, 303)


@blueprint.get("/back")
def back() -> ResponseReturnValue:
    oidc, at = _oidc(), clock.now()
    try:
        journey, then = _journey(at)
        code = request.args.get("code", "")[:2000]
        if not code:
            raise rules.SsoRefused
        known = sso.finish(oidc, journey, code=code, back=_back(), at=at)
        return go_on(_account(known, at), at, then)
    except RuleBroken as error:
        return _refused(error)


def _oidc() -> dict[str, str]:
    oidc: dict[str, str] = current_app.config["OIDC"]
    if not oidc:
        raise NotFound
    return oidc


def _back() -> str:
    path = url_for("sso.back")
    base = current_app.config["BASE_URL"]
    return f"{base}{path}" if base else url_for("sso.back", _external=True)


def _journey(at: datetime) -> tuple[Journey, str]:
    """What this browser left with, once: whoever brings the same answer again finds nothing."""
    *parts, then, left = session.pop("sso", ["", "", "", "", 0])
    journey = Journey(*parts)
    same = hmac.compare_digest(journey.state.encode(), request.args.get("state", "").encode())
    if not journey.state or not same or at - from_millis(left) > _WAITS:
        raise rules.SsoRefused("登录放置太久，或者不是从这个页面开始的，请再试一次。")
    return journey, then


def _account(known: sso.Known, at: datetime) -> Account:
    with transaction():
        account = accounts.known_by_sso(issuer=known.issuer, subject=known.subject, name=known.name)
    with counted(account.name, at), transaction():
        accounts.link_sso(account, issuer=known.issuer, subject=known.subject, name=known.name, at=at)
    return account


def _refused(error: RuleBroken) -> ResponseReturnValue:
    return render_template("people/sign_in.html", form=SignInForm(formdata=None), refusal=error), error.status
