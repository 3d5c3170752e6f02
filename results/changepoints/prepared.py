"""A series made ready to be searched: without outliers, about 0, and measured in its own extent."""

from collections.abc import Iterator, Sequence

import numpy as np

from results.changepoints import energy
from results.changepoints.arrays import Floats, Integers, about_one
from results.changepoints.intervals import layers
from results.changepoints.outliers import find_outliers, least_deviation, running_median
from results.changepoints.significance import Moments, p_value

SHORTEST_SEGMENT = 3
FEWEST_POINTS = 2 * SHORTEST_SEGMENT

_STRETCH = 1_000


class Prepared:
    """A series of six points or more.

    Longer ones than 1,000 points are looked at in stretches of so many that overlap by half, as the
    table of distances grows with their square.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values, self._exponent = about_one(values)
        self.outliers = find_outliers(values)
        cleaned = np.where(self.outliers, running_median(self.values), self.values)
        # About 0 and up to 1, so that small changes of large figures keep their digits in sums.
        centred = cleaned - np.median(cleaned)
        self._cleaned = centred / (np.abs(centred).max() or 1.0)
        self.moments = Moments(self._cleaned, least_deviation(self._cleaned))
        self.tried = sum(_cuts(end - first) for first, end in self.stretches())

    def __len__(self) -> int:
        return len(self.values)

    def stretches(self) -> Iterator[tuple[int, int]]:
        """The stretches that are looked at: the first point of each, and the one after its last."""
        for first in range(0, max(1, len(self) - _STRETCH // 2), _STRETCH // 2):
            yield first, min(first + _STRETCH, len(self))

    def best_cuts(self, first: int, end: int) -> Iterator[tuple[Integers, Integers, Integers]]:
        """The best cut of each seeded interval of a stretch: first points, cuts, and ends."""
        sums = energy.running_sums(self._cleaned[first:end])
        for layer in layers(end - first, FEWEST_POINTS):
            yield first + layer[:, 0], first + _best(sums, layer), first + layer[:, 1]

    def best_cut(self, first: int, end: int) -> int:
        """The best cut of one interval of six points or more."""
        sums = energy.running_sums(self._cleaned[first:end])
        return first + int(_best(sums, np.array([[0, end - first]]))[0])

    def p_value(self, first: int, cut: int, end: int) -> float:
        """How probable the difference of both sides of a cut is by chance, corrected."""
        place = (np.array([each]) for each in (first, cut, end))
        return p_value(float(self.moments.t_statistic(*place)[0]), end - first - 2, self.tried)

    def level(self, first: int, end: int) -> float:
        """The mean of a segment without its outliers, in the series' own unit."""
        segment, odd = self.values[first:end], self.outliers[first:end]
        level = np.median(segment) if odd.all() else segment[~odd].mean()
        return float(np.ldexp(level, self._exponent))


def _cuts(length: int) -> int:
    """How many cuts are tried in a stretch of that length."""
    found = layers(length, FEWEST_POINTS)
    return sum(len(each) * (int(each[0, 1] - each[0, 0]) - FEWEST_POINTS + 1) for each in found)


def _best(sums: Floats, intervals: Integers) -> Integers:
    """The best cut of each of some intervals of one size."""
    first, end = intervals[:, :1], intervals[:, 1:]
    size = int(intervals[0, 1] - intervals[0, 0])
    cuts = first + np.arange(SHORTEST_SEGMENT, size - SHORTEST_SEGMENT + 1)
    best = energy.statistic(sums, first, cuts, end).argmax(axis=1)
    cut: Integers = first[:, 0] + SHORTEST_SEGMENT + best
    return cut
