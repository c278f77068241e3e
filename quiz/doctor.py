"""Is this machine fit to hold an exam? One finding per thing looked at; nothing here changes anything."""

import os
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from flask import current_app
from limits.storage import storage_from_string
from sqlalchemy import func, select, text

from quiz import schema, serving
from quiz.audit import chain
from quiz.audit.models import Deed
from quiz.errors import RuleBroken
from quiz.exams.queries import zone
from quiz.extensions import db
from quiz.people import sso

GOOD, WARNING, BAD = "good", "warning", "bad"
#: An exam of a thousand persons takes about 100 MB with its log; below this it may stop half-way.
LEAST_FREE = 500 * 1024 * 1024
#: This version was written after this day: a clock before it has lost its battery.
_WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """``state`` is good, warning (works, look at it) or bad (do not hold an exam like this)."""

    name: str
    state: str
    message: str


def examine(*, at: datetime) -> list[Finding]:
    """Everything looked at, in the order it should be put right. Never raises: what fails is a finding."""
    folder = Path(current_app.config["DATA"])
    found = [_python(), _folder(folder), _space(folder), _database()]
    if found[-1].state == GOOD:
        found += [_upgraded(), *_sqlite(), *_postgres(), _clock(at), *_ledger()]
    if current_app.config["REDIS_URL"]:
        found.append(_redis())
    if current_app.config["OIDC"]:
        found.append(_sso(current_app.config["OIDC"]))
    return found


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", GOOD, f"Python {version}。")


def _folder(folder: Path) -> Finding:
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("data", BAD, f"数据目录 {folder} 不能写。请检查它的权限。")
    return Finding("data", GOOD, f"数据目录 {folder} 可以写。")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return Finding("space", BAD, f"磁盘只剩 {free // 2**20} MB，至少要留 {LEAST_FREE // 2**20} MB。")
    return Finding("space", GOOD, f"磁盘还有 {free / 2**30:.1f} GB。")


def _database() -> Finding:
    dialect = db.engine.dialect.name
    if not schema.exists():
        return Finding("database", BAD, schema.NotUpgraded.message)
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as error:  # every driver has its own errors; here each is an answer
        return Finding("database", BAD, f"连不上数据库（{type(error).__name__}）。请检查 DATABASE_URL。")
    return Finding("database", GOOD, f"数据库可用（{dialect}）。")


def _upgraded() -> Finding:
    if not schema.is_current():
        return Finding("schema", BAD, schema.NotUpgraded.message)
    return Finding("schema", GOOD, "数据库已经是这个版本的结构。")


def _sqlite() -> list[Finding]:
    if db.engine.dialect.name != "sqlite":
        return []
    if not serving.wal_is_safe():
        message = f"SQLite {sqlite3.sqlite_version} 有多进程写入的缺陷：只能用一个进程提供服务。"
        return [Finding("sqlite", WARNING, message)]
    return [Finding("sqlite", GOOD, f"SQLite {sqlite3.sqlite_version}。")]


def _postgres() -> list[Finding]:
    if db.engine.dialect.name != "postgresql":
        return []
    if found := serving.hasty_settings():
        return [Finding("postgres", BAD, serving.hasty_sentence(found))]
    return [Finding("postgres", GOOD, "PostgreSQL 先写入磁盘再答复。")]


def _clock(at: datetime) -> Finding:
    last = db.session.scalar(select(func.max(Deed.at))) if schema.is_current() else None
    if at < _WRITTEN or (last is not None and at < last - timedelta(minutes=1)):
        return Finding("clock", BAD, f"这台机器的时间是 {_local(at)}，比已有的记录还早。请先校准时间。")
    return Finding("clock", GOOD, f"这台机器的时间是 {_local(at)}，请看一眼对不对。")


def _local(at: datetime) -> str:
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M:%S}"


def _ledger() -> list[Finding]:
    if not schema.is_current():
        return []
    found = chain.verify()
    return [Finding("ledger", GOOD if found.good else BAD, found.words)]


def _sso(oidc: dict[str, str]) -> Finding:
    if find_spec("authlib") is None or find_spec("requests") is None:
        return Finding("sso", BAD, f"要用{oidc['name']}，请安装 sso 这一项附加组件。")
    try:
        sso.metadata(oidc)
    except RuleBroken:
        # Not bad: everybody can still come in by password.
        return Finding("sso", WARNING, f"连不上{oidc['name']}（{oidc['issuer']}），只能用密码登录。")
    return Finding("sso", GOOD, f"{oidc['name']}有答复。")


def _redis() -> Finding:
    try:
        reached = storage_from_string(current_app.config["REDIS_URL"]).check()
    except Exception:  # an unknown scheme, a missing client, a refused connection: one answer
        reached = False
    if not reached:
        return Finding("redis", BAD, "连不上 Redis。请检查 REDIS_URL。")
    return Finding("redis", GOOD, "Redis 可用。")
