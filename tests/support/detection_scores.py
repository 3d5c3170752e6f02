"""How well a search finds the changes of labelled series: precision, recall, distance and delay."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.support.labelled_series import Floats, Labelled

Search = Callable[[Floats], Sequence[int]]
"""From a series to the first points after its changes."""

NEAR = 5
"""How many points a change may be found beside its place."""

LONGEST_DELAY = 20
_SHORTEST_DELAY = 3


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the series of one kind.

    Args:
        series: How many there were.
        alarms: How many of them had a change that is none, or none near it.
        true: Changes that there were.
        found: Those of them that were found.
        said: All changes that were said to be there.
        distances: How many points each found one lay beside its place.
        delays: How many points after a step it was found, as points came one by one; None where
            it was not within 20.
    """

    series: int
    alarms: int
    true: int
    found: int
    said: int
    distances: tuple[int, ...]
    delays: tuple[int | None, ...]

    @property
    def alarm_share(self) -> float:
        """The share of series with a false alarm."""
        return self.alarms / self.series

    @property
    def recall(self) -> float | None:
        """The share of changes that were found; None where there were none."""
        return self.found / self.true if self.true else None

    @property
    def precision(self) -> float | None:
        """The share of what was said that is true; None where nothing was said."""
        return self.found / self.said if self.said else None

    @property
    def median_distance(self) -> float | None:
        """How far beside its place a change was found; None where none was."""
        return median(self.distances) if self.distances else None

    @property
    def median_delay(self) -> float | None:
        """Half of the steps were found after so many points; None where half were not in time."""
        late = LONGEST_DELAY + 1
        middle = median(late if each is None else each for each in self.delays or (None,))
        return middle if middle < late else None

    def within(self, points: int) -> float:
        """The share of steps that were found after so many points, where there were any."""
        in_time = [each for each in self.delays if each is not None and each <= points]
        return len(in_time) / len(self.delays)


def score(search: Search, many: Iterable[Labelled], *, with_delay: bool = False) -> Score:
    """Hold a search against labelled series.

    Args:
        search: What finds changes.
        many: The series.
        with_delay: Whether each series with a step is given point by point, too.
    """
    series = alarms = true = said = 0
    distances: list[int] = []
    delays: list[int | None] = []
    for each in many:
        places = search(each.values)
        near = _matched(each.changes, places)
        series += 1
        alarms += len(near) < len(places)
        true += len(each.changes)
        said += len(places)
        distances += near
        if with_delay and each.changes:
            delays.append(_delay(search, each))
    return Score(series, alarms, true, len(distances), said, tuple(distances), tuple(delays))


def _matched(changes: Sequence[int], places: Sequence[int]) -> list[int]:
    """The distance of each change to the nearest place, where that is near; a place counts once."""
    left = list(places)
    found = []
    for change in changes:
        nearest = min(left, key=lambda place: abs(place - change), default=None)
        if nearest is not None and abs(nearest - change) <= NEAR:
            left.remove(nearest)
            found.append(abs(nearest - change))
    return found


def _delay(search: Search, series: Labelled) -> int | None:
    at = series.changes[0]
    for points in range(_SHORTEST_DELAY, LONGEST_DELAY + 1):
        if _matched((at,), search(series.values[: at + points])):
            return points
    return None
