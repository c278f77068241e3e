"""hours of a day, least time an item

Revision ID: c40d1e77a9b2
Revises: b81e6a30f4c7
Create Date: 2026-11-22 07:40:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "c40d1e77a9b2"
down_revision = "b81e6a30f4c7"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("day_opens", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("day_closes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("least_seconds", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("least_seconds")
        batch_op.drop_column("day_closes")
        batch_op.drop_column("day_opens")
