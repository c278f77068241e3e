"""every revision of an answer, and appeals

Revision ID: b3d75e0f2c66
Revises: 8a41c0de7715
Create Date: 2026-11-22 05:17:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "b3d75e0f2c66"
down_revision = "8a41c0de7715"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_appeal_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("sitting_id", name="uq_appeal_sitting_id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.add_column(sa.Column("history", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appeal_days", sa.Integer(), server_default="3", nullable=False))


def downgrade():
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("appeal_days")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_column("history")
    op.drop_table("appeal")
