"""what was read of a file apart from what was decided about it

Revision ID: c4d97e02b6a1
Revises: e91c4b7a2d58
Create Date: 2026-11-22 08:30:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "c4d97e02b6a1"
down_revision = "e91c4b7a2d58"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "import_report",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["bank_import.id"],
            name=op.f("fk_import_report_import_id_bank_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_report")),
    )
    op.execute("INSERT INTO import_report (import_id, text) SELECT id, report FROM bank_import")
    with op.batch_alter_table("bank_import", schema=None) as batch_op:
        batch_op.drop_column("report")


def downgrade():
    with op.batch_alter_table("bank_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("report", sa.String(), server_default="", nullable=False))
    op.execute(
        "UPDATE bank_import SET report = "
        "(SELECT text FROM import_report WHERE import_report.import_id = bank_import.id)"
    )
    with op.batch_alter_table("bank_import", schema=None) as batch_op:
        batch_op.alter_column("report", server_default=None)
    op.drop_table("import_report")
