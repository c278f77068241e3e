"""score, answers and key are released each at its own time

Revision ID: e61b4c9d7a38
Revises: d8e3a6f0b52c
Create Date: 2026-11-22 05:45:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "e61b4c9d7a38"
down_revision = "d8e3a6f0b52c"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("score_release", sa.String(), server_default="submit", nullable=False))
        batch_op.add_column(sa.Column("answers_release", sa.String(), server_default="close", nullable=False))
    # So far what was right was told together with the key.
    op.execute("UPDATE exam SET answers_release = review")


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("answers_release")
        batch_op.drop_column("score_release")
