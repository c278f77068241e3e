"""Reading in a process of its own, so that a file can at worst end that process (promises E2).

The guard refuses what is known to be dangerous; limits on memory and time catch the rest. Limits need
the ``resource`` module: without it (Windows) there is only the time on the clock.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from question_bank.columns import ColumnMapping
from question_bank.errors import CannotRead
from question_bank.question import Kind
from question_bank.reading import grid, read
from question_bank.reading.sampling import Sample, sample
from question_bank.reading.sheet import Sheet
from question_bank.report import Report

try:
    import resource
except ImportError:  # pragma: no cover - only where the platform has no limits
    resource = None  # type: ignore[assignment]

_REFUSED = 2


def read_limited(
    path: str | Path,
    *,
    name: str | None = None,
    seconds: float = 10.0,
    megabytes: int = 1024,
    mapping: ColumnMapping | None = None,
) -> Report:
    """``read`` in a child process with at most ``seconds`` and ``megabytes`` (address space).

    Raises CannotRead for whatever goes wrong: a refusal, a crash, too much time or memory.
    """
    order = {
        "path": str(path),
        "name": name,
        "seconds": seconds,
        "megabytes": megabytes,
        "mapping": asdict(mapping) if mapping else None,
    }
    return Report.from_json(_done(order))


def sheets_limited(path: str | Path, *, name: str, seconds: float, megabytes: int) -> list[Sheet]:
    """``grid.sheets`` within the same limits, for lists that are no question banks."""
    order = {"path": str(path), "name": name, "seconds": seconds, "megabytes": megabytes, "bare": True}
    return [Sheet.from_document(one) for one in json.loads(_done(order))]


def sample_limited(path: str | Path, *, seconds: float = 10.0, megabytes: int = 1024) -> Sample | None:
    """``sampling.sample`` within the same limits."""
    order = {"path": str(path), "seconds": seconds, "megabytes": megabytes, "look": True}
    return Sample.from_document(json.loads(_done(order)))


def _done(order: dict[str, Any]) -> str:
    """What the child wrote for this order."""
    seconds = order["seconds"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "question_bank.reading.child"],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=seconds + 2,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as wrong:
        raise CannotRead("too-slow", "这个文件读得太久，没有读完。请分成几个文件再传。") from wrong
    if done.returncode == 0:
        return done.stdout.decode()
    if done.returncode == _REFUSED and done.stdout:
        said = json.loads(done.stdout)
        raise CannotRead(said["code"], said["message"])
    raise CannotRead(
        "reader-stopped", "读这个文件时出错，它可能太大或已损坏。请用 WPS 另存为新的 .xlsx 后再传。"
    )


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
    order = json.load(sys.stdin)
    _limit(order["seconds"], order["megabytes"])
    try:
        answer = _look(order) if "look" in order else _bare(order) if "bare" in order else _report(order)
    except CannotRead as refusal:
        sys.stdout.write(json.dumps({"code": refusal.code, "message": refusal.message}))
        return _REFUSED
    sys.stdout.buffer.write(answer.encode())
    return 0


def _report(order: dict[str, Any]) -> str:
    return read(order["path"], name=order["name"], mapping=_mapping(order["mapping"])).to_json()


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
