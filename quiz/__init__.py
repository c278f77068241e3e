"""明试: one Flask application for regulation exams, knowledge contests and their standings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from quiz import config, limits, puzzles, web
from quiz.audit import views as audit
from quiz.draws import public as draws
from quiz.draws import views as draw_desk
from quiz.exams import batching_views as batching
from quiz.exams import composing_views as composing
from quiz.exams import poster_views as posters
from quiz.exams import terms_views as terms
from quiz.exams import views as exams
from quiz.extensions import Saver, csrf, db, login, migrate
from quiz.memory import Memory
from quiz.people import account_views as accounts
from quiz.people import own_views as own
from quiz.people import person_views as persons
from quiz.people import sso_views as sso
from quiz.people import views as people
from quiz.practice import views as practice
from quiz.privacy import public as mine
from quiz.privacy import views as privacy
from quiz.questions import authoring, regulations
from quiz.questions import import_views as imports
from quiz.questions import views as questions
from quiz.reports import certificate_views as certificates
from quiz.reports import views as reports
from quiz.shortcut import Shortcut
from quiz.sittings import api as sitting_api
from quiz.sittings import flag_views as flag_queue
from quiz.sittings import marking_views as marking
from quiz.sittings import record_views as records
from quiz.sittings import room_views as room_screen
from quiz.sittings import seating_views as seating
from quiz.sittings import setting_views as settings_pages
from quiz.sittings import views as sittings
from quiz.standings import api as standing_api
from quiz.standings import correction_views as corrections
from quiz.standings import leave_views as leave
from quiz.standings import make_up_views as make_up
from quiz.standings import proctor_views as proctoring
from quiz.standings import profile_views as profile
from quiz.standings import ranking_views as ranking
from quiz.standings import reveal_views as reveal
from quiz.standings import running_views as running
from quiz.standings import stage_views as stages
from quiz.standings import views as standings
from quiz.standings import written_views as written

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

#: Every feature with pages; those of the API come after them.
PAGES = (
    puzzles,
    people,
    sso,
    own,
    persons,
    accounts,
    audit,
    exams,
    batching,
    composing,
    questions,
    imports,
    authoring,
    regulations,
    sittings,
    marking,
    settings_pages,
    terms,
    posters,
    practice,
    standings,
    corrections,
    make_up,
    ranking,
    reveal,
    stages,
    leave,
    running,
    written,
    profile,
    records,
    flag_queue,
    room_screen,
    seating,
    proctoring,
    reports,
    certificates,
    draws,
    draw_desk,
    mine,
    privacy,
)


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application. ``settings`` (see config.load) default to the environment's."""
    app = Flask(__name__)
    app.config.from_mapping(settings if settings is not None else config.load())
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["mingshi_memory"] = Memory()
    app.extensions["mingshi_saver"] = Saver()
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), compare_type=True)
    login.init_app(app)
    csrf.init_app(app)
    limits.init_app(app)
    web.init_app(app)
    for feature in (*PAGES, sitting_api, standing_api):
        app.register_blueprint(feature.blueprint)
    csrf.exempt(sitting_api.blueprint)
    app.extensions["mingshi_shortcut"] = Shortcut(app)
    app.wsgi_app = app.extensions["mingshi_shortcut"]  # type: ignore[method-assign]
    return app
