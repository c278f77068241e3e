"""The organiser's queue of units written by hand."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, web
from quiz.errors import NotFound, RuleBroken
from quiz.extensions import transaction
from quiz.people import persons
from quiz.people import queries as people
from quiz.people.models import Unit
from quiz.standings import written
from quiz.standings.written import Written

blueprint = Blueprint("written", __name__, url_prefix="/admin/roster/written")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return _page(None)


@blueprint.post("/")
def settle() -> ResponseReturnValue:
    at, key = clock.now(), web.clean(request.form.get("key", ""), longest=200)
    try:
        with transaction():
            found = written.by_key(key)
            unit = _meant(found, at=at)
            moved = written.settle(found, unit, at=at, who=current_user.name)
            words = f"归到“{unit.name}”，{moved} 人随之计入" if unit else "不计入单位排名"
            flash(f"“{found.name}”{words}。以后再有人这样写，照此办理。")
    except NotFound:
        raise
    except RuleBroken as error:
        return _page(error)
    return redirect(url_for(".index"), 303)


def _meant(found: Written, *, at: datetime) -> Unit | None:
    """What the organiser pressed: a listed unit, a new one of this name, or none."""
    deed = request.form.get("do", "")
    if deed == "leave":
        return None
    if deed == "new":
        given = {"name": found.name, "kind": "", "parent": 0}
        return persons.write_unit(None, given, at=at, who=current_user.name)
    return people.unit_by_name(web.clean(request.form.get("unit", ""), longest=100))


def _page(refusal: RuleBroken | None) -> ResponseReturnValue:
    found = written.written_units()
    # Of what is settled, somebody may still wait who joined in that very moment.
    waiting = [one for one in found if one.waiting and (one.settled is None or one.unit is not None)]
    facts = {"waiting": waiting, "done": [one for one in found if one.settled], "units": people.units()}
    page = render_template("standings/written.html", refusal=refusal, **facts)
    return page, refusal.status if refusal else 200
