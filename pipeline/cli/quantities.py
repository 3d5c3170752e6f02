"""Figures with their unit, in the size in which people read them: `790 ns`, `12.3 us`, `1.2 s`."""

from pipeline.cli.sentences import figure
from results.metrics import Metric

_TIMES = ((1e-3, 1e6, "ns"), (1.0, 1e3, "us"), (1e3, 1.0, "ms"))
_MS_PER_S = 1e3
_BARE = {"ops/s", "ratio", "count"}


def quantity(metric: Metric, value: float | None) -> str:
    """A metric's figure with its unit, unless that goes without saying; empty where there is none.

    Args:
        metric: What it is a figure of.
        value: In the metric's own unit.
    """
    if value is None:
        return ""
    if metric.unit == "ms":
        return time_of(value)
    if metric.unit in _BARE:
        return figure(value)
    return f"{figure(value)} {metric.unit}"


def time_of(value_ms: float) -> str:
    """A time in the unit in which it has one to three digits before the point.

    Args:
        value_ms: Milliseconds.
    """
    for below, factor, unit in _TIMES:
        if 0 < abs(value_ms) < below:
            return f"{figure(value_ms * factor)} {unit}"
    return f"{figure(value_ms / _MS_PER_S)} s" if value_ms else "0"
