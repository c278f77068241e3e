"""leave

Revision ID: 47f0b9d6ce15
Revises: f7b20c5e9d41
Create Date: 2026-11-22 05:10:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "47f0b9d6ce15"
down_revision = "f7b20c5e9d41"
branch_labels = None
depends_on = None

_STANDS = "state IN ('asked', 'approved')"


def upgrade():
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_leave_exam_id_exam", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_leave_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_leave_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_leave"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_leave_stands",
        "leave",
        ["exam_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(_STANDS),
        postgresql_where=sa.text(_STANDS),
    )


def downgrade():
    op.drop_index("uq_leave_stands", table_name="leave")
    op.drop_table("leave")
