"""seal the secrets of second factors

Revision ID: e5f92a6b0c17
Revises: d52a8c3f6e10
Create Date: 2026-11-22 08:35:00

"""

import base64
import hashlib

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet
from flask import current_app

# revision identifiers, used by Alembic.
revision = "e5f92a6b0c17"
down_revision = "d52a8c3f6e10"
branch_labels = None
depends_on = None

_ACCOUNT = sa.table("account", sa.column("id", sa.Integer), sa.column("totp_secret", sa.String))


def _change(turned):
    found = sa.select(_ACCOUNT).where(_ACCOUNT.c.totp_secret.is_not(None))
    for row in op.get_bind().execute(found).all():
        own = _ACCOUNT.update().where(_ACCOUNT.c.id == row.id)
        op.get_bind().execute(own.values(totp_secret=turned(row.totp_secret.encode()).decode()))


def _box():
    # As quiz.people.second_factor did when this was written.
    made = hashlib.sha256(b"mingshi second factor " + current_app.config["SECRET_KEY"].encode()).digest()
    return Fernet(base64.urlsafe_b64encode(made))


def upgrade():
    _change(_box().encrypt)


def downgrade():
    _change(_box().decrypt)
