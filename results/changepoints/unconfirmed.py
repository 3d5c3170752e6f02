"""Last points that lie far off: an outlier, or a change that has just begun."""

from collections.abc import Sequence

import numpy as np

from results import student
from results.changepoints.arrays import Floats, about_one
from results.changepoints.change import ChangePoint
from results.changepoints.outliers import find_outliers, least_deviation
from results.changepoints.search import FEWEST_POINTS, MIN_CHANGE, SHORTEST_SEGMENT

_ALPHA = 1e-4


def find_unconfirmed(
    values: Sequence[float], changes: Sequence[ChangePoint], *, min_change: float = MIN_CHANGE
) -> tuple[int, ...]:
    """The last point, or the last two, where the points since the last change do not explain them.

    They lie on one side, each outside of what a normal distribution would let one in 10,000 points
    reach (a prediction interval, Student's t), and far enough off to matter. With a third point
    that agrees they are a change; with one that does not they were outliers.

    Args:
        values: The series.
        changes: What `find_changes` found in it.
        min_change: The smallest change that matters, as a share.

    Returns:
        Their indices; `3 - len(...)` more points decide.
    """
    if len(values) < FEWEST_POINTS:
        return ()
    since = changes[-1].index if changes else 0
    segment = about_one(values)[0][since:]
    usual = ~find_outliers(values)[since:]
    for count in range(SHORTEST_SEGMENT - 1, 0, -1):
        known = segment[:-count][usual[:-count]]
        if len(known) >= SHORTEST_SEGMENT and _all_far(known, segment[-count:], min_change):
            return tuple(range(len(values) - count, len(values)))
    return ()


def _all_far(known: Floats, last: Floats, min_change: float) -> bool:
    level = float(known.mean())
    apart = last - level
    nearest = float(np.abs(apart).min())
    if len(set(np.sign(apart))) > 1 or nearest == 0 or nearest < min_change * abs(level):
        return False
    deviation = max(float(known.std(ddof=1)), least_deviation(known))
    if deviation == 0:
        return True
    t = nearest / (deviation * np.sqrt(1 + 1 / len(known)))
    return student.two_sided(float(t), len(known) - 1) <= _ALPHA
