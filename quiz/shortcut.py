"""Answers that thousands ask for within the same second, sent before Flask builds a request.

A view that has made such an answer offers it here; for its lifetime the very same address is answered from
memory. Only what does not depend on who asks may be offered. One caller at a time renews an answer that has
aged, the others get it as it was for at most as long again.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app

#: Addresses are made up by whoever asks; more than these are simply made the long way.
_MOST = 2_000


@dataclass
class Answer:
    """Bytes ready to send: plain and, where it is shorter, packed, with the headers of each and of a 304."""

    plain: bytes
    packed: bytes | None
    etag: str
    headers: list[tuple[str, str]]
    until: float = 0.0
    seconds: float = field(default=1.0)


class Shortcut:
    """Stands before Flask. ``offer`` an Answer; whoever asks for its address gets it while it lives."""

    def __init__(self, app: Flask) -> None:
        self._next = app.wsgi_app
        self._answers: dict[str, Answer] = {}
        self._renewing: dict[str, float] = {}

    def offer(self, address: str, answer: Answer, *, seconds: float) -> None:
        """``address`` is the path, a question mark, and the query as it was sent."""
        if len(self._answers) >= _MOST:
            self._answers.clear()
        answer.until, answer.seconds = time.monotonic() + seconds, seconds
        self._answers[address] = answer
        self._renewing.pop(address, None)

    def forget(self) -> None:
        self._answers.clear()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            address = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
            found = self._answers.get(address)
            if found is not None and self._lives(address, found):
                return _send(found, environ, start_response)
        return self._next(environ, start_response)

    def _lives(self, address: str, answer: Answer) -> bool:
        now = time.monotonic()
        if now < answer.until:
            return True
        if now >= answer.until + answer.seconds:
            return False
        # The first to come after its time renews it; whoever comes meanwhile does not wait for that.
        if self._renewing.get(address, 0) < now:
            self._renewing[address] = now + answer.seconds
            return False
        return True


def _send(answer: Answer, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if known and (answer.etag in known or known == "*"):
        start_response("304 NOT MODIFIED", answer.headers)
        return (b"",)
    packed = answer.packed if _unpacks(environ.get("HTTP_ACCEPT_ENCODING", "")) else None
    body = packed or answer.plain
    more = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", answer.headers + more + ([("Content-Encoding", "gzip")] if packed else []))
    return (body,)


def _unpacks(accepted: str) -> bool:
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


def shortcut() -> Shortcut:
    """That of the running application."""
    return cast(Shortcut, current_app.extensions["mingshi_shortcut"])
