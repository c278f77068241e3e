"""the code of a supervised room

Revision ID: f27ac91d5b08
Revises: d15f8ac3960b
Create Date: 2026-11-22 05:45:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "f27ac91d5b08"
down_revision = "d15f8ac3960b"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room_secret", sa.String(), nullable=True))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("room_secret")
