"""How large a difference is beside the scatter of what was measured."""

import math
from collections.abc import Sequence
from statistics import fmean, variance

import numpy as np

from results.histogram import Histogram
from results.versus.side import are_positive

_FEWEST = 3


def hedges_g(a: Sequence[float], b: Sequence[float]) -> float | None:
    """The difference of means in pooled standard deviations, corrected for few samples.

    Of logarithms where all figures have some (Hedges, "Distribution theory for Glass's estimator
    of effect size", 1981, with the approximate correction 1 - 3 / (4 m - 1)).

    Returns:
        Above 0 where B's figures are larger; None of fewer than three samples or no scatter.
    """
    degrees = len(a) + len(b) - 2
    if degrees + 2 < _FEWEST or not a or not b:
        return None
    on = math.log if are_positive(a, b) else float
    of_a, of_b = [on(value) for value in a], [on(value) for value in b]
    pooled = math.sqrt((_squares(of_a) + _squares(of_b)) / degrees)
    if not pooled:
        return None
    return (fmean(of_b) - fmean(of_a)) / pooled * (1 - 3 / (4 * degrees - 1))


def cliffs_delta(a: Histogram, b: Histogram) -> float | None:
    """How much oftener an operation of B took longer than one of A than the other way about.

    Over all pairs of operations, as exactly as buckets tell them apart: times in one bucket are
    equal (Cliff, "Dominance statistics", 1993). (delta + 1) / 2 is the probability that a random
    operation of B takes longer, ties counted half.

    Returns:
        -1 (every time of B is shorter) to 1; None where a side is empty.
    """
    if not a.count or not b.count:
        return None
    below = np.concatenate(([0], np.cumsum(a.counts)))
    # Counts below 2^63 each: their products are not, so shares are multiplied instead.
    shorter = below[np.searchsorted(a.indices, b.indices, side="left")] / a.count
    not_longer = below[np.searchsorted(a.indices, b.indices, side="right")] / a.count
    weights = b.counts / b.count
    return float(np.sum(weights * (shorter + not_longer - 1)))


def _squares(values: Sequence[float]) -> float:
    return variance(values) * (len(values) - 1) if len(values) > 1 else 0.0
