"""监考: the rooms assigned to a proctor, on the phone: the code, who is here, more time, what was seen.

Nothing of scores, questions or other rooms. Every view loads its room with rooms.watched_room(), which
authorises: a proctor's own on the day, any for the desk.
"""

import secrets
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Room, Seat
from quiz.extensions import db, transaction
from quiz.sittings import rooming, rooms, running, seating
from quiz.sittings.running import Whom
from quiz.standings import queries
from quiz.standings.forms import ChangeForm

blueprint = Blueprint("proctoring", __name__, url_prefix="/admin/rooms")


@blueprint.get("")
def index() -> ResponseReturnValue:
    at = clock.now()
    found = [(room, exams.line(room.exam, at=at)) for room in rooms.watched_rooms(current_user, at=at)]
    return render_template("standings/my_rooms.html", rows=found)


@blueprint.get("/<int:room_id>")
def show(room_id: int) -> ResponseReturnValue:
    at = clock.now()
    return _page(rooms.watched_room(current_user, room_id, at=at), at=at)


@blueprint.get("/<int:room_id>/part")
def part(room_id: int) -> ResponseReturnValue:
    """The list of the room's persons, fetched every few seconds."""
    at = clock.now()
    return render_template("standings/_room.html", **_facts(_own(room_id, at=at), at=at))


@blueprint.get("/<int:room_id>/code")
def code(room_id: int) -> ResponseReturnValue:
    at = clock.now()
    found = _shown(_own(room_id, at=at), at=at)
    if found is None:
        raise NotFound
    return {"code": found.code, "seconds": found.seconds}


@blueprint.post("/<int:room_id>/extend")
def extend(room_id: int) -> ResponseReturnValue:
    at, form = clock.now(), ChangeForm()
    room = _own(room_id, at=at)
    seat = rooms.person_in(room, form.person.data or 0) if form.person.raw_data else None
    try:
        with transaction():
            moved = _extend(form, room_id, seat and seat.person_id, at=at)
    except RuleBroken as error:
        room = _own(room_id, at=at)
        return _page(room, at=at, refusal=error) if seat is None else _person(room, seat, error, at=at)
    flash(f"已延长 {form.minutes.data} 分钟，正在答题的 {moved} 人有效。手机上 5 秒内显示。")
    where = {} if seat is None else {"person_id": seat.person_id}
    return redirect(url_for(".person" if where else ".show", room_id=room_id, **where), 303)


def _extend(form: ChangeForm, room_id: int, person_id: int | None, *, at: datetime) -> int:
    room = _own(room_id, at=at)
    whom = Whom(room=room) if person_id is None else Whom(person=rooms.person_in(room, person_id).person)
    once = web.clean(form.once.data or secrets.token_urlsafe(12), longest=60)
    given = {"minutes": form.minutes.data, "reason": form.reason.data, "seen": form.newest()}
    return running.extend(room.exam, whom, once=once, at=at, who=current_user.name, **given)


@blueprint.get("/<int:room_id>/persons/<int:person_id>")
def person(room_id: int, person_id: int) -> ResponseReturnValue:
    at = clock.now()
    room = _own(room_id, at=at)
    return _person(room, rooms.person_in(room, person_id), None, at=at)


@blueprint.post("/<int:room_id>/persons/<int:person_id>/note")
def note(room_id: int, person_id: int) -> ResponseReturnValue:
    at, text = clock.now(), request.form.get("text")
    try:
        with transaction():
            room = _own(room_id, at=at)
            seat = rooms.person_in(room, person_id)
            seating.note(room, seat.person, text=text, at=at, who=current_user.name)
    except RuleBroken as error:
        room = _own(room_id, at=at)
        return _person(room, rooms.person_in(room, person_id), error, at=at)
    flash("已记下，考务能看到。")
    return redirect(url_for(".person", room_id=room_id, person_id=person_id), 303)


def _own(room_id: int, *, at: datetime) -> Room:
    return rooms.watched_room(current_user, room_id, at=at)


def _shown(room: Room, *, at: datetime) -> rooming.Shown | None:
    secret = room.exam.room_secret
    return rooming.shown(secret, at=at, room=room.id) if secret else None


def _facts(room: Room, *, at: datetime) -> dict[str, object]:
    lines, away = rooms.watched(room, at=at), set(db.session.scalars(queries.leave_ids(room.exam)))
    here = [line.state for line in lines]
    counts = {state: here.count(state) for state in ("未到", "答题中", "已暂停", "已交卷")}
    return {"room": room, "exam": room.exam, "lines": lines, "on_leave": away, "counts": counts}


def _page(room: Room, *, at: datetime, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    facts = {"shown": _shown(room, at=at), "line": exams.line(room.exam, at=at), "refusal": refusal}
    facts |= {"once": secrets.token_urlsafe(12), "seen": running.latest_extension(room.exam)}
    page = render_template("standings/room.html", **facts, **_facts(room, at=at))
    return page, refusal.status if refusal else 200


def _person(room: Room, seat: Seat, refusal: RuleBroken | None, *, at: datetime) -> ResponseReturnValue:
    facts = {"found": rooms.watched_one(seat, at=at), "notes": rooms.notes(room.exam, seat.person_id)}
    facts |= {"once": secrets.token_urlsafe(12), "seen": running.latest_extension(room.exam)}
    zone = exams.zone()
    page = render_template(
        "standings/room_person.html", room=room, exam=room.exam, refusal=refusal, zone=zone, **facts
    )
    return page, refusal.status if refusal else 200
