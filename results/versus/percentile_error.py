"""How sure a percentile is of so many operations, whatever repeats say."""

import math
from collections.abc import Sequence

from results.histogram import Histogram
from results.versus.estimate import AS_IF_KNOWN, CONFIDENCE, t_quantile


def sampling_error(
    a: Sequence[Histogram], b: Sequence[Histogram], percentile: float
) -> float | None:
    """The standard error of the mean log ratio of B's percentile to A's.

    Args:
        a: The times of each of A's repeats.
        b: The same of B.
        percentile: Above 0 and below 100.

    Returns:
        None where a side has no times.
    """
    filled = [[times for times in side if times.count] for side in (a, b)]
    if not all(filled):
        return None
    return math.hypot(*(_of_mean([_error(each, percentile) for each in side]) for side in filled))


def _of_mean(errors: Sequence[float]) -> float:
    return math.hypot(*errors) / len(errors)


def _error(times: Histogram, percentile: float) -> float:
    """From the order statistics that enclose the percentile with 95 %.

    How many of n values lie below it is binomial, here by its normal approximation (Hahn and
    Meeker, Statistical Intervals, 1991, 5.2). Operations that follow each other are alike, so this
    is the least that it can be.
    """
    share = percentile / 100
    times_sigma = t_quantile((1 + CONFIDENCE) / 2, AS_IF_KNOWN)
    reach = 100 * times_sigma * math.sqrt(share * (1 - share) / times.count)
    low = times.percentile_ns(max(percentile - reach, 0.0))
    high = times.percentile_ns(min(percentile + reach, 100.0))
    return math.log(max(high, 1) / max(low, 1)) / (2 * times_sigma)
