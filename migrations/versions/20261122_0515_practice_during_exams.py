"""exams during which their questions may be practised

Revision ID: e81b6f43c0d7
Revises: d5a8c2e17f39
Create Date: 2026-11-22 05:15:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "e81b6f43c0d7"
down_revision = "d5a8c2e17f39"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "practice_kept",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exam_id"], ["exam.id"], name=op.f("fk_practice_kept_exam_id_exam"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_practice_kept")),
    )


def downgrade():
    op.drop_table("practice_kept")
