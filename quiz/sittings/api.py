"""The candidate's API: JSON in, JSON out (INTERFACE.md)."""

import secrets
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from quiz import clock, web
from quiz.exams import queries as exams
from quiz.extensions import transaction
from quiz.limits import limited
from quiz.people import services as people
from quiz.people.models import Person
from quiz.people.rules import clean_name, clean_number, clean_phone
from quiz.shortcut import Answer, shortcut
from quiz.sittings import closing, events, joining, late, queries, releasing, services
from quiz.sittings.rooming import WrongRoomCode
from quiz.tokens import Candidate

_RACES = 5
#: Seconds for which the number of an exam's time may be old; with the wait of a phone, less than five.
_TIME_AGE = 1
blueprint = Blueprint("sitting_api", __name__, url_prefix="/api/v1")


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    body = web.body()
    exam = exams.exam_by_code(web.clean(body.get("exam"), longest=20))
    person = _identify(body)
    services.check_invited(exam, person)
    return _identified(exam.id, person)


def _identified(exam_id: int, person: Person, **more: str | None) -> Response:
    response = make_response()
    csrf = web.remember_candidate(response, person=person.id, exam=exam_id)
    document = {"id": person.id, "name": person.name, "unit": person.unit.name}
    response.set_data(jsonify(person=document, csrf=csrf, **more).get_data())
    response.mimetype = "application/json"
    return response


@blueprint.post("/exams/<code>/join")
def join(code: str) -> ResponseReturnValue:
    at, body = clock.now(), web.body()
    exam = exams.exam_by_code(code)
    if "class" in body:
        return _join_as_pupil(code, body, at=at)
    name, phone = web.clean(body.get("name"), longest=60), web.clean(body.get("phone"), longest=30)
    with transaction():
        said, consent = _said(body), body.get("consent")
        person = joining.join(exam, name=name, phone=phone, said=said, consent=consent, at=at)
    return _identified(exam.id, person)


def _said(body: dict[str, object]) -> joining.Said:
    texts = {"unit": "unit", "written": "other_unit", "category": "category", "identity": "identity"}
    given = {name: web.clean(body.get(key, ""), longest=100) for name, key in texts.items()}
    given["written"] = clean_name(given["written"])
    return joining.Said(publish=body.get("publish") is True, **given)


def _join_as_pupil(code: str, body: dict[str, object], *, at: datetime) -> Response:
    texts = {key: web.clean(body.get(key, ""), longest=64) for key in ("class", "seat", "once")}
    once = texts["once"] if joining.is_once(texts["once"]) else secrets.token_urlsafe(24)
    given = {"class_code": texts["class"], "seat": texts["seat"], "once": once}
    with transaction():
        exam = exams.exam_by_code(code)
        pupil = joining.join_pupil(exam, said=_said(body), at=at, **given)
    return _identified(exam.id, pupil.person, number=pupil.person.number, passcode=pupil.passcode)


def _identify(body: dict[str, object]) -> Person:
    if "phone" in body:
        name = web.clean(body.get("name"), longest=60)
        # Counted as cleaned: another way to write the number is not another try.
        phone = clean_phone(web.clean(body["phone"], longest=30))
        with limited("phone", phone):
            return people.identify_by_phone(name=name, phone=phone)
    number = clean_number(web.clean(body.get("number"), longest=60))
    passcode = web.clean(body.get("passcode"), longest=60)
    with limited("number", number):
        return people.identify_by_number(number=number, passcode=passcode)


@blueprint.get("/exams/<code>")
def exam(code: str) -> ResponseReturnValue:
    found = exams.exam_by_code(code)
    return queries.exam_document(found, web.known_candidate(), at=clock.now())


@blueprint.get("/exams/<code>/time", endpoint="time")
def time_of(code: str) -> ResponseReturnValue:
    """What every phone of an exam asks every few seconds: the answer is the same for all and ready as bytes,
    so the database is asked once a second in each process."""
    version = queries.time_version(exams.exam_by_code(code).id)
    body, tag = f'{{"version":"{version}"}}', f'"{version}"'
    headers = [("ETag", tag), ("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]
    address = f"{request.environ['PATH_INFO']}?"
    shortcut().offer(address, Answer(body.encode(), None, tag, headers), seconds=_TIME_AGE)
    return Response(body, headers=headers, mimetype="application/json").make_conditional(request)


@blueprint.post("/exams/<code>/sittings")
def start(code: str) -> ResponseReturnValue:
    at, candidate = clock.now(), web.candidate()
    document = services.hand_out(candidate=candidate, code=code, at=at)
    if document is not None:
        return Response(document, 201, mimetype="application/json")
    given = {"phone": candidate.phone, "room_code": _room_code()}
    for _ in range(_RACES):
        # Started on two phones at once: the other was first, and what it made is found the next time. It may
        # have handed in already, and then the two race for the chance after it.
        with suppress(IntegrityError):
            return _start(candidate, code, at=at, **given)
    return _start(candidate, code, at=at, **given)


def _room_code() -> str:
    """Asked for in 考场模式 only: a start needs no body, whatever its content type says."""
    if not request.is_json or not request.content_length:
        return ""
    return web.clean(web.body().get("room_code", ""), longest=20)


def _start(candidate: Candidate, code: str, *, at: datetime, **given: Any) -> ResponseReturnValue:
    with limited("room", str(candidate.person), only=WrongRoomCode), transaction():
        exam, person = queries.own_exam(candidate, code), queries.own_person(candidate)
        sitting, made = services.start(exam=exam, person=person, at=at, **given)
    document = queries.sitting_json(sitting, at=at)
    return Response(document, 201 if made else 200, mimetype="application/json")


@blueprint.get("/sittings/<int:sitting_id>")
def show(sitting_id: int) -> ResponseReturnValue:
    at, candidate = clock.now(), web.candidate()
    sitting = queries.own_sitting(candidate, sitting_id)
    if services.is_due(sitting, at=at):
        with transaction():
            services.finalise_if_due(sitting_id, at=at)
    return releasing.sitting_document(sitting, phone=candidate.phone, at=at)


@blueprint.get("/sittings/<int:sitting_id>/clock", endpoint="clock")
def clock_of(sitting_id: int) -> ResponseReturnValue:
    return queries.clock_document(web.candidate(), sitting_id, at=clock.now())


@blueprint.post("/sittings/<int:sitting_id>/events")
def note(sitting_id: int) -> ResponseReturnValue:
    at, candidate, told = clock.now(), web.candidate(), web.body().get("events")
    away = events.note(candidate=candidate, sitting_id=sitting_id, told=told, at=at)
    return {"away": {"times": away.times, "seconds": away.seconds}}


@blueprint.post("/sittings/<int:sitting_id>/late", endpoint="late")
def take_late(sitting_id: int) -> ResponseReturnValue:
    at, candidate, told = clock.now(), web.candidate(), web.body().get("answers")
    sitting = queries.own_sitting(candidate, sitting_id)
    if services.is_due(sitting, at=at):
        with transaction():
            services.finalise_if_due(sitting_id, at=at)
    return {"recorded": late.take_down(sitting, candidate, told, at=at)}


@blueprint.put("/sittings/<int:sitting_id>/responses/<int:position>")
def save(sitting_id: int, position: int) -> ResponseReturnValue:
    at, body = clock.now(), web.body()
    given = {name: body.get(name) for name in ("answer", "revision", "left")}
    saved = services.save_response(
        candidate=web.candidate(), sitting_id=sitting_id, position=position, at=at, **given
    )
    # Written out: this is the one response made by the thousand per minute.
    kept = "true" if saved.kept else "false"
    more = ',"elsewhere":true' if saved.elsewhere else ""
    text = f'{{"kept":{kept},"revision":{saved.revision},"seconds_left":{saved.seconds_left}{more}}}'
    return Response(text, mimetype="application/json")


@blueprint.post("/sittings/<int:sitting_id>/submit")
def submit(sitting_id: int) -> ResponseReturnValue:
    at, candidate = clock.now(), web.candidate()
    scored = closing.hand_in(candidate=candidate, sitting_id=sitting_id, at=at)
    document = queries.scored_document(*scored)
    if not releasing.score_shown_in(candidate.exam, at=at):
        document |= {"score": None, "passed": None}
    return document
