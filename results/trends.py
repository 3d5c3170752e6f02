"""A series as a trend: its middle, how far its runs lie apart, and where it has changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import expm1, log
from statistics import median

from results.changepoints import ChangePoint, find_changes
from results.series import Point, Series
from results.versus.run_spread import run_to_run


@dataclass(frozen=True)
class Trend:
    """A series with what can be said of all of it; excluded and shared points take no part.

    Args:
        series: The series.
        changes: Where it has changed; their indices count the points that take part.
    """

    series: Series
    changes: tuple[ChangePoint, ...]

    @cached_property
    def median(self) -> float | None:
        """The middle of all points; None where none takes part."""
        values = [point.value for point in self.series.counted]
        return median(values) if values else None

    @cached_property
    def run_to_run(self) -> float | None:
        """How far runs lie apart by themselves, as a share of their level; steps don't count.

        None where fewer than five points take part, or one is not above 0.
        """
        values = [point.value for point in self.series.counted]
        if min(values, default=0.0) <= 0:
            return None
        spread = run_to_run([log(value) for value in values])
        return None if spread is None else expm1(spread.sigma)

    @cached_property
    def against_before(self) -> dict[str, float]:
        """The change of each run against the one before, as a share; none where that was 0."""
        return {
            after.run_id: after.value / before.value - 1
            for before, after in pairwise(self.series.counted)
            if before.value
        }

    def levels(self) -> Iterator[tuple[int, int, float]]:
        """First point, end and level of each part between changes, in the order of time."""
        count = len(self.series.counted)
        borders = [0, *(change.index for change in self.changes), count]
        for (first, end), value in zip(pairwise(borders), self._level_values(), strict=True):
            yield first, end, value

    def change_at(self, point: Point) -> ChangePoint | None:
        """The change whose first point after it is this one."""
        return next(
            (each for each in self.changes if self.series.counted[each.index] is point), None
        )

    def _level_values(self) -> list[float]:
        if not self.changes:
            return [self.median or 0.0]
        return [self.changes[0].before, *(change.after for change in self.changes)]


def find_trends(series: Iterable[Series]) -> list[Trend]:
    """Each series with its changes."""
    return [Trend(each, find_changes([point.value for point in each.counted])) for each in series]
