"""Between which points a change surely lies."""

import numpy as np

from results.changepoints.significance import Moments

SURE = 0.99


def likely_places(moments: Moments, first: int, cut: int, end: int) -> tuple[int, int]:
    """The first and the last place of a change that are needed for a probability of 99 %.

    Each place is as probable as the normal distribution makes the series with its only change
    there, all being alike before (Smith, A Bayesian approach to inference about a change-point,
    Biometrika 62, 1975), with the deviation of both sides taken for known.

    Args:
        moments: The series.
        first: The first point of the segment before the change.
        cut: Where the change was found.
        end: The point after the segment that follows it.
    """
    cuts = np.arange(first + 1, end)
    edges = np.full_like(cuts, first), cuts, np.full_like(cuts, end)
    gain = moments.gain(*edges)
    variance = float(moments.variance(*edges)[cut - first - 1])
    weights = np.exp((gain - gain.max()) / (2 * variance))
    likeliest = np.argsort(-weights, kind="stable")
    shares = np.cumsum(weights[likeliest]) / weights.sum()
    needed = cuts[likeliest[: int(np.searchsorted(shares, SURE)) + 1]]
    return min(int(needed.min()), cut), max(int(needed.max()), cut)
