"""How long personal data of contests is kept."""

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column

from quiz.extensions import Instant, db


class Keeping(db.Model):
    """One row; without it the defaults."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[int]
    #: Whether what is over goes by itself at night.
    nightly: Mapped[bool] = mapped_column(default=False, server_default=false())
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
