"""Search for inputs that break the readers: python3 run.py fuzz [seconds, 600 by default].

Each target of targets.py gets its share of the time in a process of its own, with coverage as the guide
(atheris, which has to be installed beside: it is no dependency). What breaks one is left in the folder
that is printed, and the exit code is 1.
"""

import subprocess
import sys
import tempfile
from importlib import import_module, util
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    if util.find_spec("atheris") is None:
        sys.stderr.write("skipped: atheris is not installed (pip install atheris)\n")
        return 0
    if arguments[:1] == ["--target"]:
        return _fuzz(*arguments[1:])
    seconds = int(arguments[0]) if arguments else 600
    folder = Path(tempfile.mkdtemp(prefix="mingshi-fuzz-"))
    targets = import_module("tests.fuzz.targets")
    broken = [name for name in targets.TARGETS if not _whole(name, seconds // len(targets.TARGETS), folder)]
    sys.stderr.write(f"broken: {', '.join(broken) or 'none'}; inputs in {folder}\n")
    return int(bool(broken))


def _whole(name: str, seconds: int, folder: Path) -> bool:
    corpus = folder / name
    corpus.mkdir()
    (corpus / "seed").write_bytes(import_module("tests.fuzz.targets").SEEDS[name])
    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=4096"]
    command = [sys.executable, "-m", "tests.fuzz", "--target", name, str(corpus), *limits]
    quiet = [f"-artifact_prefix={folder}/{name}-", "-print_final_stats=1", "-verbosity=0"]
    sys.stderr.write(f"== {name}, {seconds} s\n")
    return subprocess.run([*command, *quiet], cwd=_ROOT, check=False).returncode == 0


def _fuzz(name: str, *options: str) -> int:
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["question_bank"]):
        targets = import_module("tests.fuzz.targets")
    atheris.Setup([sys.argv[0], *options], targets.TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
