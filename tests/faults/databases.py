"""Restart PostgreSQL and Redis while answers arrive; count what was acknowledged and is gone (promise A10).

    python3 run.py faults --database-restarts 10

The real server with two workers runs on a PostgreSQL and a Redis of its own, made for this and removed
afterwards. Clients save as fast as they can and others open pages, while both databases are stopped without
warning and started again, Redis empty. Nobody may see anything but an answer or a 503 that says when to come
again, and every acknowledged revision must be stored.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from benchmarks.load import exchange, request
from benchmarks.save import ours, prepare
from benchmarks.server import Server
from quiz import config, create_app
from quiz.access import Role
from quiz.extensions import db, transaction
from quiz.people.accounts import create_account
from tests.faults.kill import Acknowledged, key_of

CLIENTS = 8
NAME, PASSWORD = "何静安", "敷奏以言-2026"
#: Seconds a database stays away, and the longest until everybody is answered again.
AWAY, HEALTHY = 1.0, 5.0
#: PostgreSQL refuses to run as root; its package has made this account.
_ACCOUNT = "postgres"


class Postgres:
    """A cluster of its own on a free port, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._data, self.port = folder / "data", _free_port()
        self._as = []
        if os.geteuid() == 0:
            self._as = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--clear-groups"]
            shutil.chown(folder, _ACCOUNT)
        self._options = f"-p {self.port} -k {folder} -c listen_addresses=127.0.0.1"
        self._run("initdb", "-A", "trust", "-U", "mingshi", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://mingshi@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Returns once it answers."""
        self._run("pg_ctl", "-w", "-o", self._options, "-l", str(self._data / "log"), "start")

    def stop(self) -> None:
        """Without a word to anybody, as a crash of it would."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *options: str) -> None:
        command = [*self._as, str(_programs() / program), "-D", str(self._data), *options]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


class Redis:
    """A server of its own on a free port that keeps nothing."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *options], cwd="/tmp", stdout=subprocess.DEVNULL)
        _wait_for(self.port)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def empty(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(b"FLUSHALL\r\n")
            if line.recv(16) != b"+OK\r\n":
                raise RuntimeError("Redis was not emptied")


class Serving(Server):
    """``mingshi serve`` as it is run in earnest, with two workers."""

    def __init__(self, log: Path, **environ: str) -> None:
        super().__init__("", log=log, **environ)
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        self._command = [sys.executable, "-m", "quiz", "serve", *address, "--workers", "2"]


@dataclass
class Seen:
    """What clients and readers met: ``bad`` is what nobody should."""

    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    pages: int = 0
    waited: int = 0
    refused_at: float = 0.0
    saved_at: float = 0.0
    bad: list[str] = field(default_factory=list)
    #: Of each restart, the seconds from the start of the database to the last answer that was refused.
    recovered: list[float] = field(default_factory=list)

    def judge(self, number: int, back: float) -> None:
        """After a restart: everybody is answered, and since when."""
        self.recovered.append(max(0.0, self.refused_at - back))
        if self.recovered[-1] > HEALTHY - 1 or self.saved_at < back + HEALTHY - 1:
            self.bad.append(f"restart {number}: not well {HEALTHY} s afterwards")

    def take(self, sent: bytes, status: int, head: bytes, body: bytes) -> bool:
        """Whether it was answered. A 503 must say when to come again, in the form that was asked for."""
        if status < 500:
            if status >= 400:
                self.bad.append(f"{_path(sent)}: {status} {body[:200]!r}")
            return True
        self.waited, self.refused_at = self.waited + 1, time.monotonic()
        if status != 503 or b"\nretry-after:" not in head.lower() or not _says_busy(sent, body):
            self.bad.append(f"{_path(sent)}: {status} {head!r} {body[:300]!r}")
        return False


def _says_busy(sent: bytes, body: bytes) -> bool:
    if not _path(sent).startswith("/api/"):
        return "系统现在忙" in body.decode()
    try:
        return bool(json.loads(body)["error"]["code"] == "busy")
    except (ValueError, LookupError):
        return False


def _path(sent: bytes) -> str:
    return sent.split(b" ", 2)[1].decode()


async def _client(port: int, requests: Iterator[bytes], seen: Seen, over: asyncio.Event) -> None:
    """Saves one answer after the other; what was not acknowledged is sent again, as a phone does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = next(requests)
    while not over.is_set():
        status, head, body = await exchange(reader, writer, sent)
        if not seen.take(sent, status, head, body):
            await asyncio.sleep(0.1)
            continue
        if status == 200:
            seen.acknowledged.newest[key_of(sent)] = json.loads(body)["revision"]
            seen.acknowledged.total += 1
            seen.saved_at = time.monotonic()
        sent = next(requests)
    writer.close()


async def _reader(port: int, every: list[bytes], seen: Seen, over: asyncio.Event) -> None:
    """Opens what a room full of people has open besides: pages, the wall, signing in."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not over.is_set():
        for sent in every:
            seen.pages += seen.take(sent, *await exchange(reader, writer, sent))
        await asyncio.sleep(0.05)
    writer.close()


@dataclass
class Deeds:
    """What is done to the databases; each returns when they answer again."""

    postgres: Postgres
    redis: Redis
    restarts: int

    def restart(self) -> float:
        """Both away for a while, and back with nothing in Redis; the instant PostgreSQL answered again."""
        self.postgres.stop()
        self.redis.stop()
        time.sleep(AWAY)
        self.postgres.start()
        back = time.monotonic()
        self.redis.start()
        self.redis.empty()
        return back


async def _play(port: int, clients: list[Iterator[bytes]], pages: list[bytes], deeds: Deeds) -> Seen:
    seen, over = Seen(), asyncio.Event()
    at_work = [asyncio.create_task(_client(port, client, seen, over)) for client in clients]
    at_work.append(asyncio.create_task(_reader(port, pages, seen, over)))
    await asyncio.sleep(1)
    for number in range(deeds.restarts):
        back = await asyncio.to_thread(deeds.restart)
        await asyncio.sleep(HEALTHY)
        seen.judge(number + 1, back)
    over.set()
    for ended in await asyncio.gather(*at_work, return_exceptions=True):
        if ended is not None:
            seen.bad.append(f"a connection was cut: {ended!r}")
    return seen


def pages(port: int, code: str, sitting: str) -> list[bytes]:
    """Requests for pages of a phone, the wall and the desk, and a sign-in, whose tries are counted."""
    line = HTTPConnection("127.0.0.1", port)
    line.request("GET", "/admin/sign-in")
    reply = line.getresponse()
    token = reply.read().decode().partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    desk = (reply.getheader("Set-Cookie") or "").partition(";")[0]
    form = urlencode({"csrf_token": token, "name": NAME, "password": PASSWORD})
    sent = {"Cookie": desk, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/admin/sign-in", form, sent)
    reply = line.getresponse()
    reply.read()
    desk = (reply.getheader("Set-Cookie") or "").partition(";")[0]
    line.close()
    phone = json.dumps({"exam": code, "name": "人1", "phone": "13800000001"}).encode()
    opened = [
        f"/e/{code}",
        f"/board/{code}",
        f"/api/v1/exams/{code}",
        f"/api/v1/exams/{code}/time",
        "/readyz",
    ]
    made = [request("GET", path, host="127.0.0.1", headers={}) for path in opened]
    for path in ("/admin/", f"/admin/exams/{code}", f"/admin/exams/{code}/records/{sitting}"):
        made.append(request("GET", path, host="127.0.0.1", headers={"Cookie": desk}))
    said = {"Content-Type": "application/json"}
    return [*made, request("POST", "/api/v1/sign-in", host="127.0.0.1", headers=said, body=phone)]


def lost(url: str, acknowledged: Acknowledged) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT sitting_id, position, revision FROM response").fetchall()
    stored = {(str(sitting), position): revision for sitting, position, revision in rows}
    newest = acknowledged.newest.items()
    return [f"{key}: {revision}" for key, revision in newest if stored.get(key, 0) < revision]


def play(restarts: int, log: Path) -> tuple[Seen, list[str]]:
    """What everybody met, and which acknowledged answers are not stored."""
    with databases() as (postgres, redis):
        environ = {"MINGSHI_DATA": str(log.parent), "SECRET_KEY": "faults", "DATABASE_URL": postgres.url}
        environ["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}"
        code = prepare(environ, CLIENTS)
        app = create_app(config.load(environ))
        with app.app_context():
            with transaction():
                create_account(name=NAME, password=PASSWORD, role=Role.ADMIN, at=datetime.now(UTC))
            db.engine.dispose()
        with Serving(log, **environ) as server:
            clients = ours(server.port, code, CLIENTS)
            opened = pages(server.port, code, "1")
            seen = asyncio.run(_play(server.port, clients, opened, Deeds(postgres, redis, restarts)))
        return seen, lost(postgres.url, seen.acknowledged)


@contextmanager
def databases() -> Iterator[tuple[Postgres, Redis]]:
    with tempfile.TemporaryDirectory() as folder:
        postgres, redis = Postgres(Path(folder)), Redis()
        try:
            yield postgres, redis
        finally:
            redis.stop()
            postgres.stop()


def _programs() -> Path:
    """Where the newest PostgreSQL of this machine has its programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    if not found:
        raise RuntimeError("PostgreSQL is not installed in /usr/lib/postgresql")
    return found[-1]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("Redis did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-restarts", type=int, default=10)
    restarts = parser.parse_args().database_restarts
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        seen, gone = play(restarts, log)
        wrong = [*seen.bad, *(f"lost {one}" for one in gone)]
        if wrong:
            sys.stdout.write(log.read_text()[-4000:])
    for line in wrong[:20]:
        sys.stdout.write(f"{line}\n")
    slowest = max(seen.recovered, default=0.0)
    sys.stdout.write(
        f"{restarts} restarts: {seen.acknowledged.total} acknowledged, {len(gone)} lost; {seen.pages} pages, "
        f"{seen.waited} requests told to wait, {len(seen.bad)} wrong; "
        f"last told to wait {slowest:.1f} s after PostgreSQL was back\n"
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
