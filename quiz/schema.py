"""Whether the database is at the newest migration, and bringing it there."""

from pathlib import Path

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from quiz.errors import RuleBroken
from quiz.extensions import db


class NotUpgraded(RuleBroken):
    code = "not-upgraded"
    message = "数据库还没有升级到这个版本。请先运行 mingshi db upgrade。"


def upgrade() -> None:
    """Run the migrations that the database has not seen; nothing when it is at head."""
    flask_migrate.upgrade()


def exists() -> bool:
    """False where SQLite would make an empty file on the first question."""
    url = db.engine.url
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def is_current() -> bool:
    if not exists():
        return False
    script = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(script.get_heads())


def check_current() -> None:
    """NotUpgraded unless the database is at head."""
    if not is_current():
        raise NotUpgraded
