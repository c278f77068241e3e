"""Server CPU per acknowledged save, as a ratio to the limit program in the same run on the same server.

    python -m benchmarks.save [--rounds 5] [--seconds 4] [--clients 16] [--postgres URL]

Rounds alternate ours and the limit program, each on its own fresh database. The median ratio counts;
requests a second are printed but move with the machine.
"""

import argparse
import itertools
import json
import os
import platform
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import psycopg
from flask_migrate import upgrade

from benchmarks.load import Tally, closed_loop, cpu_seconds, median_ratio, request
from benchmarks.server import Server
from question_bank import Kind, Question
from quiz import config, create_app
from quiz.exams.services import Settings, create
from quiz.extensions import db, transaction
from quiz.people.models import Person, Unit
from quiz.questions.services import add_questions, find_or_make_bank

ITEMS = 80


def prepare(environ: dict[str, str], persons: int, *, preset: str = "jining") -> str:
    """A migrated database with one open exam and its persons; returns the exam's code."""
    app = create_app(config.load(environ))
    with app.app_context():
        upgrade()
        at = datetime.now(UTC)
        with transaction():
            bank = find_or_make_bank(name="benchmark", at=at)
            add_questions(bank, questions=[(question, None) for question in _questions()], at=at)
            unit = Unit(name="单位", pinyin="danwei")
            db.session.add(unit)
            db.session.flush()
            db.session.add_all(
                Person(name=f"人{n}", name_key=f"人{n}", unit_id=unit.id, phone=f"138{n:08}")
                for n in range(persons)
            )
            window = {"opens_at": at, "closes_at": at + timedelta(days=1)}
            code = create(
                bank, settings=Settings(title="测量", preset=preset, **window), at=at, who="benchmark"
            ).code
        db.engine.dispose()
    return code


def _questions() -> Iterator[Question]:
    for n in range(60):
        options = tuple(f"选项{letter}{n}" for letter in "甲乙丙丁")
        yield Question(Kind.SINGLE, f"单选题 {n}", options, ("B",))
        yield Question(Kind.MULTIPLE, f"多选题 {n}", options, ("A", "C"))
        yield Question(Kind.TRUE_FALSE, f"判断题 {n}", (), ("T",))


def ours(port: int, code: str, clients: int) -> list[Iterator[bytes]]:
    return [_our_client(port, code, number) for number in range(clients)]


def _our_client(port: int, code: str, number: int) -> Iterator[bytes]:
    connection = HTTPConnection("127.0.0.1", port)
    body = {"exam": code, "name": f"人{number}", "phone": f"138{number:08}"}
    cookie, signed = _post(connection, "/api/v1/sign-in", body)
    headers = {"Cookie": cookie, "X-CSRF-Token": signed["csrf"]}
    _, paper = _post(connection, f"/api/v1/exams/{code}/sittings", {}, headers)
    connection.close()
    answers = {item["position"]: _answer(item["kind"]) for item in paper["items"]}
    return _saves(f"/api/v1/sittings/{paper['sitting']}/responses", answers, headers)


def _answer(kind: str) -> list[str]:
    return {"single": ["B"], "multiple": ["A", "C"], "true_false": ["T"]}[kind]


def limit(port: int, code: str, clients: int) -> list[Iterator[bytes]]:
    made = []
    for number in range(clients):
        connection = HTTPConnection("127.0.0.1", port)
        cookie, _ = _post(connection, "/sign-in", {"person": number})
        connection.close()
        answers = {n: ["A", "C"] if n > 40 else ["B"] for n in range(1, ITEMS + 1)}
        made.append(_saves(f"/sittings/{number}/responses", answers, {"Cookie": cookie}))
    return made


def _saves(path: str, answers: dict[int, list[str]], headers: dict[str, str]) -> Iterator[bytes]:
    sent = {"Content-Type": "application/json", **headers}
    for revision in itertools.count(1):
        for position, answer in answers.items():
            body = json.dumps({"answer": answer, "revision": revision}).encode()
            yield request("PUT", f"{path}/{position}", host="127.0.0.1", headers=sent, body=body)


def _post(
    connection: HTTPConnection, path: str, body: object, headers: dict[str, str] | None = None
) -> tuple[str, dict]:
    sent = {"Content-Type": "application/json", **(headers or {})}
    connection.request("POST", path, json.dumps(body), sent)
    reply = connection.getresponse()
    document = json.loads(reply.read())
    if reply.status >= 300:
        raise RuntimeError(document)
    return (reply.getheader("Set-Cookie") or "").partition(";")[0], document


def measure(server: Server, clients: list[Iterator[bytes]], seconds: float) -> tuple[float, Tally]:
    """CPU milliseconds of the server per acknowledged save, and what the clients saw."""
    closed_loop(server.port, clients, seconds=0.5)  # warm: caches, prepared statements
    before = cpu_seconds(server.pid)
    tally = closed_loop(server.port, clients, seconds=seconds)
    spent = cpu_seconds(server.pid) - before
    if tally.refused or not tally.answered:
        raise RuntimeError(f"refused: {tally.refused[:5]} of {tally.answered}")
    return spent * 1000 / tally.answered, tally


def one_round(options: argparse.Namespace) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, Databases(options.postgres) as (our_url, limit_url):
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": "benchmark"}
        if our_url:
            environ["DATABASE_URL"] = our_url
        code = prepare(environ, options.clients)
        with Server("quiz:create_app", factory=True, **environ) as server:
            our_cpu, our_tally = measure(server, ours(server.port, code, options.clients), options.seconds)
        with Server("benchmarks.limit:app", LIMIT_DB=limit_url or str(Path(folder) / "limit.db")) as server:
            limit_cpu, limit_tally = measure(
                server, limit(server.port, code, options.clients), options.seconds
            )
    print(
        f"ours {our_cpu:.3f} ms {our_tally.answered / options.seconds:6.0f}/s "
        f"p95 {our_tally.percentile(0.95):5.1f} ms   "
        f"limit {limit_cpu:.3f} ms {limit_tally.answered / options.seconds:6.0f}/s "
        f"p95 {limit_tally.percentile(0.95):5.1f} ms   ratio {our_cpu / limit_cpu:.2f}",
        flush=True,
    )
    return our_cpu, limit_cpu


class Databases:
    """Two fresh PostgreSQL databases, dropped afterwards; two empty texts when no server is named."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._names = [f"mingshi_bench_{uuid.uuid4().hex[:8]}" for _ in range(2)]

    def __enter__(self) -> tuple[str, str]:
        if not self._url:
            return "", ""
        self._each("CREATE DATABASE {}")
        first, second = (self._url.rpartition("/")[0] + "/" + name for name in self._names)
        return first, second

    def __exit__(self, *exception: object) -> None:
        if self._url:
            self._each("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _each(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            for name in self._names:
                connection.execute(statement.format(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--postgres", help="URL of a server where two databases may be made")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs")
    low, middle, high = median_ratio([one_round(options) for _ in range(options.rounds)])
    print(f"save, server CPU over the limit program: median {middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
