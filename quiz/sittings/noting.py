"""What a page may tell of itself: where from, how long, and what of it counts. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from quiz.errors import BadRequest

#: Shorter absences are kept and not counted: a call rejected, a message that slid in (domain.md §4.6).
LEAST_ABSENCE = timedelta(seconds=5)
#: In one request.
MOST_TOLD = 50
_LONGEST = timedelta(days=30)


class Happening(StrEnum):
    OPENED = "opened"
    TAKEN_OVER = "taken-over"
    LEFT = "left"
    BLURRED = "blurred"

    @property
    def chinese(self) -> str:
        return {
            Happening.OPENED: "重新打开答题页面",
            Happening.TAKEN_OVER: "换到另一台手机继续",
            Happening.LEFT: "离开页面",
            Happening.BLURRED: "切到别的窗口",
        }[self]


#: What a page tells; taking over is a deed, not a tale.
_TOLD = (Happening.OPENED, Happening.LEFT, Happening.BLURRED)


@dataclass(frozen=True)
class Noted:
    """``ago``: since it began. ``lasted``: None of what has no length, and before somebody came back."""

    mark: str
    kind: Happening
    ago: timedelta
    lasted: timedelta | None


def clean(told: object) -> list[Noted]:
    """A list of {"mark", "kind", "ago", "seconds"}, times in seconds, or BadRequest."""
    if not isinstance(told, list) or len(told) > MOST_TOLD:
        raise BadRequest
    return [_clean(entry) for entry in told]


def _clean(entry: object) -> Noted:
    if not isinstance(entry, Mapping) or entry.get("kind") not in list(_TOLD):
        raise BadRequest
    mark, seconds = entry.get("mark"), entry.get("seconds")
    if not isinstance(mark, str) or not 1 <= len(mark) <= 24 or not mark.isascii() or not mark.isalnum():
        raise BadRequest
    lasted = None if seconds is None else _span(seconds)
    return Noted(mark, Happening(entry["kind"]), _span(entry.get("ago", 0)), lasted)


def _span(seconds: object) -> timedelta:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise BadRequest
    if not 0 <= seconds <= _LONGEST.total_seconds():
        raise BadRequest
    return timedelta(seconds=seconds)


def in_words(seconds: int) -> str:
    """35 秒, 1 分 5 秒, 2 分钟"""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} 秒"
    return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分钟"


def absence_sentence(times: int, seconds: int) -> str:
    """已记录：离开页面 2 次，共 35 秒; empty without any."""
    return f"已记录：离开页面 {times} 次，共 {in_words(seconds)}" if times else ""


#: Printed among the rules before the start.
WATCHED = f"离开答题页面 {LEAST_ABSENCE.seconds} 秒以上会记录次数和时长，只供核查，不会自动交卷，也不扣分。"
