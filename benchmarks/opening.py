"""The opening minute: thousands of phones sign in, start and answer on one machine, and nothing is lost.

    python -m benchmarks.opening [--persons 3000] [--within 60] [--seconds 120] [--every 10]

An open model: every phone has its own moment to begin and its own rhythm, decided before the run, and does
not wait for the others. The load comes from this process, the server is another. Afterwards every
acknowledged answer is looked up in the database.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import save
from benchmarks.load import Tally, cpu_seconds, exchange, request
from benchmarks.server import Server
from quiz import config, create_app
from quiz.exams.queries import exam_by_code
from quiz.extensions import transaction
from quiz.sittings.services import make_papers

HOST = "127.0.0.1"


@dataclass
class Seen:
    """What the phones saw; ``acknowledged`` is sitting and position → revision."""

    sign_in: Tally = field(default_factory=Tally)
    start: Tally = field(default_factory=Tally)
    save: Tally = field(default_factory=Tally)
    acknowledged: dict[tuple[int, int], int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


class Phone:
    """One cadre: keeps a connection, a cookie and a token."""

    def __init__(self, port: int, code: str, number: int, seen: Seen) -> None:
        self._port, self._code, self._number, self._seen = port, code, number, seen
        self._headers = {"Content-Type": "application/json"}

    async def sit(self, *, begin: float, until: float, every: float, chance: random.Random) -> None:
        await asyncio.sleep(max(0.0, begin - time.perf_counter()))
        try:
            self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
            sitting, items = await self._enter()
            await self._answer(sitting, items, until=until, every=every, chance=chance)
            self._writer.close()
        except (OSError, asyncio.IncompleteReadError, KeyError) as error:
            self._seen.broken.append(repr(error))

    async def _enter(self) -> tuple[int, list[dict]]:
        body = {"exam": self._code, "name": f"人{self._number}", "phone": f"138{self._number:08}"}
        head, signed = await self._send("POST", "/api/v1/sign-in", body, self._seen.sign_in)
        cookie = head.lower().split(b"set-cookie: ", 1)[1]
        start = len(head) - len(cookie)
        self._headers["Cookie"] = head[start:].split(b";", 1)[0].decode()
        self._headers["X-CSRF-Token"] = signed["csrf"]
        path = f"/api/v1/exams/{self._code}/sittings"
        _, paper = await self._send("POST", path, {}, self._seen.start)
        return paper["sitting"], paper["items"]

    async def _answer(
        self, sitting: int, items: list[dict], *, until: float, every: float, chance: random.Random
    ) -> None:
        revision, moment = 0, time.perf_counter()
        while True:
            moment += chance.uniform(0.5, 1.5) * every
            if moment > until:
                return
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            item, revision = chance.choice(items), revision + 1
            answer = ["T"] if item["kind"] == "true_false" else [chance.choice("ABCD")]
            path = f"/api/v1/sittings/{sitting}/responses/{item['position']}"
            _, kept = await self._send("PUT", path, {"answer": answer, "revision": revision}, self._seen.save)
            if kept.get("kept"):
                self._seen.acknowledged[sitting, item["position"]] = revision

    async def _send(self, method: str, path: str, body: object, tally: Tally) -> tuple[bytes, dict]:
        sent = request(method, path, host=HOST, headers=self._headers, body=json.dumps(body).encode())
        began = time.perf_counter()
        status, head, found = await exchange(self._reader, self._writer, sent)
        if 200 <= status < 300:
            tally.millis.append((time.perf_counter() - began) * 1000)
        else:
            tally.refused.append(status)
        return head, json.loads(found)


async def run(port: int, code: str, options: argparse.Namespace) -> Seen:
    seen, chance = Seen(), random.Random(7)
    now = time.perf_counter() + 1
    await asyncio.gather(
        *(
            Phone(port, code, number, seen).sit(
                begin=now + chance.uniform(0, options.within),
                until=now + options.seconds,
                every=options.every,
                chance=random.Random(number),
            )
            for number in range(options.persons)
        )
    )
    return seen


def lost(database: Path, seen: Seen) -> int:
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT sitting_id, position, revision FROM response")
    stored = {(sitting, position): revision for sitting, position, revision in rows}
    connection.close()
    return sum(stored.get(key, 0) < revision for key, revision in seen.acknowledged.items())


def play(options: argparse.Namespace) -> tuple[Seen, int, int, float]:
    """What the phones saw; how many answers are gone, how often the log says "locked", the server's CPU."""
    with tempfile.TemporaryDirectory() as folder:
        environ, log = {"MINGSHI_DATA": folder, "SECRET_KEY": "benchmark"}, Path(folder) / "log"
        code = save.prepare(environ, options.persons)
        app = create_app(config.load(environ))
        with app.app_context(), transaction():
            make_papers(exam_by_code(code), limit=options.persons)
        with Server("quiz:create_app", factory=True, threads=64, log=log, **environ) as server:
            before = cpu_seconds(server.pid)
            # In a thread of its own: a browser test before may have left a loop running in this one.
            with ThreadPoolExecutor(1) as alone:
                seen = alone.submit(lambda: asyncio.run(run(server.port, code, options))).result()
            spent = cpu_seconds(server.pid) - before
        return seen, lost(Path(folder) / "mingshi.db", seen), log.read_text().count("locked"), spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=3000)
    parser.add_argument("--within", type=float, default=60, help="seconds in which all of them begin")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--every", type=float, default=10, help="seconds between two answers of one phone")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.persons * 2 + 500)), hard))
    seen, gone, locked, spent = play(options)
    print(
        f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs, load beside the server"
    )
    print(f"{options.persons} phones began within {options.within:.0f} s, {options.seconds:.0f} s in all")
    for name, tally in (("sign-in", seen.sign_in), ("start", seen.start), ("save", seen.save)):
        p50, p95, p99 = (tally.percentile(share) for share in (0.5, 0.95, 0.99))
        print(f"{name:8} {tally.answered:6} answered  {len(tally.refused):3} refused", end="  ")
        print(f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  p99 {p99:6.1f} ms")
    print(f"acknowledged {len(seen.acknowledged)}, lost {gone}, broken connections {len(seen.broken)}")
    print(f"database locked {locked} times, server CPU {spent:.1f} s")
    refused = seen.sign_in.refused or seen.start.refused or seen.save.refused
    sys.exit(1 if gone or locked or seen.broken or refused else 0)


if __name__ == "__main__":
    main()
