"""Alembic's entry: runs the migrations on the application's own database."""

from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

migrate = current_app.extensions["migrate"]


def render_item(type_, item, autogen_context):
    """Write our own column types as what they are stored as: a migration must not need today's code."""
    if type_ == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


@contextmanager
def references_unchecked(connection):
    """SQLite changes a table by building it anew and dropping the old one, which would count as deleting
    every row that others refer to. Can only be switched outside a transaction; all is checked afterwards.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    plain = connection.connection.driver_connection
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = plain.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows that refer to nothing: {broken[:5]}")
    finally:
        plain.execute("PRAGMA foreign_keys=ON")


with migrate.db.engine.connect() as connection, references_unchecked(connection):
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        render_item=render_item,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
