"""What standings cost: a submit beside many others, a reading over bare Flask, a rebuild.

    python -m benchmarks.standings [--rounds 3] [--crowd 100000] [--postgres URL]

Submits: the same submits among 1,000 marked sittings and among 100,000, in 500 units, alternating. Readings:
the wall's address, while one submit comes every half second, over a hello-world on the same server.
Rebuild: all totals anew from the results, which must not change them.
"""

import argparse
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import repeat
from typing import Any

from sqlalchemy import select

from benchmarks import crowd, save, sitting
from benchmarks.load import closed_loop, cpu_seconds, median_ratio, request
from benchmarks.server import Server
from quiz import config, create_app
from quiz.exams.queries import exam_by_code
from quiz.extensions import db, transaction
from quiz.sittings.closing import rebuild_totals
from quiz.sittings.models import UnitTotal

FEW = 1_000
WARM, SITTERS = 60, 660
READERS = 16


def environment(folder: str, url: str) -> dict[str, str]:
    return {"MINGSHI_DATA": folder, "SECRET_KEY": sitting.SECRET} | ({"DATABASE_URL": url} if url else {})


def submits(environ: dict[str, str], code: str) -> float:
    """CPU milliseconds of the server for each submit of fifty answered items."""
    app = create_app(config.load(environ))
    with app.app_context():
        exam = exam_by_code(code).id
        db.engine.dispose()
    headers = {person: sitting.headers_of(person, exam) for person in range(1, SITTERS + 1)}
    path = f"/api/v1/exams/{code}/sittings"
    with Server("quiz:create_app", factory=True, **environ) as server:
        sitting.measure(server, sitting.clients_of((path, headers[n]) for n in headers))
    opened = [pair for pair in sitting.opened(environ) if pair[1] <= SITTERS]
    sitting.answer_all(environ, only=[number for number, _ in opened])
    with Server("quiz:create_app", factory=True, **environ) as server:
        sitting.measure(server, sitting.clients_of(sitting.submits(opened[:WARM], headers)))
        return sitting.measure(server, sitting.clients_of(sitting.submits(opened[WARM:], headers)))


def readings(port: int, pid: int, address: str, seconds: float) -> float:
    """CPU milliseconds of the server for each answered reading."""
    sent = request("GET", address, host="127.0.0.1", headers={"Accept-Encoding": "gzip"})
    clients: list[Iterator[bytes]] = [repeat(sent) for _ in range(READERS)]
    closed_loop(port, clients, seconds=0.5)
    before = cpu_seconds(pid)
    tally = closed_loop(port, clients, seconds=seconds)
    if tally.refused or not tally.answered:
        raise RuntimeError(f"refused: {tally.refused[:5]} of {tally.answered}")
    return (cpu_seconds(pid) - before) * 1000 / tally.answered


def submit_now_and_then(port: int, code: str, headers: list[dict[str, str]], over: threading.Event) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for one in headers:
        started = _post(connection, f"/api/v1/exams/{code}/sittings", one)
        _post(connection, f"/api/v1/sittings/{started['sitting']}/submit", one)
        if over.wait(0.5):
            return


def _post(connection: HTTPConnection, path: str, headers: dict[str, str]) -> dict[str, Any]:
    connection.request("POST", path, headers=headers)
    reply = connection.getresponse()
    found: dict[str, Any] = json.loads(reply.read())
    if reply.status >= 300:
        raise RuntimeError(found)
    return found


def reading_round(environ: dict[str, str], code: str, first: int, seconds: float) -> tuple[float, float]:
    app = create_app(config.load(environ))
    with app.app_context():
        exam = exam_by_code(code).id
        db.engine.dispose()
    headers = [sitting.headers_of(person, exam) for person in range(first, first + 40)]
    with Server("quiz:create_app", factory=True, **environ) as server:
        over = threading.Event()
        writer = threading.Thread(target=submit_now_and_then, args=(server.port, code, headers, over))
        writer.start()
        ours = readings(server.port, server.pid, f"/api/v1/exams/{code}/standings/units?limit=24", seconds)
        over.set()
        writer.join()
    with Server("benchmarks.hello:app") as server:
        hello = readings(server.port, server.pid, "/", seconds)
    return ours, hello


def rebuild(environ: dict[str, str], code: str) -> float:
    """Seconds of a rebuild; raises if it changed anything."""
    app = create_app(config.load(environ))
    with app.app_context():
        exam = exam_by_code(code)
        before = _totals(exam.id)
        began = time.perf_counter()
        with transaction():
            rebuild_totals(exam)
        spent = time.perf_counter() - began
        if _totals(exam.id) != before:
            raise RuntimeError("the rebuilt totals differ from those kept")
        db.session.remove()
        db.engine.dispose()
    return spent


def _totals(exam: int) -> list[tuple[object, ...]]:
    wanted = select(UnitTotal).where(UnitTotal.exam_id == exam, UnitTotal.took_part > 0)
    rows = db.session.scalars(wanted.order_by(UnitTotal.unit_id))
    found = [(row.unit_id, row.took_part, row.score_sum, row.passed, row.excellent) for row in rows]
    db.session.rollback()
    return found


def one_round(options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    with (
        tempfile.TemporaryDirectory() as small,
        tempfile.TemporaryDirectory() as large,
        save.Databases(options.postgres) as (small_url, large_url),
    ):
        few, many = environment(small, small_url), environment(large, large_url)
        few_code = crowd.prepare(few, sitters=SITTERS, crowd=FEW)
        many_code = crowd.prepare(many, sitters=SITTERS + 40, crowd=options.crowd)
        submit = submits(many, many_code), submits(few, few_code)
        read = reading_round(many, many_code, SITTERS + 1, options.seconds)
        seconds = rebuild(many, many_code)
    print(
        f"submit among {options.crowd} {submit[0]:.3f} ms, among {FEW} {submit[1]:.3f} ms, ratio "
        f"{submit[0] / submit[1]:.2f}   reading {read[0]:.3f} ms, hello {read[1]:.3f} ms, ratio "
        f"{read[0] / read[1]:.2f}   rebuild {seconds:.2f} s",
        flush=True,
    )
    return {"submit, many over few": submit, "reading over hello": read, "rebuild, seconds": (seconds, 1.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crowd", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--postgres", help="URL of a server where two databases may be made")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs")
    rounds = [one_round(options) for _ in range(options.rounds)]
    for name in rounds[0]:
        low, middle, high = median_ratio([one[name] for one in rounds])
        print(f"{name}: median {middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
