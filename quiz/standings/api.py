"""Standings as JSON (INTERFACE.md): one body a second for phones, walls and programs alike."""

import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from quiz import clock, tokens, web
from quiz.access import DESK
from quiz.errors import BadRequest
from quiz.exams.models import Exam
from quiz.exams.rules import Mode
from quiz.extensions import db
from quiz.memory import memory
from quiz.people.views import load_account
from quiz.shortcut import Answer, shortcut
from quiz.standings import documents, freezing, pages, queries, revealing, rules, tables
from quiz.standings.method import Visibility
from quiz.standings.tables import Board

blueprint = Blueprint("standing_api", __name__, url_prefix="/api/v1")

#: Codes are never used again and an exam keeps its mode, so this age only bounds the memory.
_CODES_AGE = 60
_BODY_AGE = 1
_WALL_AGE = 5
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


@dataclass(frozen=True)
class Whole:
    """Everything an exam's public table says, and who may read it."""

    document: dict[str, Any]
    visibility: Visibility
    shown_as: dict[int, str]


@blueprint.get("/exams/<code>/standings/units")
def units(code: str) -> ResponseReturnValue:
    at, limit, offset = clock.now(), *_slice()
    exam_id = _exam_id(code)
    whole = memory().keep(("units", exam_id), lambda: _whole(exam_id, at), seconds=_BODY_AGE)
    if not _sees_all(whole, exam_id):
        own = _own_rows(whole, exam_id)[offset : offset + limit]
        return _send(_body(whole.document | {"rows": own, "reveal": None}))
    cut = _first_of_each if "each" in request.args else _cut
    if offset or limit not in _KEPT:
        return _send(cut(whole, limit, offset))
    key = ("units body", exam_id, limit, cut.__name__)
    body = memory().keep(key, lambda: cut(whole, limit, 0), seconds=_BODY_AGE)
    return _send(body, shared=whole.visibility is Visibility.ALL or "key" in request.args)


@blueprint.get("/exams/<code>/standings/wall")
def wall(code: str) -> ResponseReturnValue:
    """What a wall shows in turn. Without the right to see the ranks of all: nothing of persons."""
    at, exam_id = clock.now(), _exam_id(code)
    whole = memory().keep(("units", exam_id), lambda: _whole(exam_id, at), seconds=_BODY_AGE)
    document = memory().keep(("wall", exam_id), lambda: _wall(exam_id, at), seconds=_WALL_AGE)
    return _send(_body(document if _sees_all(whole, exam_id) else document | {"persons": []}))


def _wall(exam_id: int, at: datetime) -> dict[str, Any]:
    return documents.wall_document(pages.public(db.get_or_404(Exam, exam_id), at=at))


@blueprint.get("/exams/<code>/standings/persons")
def persons(code: str) -> ResponseReturnValue:
    at, limit, offset = clock.now(), *_slice()
    board = pages.public(queries.ranked_exam(code), at=at)
    if _at_desk():
        return _send(_body(documents.persons_document(board, limit=limit, offset=offset)))
    if board.exam.mode == Mode.EXAM or board.visibility is not Visibility.ALL:
        raise rules.DeskOnly
    first = memory().keep(("persons", board.exam.id), lambda: _first_persons(board), seconds=_BODY_AGE)
    return _send(_body(first | {"rows": first["rows"][offset : offset + limit]}))


def _whole(exam_id: int, at: datetime) -> Whole:
    board = pages.public(db.get_or_404(Exam, exam_id), at=at)
    document = documents.units_document(board) | {"reveal": _reveal(board.exam)}
    return Whole(document, board.visibility, board.shown_as)


def _reveal(exam: Exam) -> dict[str, Any] | None:
    """What the hall has been told of the places so far."""
    found = freezing.reveal_of(exam)
    if found is None:
        return None
    told = freezing.entries_of(found)
    return revealing.document(told, step=found.step, rehearsal=found.rehearsal)


def _sees_all(whole: Whole, exam_id: int) -> bool:
    """Everybody, or whoever the organiser gave the wall's link, or the desk."""
    if whole.visibility is Visibility.ALL:
        return True
    key = request.args.get("key", "")
    if key and tokens.opens_wall(current_app.config["SECRET_KEY"], key, exam=exam_id):
        return whole.visibility is Visibility.OWN
    return _at_desk()


def _own_rows(whole: Whole, exam_id: int) -> list[dict[str, Any]]:
    """The row of the unit that whoever asks has identified for; none for strangers."""
    who = web.known_candidate()
    if whole.visibility is not Visibility.OWN or who is None or who.exam != exam_id:
        return []
    name = whole.shown_as.get(tables.unit_of(exam_id, who.person) or 0)
    return [row for row in whole.document["rows"] if row["unit"] == name]


def _cut(whole: Whole, limit: int, offset: int) -> Body:
    return _body(whole.document | {"rows": whole.document["rows"][offset : offset + limit]})


def _first_of_each(whole: Whole, limit: int, offset: int) -> Body:
    """What a wall pages through: the first of each group, none of which goes down to the last."""
    rows, seen = [], Counter[str]()
    for row in whole.document["rows"]:
        seen[row["group"]] += 1
        if offset < seen[row["group"]] <= offset + limit:
            rows.append(row)
    return _body(whole.document | {"rows": rows})


def _first_persons(board: Board) -> dict[str, Any]:
    return documents.persons_document(board, limit=rules.LARGEST_LIMIT)


def _body(document: dict[str, Any]) -> Body:
    timeless = _json(document | {"as_of": ""})
    return Body(_json(document), hashlib.sha256(timeless).hexdigest()[:20])


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _send(body: Body, *, shared: bool = False) -> Response:
    """``shared``: the same for whoever asks for this address, which is answered from memory for a while."""
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
    if shared:
        address = f"{request.environ['PATH_INFO']}?{request.environ['QUERY_STRING']}"
        headers = [(name, response.headers[name]) for name in ("ETag", "Vary", "Cache-Control")]
        headers.append(("X-Content-Type-Options", "nosniff"))
        shortcut().offer(address, Answer(body.text, body.packed, body.etag, headers), seconds=_BODY_AGE)
    return response


def _exam_id(code: str) -> int:
    """By a remembered table of codes; others are looked up, so that made-up codes fill nothing."""
    codes = memory().keep("ranked codes", queries.ranked_codes, seconds=_CODES_AGE)
    return codes.get(code.strip().upper()) or queries.ranked_exam(code).id


def _slice() -> tuple[int, int]:
    limit = min(_whole_number("limit", rules.LARGEST_LIMIT), rules.LARGEST_LIMIT)
    return limit, _whole_number("offset", 0)


def _whole_number(name: str, default: int) -> int:
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
