"""the phone a sitting goes on on, and what happens around its answers

Revision ID: 8a41c0de7715
Revises: 3f9d2b7a61c4
Create Date: 2026-11-22 05:16:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "8a41c0de7715"
down_revision = "3f9d2b7a61c4"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("millis", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_event_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("sitting_id", "mark", name="uq_event_sitting_id_mark"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("watch_leaving", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
    with op.batch_alter_table("sitting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(), nullable=True))


def downgrade():
    with op.batch_alter_table("sitting", schema=None) as batch_op:
        batch_op.drop_column("phone")
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("watch_leaving")
    op.drop_table("event")
