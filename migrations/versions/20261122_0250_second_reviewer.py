"""a second reviewer per bank

Revision ID: 7c1d0e5b92fa
Revises: 32b2e75b7f64
Create Date: 2026-11-22 02:50:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "7c1d0e5b92fa"
down_revision = "32b2e75b7f64"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reviewed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    with op.batch_alter_table("bank", schema=None) as batch_op:
        batch_op.drop_column("reviewed")
