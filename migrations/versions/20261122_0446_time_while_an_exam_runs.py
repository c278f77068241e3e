"""time while an exam runs: extensions, pauses, extra time, voided sittings

Revision ID: 5e7c2b9a41d8
Revises: c41f7d20a6be
Create Date: 2026-11-22 04:46:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "5e7c2b9a41d8"
down_revision = "c41f7d20a6be"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_extension_exam_id_exam")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_extension_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_extension_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("once", name=op.f("uq_extension_once")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_extension_exam_id", "extension", ["exam_id"])
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_pause_exam_id_exam")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_pause_open",
        "pause",
        ["exam_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "accommodation",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_accommodation_exam_id_exam")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accommodation_person_id_person")),
        sa.PrimaryKeyConstraint("exam_id", "person_id", name=op.f("pk_accommodation")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("sitting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("paused_millis", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("voided_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("void_reason", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("voided_by", sa.String(), nullable=True))
        batch_op.create_index(
            "ix_sitting_voided",
            ["exam_id"],
            sqlite_where=sa.text("voided_at IS NOT NULL"),
            postgresql_where=sa.text("voided_at IS NOT NULL"),
        )


def downgrade():
    with op.batch_alter_table("sitting", schema=None) as batch_op:
        batch_op.drop_index("ix_sitting_voided")
        batch_op.drop_column("voided_by")
        batch_op.drop_column("void_reason")
        batch_op.drop_column("voided_at")
        batch_op.drop_column("paused_millis")
        batch_op.drop_column("paused_at")
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_column("paused_at")
    op.drop_table("accommodation")
    op.drop_index("uq_pause_open", table_name="pause")
    op.drop_table("pause")
    op.drop_index("ix_extension_exam_id", table_name="extension")
    op.drop_table("extension")
