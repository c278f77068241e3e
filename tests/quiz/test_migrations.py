"""The migrations make exactly what the models say, on both databases, and can be walked back."""

import datetime
import importlib
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import NOON
from factories import make_bank, make_exam
from sqlalchemy import JSON, MetaData, inspect, text

from quiz import schema
from quiz.exams.models import Exam
from quiz.extensions import db

ROOT = Path(__file__).resolve().parents[2]
#: All of them, also of a feature that nothing imports yet.
for models in sorted((ROOT / "quiz").glob("*/models.py")):
    importlib.import_module(f"quiz.{models.parent.name}.models")


def differences():
    with db.engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_from_empty_they_equal_the_models(app):
    assert schema.is_current()
    assert differences() == []
    assert tables() == set(db.metadata.tables)


def test_one_step_down_and_up_again(app):
    db.session.remove()
    flask_migrate.downgrade()
    assert not schema.is_current()
    with pytest.raises(schema.NotUpgraded):
        schema.check_current()
    schema.upgrade()
    assert differences() == []


def test_upgrading_what_is_at_head_changes_nothing(app):
    exam = make_exam(make_bank(at=NOON), at=NOON).code
    db.session.remove()
    schema.upgrade()
    assert db.session.query(Exam).one().code == exam


def test_there_is_one_line_of_migrations(app):
    script = ScriptDirectory(app.extensions["migrate"].directory)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_database_of_a_later_version_is_not_served(app):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(schema.NotUpgraded):
        schema.check_current()
    with pytest.raises(schema.TooNew):
        schema.upgrade()


def test_asking_does_not_make_an_empty_file(app, settings):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("about the file of SQLite")
    db.session.remove()
    db.engine.dispose()
    (Path(settings["DATA"]) / "mingshi.db").unlink()
    assert not schema.is_current()
    assert not (Path(settings["DATA"]) / "mingshi.db").exists()


def plain_value(column):
    """Something that any column of this type takes; 1 fits every reference, for each table has a row 1."""
    if column.foreign_keys:
        return 1
    kind = column.type.python_type if not isinstance(column.type, JSON) else dict
    return {int: 1, str: "x", bool: True, dict: {}, datetime.date: NOON.date()}[kind]


def fill_every_table(revision: str) -> dict[str, int]:
    """One row in each table of an empty database taken down to ``revision``; rows per table."""
    flask_migrate.downgrade(revision=revision)
    found = MetaData()
    with db.engine.connect() as connection:
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                needed = [column for column in table.columns if not column.nullable]
                connection.execute(table.insert(), {column.name: plain_value(column) for column in needed})
        connection.commit()
        return {name: 1 for name in found.tables if name != "alembic_version"}


def test_what_was_stored_survives_every_upgrade(app):
    """SQLite rebuilds a table to change it; with references kept, that once meant losing who refers to it."""
    db.session.remove()
    rows = fill_every_table(ScriptDirectory(app.extensions["migrate"].directory).get_base())
    schema.upgrade()
    with db.engine.connect() as connection:
        after = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in rows}
        assert after == rows
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
