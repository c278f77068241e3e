"""Settings from the environment, checked once. Nothing else reads the environment."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from quiz.errors import RuleBroken

MEGABYTE = 1024 * 1024


class BadSetting(RuleBroken):
    code = "bad-setting"


def load(environ: Mapping[str, str] = os.environ, *, data: str | Path | None = None) -> dict[str, Any]:
    """Flask settings from ``environ``; ``data`` (the --data option) wins over MINGSHI_DATA.

    Makes the data folder and the secret key on first use. Raises BadSetting naming the variable.
    """
    folder = Path(data or environ.get("MINGSHI_DATA") or "instance").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database = environ.get("DATABASE_URL", "")
    return {
        "DATA": folder,
        "SECRET_KEY": environ.get("SECRET_KEY") or _kept_secret(folder, required=bool(database)),
        "SQLALCHEMY_DATABASE_URI": _database_url(database, folder),
        "SQLALCHEMY_ENGINE_OPTIONS": _pool(database),
        "REDIS_URL": environ.get("REDIS_URL", ""),
        "PLACE": environ.get("MINGSHI_PLACE", "本单位"),
        "BASE_URL": environ.get("MINGSHI_BASE_URL", "").rstrip("/"),
        "FONT": environ.get("MINGSHI_FONT", ""),
        "TIMEZONE": environ.get("MINGSHI_TIMEZONE", "Asia/Shanghai"),
        "SEPARATE_DUTIES": _yes(environ, "MINGSHI_SEPARATE_DUTIES"),
        "OIDC": _oidc(environ),
        # From the process that serves to its workers (serving.serve); nobody sets it by hand.
        "CLOCK": float(environ.get("MINGSHI_CLOCK", 0)),
        "REQUIRE_TOTP": _yes(environ, "MINGSHI_REQUIRE_TOTP"),
        "TWO_PERSONS": _yes(environ, "MINGSHI_TWO_PERSONS"),
        "IDLE_MINUTES": _whole(environ, "MINGSHI_IDLE_MINUTES", 60),
        "PROXIES": _whole(environ, "MINGSHI_PROXIES", 0),
        "SESSION_COOKIE_NAME": "mingshi_desk",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": _yes(environ, "MINGSHI_HTTPS"),
        # The token lives as long as the signed-in browser: an hour's limit has cost others their users' text.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 20 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
    }


def _database_url(url: str, folder: Path) -> str:
    if not url:
        return f"sqlite:///{folder / 'mingshi.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith(("postgresql+psycopg://", "sqlite:///")):
        return url
    raise BadSetting("DATABASE_URL 应当以 postgresql:// 或 sqlite:/// 开头。")


def _pool(database: str) -> dict[str, Any]:
    """PostgreSQL keeps a connection for each thread at work; the default of five would make and drop them."""
    return (
        {"pool_size": 32, "max_overflow": 8, "pool_recycle": 1800} if database.startswith("postgres") else {}
    )


def _kept_secret(folder: Path, *, required: bool) -> str:
    if required:
        raise BadSetting("用了 DATABASE_URL，就要同时设置 SECRET_KEY：各台机器要用同一个。")
    path = folder / "secret_key"
    try:
        # Exclusive creation: two processes starting at once must end with one key.
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def safe_address(address: str) -> bool:
    """https, or plain http to this very machine: what a sign-in by others may be told over."""
    try:
        found = urlsplit(address)
        local = found.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False
    return bool(found.hostname) and (found.scheme == "https" or (found.scheme == "http" and local))


def _oidc(environ: Mapping[str, str]) -> dict[str, str]:
    """Who else may say who somebody is (OpenID Connect); empty where nobody may."""
    issuer = environ.get("MINGSHI_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return {}
    if not safe_address(issuer) or {"?", "#", "@"} & set(issuer):
        raise BadSetting("MINGSHI_OIDC_ISSUER 应当是 https:// 开头的地址。")
    client = environ.get("MINGSHI_OIDC_CLIENT_ID", "")
    if not client:
        raise BadSetting("用了 MINGSHI_OIDC_ISSUER，就要同时设置 MINGSHI_OIDC_CLIENT_ID。")
    file = environ.get("MINGSHI_OIDC_CLIENT_SECRET_FILE", "")
    return {
        "issuer": environ["MINGSHI_OIDC_ISSUER"],
        "client": client,
        "secret": Path(file).read_text().strip() if file else environ.get("MINGSHI_OIDC_CLIENT_SECRET", ""),
        "name": environ.get("MINGSHI_OIDC_NAME", "统一身份认证"),
        "claim": environ.get("MINGSHI_OIDC_CLAIM", "preferred_username"),
    }


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"{name} 应当是一个整数，现在是“{text}”。")
    return int(text)


def _yes(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0")
    if text not in ("0", "1"):
        raise BadSetting(f"{name} 只能是 0 或 1，现在是“{text}”。")
    return text == "1"
