"""Ages and times to wait as people write and read them."""

import re

from pipeline.cli.errors import UsageError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def parse_age_s(text: str) -> float:
    """Seconds of an age such as `30d`, `12h` or `1.5w`.

    Raises:
        UsageError: It is not an age.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None or float(found[1]) == 0:
        raise UsageError(f"--since {text}: expected a number and s, m, h, d or w, such as 30d")
    return float(found[1]) * _UNITS_S[found[2]]


def in_words(seconds: float) -> str:
    """A rough time to wait: `about 25 s` or `about 3 min`."""
    if seconds < _UNITS_S["m"] * 1.5:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / _UNITS_S['m'])} min"
