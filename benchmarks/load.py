"""A bounded load from its own process, and the server's CPU while it runs. Loopback only.

``closed_loop`` keeps a number of connections busy for some seconds, each sending its own requests one
after the other. CPU is read from /proc for the server's whole process tree.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERTZ = os.sysconf("SC_CLK_TCK")


@dataclass
class Tally:
    """What one run saw: ``millis`` of every answered request, and the statuses that were not 2xx."""

    millis: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return len(self.millis)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.millis) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, *, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes
) -> tuple[int, bytes, bytes]:
    """Status, head and body of the reply to ``sent``."""
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        return status, head, await reader.readexactly(length)
    body = b""
    while True:
        size = int(await reader.readline(), 16)
        part = await reader.readexactly(size + 2)
        if not size:
            return status, head, body
        body += part[:-2]


async def _client(port: int, requests: Iterator[bytes], until: float, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for sent in requests:
        began = time.perf_counter()
        if began > until:
            break
        status, _, _ = await exchange(reader, writer, sent)
        if 200 <= status < 300:
            tally.millis.append((time.perf_counter() - began) * 1000)
        else:
            tally.refused.append(status)
    writer.close()


async def _run(port: int, clients: list[Iterator[bytes]], seconds: float) -> Tally:
    tally = Tally()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_client(port, requests, until, tally) for requests in clients))
    return tally


def closed_loop(port: int, clients: list[Iterator[bytes]], *, seconds: float) -> Tally:
    return asyncio.run(_run(port, clients, seconds))


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and everything it has started."""
    total = 0.0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += (int(fields[11]) + int(fields[12])) / HERTZ
    return total


def tree(pid: int) -> list[int]:
    """The process and everything it has started."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            queue += [int(child) for child in task.read_text().split()]
    return found


def median_ratio(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Smallest, median and largest of a/b over paired runs."""
    ratios = sorted(a / b for a, b in pairs)
    return ratios[0], ratios[len(ratios) // 2], ratios[-1]


Making = Callable[[int], Iterator[bytes]]
