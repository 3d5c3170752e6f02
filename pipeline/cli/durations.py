"""Ages, moments and times to wait as people write and read them."""

import re
import time
from datetime import date, datetime, timedelta

from pipeline.cli.errors import UsageError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def parse_age_s(text: str, option: str = "--since") -> float:
    """Seconds of an age such as `30d`, `12h` or `1.5w`.

    Args:
        text: What was given.
        option: Where it was given, for the error.

    Raises:
        UsageError: It is not an age.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None or float(found[1]) == 0:
        raise UsageError(f"{option} {text}: expected a number and s, m, h, d or w, such as 30d")
    return float(found[1]) * _UNITS_S[found[2]]


def parse_moment_s(
    option: str, text: str, *, now_s: float | None = None, whole_day: bool = False
) -> float:
    """The moment of an age (`30d` ago), a date or a time in ISO 8601, by this machine's time zone.

    Args:
        option: Where it was given, for the error: `--since`.
        text: What was given: `12h`, `2026-11-23`, `2026-11-23T14:30` or with `+01:00`.
        now_s: What ages are counted from, in seconds since the epoch; this moment where None.
        whole_day: Whether a date alone is the end of that day instead of its beginning.

    Returns:
        Seconds since the epoch.

    Raises:
        UsageError: It is neither, or lies outside of what a calendar has.
    """
    written = text.strip()
    try:
        if _AGE.fullmatch(written):
            # Through a calendar, which refuses ages that are no time at all.
            now = datetime.fromtimestamp(time.time() if now_s is None else now_s).astimezone()
            return (now - timedelta(seconds=parse_age_s(written))).timestamp()
        return _moment(written, whole_day=whole_day).timestamp()
    except (UsageError, ValueError, OverflowError, OSError):
        hint = "expected an age such as 30d or 12h, a date such as 2026-11-23, or 2026-11-23T14:30"
        raise UsageError(f"{option} {text}: {hint}") from None


def _moment(written: str, *, whole_day: bool) -> datetime:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        day = date.fromisoformat(written) + timedelta(days=int(whole_day))
        return datetime(day.year, day.month, day.day).astimezone()
    return datetime.fromisoformat(written).astimezone()


def in_words(seconds: float) -> str:
    """A rough time to wait: `about 25 s` or `about 3 min`."""
    if seconds < _UNITS_S["m"] * 1.5:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / _UNITS_S['m'])} min"
