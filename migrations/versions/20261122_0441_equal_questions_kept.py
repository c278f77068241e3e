"""equal questions kept side by side

Revision ID: c41f7d20a6be
Revises: 9a41c7d2e603
Create Date: 2026-11-22 04:41:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "c41f7d20a6be"
down_revision = "9a41c7d2e603"
branch_labels = None
depends_on = None

NAME = "uq_question_bank_id_fingerprint"


def upgrade():
    with op.batch_alter_table("question", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("copy", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint(NAME, type_="unique")
        batch_op.create_unique_constraint(NAME, ["bank_id", "fingerprint", "copy"])


def downgrade():
    op.execute("UPDATE question SET fingerprint = fingerprint || '-' || copy WHERE copy > 0")
    with op.batch_alter_table("question", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(NAME, type_="unique")
        batch_op.drop_column("copy")
        batch_op.create_unique_constraint(NAME, ["bank_id", "fingerprint"])
