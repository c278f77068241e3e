#!/usr/bin/env python3
"""Start 明试 on a bare machine with nothing but Python 3.11.

python3 run.py [options of mingshi demo]    the demo: prints every address, then serves
python3 run.py test [pytest options]        every check: tests, style, architecture, types
python3 run.py contest                      replay a scripted contest and compare its final tables
python3 run.py faults [--rounds N]          kill the server while answers arrive, and count what is lost
python3 run.py faults --database-restarts N the same with PostgreSQL and Redis restarted
python3 run.py faults --browser N           the same of a phone whose browser is killed
python3 run.py fuzz [seconds]               search for files that break the readers (needs atheris)
python3 run.py wheels DIR                   fetch what an offline machine of the same kind needs
python3 run.py --wheels DIR [test] …        use what was fetched, no network
"""

from __future__ import annotations  # so that an old Python gets as far as the sentence about its age

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CONSTRAINTS = ROOT / "constraints.txt"
OLD = """明试需要 Python 3.11 或更新的版本，这里是 {}。请安装后再运行。
Mingshi needs Python 3.11 or newer; this is {}."""
NO_VENV = """这个 Python 不能建立虚拟环境。Debian、Ubuntu、麒麟请先安装 python3-venv 软件包。
This Python cannot make a virtual environment: install the package python3-venv."""
NO_INSTALL = """安装依赖没有成功，原因见上面。没有网络时用 --wheels 指定事先下载的目录。
Installing did not work, see above. Without a network use --wheels DIR."""


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has checked
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(OLD.format(found, found))
    wheels = None
    if arguments[:1] == ["--wheels"]:
        if len(arguments) < 2 or not Path(arguments[1]).is_dir():
            sys.exit("--wheels 后面要写存放安装包的目录。")
        wheels, arguments = Path(arguments[1]).resolve(), arguments[2:]
    if arguments[:1] == ["wheels"]:
        return fetch(arguments[1:])
    if arguments[:1] == ["test"]:
        install("dev", wheels)
        return check(arguments[1:])
    if arguments[:1] == ["faults"]:
        install("dev", wheels)
        of = "databases" if "--database-restarts" in arguments else "kill"
        return call([PYTHON, "-m", f"tests.faults.{of}", *arguments[1:]])
    if arguments[:1] == ["contest"]:
        install("dev", wheels)
        return call([PYTHON, ROOT / "tests" / "contest.py", *arguments[1:]])
    if arguments[:1] == ["fuzz"]:
        install("dev", wheels)
        return call([PYTHON, "-m", "tests.fuzz", *arguments[1:]])
    install("", wheels)
    return call([PYTHON, "-m", "quiz", "demo", *arguments])


def call(command: list[object]) -> int:
    """Run in the project's folder and return the exit code; Ctrl-C belongs to what runs."""
    started = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    while True:
        try:
            return started.wait()
        except KeyboardInterrupt:
            continue


def install(extra: str, wheels: Path | None) -> None:
    """Make .venv hold the pinned packages; nothing is done when it already does."""
    stamp = VENV / (".installed-dev" if extra else ".installed")
    wanted = fingerprint()
    if any(found.exists() and found.read_text() == wanted for found in (stamp, VENV / ".installed-dev")):
        return
    make_venv()
    print("正在安装依赖，第一次要一两分钟。", file=sys.stderr, flush=True)
    source = ["--no-index", "--find-links", wheels] if wheels else []
    project = f".[{extra}]" if extra else "."
    common = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *source]
    if call([PYTHON, *common, "-c", CONSTRAINTS, "-e", project]):
        sys.exit(NO_INSTALL)
    stamp.write_text(wanted)


def fingerprint() -> str:
    """Changes when what has to be installed changes, or the folder it is installed from."""
    parts = [str(ROOT).encode()]
    parts += [(ROOT / name).read_bytes() for name in ("constraints.txt", "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_venv() -> None:
    # Also when there is one: it may lack pip. Debian has this module but not what it needs to put pip in.
    if call([sys.executable, "-m", "venv", VENV]):
        sys.exit(NO_VENV)


def fetch(arguments: list[str]) -> int:
    """Download every wheel, the build tool included, into a folder to carry to an offline machine."""
    if len(arguments) != 1:
        sys.exit("wheels 后面要写存放安装包的目录。")
    make_venv()
    common = ["-m", "pip", "download", "--disable-pip-version-check", "-d", Path(arguments[0]).resolve()]
    if call([PYTHON, *common, "-c", CONSTRAINTS, ".[dev]", "setuptools>=77"]):
        sys.exit(NO_INSTALL)
    for own in Path(arguments[0]).glob("mingshi-*"):
        own.unlink()  # the project itself is installed from this folder
    return 0


def check(options: list[str]) -> int:
    """All checks one after another, each with its own output; the last lines say how each went."""
    steps = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "lint-imports": ["lint-imports"],
        "mypy": ["mypy"],
        # Two at a time: half of a browser test is waiting. More would crowd the tests that measure time.
        "pytest": ["pytest", "-n", "2", "--dist", "worksteal", *options],
    }
    codes = {}
    for name, (program, *rest) in steps.items():
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        codes[name] = (call([BIN / program, *rest]), time.monotonic() - started)
    print("\n== 小结 summary")
    for name, (code, seconds) in codes.items():
        print(f"{'passed' if code == 0 else 'FAILED':8}{name:14}{seconds:6.0f} s")
    return int(any(code for code, _ in codes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
