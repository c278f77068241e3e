"""unit managers

Revision ID: 5c1d0a7e9b42
Revises: 7c1d0e5b92fa
Create Date: 2026-11-22 04:25:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "5c1d0a7e9b42"
down_revision = "7c1d0e5b92fa"
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        # In place: making the table anew would drop it, and other tables' rows point at it.
        column = "unit_id INTEGER CONSTRAINT fk_account_unit_id_unit REFERENCES unit (id)"
        op.execute(f"ALTER TABLE account ADD COLUMN {column}")
    else:
        op.add_column("account", sa.Column("unit_id", sa.Integer(), nullable=True))
        op.create_foreign_key("fk_account_unit_id_unit", "account", "unit", ["unit_id"], ["id"])


def downgrade():
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_account_unit_id_unit", "account", type_="foreignkey")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("unit_id")
