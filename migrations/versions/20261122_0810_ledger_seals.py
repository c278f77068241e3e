"""seals over the ledger

Revision ID: c4d81b7e90f3
Revises: a1c7e0d35b82
Create Date: 2026-11-22 08:10:00

"""

import sqlalchemy as sa
from alembic import op

from quiz.extensions import Instant

# revision identifiers, used by Alembic.
revision = "c4d81b7e90f3"
down_revision = "a1c7e0d35b82"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER seal_keeps_{when} BEFORE {when} ON seal
BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END
"""


def upgrade():
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("deeds", sa.JSON(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("previous", name=op.f("uq_seal_previous")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_seal_up_to", "seal", ["up_to"])
    if op.get_bind().dialect.name == "sqlite":
        for when in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(when=when))
    else:
        op.execute(
            "CREATE TRIGGER seal_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON seal "
            "FOR EACH STATEMENT EXECUTE FUNCTION deed_is_append_only()"
        )


def downgrade():
    op.drop_table("seal")
