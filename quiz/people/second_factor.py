"""动态口令: a second factor from an authenticator on the phone. Works without any network (RFC 6238)."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from markupsafe import Markup

from quiz.audit.services import record
from quiz.extensions import db
from quiz.people import passwords, queries, rules
from quiz.people.models import Account
from quiz.people.services import hash_passcode

#: Steps of 30 seconds by which a phone's clock may be off.
_DRIFT = 1
_STEP = 30
RECOVERY_CODES = 8


def new_secret() -> str:
    return pyotp.random_base32()


def _box() -> Fernet:
    """Seals with a key made from SECRET_KEY: a stolen database alone is no second factor."""
    made = hashlib.sha256(b"mingshi second factor " + current_app.config["SECRET_KEY"].encode()).digest()
    return Fernet(base64.urlsafe_b64encode(made))


def seal(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode()


def _unsealed(account: Account) -> str:
    """The secret, or nothing where SECRET_KEY is another now: then only a recovery code is right."""
    try:
        return _box().decrypt((account.totp_secret or "").encode()).decode()
    except InvalidToken:
        current_app.logger.warning("the second factor of %s was sealed with another key", account.name)
        return ""


def picture(secret: str, *, name: str, issuer: str) -> Markup:
    """The QR code an authenticator scans."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return Markup(
        segno.make(address, error="m").svg_inline(border=0, dark="#211C16", svgclass="qr", omitsize=True)
    )


def switch_on(account: Account, *, secret: str, code: str, at: datetime) -> list[str]:
    """From now on sign-in asks for a code. Returns the recovery codes, kept as hashes only. WrongCode."""
    step = _step_of(secret, code, at=at)
    if step is None:
        raise rules.WrongCode
    codes = [passwords.first() for _ in range(RECOVERY_CODES)]
    account.totp_secret, account.totp_step = seal(secret), step
    account.recovery = [_hashed(account, one) for one in codes]
    _record("on", account, at=at, who=account.name)
    return codes


def switch_off(account: Account, *, at: datetime, who: str) -> None:
    account.totp_secret, account.totp_step, account.recovery = None, 0, []
    _record("off", account, at=at, who=who)


def check(account: Account, *, code: str, at: datetime) -> None:
    """WrongCode unless the code is right and new: a code is good once, a recovery code for ever once."""
    account = queries.account_for_update(account.id)
    bare = re.sub(r"\s", "", code)
    step = _step_of(_unsealed(account), bare, at=at)
    hashed = _hashed(account, bare.lower())
    if step is not None and step > account.totp_step:
        account.totp_step = step
    elif hashed in account.recovery:
        account.recovery = [one for one in account.recovery if one != hashed]
        record(who=account.name, what="account.recovery", subject=f"account:{account.name}", at=at)
    else:
        raise rules.WrongCode
    db.session.flush()


def _step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The step whose code this is, within the drift; None if it is none."""
    if not re.fullmatch("[0-9]{6}", code) or not secret:
        return None
    for drift in range(-_DRIFT, _DRIFT + 1):
        then = at + timedelta(seconds=drift * _STEP)
        if hmac.compare_digest(pyotp.TOTP(secret).at(then), code):
            return int(then.timestamp()) // _STEP
    return None


def _hashed(account: Account, code: str) -> str:
    return hash_passcode(code, number=f"recovery {account.id}")


def _record(what: str, account: Account, *, at: datetime, who: str) -> None:
    record(who=who, what=f"account.totp_{what}", subject=f"account:{account.name}", at=at)
