"""Starting to serve: what is refused, and that what starts also stops."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from quiz import config, create_app, schema, serving

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_versions_with_the_wal_reset_bug(version, safe):
    assert serving.wal_is_safe(version) is safe


def test_several_processes_on_an_affected_sqlite_are_refused(monkeypatch):
    monkeypatch.setattr(serving, "wal_is_safe", lambda: False)
    assert serving.check_workers(1, dialect="sqlite") is None
    assert serving.check_workers(4, dialect="postgresql") is None
    with pytest.raises(serving.CannotServe, match="PostgreSQL"):
        serving.check_workers(2, dialect="sqlite")


def test_several_processes_on_a_mended_sqlite_are_warned_about(monkeypatch):
    monkeypatch.setattr(serving, "wal_is_safe", lambda: True)
    assert "不会更快" in serving.check_workers(2, dialect="sqlite")


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(serving.CannotServe, match=f"--port {port + 1}"):
            serving.check_port("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(serving.CannotServe, match="--host"):
        serving.check_port("192.0.2.77", 0)


@pytest.fixture
def data(tmp_path):
    app = create_app(config.load({}, data=tmp_path))
    with app.app_context():
        schema.upgrade()
        schema.db.engine.dispose()
    return tmp_path


WAITRESS = "import sys; sys.modules['granian'] = None; from quiz.cli import main; main()"


@pytest.fixture
def start(data):
    """``start(*python_options)`` → the running server and its port."""
    servers = []

    def start_one(*options: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environ = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        words = [sys.executable, *options, "serve", "--port", str(port), "--data", str(data)]
        server = subprocess.Popen(
            words, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        servers.append(server)
        assert _answer(server, port) == b'{"ready":true}\n'
        return server, port

    yield start_one
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.stderr.close()
        server.wait()


@pytest.mark.parametrize("options", [["-m", "quiz"], ["-c", WAITRESS]], ids=["granian", "waitress"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_stops_at_once(start, options, stop):
    server, _ = start(*options)
    # Ctrl-C in a terminal reaches the whole group.
    os.killpg(server.pid, stop)
    assert server.wait(timeout=4.5) in (0, -stop)


def test_a_killed_server_leaves_its_port_to_the_next(start):
    server, port = start("-m", "quiz")
    server.kill()
    server.wait()
    for _ in range(100):
        try:
            return serving.check_port("127.0.0.1", port)
        except serving.CannotServe:
            threading.Event().wait(0.1)
    raise AssertionError("the worker still holds the port")


def _answer(server, port):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return answer.read()
        except OSError:
            assert server.poll() is None, server.stderr.read()
            threading.Event().wait(0.1)
    raise AssertionError("no answer in twenty seconds")


@pytest.mark.parametrize("options", [["-m", "quiz"], ["-c", WAITRESS]], ids=["granian", "waitress"])
def test_phones_that_keep_their_connection_let_the_next_one_in(start, options):
    """Three hundred kept connections once filled the server: the next phone waited until one left."""
    server, port = start(*options)
    with contextlib.ExitStack() as kept:
        for _ in range(600):
            phone = kept.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            phone.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(10):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                assert answer.status == 200
    assert server.poll() is None
