"""prize draws: the draw, its frozen list, who was drawn, every step

Revision ID: d3a9c1f04e72
Revises: f27ac91d5b08
Create Date: 2026-11-22 05:30:00

"""

import sqlalchemy as sa
from alembic import op

from quiz.extensions import Instant

# revision identifiers, used by Alembic.
revision = "d3a9c1f04e72"
down_revision = "f27ac91d5b08"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("witnesses", sa.String(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("notice_until", Instant(), nullable=True),
        sa.Column("claim_until", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_draw_exam_id_exam")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("code", name=op.f("uq_draw_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draw_exam_id", "draw", ["exam_id"])
    op.create_table(
        "draw_entry",
        sa.Column("draw_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_entry_draw_id_draw")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draw_entry_person_id_person")),
        sa.PrimaryKeyConstraint("draw_id", "place", name=op.f("pk_draw_entry")),
        sa.UniqueConstraint("draw_id", "person_id", name="uq_draw_entry_draw_id_person_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draw_winner",
        sa.Column("draw_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("instead_of", sa.Integer(), nullable=True),
        sa.Column("claim_code", sa.String(), nullable=False),
        sa.Column("claim_until", Instant(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("lapsed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_winner_draw_id_draw")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draw_winner_person_id_person")),
        sa.PrimaryKeyConstraint("draw_id", "number", name=op.f("pk_draw_winner")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draw_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_step_draw_id_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_step")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draw_step_draw_id", "draw_step", ["draw_id"])


def downgrade():
    for name in ("draw_step", "draw_winner", "draw_entry", "draw"):
        op.drop_table(name)
