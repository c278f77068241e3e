"""Kill the browser of a phone while somebody answers, and count what was given and is gone (promise A4).

``python3 run.py faults --browser 30`` is the long form; test_phone.py runs a few rounds. A round opens the
sitting in a Chromium with a profile of its own on the disk, chooses answers while the network comes and goes,
sends kill -9 to the whole process group at a moment the seed decides, opens the same profile again with a
network and compares what the server then has with what was given at least 300 ms before the kill.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.save import prepare
from benchmarks.server import Server

CHROMIUM = os.environ.get("MINGSHI_TEST_CHROMIUM") or shutil.which("chromium")
#: What was given this shortly before the kill may be gone.
PROMISED = 0.3
#: Seconds in which what the phone kept has arrived.
ARRIVAL = 5
#: Single choice, of which the last one given is the answer.
ITEMS = 40
_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@dataclass
class Count:
    given: int = 0
    waiting: int = 0
    lost: list[str] = field(default_factory=list)


class Browser:
    """Chromium on ``profile``, its processes in a group of their own."""

    def __init__(self, playwright: Any, profile: Path) -> None:
        told = profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        command = [
            CHROMIUM,
            *_FLAGS,
            f"--user-data-dir={profile}",
            "--remote-debugging-port=0",
            "about:blank",
        ]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, start_new_session=True, **silent)
        end = time.monotonic() + 30
        while not (told.exists() and told.read_text().count("\n")):
            if time.monotonic() > end:
                self.kill()
                raise RuntimeError("Chromium did not start")
            time.sleep(0.05)
        found = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{told.read_text().split()[0]}")
        self.context = found.contexts[0]
        self.context.set_default_timeout(20_000)
        self.page = self.context.pages[0]

    def kill(self) -> None:
        self.killed = time.monotonic()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Phone:
    """One person's phone through all rounds: its profile on the disk, and what the person has given."""

    def __init__(self, playwright: Any, address: str, code: str, folder: Path) -> None:
        self.playwright, self.address, self.code, self.folder = playwright, address, code, folder
        self.given: dict[int, list[tuple[float, str]]] = {}

    def open(self) -> Browser:
        """The sitting as somebody finds it who opens the browser: cookies may be gone."""
        browser = Browser(self.playwright, self.folder / "profile")
        try:
            self._enter(browser.page)
        except BaseException:
            browser.kill()
            raise
        return browser

    def _enter(self, page: Any) -> None:
        page.goto(f"{self.address}/e/{self.code}?other=1")
        page.fill("#name", "人0")
        page.fill("#phone", "13800000000")
        page.click("text=核对身份")
        page.wait_for_url("**/notice")
        if page.locator("label.ck").count():
            page.click("label.ck")
        page.click("#begin, .bb .btn-ink")
        page.wait_for_selector(".op")

    def round(self, chance: random.Random) -> Count:
        browser, count = self.open(), Count()
        moment = time.monotonic() + chance.uniform(1.5, 6)
        killer = threading.Timer(moment - time.monotonic(), browser.kill)
        killer.start()
        # Whatever playwright says of a browser that is gone.
        with suppress(Exception):
            self._answer(browser, chance, count)
        killer.join()
        count.waiting = self._differing()
        count.lost = self._after(browser.killed)
        return count

    def _answer(self, browser: Browser, chance: random.Random, count: Count) -> None:
        page, offline = browser.page, False
        while True:
            if chance.random() < 0.25:
                offline = not offline
                browser.context.set_offline(offline)
            position = chance.randint(1, ITEMS)
            page.click("#open-sheet")
            page.click(f".sc >> nth={position - 1}")
            letter = chance.choice("ABCD")
            page.click(f".op:has(input[value={letter}])")
            self.given.setdefault(position, []).append((time.monotonic(), letter))
            count.given += 1
            time.sleep(chance.uniform(0.02, 0.25))

    def _after(self, killed: float) -> list[str]:
        """Open the profile again, let everything arrive, and say what did not."""
        browser = self.open()
        try:
            end = time.monotonic() + ARRIVAL
            while self._lost(killed) and time.monotonic() < end:
                # Through playwright, which works on while it waits.
                browser.page.wait_for_timeout(100)
            browser.page.wait_for_selector("#saved:has-text('已保存')")
            lost, self.given = self._lost(killed), {n: [(0.0, one)] for n, one in self._stored().items()}
            return lost
        finally:
            browser.kill()

    def _lost(self, killed: float) -> list[str]:
        lost, stored = [], self._stored()
        for position, given in self.given.items():
            sure = [place for place, (at, _) in enumerate(given) if at <= killed - PROMISED]
            allowed = {letter for _, letter in given[sure[-1] if sure else 0 :]} | (
                {None} if not sure else set()
            )
            if stored.get(position) not in allowed:
                lost.append(f"{position}: {killed - given[sure[-1]][0]:.1f} s before")
        return lost

    def _differing(self) -> int:
        """How many answers were only on the phone at the kill: what the round is about."""
        stored = self._stored()
        return sum(stored.get(position) != given[-1][1] for position, given in self.given.items())

    def _stored(self) -> dict[int, str]:
        connection = sqlite3.connect(self.folder / "mingshi.db")
        rows = connection.execute("SELECT position, answer FROM response").fetchall()
        connection.close()
        return {position: (json.loads(answer) or [""])[0] for position, answer in rows}


@contextmanager
def phone(playwright: Any) -> Iterator[Phone]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environ = {"MINGSHI_DATA": folder, "SECRET_KEY": "faults"}
        code = prepare(environ, 1)
        with Server("quiz:create_app", factory=True, **environ) as server:
            yield Phone(playwright, f"http://127.0.0.1:{server.port}", code, Path(folder))


def long_form(rounds: int, seed: int) -> int:
    """All rounds on one phone, told as they go; how many answers were lost."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this form needs a browser

    given = waiting = lost = 0
    with sync_playwright() as playwright, phone(playwright) as made:
        for number in range(rounds):
            count = made.round(random.Random(seed + number))
            given, waiting, lost = given + count.given, waiting + count.waiting, lost + len(count.lost)
            sys.stdout.write(
                f"round {number + 1}: {count.given} given, {count.waiting} on the phone only, "
                f"lost {count.lost}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{rounds} kills, {given} answers given, {waiting} on the phone only, {lost} lost\n")
    return lost
