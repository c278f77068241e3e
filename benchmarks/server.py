"""Starts a program under the server it runs on in earnest, and stops it again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_START = """
import sys
from granian import Granian
Granian(sys.argv[1], factory=sys.argv[2] == "1", interface="wsgi", address="127.0.0.1", port=int(sys.argv[3]),
        workers=1, blocking_threads=int(sys.argv[4]), backpressure=20000, log_enabled=False).serve()
"""


class Server:
    """``with Server("quiz:create_app", factory=True) as server:`` has ``port`` and ``pid``.

    ``under``: a program and its options that start it and watch it. ``log``: where what it says goes.
    """

    def __init__(
        self,
        target: str,
        *,
        factory: bool = False,
        threads: int = 16,
        under: Sequence[str] = (),
        log: Path | None = None,
        **environ: str,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        arguments = [target, "1" if factory else "0", str(self.port), str(threads)]
        self._command = [*under, sys.executable, "-c", _START, *arguments]
        self._log = log
        self._environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **environ}

    def __enter__(self) -> "Server":
        heard = None if self._log is None else self._log.open("wb")
        self._process = subprocess.Popen(
            self._command, env=self._environ, start_new_session=True, stderr=heard
        )
        if heard is not None:
            heard.close()
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *exception: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self) -> None:
        """Until it has ended by itself, or because what it started was ended."""
        self._process.wait(timeout=30)

    @property
    def pid(self) -> int:
        return self._process.pid
