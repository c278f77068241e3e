"""What one process remembers for a while: made once at a time, bounded, forgotten by age.

Never the truth about anything that can change without its age mattering; nothing here is ever cleared
by hand.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from flask import current_app

T = TypeVar("T")


class Memory:
    """``keep(key, make)`` returns the remembered value or makes it; ``seconds`` bounds its age.

    Several callers that want the same key wait for one ``make``. Ages use the monotonic clock: they are
    about load, not about rules.
    """

    def __init__(self, *, limit: int = 20_000) -> None:
        self._limit = limit
        self._values: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def keep(self, key: Hashable, make: Callable[[], T], *, seconds: float = float("inf")) -> T:
        found = self._values.get(key)
        if found is not None and time.monotonic() - found[0] < seconds:
            return cast(T, found[1])
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                found = self._values.get(key)
                if found is None or time.monotonic() - found[0] >= seconds:
                    found = self._store(key, make())
        finally:
            self._making.pop(key, None)
        return cast(T, found[1])

    def _store(self, key: Hashable, value: Any) -> tuple[float, Any]:
        entry = (time.monotonic(), value)
        with self._lock:
            self._values[key] = entry
            self._values.move_to_end(key)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)
        return entry


def memory() -> Memory:
    """The memory of the running application."""
    return cast(Memory, current_app.extensions["mingshi_memory"])
