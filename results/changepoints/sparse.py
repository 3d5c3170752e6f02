"""Series in which most neighbours are equal, such as counts of errors: zeros and a rare one.

Nothing there is normal, and a t-test takes three ones by chance for a change. So a change of such a
series has to be improbable as a mere crowd of odd points too.
"""

import math

import numpy as np

from results.changepoints.arrays import Floats


def is_sparse(values: Floats) -> bool:
    """Whether more than half of the neighbours are equal."""
    return bool(np.median(np.abs(np.diff(values))) == 0)


def chance_of_crowd(values: Floats, first: int, cut: int, end: int) -> float:
    """How probable so many odd points together are somewhere in the series, if they come at random.

    Odd are those beyond the middle of both sides' means, seen from the longer side; how often they
    come is taken from there, by Laplace's rule of succession. The chance is that of the binomial
    distribution, times the points of the series (Bonferroni).
    """
    longer, shorter = values[first:cut], values[cut:end]
    if len(longer) < len(shorter):
        longer, shorter = shorter, longer
    middle = (longer.mean() + shorter.mean()) / 2
    upwards = shorter.mean() > longer.mean()
    among, odd = (int(np.count_nonzero((each > middle) == upwards)) for each in (longer, shorter))
    rate = (among + 1) / (len(longer) + 2)
    return min(1.0, len(values) * _at_least(odd, len(shorter), rate))


def _at_least(odd: int, points: int, rate: float) -> float:
    return sum(
        math.comb(points, count) * rate**count * (1 - rate) ** (points - count)
        for count in range(odd, points + 1)
    )
