"""The energy statistic: where a stretch of a series falls into two parts that differ most.

E-divisive's measure (Matteson and James, A nonparametric approach for multiple change point
analysis of multivariate data, JASA 109, 2014; for performance tests: arXiv 2301.03034), with the
exponent 1. The sums of distances that it needs come from one table of running sums.
"""

import numpy as np

from results.changepoints.arrays import Floats, Integers


def running_sums(values: Floats) -> Floats:
    """The sums of the distances between the first i and the first j points, as a square table."""
    sums = np.zeros((len(values) + 1, len(values) + 1))
    inner = sums[1:, 1:]
    np.abs(values[:, np.newaxis] - values[np.newaxis, :], out=inner)
    np.cumsum(inner, axis=0, out=inner)
    np.cumsum(inner, axis=1, out=inner)
    return sums


def statistic(sums: Floats, first: Integers, cut: Integers, end: Integers) -> Floats:
    """How far both parts of intervals lie apart: `mn / (m + n) (2 E|X-Y| - E|X-X'| - E|Y-Y'|)`.

    Args:
        sums: The running sums of the series.
        first: The first point of each interval.
        cut: The first point of its second part.
        end: The point after its last; all three in shapes that go together.
    """
    before, after = cut - first, end - cut
    middle, near, far = sums[cut, cut], sums[first, cut], sums[cut, end]
    left = middle - 2 * near + sums[first, first]
    right = sums[end, end] - 2 * far + middle
    across = near + far - middle - sums[first, end]
    apart = 2 * across / (before * after) - left / before**2 - right / after**2
    weighted: Floats = apart * before * after / (before + after)
    return weighted
