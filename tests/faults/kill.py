"""Kill every server process while answers arrive, and count what was acknowledged and is gone.

``python3 run.py faults --rounds 200`` is the long form; test_kill.py runs a few rounds. A round starts the
real server on a fresh SQLite database, lets clients save as fast as they can, sends kill -9 to the whole
process group at a moment the seed decides, and then compares every acknowledged revision with the stored one.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import exchange
from benchmarks.save import ours, prepare
from benchmarks.server import Server
from tests.faults.phone import long_form

CLIENTS = 8
Key = tuple[str, int]


@dataclass
class Acknowledged:
    """What the clients heard: the newest revision of each answer, and how many acknowledgements in all."""

    newest: dict[Key, int] = field(default_factory=dict)
    total: int = 0


@dataclass
class Count:
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)


def one_round(target: str, *, seed: int) -> Count:
    """One kill of ``target``, an application factory as granian takes it."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": "faults"}
        code = prepare(environ, CLIENTS)
        acknowledged = Acknowledged()
        with Server(target, factory=True, **environ) as server:
            clients = ours(server.port, code, CLIENTS)
            saving = _save_until_killed(server, clients, acknowledged, random.Random(seed))
            # In a thread of its own: a browser test before may have left a loop running in this one.
            with ThreadPoolExecutor(1) as alone:
                alone.submit(asyncio.run, saving).result()
        return _compare(Path(folder) / "mingshi.db", acknowledged)


async def _save_until_killed(
    server: Server, clients: list[Iterator[bytes]], acknowledged: Acknowledged, chance: random.Random
) -> None:
    tasks = [asyncio.create_task(_client(server.port, client, acknowledged)) for client in clients]
    await asyncio.sleep(chance.uniform(0.4, 1.2))
    os.killpg(server.pid, signal.SIGKILL)
    await asyncio.gather(*tasks)


async def _client(port: int, requests: Iterator[bytes], acknowledged: Acknowledged) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for sent in requests:
            status, _, body = await exchange(reader, writer, sent)
            if status == 200:
                acknowledged.newest[key_of(sent)] = json.loads(body)["revision"]
                acknowledged.total += 1
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the server is gone, as intended
    finally:
        writer.close()


def key_of(sent: bytes) -> Key:
    _, _, _, _, sitting, _, position = sent.split(b" ", 2)[1].decode().split("/")
    return sitting, int(position)


def _compare(database: Path, acknowledged: Acknowledged) -> Count:
    connection = sqlite3.connect(database)
    stored = {
        (str(s), p): r
        for s, p, r in connection.execute("SELECT sitting_id, position, revision FROM response")
    }
    whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    newest = acknowledged.newest.items()
    lost = [f"{key}: {revision}" for key, revision in newest if stored.get(key, 0) < revision]
    return Count(acknowledged.total, lost if whole == "ok" else [*lost, whole])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--browser", type=int, metavar="N", help="kill a phone's browser N times instead")
    options = parser.parse_args()
    if options.browser:
        sys.exit(1 if long_form(options.browser, options.seed) else 0)
    acknowledged, lost = 0, 0
    for number in range(options.rounds):
        count = one_round("quiz:create_app", seed=options.seed + number)
        acknowledged, lost = acknowledged + count.acknowledged, lost + len(count.lost)
        sys.stdout.write(f"round {number + 1}: {count.acknowledged} acknowledged, {len(count.lost)} lost\n")
    sys.stdout.write(f"{options.rounds} kills, {acknowledged} acknowledged, {lost} lost\n")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
