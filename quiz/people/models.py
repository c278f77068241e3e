"""Tables of units, persons and accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
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
    #: False for one that was dissolved: it is offered no more, and what was sat for it stays.
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    #: The one that stands for every unit written by hand and not settled yet: it is ranked nowhere.
    outside: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class WrittenUnit(db.Model):
    """What a unit written by hand means, once the organiser has said so; null: it stays outside the ranks."""

    name_key: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(Instant)


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
    #: Came by joining an open contest and is on no roster: expected nowhere, invited to no cadre exam.
    joined: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    unit: Mapped[Unit] = relationship()


class Account(db.Model):
    """Who may sign in at /admin/: role is one of access.Role."""

    __table_args__ = (
        Index("uq_account_sso_name", "sso_name", unique=True),
        Index("uq_account_sso_subject", "sso_issuer", "sso_subject", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    #: The unit a unit manager answers for, with those under it; null for the other roles.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    password_hash: Mapped[str]
    password_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Somebody else knows the password: nothing else is allowed before it is changed.
    must_change: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    #: 动态口令: the secret the phone shares, sealed; the step of the last code; hashes of recovery codes.
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    recovery: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: 统一身份认证: the name there that an administrator entered, and who first came with it.
    sso_name: Mapped[str | None]
    sso_issuer: Mapped[str | None]
    sso_subject: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)

    unit: Mapped[Unit | None] = relationship()

    #: The token and the row of the sign-in this account came with; of the request, not of the table.
    token: str = ""
    sign_in_id: int = 0

    # What Flask-Login asks of a signed-in account.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def role_chinese(self) -> str:
        return Role(self.role).chinese

    def get_id(self) -> str:
        return self.token


class SignIn(db.Model):
    """One browser in which an account is signed in. It can be ended from anywhere, at once."""

    __table_args__ = (Index("ix_sign_in_account_id", "account_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str]
    device: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    #: To the minute.
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None]

    account: Mapped[Account] = relationship()


class Lockout(db.Model):
    """Wrong tries in a row for one name, or for one browser known to an account; gone after a right one."""

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)


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


class RosterRequest(db.Model):
    """What a unit asks the organiser to change on its roster. ``state``: asked, approved or declined."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Null for somebody new.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: The fields as they shall be, or {"active": false}; emptied when it is decided.
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person | None] = relationship()
    unit: Mapped[Unit] = relationship()


class Revocation(db.Model):
    """No phone's token issued to this person until ``at`` opens anything (web.known_candidate)."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)


class Countersign(db.Model):
    """A deed of two persons: what one asked for (``terms``, JSON), and who did the same (people.signing)."""

    __table_args__ = (Index("ix_countersign_subject", "subject"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    deed: Mapped[str]
    subject: Mapped[str]
    terms: Mapped[str]
    asked_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    given_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime | None] = mapped_column(Instant)

    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_id])
