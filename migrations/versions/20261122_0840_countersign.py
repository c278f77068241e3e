"""deeds that need two persons

Revision ID: f60a3c7d1e28
Revises: e5f92a6b0c17
Create Date: 2026-11-22 08:40:00

"""

import sqlalchemy as sa
from alembic import op

from quiz.extensions import Instant

# revision identifiers, used by Alembic.
revision = "f60a3c7d1e28"
down_revision = "e5f92a6b0c17"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "countersign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("given_id", sa.Integer(), nullable=True),
        sa.Column("given_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["asked_id"], ["account.id"], name=op.f("fk_countersign_asked_id_account")),
        sa.ForeignKeyConstraint(["given_id"], ["account.id"], name=op.f("fk_countersign_given_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersign")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_countersign_subject", "countersign", ["subject"])


def downgrade():
    op.drop_table("countersign")
