"""Serving the application: granian where it exists, waitress elsewhere, and the closer beside either."""

import errno
import os
import select
import signal
import socket
import sqlite3
import sys
import threading
import time

import waitress
from flask import Flask
from sqlalchemy import text

from quiz import clock, create_app
from quiz.closer import Closer
from quiz.errors import RuleBroken
from quiz.extensions import db

try:
    import resource
except ImportError:  # Windows, which sets no such limit
    resource = None  # type: ignore[assignment]
try:
    from granian import Granian
except ImportError:  # no wheel for this kind of machine
    Granian = None  # type: ignore[assignment]

#: More threads than cores bring no speed; they keep slow senders from blocking others (dependencies.md §2).
THREADS = 64
BACKLOG = 2048
#: Open connections, idle ones included: granian counts a phone that keeps its connection for the whole exam,
#: and makes the next one wait. Three thousand phones with a few connections each must all get in.
CONNECTIONS = 20_000


# Without poll, waitress counts on select(), which knows no file beyond the 1024th.
_WAITRESS = {
    "threads": THREADS,
    "backlog": BACKLOG,
    "connection_limit": CONNECTIONS,
    "asyncore_use_poll": hasattr(select, "poll"),
}


class CannotServe(RuleBroken):
    code = "cannot-serve"


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether SQLite is free of the WAL-reset bug that can corrupt a file several processes write.

    Present from 3.7.0, mended in 3.51.3 and in 3.44.6 and 3.50.7 (sqlite.org/changes.html; promises A13).
    """
    if version[:2] in ((3, 44), (3, 50)):
        return version >= {44: (3, 44, 6), 50: (3, 50, 7)}[version[1]]
    return version >= (3, 51, 3)


def check_workers(workers: int, *, dialect: str) -> str | None:
    """CannotServe where several workers may lose data; a sentence where they only bring nothing."""
    if workers == 1 or dialect != "sqlite":
        return None
    if not wal_is_safe():
        raise CannotServe(
            f"SQLite {sqlite3.sqlite_version} 在多个进程同时写时可能损坏数据。"
            "请只用一个进程，或者换用 PostgreSQL（设置 DATABASE_URL）。"
        )
    return "SQLite 同一时刻只有一个进程能写，多开进程通常不会更快。"


def hasty_settings() -> list[str]:
    """What PostgreSQL is told to leave out and an acknowledged answer needs to survive a power cut (A2)."""
    if db.engine.dialect.name != "postgresql":
        return []
    names = "'synchronous_commit', 'fsync', 'full_page_writes'"
    asked = f"SELECT name FROM pg_settings WHERE setting = 'off' AND name IN ({names}) ORDER BY name"
    return list(db.session.scalars(text(asked)))


def check_durable() -> None:
    """CannotServe where an answer would be acknowledged before it is on the disk."""
    if found := hasty_settings():
        raise CannotServe(hasty_sentence(found))


def hasty_sentence(found: list[str]) -> str:
    return f"PostgreSQL 关闭了 {'、'.join(found)}，停电会丢失已经保存的答案。请改为 on，重启数据库后再开考。"


def check_port(host: str, port: int) -> None:
    """CannotServe with what to do when the address cannot be had."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # there the option means: share with whoever has it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServe(_port_sentence(host, port, error)) from error


def _port_sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已经有程序在用。请换一个端口，例如 --port {port + 1}。"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}。请换一个 1024 以上的端口，例如 --port 8000。"
    return f"不能在 {host} 的端口 {port} 上提供服务。请核对 --host 和 --port。"


def worker_app() -> Flask:
    """What each worker process serves: the application of the environment, with a closer beside it."""
    if hasattr(signal, "pthread_sigmask"):
        # Ctrl-C reaches the whole group. The parent passes it on as SIGTERM, and a granian worker that gets
        # both sometimes misses the two and is killed five seconds later.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(os.getppid(),), name="orphan", daemon=True).start()
    app = create_app()
    clock.anchor(app.config["CLOCK"] or clock.offset())
    Closer(app).start()
    return app


def _end_with(parent: int) -> None:
    """End this worker when its parent was killed: it would keep the port from the next start."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def serve(app: Flask, *, host: str, port: int, workers: int = 1) -> None:
    """Serve what ``app`` was configured for until told to stop. Raises CannotServe.

    The workers make the application anew; ``app`` says which data folder is theirs and nothing else.
    """
    check_port(host, port)
    allow_connections()
    # What --data decided reaches the workers the way all settings do.
    os.environ["MINGSHI_DATA"] = str(app.config["DATA"])
    # One that dies is made anew, after the clock was stepped perhaps: it goes by the time of the others.
    os.environ["MINGSHI_CLOCK"] = str(clock.offset())
    with app.app_context():
        # The workers open their own connections: one shared across a fork would mix their answers.
        db.engine.dispose()
    if Granian is None:
        _serve_waitress(host, port, workers)
    else:
        _serve_granian(host, port, workers)


def allow_connections() -> None:
    """Let this process and its workers open as many files as the system grants it: each phone is one."""
    if resource is not None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = CONNECTIONS + 500 if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS + 500)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _serve_granian(host: str, port: int, workers: int) -> None:
    server = Granian(
        "quiz.serving:worker_app",
        address=host,
        port=port,
        interface="wsgi",  # type: ignore[arg-type]
        factory=True,
        workers=workers,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level="error",  # type: ignore[arg-type]
        websockets=False,
    )
    if hasattr(signal, "SIGHUP") and sys.stdin.isatty() and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        # granian reads SIGHUP as "reload". From a terminal it means that the window was closed.
        server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.serve()


def _serve_waitress(host: str, port: int, workers: int) -> None:
    if workers > 1:
        raise CannotServe("这台机器上只能用一个进程提供服务，请去掉 --workers。")
    app = create_app()
    Closer(app).start()
    # granian ends on SIGTERM of itself; waitress ends on KeyboardInterrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    waitress.serve(app, host=host, port=port, **_WAITRESS)
