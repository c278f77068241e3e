"""Signing in and out at a desk, and the roster: who is on it, and importing one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from werkzeug.exceptions import RequestEntityTooLarge

from quiz import clock, tokens, web
from quiz.errors import RuleBroken
from quiz.extensions import from_millis, login, saver, to_millis, transaction
from quiz.people import accounts, queries, rules, second_factor, services, workbooks
from quiz.people.forms import CodeForm, ConfirmForm, RosterForm, SignInForm
from quiz.people.models import Account
from quiz.web import first_page, may

blueprint = Blueprint("people", __name__, url_prefix="/admin")
blueprint.add_app_template_filter(rules.mask_phone, "masked")
blueprint.add_app_template_filter(rules.mask_digits, "masked_digits")


#: seen_at is as old as this at most: not every look of a live page is a write.
_SEEN = timedelta(minutes=1)
#: After the password, this long for the code.
_CODE_WAITS = timedelta(minutes=5)
_TOUCH = "UPDATE sign_in SET seen_at = :at WHERE id = :id"


@login.user_loader
def load_account(token: str) -> Account | None:
    at = clock.now()
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    found = accounts.signed_in(token, at=at, idle=idle)
    if found is None:
        return None
    if at - found.seen_at >= _SEEN:
        saver().run(_TOUCH, {"at": to_millis(at), "id": found.id})
    found.account.token, found.account.sign_in_id = token, found.id
    return found.account


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    form, refusal = SignInForm(), None
    if form.validate_on_submit():
        try:
            return _sign_in(form, clock.now())
        except RuleBroken as error:
            refusal = error
    status = refusal.status if refusal else 200
    return render_template("people/sign_in.html", form=form, refusal=refusal), status


def _sign_in(form: SignInForm, at: datetime) -> ResponseReturnValue:
    name = rules.clean_name(form.name.data.replace("\0", ""))
    with counted(name, at):
        account = accounts.sign_in_account(name=name, password=form.password.data)
        rules.check_first_password(must_change=account.must_change, given_at=account.password_at, at=at)
    return go_on(account, at, request.args.get("next") or "")


def go_on(account: Account, at: datetime, then: str) -> ResponseReturnValue:
    """In, or to the second factor where the account has one; to ``then`` afterwards."""
    if account.totp_secret is None:
        return _enter(account, at, then)
    session["pending"] = [account.id, _millis(account), to_millis(at)]
    return redirect(url_for("people.code", next=then or None), 303)


@contextmanager
def counted(name: str, at: datetime) -> Iterator[None]:
    """Count a try before it is made; a refusal goes into the ledger."""
    with transaction():
        accounts.reserve_try(name=name, device=_device_of(name), at=at)
    try:
        yield
    except RuleBroken:
        with transaction():
            accounts.note_refusal(name=name, address=request.remote_addr or "", at=at)
        raise


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    form, refusal, at = CodeForm(), None, clock.now()
    account = _pending(at)
    if account is None:
        return redirect(url_for(".sign_in"))
    if form.validate_on_submit():
        try:
            return _second_step(account, form.code.data, at)
        except RuleBroken as error:
            refusal = error
    status = refusal.status if refusal else 200
    return render_template("people/code.html", form=form, refusal=refusal), status


def _pending(at: datetime) -> Account | None:
    """The account whose password was right a moment ago in this browser, and has not changed since."""
    number, password_at, then = session.get("pending", [0, 0, 0])
    if at - from_millis(then) > _CODE_WAITS:
        return None
    account = queries.account(number)
    right = account.active and account.totp_secret is not None and _millis(account) == password_at
    return account if right else None


def _millis(account: Account) -> int:
    return to_millis(account.password_at) if account.password_at else 0


def _second_step(account: Account, given: str, at: datetime) -> ResponseReturnValue:
    with counted(account.name, at), transaction():
        second_factor.check(account, code=given, at=at)
    session.pop("pending", None)
    return _enter(account, at, request.args.get("next") or "")


def _enter(account: Account, at: datetime, then: str) -> ResponseReturnValue:
    words, address = rules.device_words(request.user_agent.string), request.remote_addr or ""
    with transaction():
        known = _device_of(account.name)
        account.token = accounts.begin(account, device=words, known=known, address=address, at=at)
    login_user(account)
    response = redirect(_own_path(then))
    mark = tokens.sign_device(current_app.config["SECRET_KEY"], account=account.id)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        tokens.DEVICE_COOKIE, mark, max_age=90 * 86400, httponly=True, samesite="Lax", secure=secure
    )
    return response


def _device_of(name: str) -> str | None:
    """The mark of this browser if the account of this name has signed in from it."""
    token = request.cookies.get(tokens.DEVICE_COOKIE, "")
    known = tokens.verify_device(current_app.config["SECRET_KEY"], token) if token else None
    account = queries.account_by_name(name)
    return known[1] if known and account and known[0] == account.id else None


def _own_path(path: str) -> str:
    """``path`` if it leads into the desk pages, else their first page: nobody is sent to another site."""
    safe = path.startswith("/admin/") and "\\" not in path and "//" not in path
    return path if safe and path != "/admin/" else first_page()


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    with transaction():
        found = queries.own_sign_in(current_user, current_user.sign_in_id)
        accounts.end(found, at=clock.now(), who=current_user.name)
    logout_user()
    return redirect(url_for("people.sign_in"))


@blueprint.get("/roster/")
def roster() -> ResponseReturnValue:
    text = rules.clean_name(request.args.get("q", "").replace("\0", ""))[:60]
    unit_id, number = request.args.get("unit", 0, type=_small), request.args.get("page", 1, type=_small)
    within, joined = queries.scope_of(current_user), request.args.get("joined") == "1"
    gone = request.args.get("gone") == "1" and may("persons.decide")
    shown = {"unit_id": unit_id, "text": text, "number": max(1, number), "active": not gone}
    page = queries.roster_page(within=within, joined=joined, **shown)
    facts = {"page": page, "text": text, "unit_id": unit_id, "gone": gone, "joined": joined}
    return render_template("people/roster.html", **facts, **_around(within, gone=gone))


def _around(within: rules.Scope, *, gone: bool) -> dict[str, Any]:
    """What stands beside the list of persons."""
    return {
        "units": queries.units(within=within),
        "counts": queries.headcounts(within),
        "any_joined": queries.any_joined(within),
        "outside": queries.outside_count() if may("written.index") else 0,
        "requests": queries.roster_requests(within=within) if may("persons.show") else [],
        "retired": queries.retired_units() if gone else [],
        "waiting": queries.waiting_imports() if may("people.preview") else [],
    }


def _small(text: str) -> int:
    return web.whole(text, digits=8)


@blueprint.route("/roster/import", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    form, at, refusal = RosterForm(), clock.now(), ""
    if form.validate_on_submit():
        try:
            return redirect(url_for(".preview", import_id=_keep(form, at)), 303)
        except RuleBroken as error:
            refusal = error.message
    return _upload_page(form, refusal or form.sentence())


def _keep(form: RosterForm, at: datetime) -> int:
    folder, file = Path(current_app.config["DATA"]) / "uploads", form.file.data
    reading = services.read_upload(file.stream, name=file.filename, folder=folder)
    with transaction():
        return services.keep_roster(reading=reading, account_id=current_user.id, at=at).id


def _upload_page(form: RosterForm, refusal: str) -> ResponseReturnValue:
    return render_template("people/upload.html", form=form, refusal=refusal), 422 if refusal else 200


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The form itself, saying what the limit is, instead of a page without a way on."""
    return _upload_page(RosterForm(formdata=None), "文件超过 20 MB，没有上传。请分成几个文件再传。")


@blueprint.get("/roster/imports/<int:import_id>")
def preview(import_id: int) -> ResponseReturnValue:
    found = queries.roster_import(import_id)
    reading, outcome = queries.kept_reading(found), queries.kept_outcome(found)
    plan = None if outcome else queries.foreseen(reading)
    facts = {"found": found, "reading": reading, "outcome": outcome, "plan": plan}
    return render_template("people/preview.html", known_units=queries.unit_ids(), **facts)


@blueprint.post("/roster/imports/<int:import_id>/import")
def import_(import_id: int) -> ResponseReturnValue:
    form, at = ConfirmForm(), clock.now()
    with transaction():
        found = queries.roster_import(import_id)
        units = queries.plan(queries.kept_reading(found), create_units=False).new_units
        choices = {"create_units": form.make(units), "same_as": form.same_as(units), "moved": form.moved()}
        services.import_kept(found, at=at, who=current_user.name, **choices)
    return redirect(url_for(".preview", import_id=import_id), 303)


@blueprint.post("/roster/imports/<int:import_id>/discard")
def discard(import_id: int) -> ResponseReturnValue:
    with transaction():
        services.discard_kept(queries.roster_import(import_id))
    flash("已丢弃，名册没有改动。")
    return redirect(url_for(".roster"), 303)


@blueprint.get("/roster/template")
def template() -> ResponseReturnValue:
    response = Response(workbooks.template(), mimetype=workbooks.MIME)
    response.headers.set("Content-Disposition", "attachment", filename="名册模板.xlsx")
    return response
