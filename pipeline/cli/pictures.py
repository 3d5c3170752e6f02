"""Small pictures made of text, for people who would rather look than read."""

import math
from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_DEEPEST = 3
_HARDLY = 0.02


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


def shift_line(ratios: Sequence[float]) -> str:
    """One character a ratio: how far it lies above 1 (upper half) or below it (lower half).

    Args:
        ratios: Quotients above 0; three and a third are both drawn as far as there is room.
    """
    return "".join(_shifted(math.log(ratio) / math.log(_DEEPEST)) for ratio in ratios)


def _shifted(depth: float) -> str:
    """A level from 1 to 8; ratios near 1 lie in the middle, as a dot."""
    if abs(depth) < _HARDLY:
        return "·"
    steps = min(max(round(abs(depth) * 4), 1), 4)
    return _LEVELS[3 + steps if depth > 0 else 4 - steps]
