"""What it costs that every open phone hears of more time within five seconds.

    python -m benchmarks.ticking [--phones 3000] [--seconds 20] [--rounds 3]

Ratio: the number of an exam's time over a bare Flask hello-world on the same server. Then phones beside the
server on its cores, each asking as static/js/sittings.js does: the share of one core it takes, what an
answer waits, and how old it is.
"""

import argparse
import asyncio
import os
import platform
import resource
import tempfile
from datetime import UTC, datetime

from benchmarks import crowd, standings, watching
from benchmarks.load import cpu_seconds, median_ratio
from benchmarks.server import Server

#: Seconds between two looks of a phone, on average (static/js/sittings.js, LOOK).
EVERY = 3.33


def ratio(environ: dict[str, str], path: str, seconds: float) -> tuple[float, float]:
    with Server("quiz:create_app", factory=True, **environ) as server:
        ours = standings.readings(server.port, server.pid, path, seconds)
    with Server("benchmarks.hello:app") as server:
        return ours, standings.readings(server.port, server.pid, "/", seconds)


async def phones(port: int, path: str, count: int, seconds: float) -> watching.Seen:
    seen = watching.Seen()
    until = watching.time.perf_counter() + EVERY + seconds
    jobs = [watching.watch(watching.Client(port, seen), path, EVERY, until, False) for _ in range(count)]
    await asyncio.gather(*jobs)
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.phones * 2 + 1000)), hard))
    print(f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as folder:
        environ = standings.environment(folder, "")
        path = f"/api/v1/exams/{crowd.prepare(environ, sitters=100, crowd=100)}/time"
        found = [ratio(environ, path, 4) for _ in range(options.rounds)]
        low, middle, high = median_ratio(found)
        print(f"over hello: median {middle:.2f} ({low:.2f} to {high:.2f}), {found[0][0]:.3f} ms")
        with Server("quiz:create_app", factory=True, threads=64, **environ) as server:
            before = cpu_seconds(server.pid)
            seen = asyncio.run(phones(server.port, path, options.phones, options.seconds))
            spent = cpu_seconds(server.pid) - before
    share = spent / (EVERY + options.seconds)
    waits = ", ".join(f"p{100 * part:.0f} {seen.read.percentile(part):.1f} ms" for part in (0.5, 0.95, 0.99))
    print(f"{options.phones} phones: {seen.read.answered} answers, {len(seen.read.refused)} refused, {waits}")
    print(f"{len(seen.broken)} broken connections, {share:.0%} of one core")


if __name__ == "__main__":
    main()
