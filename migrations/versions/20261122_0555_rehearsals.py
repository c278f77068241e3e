"""trial runs of an exam

Revision ID: f7b20c5e9d41
Revises: e61b4c9d7a38
Create Date: 2026-11-22 05:55:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "f7b20c5e9d41"
down_revision = "e61b4c9d7a38"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rehearsal", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("rehearsal")
