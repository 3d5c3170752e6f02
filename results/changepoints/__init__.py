"""Where a series has changed, how sure that is, and which of its points are odd ones."""

from results.changepoints.change import ChangePoint
from results.changepoints.outliers import find_outliers
from results.changepoints.search import FEWEST_POINTS, MIN_CHANGE, SHORTEST_SEGMENT, find_changes
from results.changepoints.unconfirmed import find_unconfirmed

__all__ = [
    "FEWEST_POINTS",
    "MIN_CHANGE",
    "SHORTEST_SEGMENT",
    "ChangePoint",
    "find_changes",
    "find_outliers",
    "find_unconfirmed",
]
