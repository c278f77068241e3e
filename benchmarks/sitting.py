"""Server CPU of a start on a ready paper, and of submitting and marking 50 items, over the limit program.

    python -m benchmarks.sitting [--rounds 3] [--persons 1500] [--postgres URL]

Each round: every person starts once, 50 answers each are stored, every person submits once. The limit
program (one upsert and commit) runs in the same round on the same server for as many requests.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from benchmarks import save
from benchmarks.load import closed_loop, cpu_seconds, median_ratio, request
from benchmarks.server import Server
from quiz import config, create_app, tokens
from quiz.exams.queries import exam_by_code
from quiz.extensions import db, session_execute, transaction
from quiz.sittings.services import make_papers

CLIENTS = 16
SECRET = "benchmark"
_OPENED = "SELECT id, person_id FROM sitting WHERE submitted_at IS NULL ORDER BY id"
ANSWER = json.dumps(["B"])


def ready(environ: dict[str, str], persons: int) -> tuple[str, int]:
    """An open exam of fifty items with a paper made ready for everybody; its code and id."""
    code = save.prepare(environ, persons, preset="fifty")
    app = create_app(config.load(environ))
    with app.app_context(), transaction():
        exam = exam_by_code(code)
        make_papers(exam, limit=persons)
        found = exam.id
    return code, found


def answer_all(environ: dict[str, str], *, only: list[int] | None = None) -> None:
    """Store fifty answers for every sitting or those named, without going through the server."""
    app = create_app(config.load(environ))
    with app.app_context(), transaction():
        sittings = only or [row[0] for row in session_execute("SELECT id FROM sitting", {})]
        sql = "INSERT INTO response (sitting_id, position, answer, revision, saved_at) VALUES "
        for sitting in sittings:
            values = ",".join(f"({sitting}, {position}, :answer, 1, 0)" for position in range(1, 51))
            session_execute(sql + values, {"answer": ANSWER})
        db.session.flush()


def clients_of(paths: Iterator[tuple[str, dict[str, str]]]) -> list[Iterator[bytes]]:
    """The requests dealt out to CLIENTS connections, each in its turn."""
    sent = [request("POST", path, host="127.0.0.1", headers=headers) for path, headers in paths]
    return [iter(sent[number::CLIENTS]) for number in range(CLIENTS)]


def headers_of(person: int, exam: int) -> dict[str, str]:
    token = tokens.sign(SECRET, person=person, exam=exam)
    return {"Cookie": f"{tokens.COOKIE}={token}", "X-CSRF-Token": tokens.csrf(SECRET, token)}


def measure(server: Server, clients: list[Iterator[bytes]]) -> float:
    """CPU milliseconds of the server for each answered request."""
    before = cpu_seconds(server.pid)
    tally = closed_loop(server.port, clients, seconds=120)
    if tally.refused or not tally.answered:
        raise RuntimeError(f"refused: {tally.refused[:5]} of {tally.answered}")
    return (cpu_seconds(server.pid) - before) * 1000 / tally.answered


def one_round(options: argparse.Namespace) -> tuple[float, float, float]:
    persons = options.persons
    with tempfile.TemporaryDirectory() as folder, save.Databases(options.postgres) as (our_url, limit_url):
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": SECRET}
        if our_url:
            environ["DATABASE_URL"] = our_url
        code, exam = ready(environ, persons)
        headers = {person: headers_of(person, exam) for person in range(1, persons + 1)}
        with Server("quiz:create_app", factory=True, **environ) as server:
            path = f"/api/v1/exams/{code}/sittings"
            measure(server, clients_of((path, headers[n]) for n in range(1, 101)))
            start = measure(server, clients_of((path, headers[n]) for n in range(101, persons + 1)))
        answer_all(environ)
        sittings = opened(environ)
        with Server("quiz:create_app", factory=True, **environ) as server:
            measure(server, clients_of(submits(sittings[:100], headers)))
            submit = measure(server, clients_of(submits(sittings[100:], headers)))
        with Server("benchmarks.limit:app", LIMIT_DB=limit_url or str(Path(folder) / "limit.db")) as server:
            clients = save.limit(server.port, code, CLIENTS)
            measure(server, [islice(client, 20) for client in clients])
            limit = measure(server, [islice(client, persons // CLIENTS) for client in clients])
    print(f"start {start:.3f} ms  submit {submit:.3f} ms  limit {limit:.3f} ms", flush=True)
    return start, submit, limit


def opened(environ: dict[str, str]) -> list[tuple[int, int]]:
    app = create_app(config.load(environ))
    with app.app_context():
        return [tuple(row) for row in session_execute(_OPENED, {})]


def submits(
    sittings: list[tuple[int, int]], headers: dict[int, dict[str, str]]
) -> Iterator[tuple[str, dict[str, str]]]:
    return ((f"/api/v1/sittings/{sitting}/submit", headers[person]) for sitting, person in sittings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--persons", type=int, default=1500)
    parser.add_argument("--postgres", help="URL of a server where two databases may be made")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs")
    rounds = [one_round(options) for _ in range(options.rounds)]
    for name, place in (("start", 0), ("submit and mark 50", 1)):
        low, middle, high = median_ratio([(one[place], one[2]) for one in rounds])
        print(f"{name}, server CPU over the limit program: median {middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
