"""how long personal data of contests is kept

Revision ID: e72d5a18b4c0
Revises: c4d97e02b6a1
Create Date: 2026-11-22 08:40:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "e72d5a18b4c0"
down_revision = "c4d97e02b6a1"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "keeping",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("nightly", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keeping"),
    )


def downgrade():
    op.drop_table("keeping")
