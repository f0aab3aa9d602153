"""The time as records state it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Return the current time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local_now() -> str:
    """Return the current local time with its offset, ISO 8601 to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
