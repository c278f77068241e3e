"""The one clock. Views and commands read it once per request and pass ``at=`` down; tests replace ``now``."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
