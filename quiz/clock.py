"""The one clock. Views and commands read it once per request and pass ``at=`` down; tests replace ``now``.

A server's clock can be stepped while people answer. Time here runs on: it begins at the wall clock, goes by
the machine's own ticks, and leans towards the wall by half a thousandth at most, so that it never goes back
and nobody's minutes shrink. The closer takes a step over once nobody is answering (``accept``).
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

#: How fast time may lean towards the wall: half a second in a quarter of an hour.
_LEAN = 0.0005
#: A difference of the wall that is called a step, and one that can only be a clock that was set.
_STEP, _SET = 5.0, 1800.0


def _ticks() -> float:
    """Seconds that no setting of the clock touches; where the system offers it, sleep is counted."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Steady:
    """Wall time at the beginning, and ticks since. ``jump`` is how far the wall is ahead, 0 if not far."""

    def __init__(self, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = _ticks) -> None:
        self._wall, self._ticks, self._lock = wall, ticks, threading.Lock()
        self._last = ticks()
        self.offset = wall() - self._last
        self.jump = 0.0

    def now(self) -> datetime:
        with self._lock:
            ticks = self._ticks()
            ahead = self._wall() - ticks - self.offset
            if abs(ahead) > _SET:
                # A machine without a battery learns the date after it has started: nothing to hold on to.
                self.offset, ahead = self.offset + ahead, 0.0
            most = (ticks - self._last) * _LEAN
            self.offset, self._last = self.offset + max(-most, min(most, ahead)), ticks
            self._note(ahead)
            return datetime.fromtimestamp(ticks + self.offset, UTC)

    def _note(self, ahead: float) -> None:
        jump = ahead if abs(ahead) > _STEP else 0.0
        if bool(jump) != bool(self.jump):
            said = "stepped by %+.0f s; time goes on as before" if jump else "agrees again%.0s"
            logging.getLogger(__name__).warning("the server's clock " + said, jump)
        self.jump = jump

    def accept(self) -> None:
        """Go by the wall from now on."""
        with self._lock:
            self.offset = self._wall() - self._ticks()

    def anchor(self, offset: float) -> None:
        """Begin where another process of this machine did: a worker made anew agrees with the others."""
        with self._lock:
            self.offset = offset


_steady = Steady()
now = _steady.now
accept, anchor = _steady.accept, _steady.anchor


def jump() -> float:
    """Seconds by which the server's clock was stepped and that are not taken over yet."""
    return _steady.jump


def offset() -> float:
    return _steady.offset
