"""The wall's board and the organiser's live page."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quiz import clock, tokens, web
from quiz.access import DESK
from quiz.errors import NotFound
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.pages import qr_of
from quiz.exams.rules import Mode
from quiz.people import queries as people
from quiz.sittings import queries as sitting_queries
from quiz.standings import documents, pages, queries, rules
from quiz.standings import method as methods
from quiz.standings.method import Grouping, Visibility
from quiz.standings.tables import Board, check_reader, ranking, unit_of

blueprint = Blueprint("standings", __name__)


#: Pages about an exam that tell whoever watches nothing of how it goes.
_SAY_NOTHING = {"exams.poster", "exams.qr", "exams.rules_page", "standings.wall"}


@blueprint.before_app_request
def close_while_frozen() -> None:
    """Whoever watches without deciding sees neither progress nor score of a frozen exam on any page."""
    code = (request.view_args or {}).get("code")
    if code is None or not request.path.startswith("/admin/") or request.endpoint in _SAY_NOTHING:
        return
    if current_user.is_authenticated and current_user.role not in DESK:
        check_reader(exams.exam_by_code(code), at=clock.now())


@blueprint.get("/board/<code>")
def board(code: str) -> ResponseReturnValue:
    at, key = clock.now(), request.args.get("key", "")[:40]
    shown = pages.public(queries.ranked_exam(code), at=at)
    local = at.astimezone(exams.zone())
    return render_template(
        "standings/board.html",
        **_board_facts(shown, key),
        now=int(at.timestamp() * 1000),
        zone_minutes=int(local.utcoffset().total_seconds() // 60),  # type: ignore[union-attr]
    )


def _board_facts(shown: Board, key: str) -> dict[str, Any]:
    return {
        "exam": shown.exam,
        "method": shown.method,
        "key": key or None,
        "closed": not _opens(shown, key),
        "rules": rules,
        "title_size": title_size(shown.exam.title, grouped=shown.method.grouping is not Grouping.NONE),
        "qr": qr_of(shown.exam, css="qr"),
    }


def _opens(shown: Board, key: str) -> bool:
    """Whether a wall with this key may show the ranks of all units."""
    if shown.visibility is Visibility.OWN:
        return tokens.opens_wall(current_app.config["SECRET_KEY"], key, exam=shown.exam.id)
    return shown.visibility is Visibility.ALL


@blueprint.get("/e/<code>/standing")
def own(code: str) -> ResponseReturnValue:
    """Where the unit of whoever asks stands, and from what."""
    at, who = clock.now(), web.candidate()
    shown = pages.public(sitting_queries.own_exam(who, code), at=at)
    if own_address(shown.exam) is None:
        raise NotFound
    return render_template("standings/own.html", **_own_facts(shown, who.person))


@blueprint.app_template_global()
def own_address(exam: Exam) -> str | None:
    """The page of one's own unit, where the organiser lets people see it."""
    if not exam.ranked or ranking(exam).visibility == Visibility.NOBODY:
        return None
    return url_for("standings.own", code=exam.code)


@blueprint.app_template_global()
def standing_sentences(exam: Exam) -> list[str]:
    """How units and persons are ranked, for whoever may see it; nothing where nobody may."""
    if own_address(exam) is None:
        return []
    method = methods.from_document(ranking(exam).method)
    persons = [rules.PERSON_TIES] if exam.mode == Mode.CONTEST else []
    return [f"单位排名按{method.sentences}", *(f"个人排名{one}" for one in persons)]


@blueprint.app_template_global()
def own_rank(exam: Exam, person_id: int, at: datetime) -> str | None:
    """Where somebody stands among all who took part in a contest whose ranking everybody may see."""
    if exam.mode != Mode.CONTEST or not exam.ranked or ranking(exam).visibility != Visibility.ALL:
        return None
    shown = pages.public(exam, at=at)
    place = shown.rank_of(person_id)
    if place is None:
        return None
    when = "封榜时" if shown.frozen else "现在"
    return f"{when}个人排名第 {place} 名，共 {shown.count_persons()} 人。"


def _own_facts(shown: Board, person_id: int) -> dict[str, Any]:
    unit_id = unit_of(shown.exam.id, person_id) or 0
    entry = shown.entry_of(unit_id)
    if entry is None:
        raise rules.UnitWaits if people.is_outside(unit_id) else NotFound
    ranked = [one for one in shown.ranked if one.group == entry.group and one.rank is not None]
    facts = {"exam": shown.exam, "board": shown, "entry": entry, "ranked": len(ranked), "rules": rules}
    return facts | {"footnotes": documents.footnotes(shown.exam)}


@blueprint.get("/admin/exams/<code>/wall")
def wall(code: str) -> ResponseReturnValue:
    """To the wall, with the key that lets it show the standings on a machine where nobody signs in."""
    exam = queries.ranked_exam(exams.desk_exam(code, within=people.scope_of(current_user)).code)
    key = tokens.sign_wall(current_app.config["SECRET_KEY"], exam=exam.id)
    return redirect(url_for(".board", code=exam.code, key=key))


@blueprint.get("/admin/exams/<code>")
def live(code: str) -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    return pages.live(exam, at=at, within=within, everything=_everything(), by=request.args.get("by", ""))


@blueprint.get("/admin/exams/<code>/live")
def live_part(code: str) -> ResponseReturnValue:
    """The changing part of the live page, fetched every few seconds."""
    at, within = clock.now(), people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    facts = pages.live_facts(
        exam, at=at, within=within, everything=_everything(), by=request.args.get("by", "")
    )
    return render_template("standings/_live.html", part=True, **facts)


@blueprint.get("/admin/exams/<code>/absent.txt")
def absent(code: str) -> ResponseReturnValue:
    at, within = clock.now(), people.scope_of(current_user)
    exam = exams.desk_exam(code, within=within)
    return Response(queries.absent_text(exam, at=at, within=within), mimetype="text/plain")


def _everything() -> bool:
    return request.args.get("all") == "1"


def title_size(title: str, *, grouped: bool = False) -> int:
    """In u: one line as long as that is readable from the last row, else two. 单位榜 follows the title."""
    width = sum(0.55 if character.isascii() else 1 for character in title) + 4
    return max(40, min(68, int((960 if grouped else 1180) / width)))
