"""A bank of 20,000 rows from file to database, as a ratio to the least that any program could do.

    python -m benchmarks.imports [--rounds 5] [--rows 20000] [--postgres URL]

The limit reads the same file with calamine, makes the columns a stored question has out of its cells
without looking at them, and stores them by one executemany in one transaction of a fresh database.
Ours reads and judges in the limited child process (started ahead, as opening the upload page does) and
commits through the functions of the command. Rounds alternate; the median ratio of the wall time counts,
and on a machine that others use that of the processor time, ours and the child's but for its start.
Then, once: the child's peak memory; a second file of as many rows compared with that bank, near
duplicates and all; and the import pressed on the page while another connection saves all the time.
"""

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_migrate import upgrade
from python_calamine import CalamineWorkbook

from benchmarks.load import cpu_seconds, median_ratio
from benchmarks.save import Databases
from question_bank.reading import child
from quiz import config, create_app
from quiz.extensions import db, saver, to_millis, transaction
from quiz.people.models import Account
from quiz.questions import importing, queries, services

#: Each pair of characters is a word.
_WORDS = (
    "信访事项办理受理复查复核机关单位责任规定依法及时群众反映意见建议投诉请求期限书面答复转送交办督办考核通报属地分级"
    "负责部门领导干部公开接待排查化解矛盾纠纷"
)
_HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "章节", "难度"]
_COLUMNS = (
    *("kind", "stem", "options", "key", "explanation", "basis", "chapter", "difficulty", "points"),
    *(
        "article_id",
        "fingerprint",
        "source_row",
        "bank_id",
        "import_id",
        "state",
        "author",
        "created_at",
        "tags",
    ),
)


def workbook(path: Path, rows: int, seed: int) -> None:
    """A bank in the columns of the template: two in five single, one each multiple, true or false, fill."""
    chance = random.Random(seed)

    def text(words: int) -> str:
        places = (2 * chance.randrange(len(_WORDS) // 2) for _ in range(words))
        return "".join(_WORDS[place : place + 2] for place in places)

    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("题库")
    sheet.write_row(0, 0, _HEADINGS)
    for number in range(1, rows + 1):
        kind = ("单选题", "单选题", "多选题", "判断题", "填空题")[number % 5]
        stem, options = (
            f"关于{text(8)}的说法（{number}），正确的是（ ）。",
            [text(5) + str(n) for n in range(4)],
        )
        key = chance.choice("ABCD") if kind == "单选题" else "".join(sorted(chance.sample("ABCD", 3)))
        if kind == "判断题":
            options, key = [""] * 4, chance.choice(["正确", "错误"])
        if kind == "填空题":
            options, key, stem = [""] * 4, text(2), f"第{number}题：{text(6)}____{text(3)}。"
        side = [text(10), f"第{'一二三四五六七八'[number % 8]}章", chance.choice("易中难")]
        sheet.write_row(number, 0, [kind, stem, *options, key, *side])
    book.close()


@contextmanager
def application(url: str) -> Iterator[int]:
    """Ours on a fresh database; gives the id of an empty bank."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": "benchmark"} | ({"DATABASE_URL": url} if url else {})
        app = create_app(config.load(environ))
        with app.app_context():
            upgrade()
            with transaction():
                bank = services.find_or_make_bank(name="题库", at=datetime.now(UTC))
                db.session.add(Account(name="b", role="owner", password_hash="", created_at=bank.created_at))
                db.session.flush()
                number = bank.id
            yield number
            db.session.remove()
            saver().close()
            db.engine.dispose()


Cost = tuple[float, float]


def _used() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def limit(path: Path, bank_id: int) -> Cost:
    began, used = time.perf_counter(), _used()
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    shared = (bank_id, None, "approved", "benchmark", to_millis(datetime.now(UTC)), "[]")
    rows = [
        (
            *(row[0], row[1], json.dumps(row[2:6]), json.dumps([row[6]]), row[7], "", row[8], 2, None, None),
            *(hashlib.sha256(row[1].encode()).hexdigest()[:32], number, *shared),
        )
        for number, row in enumerate(cells[1:], start=2)
    ]
    read = time.perf_counter()
    with transaction():
        connection = db.session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        names, marks = ", ".join(_COLUMNS), ", ".join(mark for _ in _COLUMNS)
        connection.exec_driver_sql(f"INSERT INTO question ({names}) VALUES ({marks})", rows)
    return _told("limit", began, read, _used() - used)


def _reader_ahead() -> float:
    """Start the child as opening the page does; returns the processor time that took."""
    child.prepare()
    time.sleep(3)
    return cpu_seconds(child._spare._child.pid)


def ours(path: Path, bank_id: int) -> Cost:
    started, used = _reader_ahead(), _used()
    began, at = time.perf_counter(), datetime.now(UTC)
    report = services.read_file(path)
    read = time.perf_counter()
    with transaction():
        bank = queries.bank(bank_id)
        stored = services.import_report(bank, report=report, accept=False, at=at, who="benchmark")
    if stored != len(report.questions):
        raise RuntimeError(f"{stored} of {len(report.questions)} stored")
    return _told("ours", began, read, _used() - used - started)


def _told(who: str, began: float, read: float, used: float) -> Cost:
    whole = time.perf_counter() - began
    parts = f"read {read - began:.3f} s  store {whole - (read - began):.3f} s  whole {whole:.3f} s"
    print(f"  {who:5} {parts}  processor {used:.3f} s")
    return whole, used


def upload(path: Path, bank_id: int) -> None:
    """What the page does with a file: read, compare with the bank, keep; then import, while others save."""
    _reader_ahead()
    began, at = time.perf_counter(), datetime.now(UTC)
    known = queries.known("题库")
    with path.open("rb") as stream:
        given: dict[str, Any] = {"name": path.name, "folder": path.parent, "at": at, "bank": known}
        read = services.read_upload(stream, **given)
    left = importing.waiting(read.report, bank_name="题库")
    account = db.session.query(Account).one()
    with transaction():
        kept = {"report": read.report, "bank_name": "题库", "account": account, "at": at, "left": left}
        number = importing.keep_preview(**kept).id
    done = time.perf_counter() - began
    print(f"  upload of {left} rows compared with {len(known)}: {done:.2f} s, {len(read.report.near)} near")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  the child's peak memory: {peak:.0f} MiB")
    with Saving() as saving:
        began = time.perf_counter()
        ready = importing.plan(queries.bank_import(number), at=at)
        planned = time.perf_counter()
        with transaction(ahead=ready.ahead):
            importing.import_preview(queries.bank_import(number), at=at, who="benchmark", ready=ready)
        stored = time.perf_counter()
    print(f"  import: {planned - began:.2f} s before the transaction, {stored - planned:.2f} s in it")
    print(f"  saves meanwhile: {len(saving.waits)}, longest wait {1000 * max(saving.waits):.0f} ms")
    with Saving() as saving:
        began = time.perf_counter()
        with transaction():
            importing.undo(queries.bank_import(number), at=at, who="benchmark")
    print(f"  undo: {time.perf_counter() - began:.2f} s, longest wait {1000 * max(saving.waits):.0f} ms")


class Saving:
    """Another thread that writes a row every 5 ms, as phones do, and notes how long each write took."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._engine = db.engine
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._save)

    def __enter__(self) -> "Saving":
        with transaction():
            db.session.connection().exec_driver_sql("CREATE TABLE IF NOT EXISTS saved (at integer)")
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _save(self) -> None:
        with self._engine.connect().execution_options(mingshi_write=True) as connection:
            while not self._over.wait(0.005):
                began = time.perf_counter()
                connection.exec_driver_sql("INSERT INTO saved VALUES (1)")
                connection.commit()
                self.waits.append(time.perf_counter() - began)


def one_round(options: argparse.Namespace, path: Path) -> tuple[Cost, Cost]:
    with Databases(options.postgres) as (our_url, limit_url):
        with application(our_url) as bank_id:
            our_cost = ours(path, bank_id)
        with application(limit_url) as bank_id:
            limit_cost = limit(path, bank_id)
    wall, used = (our / their for our, their in zip(our_cost, limit_cost, strict=True))
    print(f"  ratio {wall:.2f}, of processor time {used:.2f}", flush=True)
    return our_cost, limit_cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--postgres", help="URL of a server where two databases may be made")
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}  {platform.platform()}  {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.xlsx", Path(folder) / "second.xlsx"
        workbook(first, options.rows, 1)
        workbook(second, options.rows, 2)
        rounds = [one_round(options, first) for _ in range(options.rounds)]
        for place, what in enumerate(("wall time", "processor time")):
            low, middle, high = median_ratio([(our[place], their[place]) for our, their in rounds])
            print(f"{what} over the limit: median {middle:.2f} ({low:.2f} to {high:.2f})")
        with Databases(options.postgres) as (url, _), application(url) as bank_id:
            ours(first, bank_id)
            upload(second, bank_id)


if __name__ == "__main__":
    main()
