"""Two whole distributions of times beside each other: not one percentile alone."""

from dataclasses import dataclass

import numpy as np

from results.histogram import Histogram
from results.versus.effect import cliffs_delta

PERCENTILES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 99.0)
_HALF = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How B's distribution lies beside A's.

    Args:
        ratios: B's percentile / A's at each of `PERCENTILES` (Doksum's shift function, 1974, of
            logarithms).
        delta: Cliff's delta: above 0 where B's times are longer.
        operations: How many each side has.
    """

    ratios: tuple[float, ...]
    delta: float
    operations: tuple[int, int]

    @property
    def superiority(self) -> float:
        """How probably a random operation of B takes longer than one of A, ties counted half."""
        return (self.delta + 1) / 2


def shift(a: Histogram, b: Histogram) -> Shift | None:
    """The shift from A's distribution to B's; None where a side is empty."""
    delta = cliffs_delta(a, b)
    if delta is None:
        return None
    ratios = (max(b.percentile_ns(each), 1) / max(a.percentile_ns(each), 1) for each in PERCENTILES)
    return Shift(ratios=tuple(ratios), delta=delta, operations=(a.count, b.count))


def geometric_mean_ms(times: Histogram) -> float | None:
    """The geometric mean of all times, each as the middle of its bucket; None where there is none.

    A bucket is 0.1 % wide at most, or one nanosecond; a time of 0 counts as half of one.
    """
    if not times.count:
        return None
    mean_log = float(np.average(np.log(_middles(times)), weights=times.counts))
    return float(np.exp(mean_log)) / 1e6


def _middles(times: Histogram) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    powers = np.maximum(times.indices // _HALF - 1, 0)
    edges = (times.indices - powers * _HALF).astype(np.float64)
    widths = np.exp2(powers)
    # Below 2,048 ns a bucket holds one value.
    middles = np.where(powers > 0, edges * widths + (widths - 1) / 2, edges)
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = np.maximum(middles, 0.5)
    return found
