"""short answers marked by people

Revision ID: dae60e23078e
Revises: e81b6f43c0d7
Create Date: 2026-11-22 05:18:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "dae60e23078e"
down_revision = "e81b6f43c0d7"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "short_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pool_question_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_short_answer_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["pool_question_id"],
            ["pool_question.id"],
            name=op.f("fk_short_answer_pool_question_id_pool_question"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sitting.id"], name=op.f("fk_short_answer_sitting_id_sitting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_short_answer")),
        sa.UniqueConstraint("sitting_id", "position", name="uq_short_answer_sitting_id_position"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("short_answer", schema=None) as batch_op:
        batch_op.create_index("ix_short_answer_exam_id_mark", ["exam_id", "mark"], unique=False)

    op.create_table(
        "hand_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("short_answer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hand_mark_account_id_account")),
        sa.ForeignKeyConstraint(
            ["short_answer_id"], ["short_answer.id"], name=op.f("fk_hand_mark_short_answer_id_short_answer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_mark")),
        sa.UniqueConstraint("short_answer_id", "account_id", name="uq_hand_mark_short_answer_id_account_id"),
        sa.UniqueConstraint("short_answer_id", "place", name="uq_hand_mark_short_answer_id_place"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("markers", sa.Integer(), server_default="2", nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("markers")

    op.drop_table("hand_mark")
    with op.batch_alter_table("short_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_short_answer_exam_id_mark")

    op.drop_table("short_answer")
