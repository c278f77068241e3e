"""No acknowledgement leaves the server before the write-ahead log is on the disk (promise A2).

strace sees the order of writes, syncs and replies of the real server: it stands in for a power cut, which
kill -9 can never show. Skipped by name where there is no strace or tracing is not permitted.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.load import closed_loop, tree
from benchmarks.save import ours, prepare
from benchmarks.server import Server

SAVES = 30
CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"
WRITES = re.compile(r"^(\d+) +pwrite64\(\d+<[^>]*-wal>")
SYNCS = re.compile(r"^(\d+) +(?:fdatasync|fsync)\(\d+<[^>]*-wal>(\) += 0| <unfinished)")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (?:fdatasync|fsync) resumed>\) += 0")
REPLY = re.compile(r'^\d+ +(?:write|writev|sendto|sendmsg)\(.*"HTTP/1\.1 200 ')


@pytest.fixture(scope="module", autouse=True)
def _strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace: not installed")
    if subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("strace: tracing is not permitted here")


def replies(target: str) -> tuple[int, int]:
    """How many answers were acknowledged to one client, and how many of them before their sync."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": "faults"}
        code, trace = prepare(environ, 1), Path(folder) / "trace"
        under = ["strace", "-f", "-y", "-s", "40", "-e", f"trace={CALLS}", "-o", str(trace)]
        with Server(target, factory=True, threads=2, under=under, **environ) as server:
            [saves] = ours(server.port, code, 1)
            before = len(trace.read_text().splitlines())
            # In a thread of its own: a browser test before may have left a loop running in this one.
            with ThreadPoolExecutor(1) as alone:
                alone.submit(closed_loop, server.port, [islice(saves, SAVES)], seconds=60).result()
            # What strace has seen is whole in its file once those it follows have ended.
            for one in tree(server.pid)[1:]:
                os.kill(one, signal.SIGKILL)
            server.wait()
        return order(trace.read_text().splitlines()[before:])


def order(lines: list[str]) -> tuple[int, int]:
    """Replies, and those that left while something written to the log was not yet synced."""
    dirty, syncing, seen, early = False, set[str](), 0, 0
    for line in lines:
        if WRITES.match(line):
            dirty = True
        elif found := SYNCS.match(line):
            syncing |= {found[1]} if "unfinished" in found[2] else set()
            dirty = dirty and "unfinished" in found[2]
        elif (found := RESUMED.match(line)) and found[1] in syncing:
            syncing.discard(found[1])
            dirty = False
        elif REPLY.match(line):
            seen, early = seen + 1, early + dirty
    return seen, early


def test_no_acknowledgement_leaves_before_the_sync() -> None:
    assert replies("quiz:create_app") == (SAVES, 0)


def test_a_server_that_does_not_wait_is_caught() -> None:
    seen, early = replies("faults.hasty:create_app")
    assert seen == SAVES
    assert early > SAVES / 2
