"""A hall and a county watching while others hand in: phones, walls, saves and submits for a bounded time.

    python -m benchmarks.watching [--watchers 1000] [--walls 20] [--submits 200] [--seconds 60]

An open model on two cores shared with the server: every watcher reads the units' standings every five
seconds, every wall every two, each submit comes at its own moment, and fifty phones save an answer about
every second. Reported: what a save waits, how old the figures on a wall are, what was refused.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks import crowd, sitting
from benchmarks.load import Tally, cpu_seconds, request
from benchmarks.server import Server
from quiz import config, create_app
from quiz.exams.queries import exam_by_code
from quiz.extensions import db, session_execute, transaction
from quiz.people.models import Person
from quiz.sittings.services import start

HOST = "127.0.0.1"
SAVERS = 50
_PERSONS = "SELECT id FROM person ORDER BY id LIMIT {count}"


@dataclass
class Seen:
    save: Tally = field(default_factory=Tally)
    submit: Tally = field(default_factory=Tally)
    read: Tally = field(default_factory=Tally)
    #: Seconds between the instant in an answer and the moment a wall had it.
    ages: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


class Client:
    """One connection; ``get`` keeps the tag it was given, as browsers and walls do."""

    def __init__(self, port: int, seen: Seen, headers: dict[str, str] | None = None) -> None:
        self._port, self.seen, self._headers, self._tag = port, seen, headers or {}, b""

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def send(self, method: str, path: str, tally: Tally, body: object = None) -> tuple[int, bytes]:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._tag:
            headers["If-None-Match"] = self._tag.decode()
        sent = request(
            method, path, host=HOST, headers=headers, body=b"" if body is None else json.dumps(body).encode()
        )
        began = time.perf_counter()
        self._writer.write(sent)
        status, head, found = await self._answer()
        if 200 <= status < 400:
            tally.millis.append((time.perf_counter() - began) * 1000)
        else:
            tally.refused.append(status)
        lower = head.lower()
        if b"etag: " in lower:
            place = lower.index(b"etag: ") + 6
            self._tag = head[place:].split(b"\r\n", 1)[0]
        return status, found

    async def _answer(self) -> tuple[int, bytes, bytes]:
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, lower = int(head[9:12]), head.lower()
        if status == 304 or b"content-length:" not in lower:
            return status, head, b""
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        return status, head, await self._reader.readexactly(length)


async def watch(client: Client, path: str, every: float, until: float, wall: bool) -> None:
    chance = random.Random(id(client))
    await asyncio.sleep(chance.uniform(0, every))
    try:
        await client.open()
        while time.perf_counter() < until:
            began = time.perf_counter()
            _, found = await client.send("GET", path, client.seen.read)
            if wall and found:
                as_of = datetime.fromisoformat(json.loads(found)["as_of"])
                client.seen.ages.append((datetime.now(UTC) - as_of).total_seconds())
            await asyncio.sleep(max(0.0, began + every - time.perf_counter()))
    except (OSError, asyncio.IncompleteReadError) as error:
        client.seen.broken.append(repr(error))


async def save(client: Client, number: int, until: float) -> None:
    chance, revision = random.Random(number), 0
    await client.open()
    while time.perf_counter() < until:
        await asyncio.sleep(chance.uniform(0.5, 1.5))
        revision += 1
        path = f"/api/v1/sittings/{number}/responses/{chance.randint(1, 25)}"
        await client.send("PUT", path, client.seen.save, {"answer": ["B"], "revision": revision})


async def submit(
    clients: list[Client], sittings: list[tuple[int, dict[str, str]]], rate: float, began: float
) -> None:
    """Each at its own moment, dealt out to connections that are free."""
    free: asyncio.Queue[Client] = asyncio.Queue()
    for client in clients:
        await client.open()
        free.put_nowait(client)

    async def one(number: int, headers: dict[str, str]) -> None:
        client = await free.get()
        client._headers = headers
        await client.send("POST", f"/api/v1/sittings/{number}/submit", client.seen.submit)
        free.put_nowait(client)

    tasks = []
    for place, (number, headers) in enumerate(sittings):
        await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, headers)))
    await asyncio.gather(*tasks)


async def run(
    port: int, code: str, opened: list[tuple[int, dict[str, str]]], options: argparse.Namespace
) -> Seen:
    seen = Seen()
    began = time.perf_counter() + 3
    until = began + options.seconds
    path = f"/api/v1/exams/{code}/standings/units?limit=24"
    savers, submitters = opened[:SAVERS], opened[SAVERS:]
    jobs = [watch(Client(port, seen), path, 5, until, False) for _ in range(options.watchers)]
    jobs += [watch(Client(port, seen), path, 2, until, True) for _ in range(options.walls)]
    jobs += [save(Client(port, seen, headers), number, until) for number, headers in savers]
    clients = [Client(port, seen) for _ in range(64)]
    await asyncio.gather(*jobs, submit(clients, submitters, options.submits, began))
    return seen


def begin_all(environ: dict[str, str], code: str, count: int) -> list[tuple[int, dict[str, str]]]:
    """Open a sitting for each of the first ``count`` persons, answers stored; (sitting, headers)."""
    app = create_app(config.load(environ))
    with app.app_context():
        exam = exam_by_code(code)
        at = datetime.now(UTC)
        people = [row[0] for row in session_execute(_PERSONS.format(count=count), {})]
        for first in range(0, len(people), 500):
            with transaction():
                for number in people[first : first + 500]:
                    start(exam=exam_by_code(code), person=db.session.get(Person, number), at=at)
        exam = exam_by_code(code)
        rows = session_execute("SELECT id, person_id FROM sitting WHERE submitted_at IS NULL ORDER BY id", {})
        found = [(row[0], sitting.headers_of(row[1], exam.id)) for row in rows]
        db.session.remove()
        db.engine.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--walls", type=int, default=20)
    parser.add_argument("--submits", type=float, default=200, help="a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--crowd", type=int, default=20_000)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.watchers * 2 + 1000)), hard))
    count = SAVERS + int(options.submits * options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": sitting.SECRET}
        code = crowd.prepare(environ, sitters=count, crowd=options.crowd)
        opened = begin_all(environ, code, count)
        with Server("quiz:create_app", factory=True, threads=64, **environ) as server:
            before = cpu_seconds(server.pid)
            seen = asyncio.run(run(server.port, code, opened, options))
            spent = cpu_seconds(server.pid) - before
    report(seen, spent, options)


def report(seen: Seen, spent: float, options: argparse.Namespace) -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs, load beside the server"
    )
    print(
        f"{options.watchers} watchers, {options.walls} walls, {options.submits:.0f} submits a second, "
        f"{options.seconds:.0f} s among {options.crowd} marked sittings"
    )
    for name, tally in (("save", seen.save), ("submit", seen.submit), ("reading", seen.read)):
        p50, p95, p99 = (tally.percentile(share) for share in (0.5, 0.95, 0.99))
        print(f"{name:8} {tally.answered:6} answered  {len(tally.refused):3} refused", end="  ")
        print(f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  p99 {p99:6.1f} ms")
    print(
        f"age of a wall's new figures: at most {max(seen.ages, default=0):.2f} s of {len(seen.ages)} changes"
    )
    print(f"broken connections {len(seen.broken)}, server CPU {spent:.1f} s")


if __name__ == "__main__":
    main()
