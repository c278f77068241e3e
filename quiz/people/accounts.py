"""Deeds on accounts: making and changing them, passwords, signing in and ending sign-ins."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from quiz.access import Role
from quiz.audit.services import record
from quiz.extensions import db
from quiz.people import passwords, queries, rules, second_factor
from quiz.people.models import Account, Lockout, SignIn, Unit
from quiz.people.services import NOBODY, hash_secret, matches

#: How long ended sign-ins are listed; the ledger keeps them longer.
_KEPT = timedelta(days=180)
_DAY = timedelta(days=1)
_OFFICES = {Role.SYSTEM_ADMIN.value, Role.SECURITY_ADMIN.value, Role.AUDITOR.value}


def create_account(
    *,
    name: str,
    password: str,
    role: Role,
    at: datetime,
    unit: Unit | None = None,
    first: bool = False,
) -> Account:
    """Raises WeakPassword, and UnitNeeded unless exactly a unit manager comes with a unit.

    ``first``: somebody else knows the password, and it must be changed at the first sign-in.
    """
    passwords.check(password, name=name)
    _check_unit(role, unit)
    account = Account(
        name=name,
        role=role.value,
        unit=unit,
        password_hash=hash_secret(password),
        password_at=at,
        must_change=first,
        created_at=at,
    )
    db.session.add(account)
    return account


def add_account(*, name: str, role: Role, unit: Unit | None, at: datetime, who: str) -> str:
    """Make an account at the desk; returns its first password, which nothing keeps. NameTaken."""
    cleaned = rules.clean_name(name)
    rules.check_name(cleaned)
    if queries.account_by_name(cleaned) is not None:
        raise rules.NameTaken
    password = passwords.first()
    create_account(name=cleaned, password=password, role=role, unit=unit, at=at, first=True)
    _record("create", cleaned, at=at, who=who, role=role.value, **_unit_named(unit))
    return password


def grant(
    account: Account, *, role: Role, unit: Unit | None, separate: bool, at: datetime, by: Account
) -> None:
    """Change what an account may do, at once. OwnAccount, LastOfItsKind, UnitNeeded.

    ``separate``: 三员分立. An account has one role, so nobody can hold two of the three offices.
    """
    _check_not_own(account, by)
    _check_unit(role, unit)
    before = [Role(account.role).chinese, account.unit.name if account.unit else ""]
    after = [role.chinese, unit.name if unit else ""]
    if before == after:
        return
    if role != account.role:
        _check_another(account, separate=separate)
    account.role, account.unit = role.value, unit
    _record("edit", account.name, at=at, who=by.name, before=before, after=after)


def set_active(account: Account, *, active: bool, separate: bool, at: datetime, by: Account) -> None:
    """Retire an account, ending its sign-ins, or take it back. OwnAccount, HeldApart, LastOfItsKind."""
    _check_not_own(account, by)
    _check_apart(account, separate=separate)
    if account.active == active:
        return
    if not active:
        _check_another(account, separate=separate)
        _end_all(account, at=at, who=by.name)
    account.active = active
    _record("edit", account.name, at=at, who=by.name, active=active)


def _check_unit(role: Role, unit: Unit | None) -> None:
    if (role is Role.UNIT_MANAGER) != (unit is not None):
        raise rules.UnitNeeded


def _check_not_own(account: Account, by: Account) -> None:
    if account.id == by.id:
        raise rules.OwnAccount


def _check_apart(account: Account, *, separate: bool) -> None:
    """Whoever resets the password of another office, or retires it, holds that office too."""
    if separate and account.role in _OFFICES:
        raise rules.HeldApart


def _check_another(account: Account, *, separate: bool) -> None:
    """LastOfItsKind when nobody else in use could do what this account does for all others."""
    if account.role not in (_OFFICES if separate else {Role.ADMIN.value}):
        return
    same = select(Account.id).where(Account.role == account.role, Account.active).order_by(Account.id)
    # Locked: two administrators that retire each other at once must not both succeed.
    if set(db.session.scalars(same.with_for_update())) <= {account.id}:
        raise rules.LastOfItsKind


def reset_password(account: Account, *, separate: bool, at: datetime, by: Account) -> str:
    """A new first password, and the end of every sign-in. OwnAccount: one's own is changed, not reset."""
    _check_not_own(account, by)
    _check_apart(account, separate=separate)
    password = passwords.first()
    give_password(account, password=password, first=True, at=at, who=by.name)
    return password


def drop_second_factor(account: Account, *, separate: bool, at: datetime, by: Account) -> None:
    """For somebody whose phone is gone. OwnAccount: one's own is switched off with the password."""
    _check_not_own(account, by)
    _check_apart(account, separate=separate)
    second_factor.switch_off(account, at=at, who=by.name)


def give_password(account: Account, *, password: str, first: bool, at: datetime, who: str) -> None:
    """Set a password for somebody else; also unlocks. WeakPassword."""
    passwords.check(password, name=account.name)
    account.password_hash, account.password_at = hash_secret(password), at
    account.must_change = first
    db.session.execute(delete(Lockout).where(Lockout.key == _lock_key(account.name)))
    _end_all(account, at=at, who=who)
    _record("reset", account.name, at=at, who=who)


def change_password(account: Account, *, old: str, new: str, keep: int, at: datetime) -> None:
    """One's own; ends all sign-ins but ``keep``. WrongPassword, SamePassword, WeakPassword."""
    if not matches(account.password_hash, old):
        raise rules.WrongPassword("现在的密码不对。请核对后再试。")
    if old == new:
        raise rules.SamePassword
    passwords.check(new, name=account.name)
    account.password_hash, account.password_at, account.must_change = hash_secret(new), at, False
    _end(SignIn.account_id == account.id, SignIn.id != keep, at=at, who=account.name)
    _record("password", account.name, at=at, who=account.name)


def sign_in_account(*, name: str, password: str) -> Account:
    """The account with this name and password, or WrongPassword, in the same time for all reasons."""
    account = queries.account_by_name(name)
    right = matches(account.password_hash if account else NOBODY, password)
    if account is None or not right or not account.active:
        raise rules.WrongPassword
    return account


def known_by_sso(*, issuer: str, subject: str, name: str) -> Account:
    """Whose account it is: who came before, or who waits for this name. SsoRefused, saying what to do."""
    account = queries.account_by_subject(issuer, subject)
    if account is not None:
        return account
    waiting = queries.account_by_sso_name(name)
    if waiting is None:
        raise rules.SsoRefused(f"“{name}”在明试里还没有账号。请系统管理员在账号页填写这个名字。")
    if waiting.sso_subject is not None:
        # A name that went to somebody else over there must not open the account of who had it.
        raise rules.SsoRefused(f"“{name}”已经不是原来那个人。请系统管理员在账号页重新填写。")
    return waiting


def link_sso(account: Account, *, issuer: str, subject: str, name: str, at: datetime) -> None:
    """Remember who came with the name. SsoRefused for a retired account, and when another was quicker."""
    account = queries.account_for_update(account.id)
    if not account.active:
        raise rules.SsoRefused("这个账号已停用。")
    if (account.sso_issuer, account.sso_subject) == (issuer, subject):
        return
    if account.sso_subject is not None or account.sso_name != name:
        raise rules.SsoRefused
    account.sso_issuer, account.sso_subject = issuer, subject
    _record("sso_linked", account.name, at=at, who=account.name, after=name)


def name_sso(account: Account, *, name: str, separate: bool, at: datetime, by: Account) -> None:
    """The name by which the account is known over there, empty for none; whoever was known is forgotten."""
    if account.id != by.id:
        _check_apart(account, separate=separate)
    cleaned = name.strip() or None
    other = queries.account_by_sso_name(cleaned) if cleaned else None
    if other is not None and other.id != account.id:
        raise rules.SsoNameTaken
    before = account.sso_name or ""
    account.sso_name, account.sso_issuer, account.sso_subject = cleaned, None, None
    if account.id != by.id:
        _end_all(account, at=at, who=by.name)
    _record("sso", account.name, at=at, who=by.name, before=before, after=cleaned or "")


def reserve_try(*, name: str, device: str | None, at: datetime) -> None:
    """Count a try before it is made, or TooManyTries: so that tries side by side cannot pass the limit.

    A browser that this account signed in from before (``device``) has a count of its own: whoever types
    wrong passwords on purpose locks out himself, not the person.
    """
    key = _lock_key(name if device is None else f"device {device}")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Lockout)
    again = case((Lockout.failed_at < at - _DAY, 1), else_=Lockout.failures + 1)
    counted = (
        insert.values(key=key, failures=1, failed_at=at)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": again, "failed_at": at},
            where=Lockout.until.is_(None) | (Lockout.until <= at),
        )
        .returning(Lockout.failures)
    )
    failures = db.session.scalar(counted)
    if failures is None:
        raise _locked(db.session.scalar(select(Lockout.until).where(Lockout.key == key)), at=at)
    until = rules.locked_until(failures, at=at)
    db.session.execute(update(Lockout).where(Lockout.key == key).values(until=until))


def _locked(until: datetime | None, *, at: datetime) -> rules.Locked:
    left = max(1, int(((until or at) - at).total_seconds()))
    return rules.Locked(
        f"连续输错，已锁定。请 {-(-left // 60)} 分钟后再试，或请管理员解锁。", retry_after=left
    )


def _lock_key(name: str) -> str:
    """Of every name alike, whether there is such an account or not, and readable to nobody."""
    return hashlib.sha256(f"sign-in {rules.name_key(name)}".encode()).hexdigest()


def note_refusal(*, name: str, address: str, at: datetime) -> None:
    """Into the ledger, for accounts that exist: what else was typed may be a password in the wrong field."""
    account = queries.account_by_name(name)
    if account is not None:
        _record("refused", account.name, at=at, who=account.name, address=address)
    else:
        # A write that changes nothing: without one, a name that does not exist would be refused faster.
        same = update(Lockout).where(Lockout.key == _lock_key(name))
        db.session.execute(same.values(failures=Lockout.failures))


def begin(account: Account, *, device: str, known: str | None, address: str, at: datetime) -> str:
    """A new sign-in; returns the token its browser keeps. The table keeps a hash of it."""
    db.session.execute(delete(SignIn).where(SignIn.account_id == account.id, SignIn.seen_at < at - _KEPT))
    keys = [_lock_key(account.name), *([_lock_key(f"device {known}")] if known else [])]
    db.session.execute(delete(Lockout).where(Lockout.key.in_(keys)))
    secret = secrets.token_urlsafe(24)
    row = SignIn(
        account_id=account.id,
        token_hash=hash_token(secret),
        device=device[:120],
        address=address[:60],
        created_at=at,
        seen_at=at,
    )
    db.session.add(row)
    db.session.flush()
    _record("sign_in", account.name, at=at, who=account.name, address=address)
    return f"{row.id}.{secret}"


def hash_token(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def signed_in(token: str, *, at: datetime, idle: timedelta) -> SignIn | None:
    """The sign-in a browser's token belongs to, while it lasts and the account is in use."""
    number, _, secret = token.partition(".")
    found = (
        queries.sign_in(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    )
    if found is None or not hmac.compare_digest(found.token_hash, hash_token(secret)):
        return None
    lasts = rules.sign_in_lasts(created_at=found.created_at, seen_at=found.seen_at, idle=idle, at=at)
    return found if found.ended_at is None and found.account.active and lasts else None


def end(found: SignIn, *, at: datetime, who: str) -> None:
    """End one sign-in; again changes nothing."""
    if _end(SignIn.id == found.id, at=at, who=who):
        _record("end_sign_in", found.account.name, at=at, who=who)


def end_all(account: Account, *, at: datetime, who: str, keep: int | None = None) -> None:
    """End every sign-in of an account, or all but ``keep``."""
    if _end(SignIn.account_id == account.id, SignIn.id != (keep or 0), at=at, who=who):
        _record("end_sign_in", account.name, at=at, who=who, all=True)


def _end_all(account: Account, *, at: datetime, who: str) -> None:
    _end(SignIn.account_id == account.id, at=at, who=who)


def _end(*which: object, at: datetime, who: str) -> int:
    open_ = update(SignIn).where(*which, SignIn.ended_at.is_(None))  # type: ignore[arg-type]
    return int(db.session.execute(open_.values(ended_at=at, ended_by=who)).rowcount)


def unlock(account: Account, *, at: datetime, who: str) -> None:
    db.session.execute(delete(Lockout).where(Lockout.key == _lock_key(account.name)))
    _record("unlock", account.name, at=at, who=who)


def locked_until(account: Account, *, at: datetime) -> datetime | None:
    """When the account's lock ends, if it is locked."""
    until = db.session.scalar(select(Lockout.until).where(Lockout.key == _lock_key(account.name)))
    return until if until is not None and until > at else None


def _unit_named(unit: Unit | None) -> dict[str, str]:
    return {"unit": unit.name} if unit else {}


def _record(deed: str, name: str, *, at: datetime, who: str, **detail: object) -> None:
    record(who=who, what=f"account.{deed}", subject=f"account:{name}", at=at, **detail)
