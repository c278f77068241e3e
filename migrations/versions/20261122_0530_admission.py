"""who may begin when: batches of units, late entry, chances by day, 身份类别

Revision ID: d8e3a6f0b52c
Revises: b2d95e0c4a17
Create Date: 2026-11-22 05:30:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "d8e3a6f0b52c"
down_revision = "b2d95e0c4a17"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "exam_window",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_window_exam_id_exam")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_exam_window_unit_id_unit")),
        sa.PrimaryKeyConstraint("exam_id", "unit_id", name=op.f("pk_exam_window")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("identities", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("late_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("daily", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("daily")
        batch_op.drop_column("late_minutes")
        batch_op.drop_column("identities")
    op.drop_table("exam_window")
