"""names of columns a bank is exported with

Revision ID: d5a8c2e17f39
Revises: d3a9501c7f26
Create Date: 2026-11-22 04:50:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "d5a8c2e17f39"
down_revision = "d3a9501c7f26"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headings", sa.JSON(), server_default="{}", nullable=False))


def downgrade():
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.drop_column("headings")
