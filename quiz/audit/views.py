"""操作记录: who did what and when, to look through and to take away."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock
from quiz.audit import chain, queries, rules, workbooks
from quiz.audit.queries import Wanted
from quiz.audit.services import record
from quiz.extensions import transaction

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    number = request.args.get("page", "1")
    number = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    deeds, more = queries.page(_wanted(), number=max(1, number))
    given = {name: request.args.get(name, "")[:60] for name in ("who", "what", "subject", "since", "until")}
    facts = {"codes": queries.codes(), "rules": rules, "zone": _zone()}
    facts["verdict"] = chain.verify() if "verify" in request.args else None
    return render_template(
        "audit/index.html", deeds=deeds, more=more, page=max(1, number), given=given, **facts
    )


@blueprint.get("/export")
def export() -> ResponseReturnValue:
    at, wanted = clock.now(), _wanted()
    deeds = queries.everything(wanted)
    content = workbooks.ledger(deeds, zone=_zone())
    digest = hashlib.sha256(content).hexdigest()
    rows = len(deeds)
    with transaction():
        who = current_user.name
        record(who=who, what="export.audit", subject="audit", at=at, rows=rows, sha256=digest)
    response = Response(content, mimetype=workbooks.MIME)
    name = f"操作记录_{at.astimezone(_zone()):%Y%m%d%H%M}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _wanted() -> Wanted:
    texts = {
        name: request.args.get(name, "").replace("\0", "").strip()[:60] for name in ("who", "what", "subject")
    }
    until = _midnight("until")
    return Wanted(**texts, since=_midnight("since"), until=until and until + timedelta(days=1))


def _midnight(name: str) -> datetime | None:
    """The beginning of that day here, or None where no day is given."""
    text = request.args.get(name, "")
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) and text[:2] in ("19", "20") else None
    except ValueError:
        day = None
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=_zone()).astimezone(UTC)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])
