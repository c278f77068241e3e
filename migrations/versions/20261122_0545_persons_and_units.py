"""retired units, what units ask for, phones signed out

Revision ID: b81e6a30f4c7
Revises: 47f0b9d6ce15
Create Date: 2026-11-22 05:45:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "b81e6a30f4c7"
down_revision = "47f0b9d6ce15"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("unit", sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "roster_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_roster_request_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_roster_request_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_request"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "revocation",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_revocation_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_revocation"),
    )


def downgrade():
    op.drop_table("revocation")
    op.drop_table("roster_request")
    op.drop_column("unit", "active")
