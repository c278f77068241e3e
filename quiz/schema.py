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


class TooNew(RuleBroken):
    code = "too-new"
    message = "数据库是更新的版本建的，这个版本不认识它。请用更新的程序，或者恢复一份旧备份。"


def upgrade() -> None:
    """Run the migrations that the database has not seen; nothing when it is at head. TooNew."""
    known = {revision.revision for revision in _script().walk_revisions()}
    if not _found() <= known:
        raise TooNew
    flask_migrate.upgrade()


def exists() -> bool:
    """False where SQLite would make an empty file on the first question."""
    url = db.engine.url
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def is_current() -> bool:
    return _found() == set(_script().get_heads())


def check_current() -> None:
    """NotUpgraded unless the database is at head."""
    if not is_current():
        raise NotUpgraded


def _script() -> ScriptDirectory:
    return ScriptDirectory(current_app.extensions["migrate"].directory)


def _found() -> set[str]:
    """The revisions the database is at; none where there is no database yet."""
    if not exists():
        return set()
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads())
