"""One file that holds everything needed to go on elsewhere, and going on from it.

A zip with ``manifest.json`` (format, made_at, sha256 of each member), the database
(``mingshi.db`` from SQLite's online backup, or ``mingshi.dump`` from pg_dump) and ``secret_key`` where the
data folder keeps one. Copying the files of a running database is no backup: what is still in its log would
be missing (promises K1, K4).
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.engine import URL

from quiz.errors import RuleBroken
from quiz.extensions import db

FORMAT = 1
MANIFEST, DATABASE, DUMP, SECRET = "manifest.json", "mingshi.db", "mingshi.dump", "secret_key"


class CannotBackUp(RuleBroken):
    code = "cannot-back-up"


#: What the zip and JSON readers raise on a file that was cut, changed or never was a backup.
_DAMAGED = (zipfile.BadZipFile, EOFError, zlib.error, LookupError, TypeError, ValueError, NotImplementedError)


class CannotRestore(RuleBroken):
    code = "cannot-restore"


def back_up(file: Path, *, at: datetime) -> dict[str, Any]:
    """Write the backup of the running application to ``file`` and check it; returns its manifest.

    Safe while others write: it holds the state of one moment. Raises CannotBackUp and leaves no half file.
    """
    if file.exists():
        raise CannotBackUp(f"已经有 {file.name} 这个文件。请换一个文件名，旧备份不会被覆盖。")
    if not file.parent.is_dir():
        raise CannotBackUp(f"没有 {file.parent} 这个目录。")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".mingshi-") as name:
        folder = Path(name)
        _write_members(folder)
        manifest = _manifest(folder, at=at)
        packed = folder / "packed"
        _pack(folder, manifest, packed)
        os.chmod(packed, 0o600)  # it holds the secret key and everybody's answers
        os.replace(packed, file)
    return manifest


def _write_members(folder: Path) -> None:
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(Path(url.database or ""), folder / DATABASE)
    else:
        _dump_postgres(url, folder / DUMP)
    secret = Path(current_app.config["DATA"]) / SECRET
    if secret.exists():
        shutil.copyfile(secret, folder / SECRET)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise CannotBackUp("数据目录里还没有数据库，没有可以备份的内容。")
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        # All pages in one step: with several steps a busy exam would make it begin again and again.
        here.backup(there)
        # A backup is one file: no log beside it that a copy could forget.
        there.execute("PRAGMA journal_mode=DELETE")
    if not _is_sound(target):
        raise CannotBackUp("数据库没有通过完整性检查，备份没有保存。请先运行 mingshi doctor。")


def _is_sound(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(database)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return whole and not connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError:
        return False


def _dump_postgres(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise CannotBackUp("没有找到 pg_dump。请安装 PostgreSQL 的客户端程序后再备份。")
    # The password goes by the environment: other people on the machine can read a command line.
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [program, "--format=custom", "--no-owner", f"--file={target}", plain]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBackUp(f"pg_dump 没有成功：{done.stderr.strip()}")


def _manifest(folder: Path, *, at: datetime) -> dict[str, Any]:
    members = {path.name: _digest(path.read_bytes()) for path in sorted(folder.iterdir())}
    return {"format": FORMAT, "made_at": at.isoformat(), "members": members}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _pack(folder: Path, manifest: dict[str, Any], packed: Path) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
        for name in manifest["members"]:
            archive.write(folder / name, name)


def restore(file: Path, data: Path) -> dict[str, Any]:
    """Put what ``file`` holds into the empty folder ``data``; returns the manifest.

    Everything is checked before the first byte is written: a damaged backup leaves the folder empty.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise CannotRestore(f"{data} 里已经有内容。请恢复到一个空目录，现有的数据不会被覆盖。")
    manifest, members = _read(file)
    if DATABASE not in members:
        raise CannotRestore(
            "这是 PostgreSQL 的备份。请解压后用 pg_restore 恢复其中的 mingshi.dump，并沿用原来的 SECRET_KEY。"
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=".mingshi-") as name:
        for member, content in members.items():
            (Path(name) / member).write_bytes(content)
            os.chmod(Path(name) / member, 0o600)
        if not _is_sound(Path(name) / DATABASE):
            raise CannotRestore("备份里的数据库没有通过完整性检查，没有恢复。请换一份备份。")
        data.mkdir(exist_ok=True)
        for member in members:
            os.replace(Path(name) / member, data / member)
    return manifest


def _read(file: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the members it names, each as it was when the backup was made."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise CannotRestore("这份备份是更新的版本做的。请先升级本程序。")
            # Only names we write: a name from outside could lead out of the folder.
            names = [name for name in (DATABASE, DUMP, SECRET) if name in manifest["members"]]
            members = {name: archive.read(name) for name in names}
    except OSError as error:
        raise CannotRestore(f"不能读 {file}：{error.strerror}。") from error
    except _DAMAGED as error:
        raise CannotRestore("这不是备份文件，或者文件已经损坏。") from error
    if any(_digest(content) != manifest["members"][name] for name, content in members.items()):
        raise CannotRestore("备份文件已经损坏：内容和清单对不上。请换一份备份。")
    return manifest, members
