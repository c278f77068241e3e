"""accounts that are known to an OpenID provider

Revision ID: a1c7e0d35b82
Revises: c40d1e77a9b2
Create Date: 2026-11-22 07:45:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "a1c7e0d35b82"
down_revision = "c40d1e77a9b2"
branch_labels = None
depends_on = None


def upgrade():
    for name in ("sso_name", "sso_issuer", "sso_subject"):
        op.add_column("account", sa.Column(name, sa.String(), nullable=True))
    # Indexes, not constraints: SQLite would have to make the table anew.
    op.create_index("uq_account_sso_name", "account", ["sso_name"], unique=True)
    op.create_index("uq_account_sso_subject", "account", ["sso_issuer", "sso_subject"], unique=True)


def downgrade():
    op.drop_index("uq_account_sso_subject", "account")
    op.drop_index("uq_account_sso_name", "account")
    for name in ("sso_subject", "sso_issuer", "sso_name"):
        op.drop_column("account", name)
