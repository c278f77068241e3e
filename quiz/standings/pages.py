"""What the organiser's pages of a running exam show: the figures, and one person looked up."""

import secrets
from datetime import datetime
from typing import Any

from flask import render_template

from quiz.errors import RuleBroken
from quiz.exams import queries as exams
from quiz.exams.models import Exam
from quiz.exams.pages import join_address, qr_of
from quiz.extensions import transaction
from quiz.people.models import Person
from quiz.people.rules import Scope
from quiz.sittings import lookup, rooms, running
from quiz.sittings import rules as sitting_rules
from quiz.standings import freezing, queries, rules
from quiz.standings.tables import Board, Table

#: As many units and names as a 1366×768 screen shows.
FIRST_ROWS = 13
FIRST_ABSENT = 8


def public(exam: Exam, *, at: datetime) -> Board:
    """What everybody may see, with the freeze made if its instant has come: the way to the public table."""
    if freezing.is_due(exam, at=at):
        with transaction():
            freezing.freeze(exam, at=at)
    return Board(exam, table=Table.PUBLIC, at=at)


def live_facts(
    exam: Exam, *, at: datetime, within: Scope, everything: bool = False, by: str = ""
) -> dict[str, Any]:
    """The changing part of the live page, of the units ``within``; ``by`` room or, otherwise, unit."""
    found = queries.live(exam, at=at, within=within)
    count = found.whole.not_started if everything else FIRST_ABSENT
    return {
        "exam": exam,
        "by": by,
        "rooms": rooms.counts(exam) if within is None else [],
        "live": found,
        "rows": found.rows if everything else found.rows[:FIRST_ROWS],
        "everything": everything,
        "absent": queries.first_absent(exam, found.rows, count=count),
        "rules": rules,
    }


def live(
    exam: Exam,
    *,
    at: datetime,
    within: Scope,
    everything: bool = False,
    by: str = "",
    refusal: RuleBroken | None = None,
) -> str:
    """The page; with ``refusal`` the form that was sent is open again and says why."""
    facts = live_facts(exam, at=at, within=within, everything=everything, by=by) | _stamps(exam)
    qr, join = qr_of(exam, css="qr"), join_address(exam)
    return render_template("standings/live.html", qr=qr, join=join, refusal=refusal, **facts)


def people(
    exam: Exam,
    *,
    at: datetime,
    text: str = "",
    person: Person | None = None,
    refusal: RuleBroken | None = None,
) -> str:
    """Who ``text`` finds, and what may be done for ``person``; ``refusal`` as in live()."""
    found = lookup.one(exam, person, at=at) if person else None
    facts = {"text": text, "rows": lookup.people(exam, text=text, at=at), "found": found}
    more = {"history": lookup.history(exam, found), "first": lookup.FIRST, **_stamps(exam)}
    extra = lookup.extra_words(exam, person) if person else ""
    more["rooms"] = rooms.of_exam(exam)
    more["seat"] = rooms.seat_of(exam.id, person.id) if person else None
    more["notes"], more["zone"] = rooms.notes(exam, person.id) if person else [], exams.zone()
    more["may_begin"] = found is not None and lookup.may_begin(exam, found, at=at)
    return render_template("standings/people.html", exam=exam, extra=extra, refusal=refusal, **facts, **more)


def _stamps(exam: Exam) -> dict[str, Any]:
    """What forms carry so that pressing twice, or two organisers at once, give time once."""
    return {
        "once": secrets.token_urlsafe(12),
        "seen_extension": running.latest_extension(exam),
        "seen_pause": running.latest_pause(exam),
        "percents": sitting_rules.PERCENTS,
    }
