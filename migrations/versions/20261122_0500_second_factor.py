"""a second factor, and a ledger that nothing changes

Revision ID: d3a9501c7f26
Revises: 8e24b6f01d93
Create Date: 2026-11-22 05:00:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "d3a9501c7f26"
down_revision = "8e24b6f01d93"
branch_labels = None
depends_on = None

# The application only ever adds to the ledger; with these the database holds everybody else to it too.
_SQLITE = """
CREATE TRIGGER deed_keeps_{when} BEFORE {when} ON deed
BEGIN SELECT RAISE(ABORT, 'deed is append-only'); END
"""
_POSTGRES = """
CREATE FUNCTION deed_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'deed is append-only'; END $$
"""


def upgrade():
    op.add_column("account", sa.Column("totp_secret", sa.String(), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("account", sa.Column("recovery", sa.JSON(), server_default="[]", nullable=False))
    op.create_index("ix_deed_what", "deed", ["what"])
    if op.get_bind().dialect.name == "sqlite":
        for when in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(when=when))
    else:
        op.execute(_POSTGRES)
        op.execute(
            "CREATE TRIGGER deed_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON deed "
            "FOR EACH STATEMENT EXECUTE FUNCTION deed_is_append_only()"
        )


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        for when in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER deed_keeps_{when}")
    else:
        op.execute("DROP TRIGGER deed_keeps ON deed")
        op.execute("DROP FUNCTION deed_is_append_only()")
    op.drop_index("ix_deed_what", table_name="deed")
    op.drop_column("account", "recovery")
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_secret")
