"""papers of their own for groups of ranks

Revision ID: 4f0b8e6d17ca
Revises: d3a9c1f04e72
Create Date: 2026-11-22 04:50:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "4f0b8e6d17ca"
down_revision = "d3a9c1f04e72"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("groups", sa.JSON(), server_default="[]", nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("groups")
