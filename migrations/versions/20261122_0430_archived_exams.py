"""exams can be archived

Revision ID: 9a41c7d2e603
Revises: 5c1d0a7e9b42
Create Date: 2026-11-22 04:30:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "9a41c7d2e603"
down_revision = "5c1d0a7e9b42"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.BigInteger(), nullable=True))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("archived_at")
