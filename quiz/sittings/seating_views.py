"""考场: the organiser's page of rooms, who watches them and who sits where, and what hangs on the doors."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from question_bank.report import Problem
from quiz import clock
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam, Room
from quiz.extensions import transaction
from quiz.people import services as people_services
from quiz.people.forms import RosterForm
from quiz.sittings import rooms, seating
from quiz.sittings.forms import RoomForm, SeatingForm

blueprint = Blueprint("rooms", __name__, url_prefix="/admin/exams/<code>/rooms")

USUAL_SEATS = 30
_PAPERS = ("seats", "doors", "labels")


@blueprint.get("")
def index(code: str) -> ResponseReturnValue:
    return _index(exams.exam_by_code(code))


@blueprint.post("")
def add(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), RoomForm()
    try:
        with transaction():
            seating.add_room(exam, **form.given(), at=at, who=current_user.name)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _done(exam, "考场已建好。")


@blueprint.post("/split")
def split(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), SeatingForm()
    try:
        with transaction():
            given = {"seats": form.seats.data or 0, "how": form.way()}
            count = seating.split(exam, **given, at=at, who=current_user.name)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _done(exam, _seated(count))


@blueprint.post("/seat")
def seat(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    try:
        with transaction():
            count = seating.seat(exam, how=SeatingForm().way(), at=at, who=current_user.name)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _done(exam, _seated(count))


@blueprint.post("/clear")
def clear(code: str) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    try:
        with transaction():
            seating.clear(exam, at=at, who=current_user.name)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _done(exam, "座位已清空，考场还在。")


@blueprint.post("/list")
def listed(code: str) -> ResponseReturnValue:
    at, exam, form = clock.now(), exams.exam_by_code(code), RosterForm()
    if not form.validate_on_submit():
        return _index(exam, refusal=RuleBroken(form.sentence()))
    try:
        count, problems = _seat_listed(exam, form, at=at)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _index(exam, done=count, problems=problems)


def _seat_listed(exam: Exam, form: RosterForm, *, at: datetime) -> tuple[int, list[Problem]]:
    folder, file = Path(current_app.config["DATA"]) / "uploads", form.file.data
    reading = people_services.read_upload(file.stream, name=file.filename, folder=folder)
    with transaction():
        return seating.seat_listed(exam, reading, at=at, who=current_user.name)


def _seated(count: int) -> str:
    return f"已给 {count} 人排座。" if count else "没有要排的人：参加的人都有座位了。"


@blueprint.route("/<int:room_id>", methods=["GET", "POST"])
def show(code: str, room_id: int) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), exams.exam_by_code(code), None
    room = rooms.room_of(exam, room_id)
    form = RoomForm.of(room)
    if form.is_submitted():
        try:
            with transaction():
                given = {**form.given(), "proctors": form.watchers()}
                seating.change_room(room, **given, at=at, who=current_user.name)
            return _done(exam, "已保存。")
        except RuleBroken as error:
            refusal = error
    facts = {"seats": rooms.seats(room), "refusal": refusal}
    page = render_template("sittings/room_edit.html", exam=exam, room=room, form=form, **facts)
    return page, refusal.status if refusal else 200


@blueprint.post("/<int:room_id>/remove")
def remove(code: str, room_id: int) -> ResponseReturnValue:
    at, exam = clock.now(), exams.exam_by_code(code)
    try:
        with transaction():
            seating.remove_room(rooms.room_of(exam, room_id), at=at, who=current_user.name)
    except RuleBroken as error:
        return _index(exam, refusal=error)
    return _done(exam, "考场已删除，里面的人要重新排座。")


@blueprint.get("/print/<which>")
def paper(code: str, which: str) -> ResponseReturnValue:
    """What is printed: the list to sign, the one for the door, the cards for the tables."""
    at, exam = clock.now(), exams.exam_by_code(code)
    if which not in _PAPERS:
        raise NotFound
    local, only = at.astimezone(exams.zone()), request.args.get("room", type=int)
    found: list[Room] = [room for room in rooms.of_exam(exam) if only in (None, room.id)]
    facts = {"window": exams.window(exam), "made": f"{local.month} 月 {local.day} 日 {local:%H:%M}"}
    facts["which"], facts["rooms"] = which, [(room, rooms.seats(room)) for room in found]
    return render_template("sittings/seats.html", exam=exam, **facts)


def _done(exam: Exam, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".index", code=exam.code), 303)


def _index(
    exam: Exam,
    *,
    refusal: RuleBroken | None = None,
    done: int | None = None,
    problems: Sequence[Problem] = (),
) -> ResponseReturnValue:
    facts: dict[str, Any] = {"rows": rooms.counts(exam), "usual": USUAL_SEATS, "form": SeatingForm()}
    facts["waiting"] = sum(map(len, rooms.without_seat(exam)))
    facts |= {"line": exams.line(exam, at=clock.now()), "done": done, "problems": problems}
    page = render_template("sittings/rooms.html", exam=exam, refusal=refusal, **facts)
    return page, refusal.status if refusal else 200
