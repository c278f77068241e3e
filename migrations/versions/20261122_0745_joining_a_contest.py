"""joining a contest: terms, consent with its version, units written by hand

Revision ID: 5d1c8e7a42b6
Revises: f60a3c7d1e28
Create Date: 2026-11-22 07:45:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "5d1c8e7a42b6"
down_revision = "f60a3c7d1e28"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("unit", sa.Column("outside", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("person", sa.Column("joined", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "written_unit",
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_written_unit_unit_id_unit"),
        sa.PrimaryKeyConstraint("name_key", name="pk_written_unit"),
    )
    op.create_table(
        "join_terms",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("usual_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["exam_id"], ["exam.id"], name="fk_join_terms_exam_id_exam", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exam_id", name="pk_join_terms"),
    )
    op.create_table(
        "consent",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_consent"),
    )
    op.create_table(
        "enrolment",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("consent", sa.String(), nullable=True),
        sa.Column("consented_at", sa.BigInteger(), nullable=True),
        sa.Column("publish", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("category", sa.String(), server_default="", nullable=False),
        sa.Column("identity", sa.String(), server_default="", nullable=False),
        sa.Column("written_unit", sa.String(), server_default="", nullable=False),
        sa.Column("class_code", sa.String(), server_default="", nullable=False),
        sa.Column("seat", sa.String(), server_default="", nullable=False),
        sa.Column("once", sa.String(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["exam_id"], ["exam.id"], name="fk_enrolment_exam_id_exam", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_enrolment_person_id_person"),
        sa.ForeignKeyConstraint(["consent"], ["consent.version"], name="fk_enrolment_consent_consent"),
        sa.PrimaryKeyConstraint("exam_id", "person_id", name="pk_enrolment"),
        sa.UniqueConstraint("exam_id", "once", name="uq_enrolment_exam_id_once"),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("enrolment")
    op.drop_table("consent")
    op.drop_table("join_terms")
    op.drop_table("written_unit")
    op.drop_column("person", "joined")
    op.drop_column("unit", "outside")
