"""rooms, who watches them, who sits where, what was noted

Revision ID: 8b3e61f0d7a4
Revises: c41f7b82d9e6
Create Date: 2026-11-22 08:10:00

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "8b3e61f0d7a4"
down_revision = "c41f7b82d9e6"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), server_default="", nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_room_exam_id_exam"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("exam_id", "name", name="uq_room_exam_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "room_proctor",
        sa.Column("room_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_proctor_room_id_room"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_room_proctor_account_id_account"),
        sa.PrimaryKeyConstraint("room_id", "account_id", name="pk_room_proctor"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seat",
        sa.Column("exam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_seat_exam_id_exam"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_seat_person_id_person"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_seat_room_id_room"),
        sa.PrimaryKeyConstraint("exam_id", "person_id", name="pk_seat"),
        sa.UniqueConstraint("room_id", "number", name="uq_seat_room_id_number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "room_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name="fk_room_note_exam_id_exam"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_note_room_id_room"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_room_note_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_room_note"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_room_note_exam_id_person_id", "room_note", ["exam_id", "person_id"])
    if op.get_bind().dialect.name == "sqlite":
        # In place: making the table anew would drop it, and its rows with it.
        column = "room_id INTEGER CONSTRAINT fk_extension_room_id_room REFERENCES room (id)"
        op.execute(f"ALTER TABLE extension ADD COLUMN {column}")
    else:
        op.add_column("extension", sa.Column("room_id", sa.Integer(), nullable=True))
        op.create_foreign_key("fk_extension_room_id_room", "extension", "room", ["room_id"], ["id"])


def downgrade():
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_extension_room_id_room", "extension", type_="foreignkey")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_column("room_id")
    for table in ("room_note", "seat", "room_proctor", "room"):
        op.drop_table(table)
