"""review queue of contests: what sittings are compared by, and what was decided

Revision ID: a3d9e1f07c52
Revises: c4d81b7e90f3
Create Date: 2026-11-22 08:00:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "a3d9e1f07c52"
down_revision = "c4d81b7e90f3"
branch_labels = None
depends_on = None

_STANDS = sa.text("undone_at IS NULL")


def upgrade():
    op.create_table(
        "sitting_trace",
        sa.Column("sitting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.String(), nullable=True),
        sa.Column("pace", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_sitting_trace_exam_id_exam"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sitting_trace_person_id_person"),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name="fk_sitting_trace_sitting_id_sitting"),
        sa.PrimaryKeyConstraint("sitting_id", name="pk_sitting_trace"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sitting_trace_wrong", "sitting_trace", ["exam_id", "wrong"])
    op.create_index("ix_sitting_trace_pace", "sitting_trace", ["exam_id", "pace"])
    op.create_table(
        "flag_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("sittings", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_flag_decision_exam_id_exam"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_decision"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_flag_decision_stands",
        "flag_decision",
        ["exam_id", "mark"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )


def downgrade():
    op.drop_table("flag_decision")
    op.drop_table("sitting_trace")
