"""Small pictures made of text, for people who would rather look than read."""

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"


def bar(value: float, largest: float, width: int) -> str:
    """A bar from zero, in eighths of a character.

    Args:
        value: What is drawn; 0 or more.
        largest: The value that fills the whole width.
        width: Characters, from 1.
    """
    if largest <= 0:
        return ""
    eighths = round(min(max(value / largest, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + _EIGHTHS[rest].strip()


def sparkline(values: Sequence[float]) -> str:
    """One character a value, from the lowest to the highest of them.

    Args:
        values: Figures in their order; equal figures are drawn at half height.
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    if low == high:
        return _LEVELS[3] * len(values)
    return "".join(_LEVELS[round((value - low) / (high - low) * 7)] for value in values)
