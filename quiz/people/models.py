"""Tables of units, persons and accounts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quiz.access import Role
from quiz.extensions import Instant, db


class Unit(db.Model):
    """An organisation that persons count for: a township, a department, a village."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: 镇 街道 县委机关 政府部门 人民团体 驻县单位 村居, as the organiser writes it.
    kind: Mapped[str] = mapped_column(default="")
    #: Sorts Chinese names the same on every database.
    pinyin: Mapped[str] = mapped_column(default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))


class Person(db.Model):
    """Somebody on the roster. ``name_key`` is the name as rules.name_key() compares it."""

    __table_args__ = (
        UniqueConstraint("name_key", "phone", name="uq_person_name_key_phone"),
        # Several persons may have no number; SQL counts NULLs as different.
        UniqueConstraint("number", name="uq_person_number"),
        Index("ix_person_unit_id", "unit_id"),
        Index("ix_person_phone", "phone"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    phone: Mapped[str | None]
    #: 工号
    number: Mapped[str | None]
    passcode_hash: Mapped[str | None]
    #: 职务, 职级, 身份类别, 五进类别
    post: Mapped[str] = mapped_column(default="")
    rank: Mapped[str] = mapped_column(default="")
    identity: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    unit: Mapped[Unit] = relationship()


class Account(db.Model):
    """Who may sign in at /admin/: role is one of access.Role."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    #: The unit a unit manager answers for, with those under it; null for the other roles.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    password_hash: Mapped[str]
    #: Part of every sign-in; adding one ends them all.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)

    unit: Mapped[Unit | None] = relationship()

    # What Flask-Login asks of a signed-in account.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def role_chinese(self) -> str:
        return Role(self.role).chinese

    def get_id(self) -> str:
        return f"{self.id}.{self.version}"


class RosterImport(db.Model):
    """A roster that was read and shown, waiting for the organiser's word or already taken over."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    #: JSON of reading: the rows that can be taken over, the problems, the units nobody knows yet.
    document: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    imported_at: Mapped[datetime | None] = mapped_column(Instant)
