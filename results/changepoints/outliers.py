"""Points that stick out of a series by themselves: they neither raise a change nor hide one.

Hampel's filter (Hampel 1974; Pearson, Outliers in process modeling and identification, 2002): a
point that lies far from the median of its neighbours is an outlier.
"""

from collections.abc import Sequence

import numpy as np

from results.changepoints.arrays import Flags, Floats, about_one

WINDOW = 5
"""Points of a running median: two odd ones are outvoted, three are a level of their own."""

FAR = 4.0
"""How many standard deviations an outlier lies from the median of its window, at least."""

_NEIGHBOURS = 21
_OF_NORMAL = 0.674_489_750_196_081_7
_RANGE_OF_NORMAL = 2 / np.sqrt(np.pi)


def noise(values: Floats) -> float:
    """The standard deviation of independent noise, which neither levels nor outliers disturb.

    It comes from the distances of neighbours: their median (for normal noise), else their mean,
    as in a chart of moving ranges, where most neighbours are equal.
    """
    steps = np.abs(np.diff(values))
    typical = float(np.median(steps)) / (_OF_NORMAL * np.sqrt(2)) if len(steps) else 0.0
    return typical or moving_range(values)


def moving_range(values: Floats) -> float:
    """The standard deviation as the mean distance of neighbours tells it; 0 of a constant."""
    return float(np.abs(np.diff(values)).mean() / _RANGE_OF_NORMAL) if len(values) > 1 else 0.0


def least_deviation(values: Floats) -> float:
    """The smallest standard deviation that is believed of any part of a series.

    Three equal points by chance, as counts have them, are no series without noise.
    """
    return moving_range(values) / 2


def running_median(values: Floats) -> Floats:
    """The median of each point's window; at both ends it is that of the outermost whole window."""
    inner = np.median(np.lib.stride_tricks.sliding_window_view(values, WINDOW), axis=1)
    return np.pad(inner, WINDOW // 2, mode="edge")


def find_outliers(figures: Sequence[float] | Floats) -> Flags:
    """Which points are outliers; none of fewer than five.

    A window at an end is a whole one too: two odd points there are outliers, and only with a
    third do they become the level that the window's other points are measured by.
    """
    values, _ = about_one(figures)
    if len(values) < WINDOW:
        return np.zeros(len(values), dtype=np.bool_)
    distances = np.abs(values - running_median(values))
    return distances > FAR * np.maximum(noise(values), _noise_nearby(values))


def _noise_nearby(values: Floats) -> Floats:
    """The noise around each point, where that is more than the series' own: levels differ in it."""
    steps = np.abs(np.diff(values, prepend=values[0]))
    width = min(_NEIGHBOURS, len(steps) - (len(steps) + 1) % 2)
    windows = np.lib.stride_tricks.sliding_window_view(steps, width)
    inner = np.median(windows, axis=1) / (_OF_NORMAL * np.sqrt(2))
    padding = len(values) - len(inner)
    return np.pad(inner, (padding // 2, padding - padding // 2), mode="edge")
