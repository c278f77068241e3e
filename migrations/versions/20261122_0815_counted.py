"""limits counted in the database

Revision ID: c41f7b82d9e6
Revises: a3d9e1f07c52
Create Date: 2026-11-22 08:15:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "c41f7b82d9e6"
down_revision = "a3d9e1f07c52"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "counted",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "slot", name="pk_counted"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_counted_at", "counted", ["at"])


def downgrade():
    op.drop_table("counted")
