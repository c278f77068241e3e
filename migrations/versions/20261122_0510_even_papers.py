"""papers drawn least used first, within a band of difficulty

Revision ID: b2d95e0c4a17
Revises: 4f0b8e6d17ca
Create Date: 2026-11-22 05:10:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "b2d95e0c4a17"
down_revision = "4f0b8e6d17ca"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "exposure",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pool_question_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exposure_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["pool_question_id"],
            ["pool_question.id"],
            name=op.f("fk_exposure_pool_question_id_pool_question"),
        ),
        sa.PrimaryKeyConstraint("exam_id", "pool_question_id", name=op.f("pk_exposure")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("band", sa.Integer(), server_default="300", nullable=False))
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expected", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("inputs", sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_column("inputs")
        batch_op.drop_column("expected")
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("band")
    op.drop_table("exposure")
