"""Everything about HTTP that all features share: access, refusals, tokens, headers, compression."""

import gzip
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from quiz import clock, tokens
from quiz.access import ANYONE, CANDIDATE, OFFICERS, allowed
from quiz.errors import BadRequest, Forbidden, NotFound, NotSignedIn, RuleBroken
from quiz.extensions import db
from quiz.memory import memory
from quiz.tokens import Candidate, Practiser

API = "/api/v1/"
#: An answer of the longest kind fits many times over.
API_BODY = 256 * 1024
_COMPRESSED = ("text/", "application/json", "image/svg+xml")
#: Seconds until every process knows that a phone was signed out.
REVOKED_AGE = 5
_YEAR = 365 * 24 * 3600

blueprint = Blueprint("web", __name__)


class RowNumber(IntegerConverter):
    """<int:…> in addresses: ASCII digits that fit every database's integer; anything else is not found."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class DeskSession(SecureCookieSessionInterface):
    """Flask's signed session for pages; nothing for the API, which has a token of its own.

    Reading and writing a session nobody uses would cost a save a tenth of its time.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(API):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not request.path.startswith(API):
            super().save_session(app, session, response)


class CsrfFailed(RuleBroken):
    code = "csrf"
    message = "页面放置太久，请刷新后再试。已经保存的内容都在。"
    status = 400


def init_app(app: Flask) -> None:
    app.session_interface = DeskSession()
    app.url_map.converters["int"] = RowNumber
    app.register_blueprint(blueprint)
    app.before_request(_check_access)
    app.after_request(_finish)
    app.register_error_handler(RuleBroken, _refuse)
    app.register_error_handler(CSRFError, lambda error: _refuse(CsrfFailed()))
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _fail)
    app.jinja_env.globals.update(nonce=nonce, asset=asset, may=may, clock_jump=clock.jump)
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    return {"alive": True}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    db.session.execute(text("SELECT 1"))
    return {"ready": True}


@blueprint.get("/api/v1/openapi.json")
def openapi() -> ResponseReturnValue:
    document = Path(__file__).with_name("openapi.json").read_bytes()
    return Response(document, mimetype="application/json")


def candidate() -> Candidate:
    """Whoever the phone's cookie names, or NotSignedIn. Writes also need the matching X-CSRF-Token."""
    found = known_candidate()
    if found is None:
        raise NotSignedIn
    writes = request.method not in ("GET", "HEAD") and request.path.startswith(API)
    if writes and request.headers.get("X-CSRF-Token", "") != csrf_token():
        raise CsrfFailed
    return found


def known_candidate() -> Candidate | None:
    """Whoever the phone's cookie names, if anybody: for pages that are open to all."""
    token = request.cookies.get(tokens.COOKIE, "")
    found = tokens.verify(current_app.config["SECRET_KEY"], token) if token else None
    return None if found is None or _is_revoked(found) else found


def _is_revoked(found: Candidate | Practiser) -> bool:
    """Asked of the process's memory, not of the database: a save costs no statement more."""
    revoked = memory().keep("revoked", _revoked, seconds=REVOKED_AGE).get(found.person)
    return revoked is not None and found.issued <= revoked


def _revoked() -> dict[int, int]:
    """Person → the second until which every token is void."""
    rows = db.session.execute(text("SELECT person_id, at FROM revocation"))
    return {person: at // 1000 for person, at in rows}


def remember_candidate(response: Response, *, person: int, exam: int) -> str:
    """Set the phone's cookie on ``response``; returns the X-CSRF-Token that goes with it."""
    secret = current_app.config["SECRET_KEY"]
    # Whoever identifies on it, for whatever exam: it stays the same phone.
    before = known_candidate()
    now, phone = int(clock.now().timestamp()), before.phone if before else None
    token = tokens.sign(secret, person=person, exam=exam, phone=phone, issued=now)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(tokens.COOKIE, token, httponly=True, samesite="Lax", secure=secure, max_age=7 * 86400)
    return tokens.csrf(secret, token)


def known_practiser() -> int | None:
    """The person this phone practises for, if anybody."""
    token = request.cookies.get(tokens.PRACTICE_COOKIE, "")
    found = tokens.verify_practice(current_app.config["SECRET_KEY"], token) if token else None
    return None if found is None or _is_revoked(found) else found.person


def remember_practiser(response: Response, *, person: int) -> None:
    """Set the cookie of practising, beside the one of an exam that may be under way on this phone."""
    now = int(clock.now().timestamp())
    token = tokens.sign_practice(current_app.config["SECRET_KEY"], person=person, issued=now)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        tokens.PRACTICE_COOKIE, token, httponly=True, samesite="Lax", secure=secure, max_age=7 * 86400
    )


def csrf_token() -> str:
    """The X-CSRF-Token of the cookie this request came with."""
    return tokens.csrf(current_app.config["SECRET_KEY"], request.cookies.get(tokens.COOKIE, ""))


def carry_key(candidate: Candidate, sitting_id: int) -> str:
    """With it this phone signs what others bring to the desk."""
    return tokens.carry_key(current_app.config["SECRET_KEY"], sitting=sitting_id, phone=candidate.phone)


def body() -> dict[str, Any]:
    """The request's JSON object; anything else is BadRequest. Strict: no NaN, no repeated keys, no NUL."""
    if request.mimetype != "application/json":
        raise BadRequest
    request.max_content_length = API_BODY
    try:
        found = _DECODER.decode(request.get_data(cache=False).decode())
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(found, dict):
        raise BadRequest
    return found


def whole(text: str, *, digits: int, default: int = 0) -> int:
    """The number written in at most ``digits`` ASCII digits, fit for a database; else ``default``."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else default


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once)


def clean(value: Any, *, longest: int) -> str:
    """``value`` as text for the database, or BadRequest: no NUL, no lone surrogate, not too long."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise BadRequest
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequest from None
    return value


def asset(name: str) -> str:
    """Address of a file under static/, marked by its content so that it may be cached for a year."""
    path = Path(current_app.static_folder or "") / name
    stamp = path.stat().st_mtime_ns
    mark = memory().keep(("asset", name, stamp), lambda: hashlib.sha256(path.read_bytes()).hexdigest()[:10])
    return url_for("static", filename=name, v=mark)


def nonce() -> str:
    """The one-time mark of this response's own inline script, named in its content policy."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    return g.nonce


def may(endpoint: str) -> bool:
    """Whether whoever asks may call this endpoint: pages show no link that would be refused."""
    roles = _roles(endpoint) or frozenset()
    return roles is ANYONE or (current_user.is_authenticated and current_user.role in roles)


def _roles(endpoint: str) -> frozenset[str] | None:
    return allowed(endpoint, separate=current_app.config["SEPARATE_DUTIES"])


def first_page() -> str:
    """Where whoever signed in begins."""
    pages = ("exams.home", "marking.mine", "proctoring.index", "accounts.index", "audit.index", "own.page")
    return url_for(next(endpoint for endpoint in pages if may(endpoint)))


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    roles = _roles(request.endpoint)
    if roles is ANYONE or roles is CANDIDATE:
        return None
    if roles is None:
        raise Forbidden
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
        raise NotSignedIn("登录已失效，请重新登录。")
    if current_user.role not in roles:
        raise Forbidden
    held = _held_at()
    if held not in (None, request.endpoint) and request.endpoint != "people.sign_out":
        return redirect(url_for(held), 303)
    return None


def _held_at() -> str | None:
    """What whoever asks must deal with before anything else: the first password, then the second factor."""
    if current_user.must_change:
        return "own.password"
    asked = current_app.config["REQUIRE_TOTP"] and current_user.role in OFFICERS
    return "own.totp" if asked and current_user.totp_secret is None else None


def _refuse(error: RuleBroken) -> ResponseReturnValue:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if request.path.startswith(API):
        document = {"error": {"code": error.code, "message": error.message}}
        return (
            json.dumps(document, ensure_ascii=False),
            error.status,
            headers | {"Content-Type": "application/json"},
        )
    return render_template("error.html", error=error), error.status, headers


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    if error.code and error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        refusal = RuleBroken("内容太大。文件请控制在 20 MB 以内。")
        refusal.code, refusal.status = "too-large", 413
    elif error.code == 404:
        refusal = NotFound()
    else:
        refusal = BadRequest("这个地址不接受这样的请求。" if error.code == 405 else None)
        refusal.status = error.code or 400
    return _refuse(refusal)


class Failed(RuleBroken):
    code = "busy"
    message = "系统现在忙，请稍等再试。已经保存的内容都在。"
    status = 503


def _fail(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error")
    db.session.close()
    return _refuse(Failed(retry_after=2))


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint == "static":
        if "v" in request.args:
            headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "SAMEORIGIN"
        headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce()}'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'self'"
        )
    return _compress(response)


def _compress(response: Response) -> Response:
    """Gzip what a phone on a poor line waits for; style sheets and scripts only once per process."""
    small = (response.content_length or 0) < 800 and not response.is_streamed
    if small or response.status_code != 200 or not response.mimetype.startswith(_COMPRESSED):
        return response
    response.vary.add("Accept-Encoding")
    if (
        "gzip" not in request.accept_encodings
        or request.method == "HEAD"
        or "Content-Encoding" in response.headers
    ):
        return response
    if request.endpoint == "static":
        response.direct_passthrough = False
        # The open file is replaced below and must still be closed.
        response.call_on_close(getattr(response.response, "close", bool))
        key = ("gzip", request.path, response.headers.get("ETag"))
        packed = memory().keep(key, lambda: gzip.compress(response.get_data(), 9))
    elif response.is_streamed:
        return response
    else:
        packed = gzip.compress(response.get_data(), 4)
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = f'{response.headers["ETag"][:-1]}-gz"' if "ETag" in response.headers else ""
    if not response.headers["ETag"]:
        del response.headers["ETag"]
    return response
