"""Moments as people and programs read them."""

from datetime import UTC, datetime


def iso_time(at_s: float | None) -> str | None:
    """A time in seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    if at_s is None:
        return None
    text = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
