"""Two (or ten) at once: threads behind a barrier, each with a client of its own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

AT_ONCE = 8


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    return run_at_once


def run_at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """What each deed returned; they start together. An exception in one is raised here."""
    barrier = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=10)
            results[number] = deeds[number]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if errors:
        raise errors[0]
    return results
