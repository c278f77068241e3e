"""Alembic's entry: runs the migrations on the application's own database."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

migrate = current_app.extensions["migrate"]


def render_item(type_, item, autogen_context):
    """Write our own column types as what they are stored as: a migration must not need today's code."""
    if type_ == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


with migrate.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        render_item=render_item,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
