"""Standings as JSON (INTERFACE.md): one body a second for phones, walls and programs alike."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from quiz import clock
from quiz.access import DESK
from quiz.errors import BadRequest
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.views import load_account
from quiz.standings import queries, rules

blueprint = Blueprint("standing_api", __name__, url_prefix="/api/v1")

#: Codes are never used again and an exam keeps its mode, so this age only bounds the memory.
_CODES_AGE = 60
_BODY_AGE = 1
#: What programs and what walls ask for: these answers are ready as bytes, others are cut from the rows.
_KEPT = (rules.LARGEST_LIMIT, rules.WALL_ROWS)


@dataclass(frozen=True)
class Body:
    """A document ready to send. The tag names the figures, not the second they were read in."""

    text: bytes
    etag: str

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.text, 6)


@blueprint.get("/exams/<code>/standings/units")
def units(code: str) -> ResponseReturnValue:
    at, limit, offset = clock.now(), *_slice()
    exam_id = _exam_id(code)
    if offset == 0 and limit in _KEPT:
        key = ("units body", exam_id, limit)
        return _send(memory().keep(key, lambda: _units(exam_id, at, limit), seconds=_BODY_AGE))
    return _send(_units(exam_id, at, limit, offset))


@blueprint.get("/exams/<code>/standings/persons")
def persons(code: str) -> ResponseReturnValue:
    at, limit, offset = clock.now(), *_slice()
    exam = queries.ranked_exam(code)
    if _at_desk():
        return _send(_body(queries.persons_document(exam, at=at, limit=limit, offset=offset)))
    if exam.mode == Mode.EXAM:
        raise rules.DeskOnly
    first = memory().keep(("persons", exam.id), lambda: _first_persons(exam, at), seconds=_BODY_AGE)
    return _send(_body(first | {"rows": first["rows"][offset : offset + limit]}))


def _units(exam_id: int, at: datetime, limit: int, offset: int = 0) -> Body:
    whole = memory().keep(("units", exam_id), lambda: _units_document(exam_id, at), seconds=_BODY_AGE)
    return _body(whole | {"rows": whole["rows"][offset : offset + limit]})


def _units_document(exam_id: int, at: datetime) -> dict[str, Any]:
    return queries.units_document(db.get_or_404(Exam, exam_id), at=at)


def _first_persons(exam: Exam, at: datetime) -> dict[str, Any]:
    return queries.persons_document(exam, at=at, limit=rules.LARGEST_LIMIT)


def _body(document: dict[str, Any]) -> Body:
    timeless = _json(document | {"as_of": ""})
    return Body(_json(document), hashlib.sha256(timeless).hexdigest()[:20])


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _send(body: Body) -> Response:
    known = request.if_none_match
    if known.contains_weak(body.etag):
        response = Response(status=304)
    elif "gzip" in request.accept_encodings:
        response = Response(body.packed, mimetype="application/json", headers={"Content-Encoding": "gzip"})
    else:
        response = Response(body.text, mimetype="application/json")
    # Weak: the figures are the same, the second in as_of may differ.
    response.set_etag(body.etag, weak=True)
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _exam_id(code: str) -> int:
    """By a remembered table of codes; others are looked up, so that made-up codes fill nothing."""
    codes = memory().keep("ranked codes", queries.ranked_codes, seconds=_CODES_AGE)
    return codes.get(code.strip().upper()) or queries.ranked_exam(code).id


def _slice() -> tuple[int, int]:
    limit = min(_whole("limit", rules.LARGEST_LIMIT), rules.LARGEST_LIMIT)
    return limit, _whole("offset", 0)


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadRequest(f"{name} 应当是 0 或更大的整数。")
    return int(text)


def _at_desk() -> bool:
    """Whether an organiser's browser asks. The API opens no session by itself (web.DeskSession)."""
    session = SecureCookieSessionInterface().open_session(current_app, request)
    token = session.get("_user_id") if session else None
    account = load_account(token) if isinstance(token, str) else None
    return account is not None and account.role in DESK
