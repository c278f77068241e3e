"""Reading in a process of its own, so that a file can at worst end that process (promises E2).

The guard refuses what is known to be dangerous; limits on memory and time catch the rest. Limits need
the ``resource`` module: without it (Windows) there is only the time on the clock.
"""

import atexit
import gc
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from question_bank.columns import ColumnMapping
from question_bank.duplicates import near
from question_bank.errors import CannotRead
from question_bank.placed import Questions
from question_bank.question import Kind, Question
from question_bank.reading import grid, judged
from question_bank.reading.sampling import Sample, sample
from question_bank.reading.sheet import Sheet
from question_bank.report import Report

try:
    import resource
except ImportError:  # pragma: no cover - only where the platform has no limits
    resource = None  # type: ignore[assignment]

_REFUSED, _IDLE = 2, 3
#: How long a child that was started ahead waits for an order before it ends.
_WAITS = 600
#: Reports are megabytes.
_BUFFER = 1024 * 1024
#: A question of a bank as orders carry it: number, kind, then stem, options and key, the last two as JSON.
Known = tuple[int, str, str, str, str]


def read_limited(
    path: str | Path,
    *,
    name: str | None = None,
    seconds: float = 10.0,
    megabytes: int = 1024,
    mapping: ColumnMapping | None = None,
    bank: Iterable[Known] | None = None,
) -> Report:
    """``read`` in a child process with at most ``seconds`` and ``megabytes`` (address space).

    With ``bank`` the report also says which questions are much like each other or like one of these.
    Raises CannotRead for whatever goes wrong: a refusal, a crash, too much time or memory.
    """
    order = {
        "path": str(path),
        "name": name,
        "seconds": seconds,
        "megabytes": megabytes,
        "mapping": asdict(mapping) if mapping else None,
        "bank": None if bank is None else list(bank),
    }
    questions: list[Questions] = []
    rest = _done(order, ahead=lambda line: questions.append(Questions.of_document(json.loads(line))))
    return Report.from_json(rest, *questions)


def sheets_limited(path: str | Path, *, name: str, seconds: float, megabytes: int) -> list[Sheet]:
    """``grid.sheets`` within the same limits, for lists that are no question banks."""
    order = {"path": str(path), "name": name, "seconds": seconds, "megabytes": megabytes, "bare": True}
    return [Sheet.from_document(one) for one in json.loads(_done(order))]


def sample_limited(path: str | Path, *, seconds: float = 10.0, megabytes: int = 1024) -> Sample | None:
    """``sampling.sample`` within the same limits."""
    order = {"path": str(path), "seconds": seconds, "megabytes": megabytes, "look": True}
    return Sample.from_document(json.loads(_done(order)))


class _Spare:
    """At most one child that was started ahead: loading this package takes longer than most files.

    It ends with its parent, whose end of the pipe closes, or after a while without an order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        with self._lock:
            if self._child is None or self._child.poll() is not None:
                self._child = _start()

    def take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            child, self._child = self._child, None
        return child if child is not None and child.poll() is None else _start()

    def end(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


_spare = _Spare()
atexit.register(_spare.end)


def prepare() -> None:
    """Start a child ahead: somebody is about to choose a file."""
    _spare.prepare()


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "question_bank.reading.child"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": _BUFFER}
    return subprocess.Popen(command, **pipes, stderr=subprocess.DEVNULL, env=_environment())


def _done(order: dict[str, Any], ahead: Callable[[bytes], None] | None = None) -> str:
    """What the child wrote for this order; ``ahead`` takes a first line while it still works on the rest."""
    code, written = _run(_spare.take(), order, ahead)
    if code == _IDLE:
        # It ended the moment it was taken.
        code, written = _run(_start(), order, ahead)
    if code == 0:
        return written.decode()
    if code == _REFUSED and written:
        said = json.loads(written)
        raise CannotRead(said["code"], said["message"])
    raise CannotRead(
        "reader-stopped", "读这个文件时出错，它可能太大或已损坏。请用 WPS 另存为新的 .xlsx 后再传。"
    )


def _run(
    child: subprocess.Popen[bytes], order: dict[str, Any], ahead: Callable[[bytes], None] | None
) -> tuple[int, bytes]:
    """The exit code and the output of a child that was given this order, without a line for ``ahead``."""
    assert child.stdin
    assert child.stdout
    late = threading.Event()

    def expire() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(order["seconds"] + 2, expire)
    with child:
        timer.start()
        try:
            with suppress(BrokenPipeError), child.stdin:
                child.stdin.write(json.dumps(order).encode())
            written = child.stdout.readline()
            if ahead and written.endswith(b"\n"):
                ahead(written)
                written = b""
            written += child.stdout.read()
        except BaseException:
            child.kill()
            raise
        finally:
            timer.cancel()
    if late.is_set():
        raise CannotRead("too-slow", "这个文件读得太久，没有读完。请分成几个文件再传。")
    return child.returncode, written


def _environment() -> dict[str, str]:
    """The child finds this package where the parent did, whatever folder it runs in."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}


def _limit(seconds: float, megabytes: int) -> None:
    if resource is None:
        return
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    whole = max(1, round(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """The child: one order as JSON on stdin, what was read or a refusal as JSON on stdout."""
    # It lives for one file: what it would collect on the way it frees by ending.
    gc.disable()
    if sys.platform != "win32" and not select.select([sys.stdin], [], [], _WAITS)[0]:
        return _IDLE
    given = sys.stdin.buffer.read()
    if not given:
        return _IDLE
    order = json.loads(given)
    _limit(order["seconds"], order["megabytes"])
    try:
        answer = _look(order) if "look" in order else _bare(order) if "bare" in order else _report(order)
    except CannotRead as refusal:
        sys.stdout.write(json.dumps({"code": refusal.code, "message": refusal.message}))
        return _REFUSED
    sys.stdout.buffer.write(answer.encode())
    return 0


def _report(order: dict[str, Any]) -> str:
    report = judged(order["path"], name=order["name"], mapping=_mapping(order["mapping"]))
    sys.stdout.buffer.write(report.questions.to_json().encode() + b"\n")
    sys.stdout.flush()
    report.finish()
    if order["bank"] is not None:
        report.near = near(report.questions, map(_known, order["bank"]))
    return report.to_json(questions=False)


def _known(entry: Known) -> tuple[int, Question]:
    number, kind, stem, options, key = entry
    return number, Question(Kind(kind), stem, tuple(json.loads(options)), tuple(json.loads(key)))


def _bare(order: dict[str, Any]) -> str:
    return json.dumps([sheet.document() for sheet in grid.sheets(order["path"], name=order["name"])])


def _look(order: dict[str, Any]) -> str:
    found = sample(order["path"])
    return json.dumps(asdict(found) if found else None)


def _mapping(document: dict[str, object] | None) -> ColumnMapping | None:
    if document is None:
        return None
    codes = {code: Kind(kind) for code, kind in document["codes"].items()}  # type: ignore[attr-defined]
    return ColumnMapping(document["fields"], document["first_row"], codes)  # type: ignore[arg-type]


if __name__ == "__main__":
    raise SystemExit(main())
