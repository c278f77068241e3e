"""sign-ins that can be ended, locks, first passwords

Revision ID: 8e24b6f01d93
Revises: 5e7c2b9a41d8
Create Date: 2026-11-22 04:50:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "8e24b6f01d93"
down_revision = "5e7c2b9a41d8"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("account", sa.Column("password_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "account", sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("account", sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    # Everybody signs in once more: sign-ins are rows now.
    op.drop_column("account", "version")
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sign_in_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_table(
        "lockout",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_lockout"),
    )


def downgrade():
    op.drop_table("lockout")
    op.drop_index("ix_sign_in_account_id", table_name="sign_in")
    op.drop_table("sign_in")
    op.add_column("account", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.drop_column("account", "active")
    op.drop_column("account", "must_change")
    op.drop_column("account", "password_at")
