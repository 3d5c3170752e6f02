"""Changes of stored series, and those that belong together: probably one cause at one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, log

from results.changepoints import SHORTEST_SEGMENT, ChangePoint
from results.known_changes import KnownChange
from results.metrics import Direction, Metric
from results.series import Point, Series

FRESH_FOR = 5
"""A change is fresh while it has at most so many runs behind it."""

_NEAR = 3
_LEFT_OF_MENDED = 0.25


@dataclass(frozen=True)
class Change:
    """A change of one series.

    Args:
        series: The series.
        found: Where it changed; its indices count the points that take part.
        known_by: The acknowledgements of it, the newest last.
        level_now: The level on which the series ends; that after the change where None.
    """

    series: Series
    found: ChangePoint
    known_by: tuple[KnownChange, ...] = ()
    level_now: float | None = None

    @property
    def known(self) -> KnownChange | None:
        """The acknowledgement that counts; None where nobody knows of the change."""
        return self.known_by[-1] if self.known_by else None

    @property
    def run(self) -> Point:
        """The first run after it."""
        return self.series.counted[self.found.index]

    @property
    def last_before(self) -> Point:
        """The last run that surely lies before it."""
        return self.series.counted[max(0, self.found.earliest - 1)]

    @property
    def first_after(self) -> Point:
        """The first run that surely lies after it."""
        return self.series.counted[self.found.latest]

    @property
    def fresh(self) -> bool:
        """Whether it lies in the last few runs."""
        return len(self.series.counted) - self.found.index <= FRESH_FOR

    @property
    def worse(self) -> bool | None:
        """Whether it went the wrong way; None of a metric that has none."""
        return _is_worse(self.series.metric, self.found.before, self.found.after)

    @cached_property
    def weight(self) -> float:
        """How large it is, up or down: the logarithm of its ratio, endless from 0 or to it."""
        before, after = abs(self.found.before), abs(self.found.after)
        return abs(log(after / before)) if before and after else inf

    @property
    def mended(self) -> bool:
        """Whether it was for the worse, and later changes took most of it back."""
        if not self.worse or self.level_now is None:
            return False
        before, after = self.found.before, self.found.after
        left = (self.level_now - before) / (after - before)
        return left < _LEFT_OF_MENDED

    @property
    def counts(self) -> bool:
        """Whether it is a regression that nobody knows of and that is still there."""
        return bool(self.worse) and self.known is None and not self.mended

    def may_be_at(self, run_id: str) -> bool:
        """Whether the first run after it may be this one."""
        possible = self.series.counted[self.found.earliest : self.found.latest + 1]
        return any(point.run_id == run_id for point in possible)

    def is_near(self, run_id: str) -> bool:
        """Whether it lies at a run or within three runs of it that take part."""
        place = _place(self.series, run_id)
        return place is not None and abs(place - self.found.index) <= _NEAR


@dataclass(frozen=True)
class Unconfirmed:
    """The last run or two of a series, which lie far off; `more` further runs decide."""

    series: Series
    points: tuple[Point, ...]
    level: float

    @property
    def more(self) -> int:
        """How many more runs tell a change from an outlier."""
        return SHORTEST_SEGMENT - len(self.points)

    @property
    def worse(self) -> bool | None:
        """Whether they lie on the wrong side."""
        return _is_worse(self.series.metric, self.level, self.points[-1].value)


@dataclass(frozen=True)
class Group:
    """Changes at one run of one scenario and subject, the worst first: probably one cause."""

    changes: tuple[Change, ...]

    @property
    def surest(self) -> Change:
        """The change whose place is surest: the one that the group is placed by."""
        return min(self.changes, key=_sureness)

    @property
    def counts(self) -> bool:
        """Whether a regression is among them that nobody knows of."""
        return any(change.counts for change in self.changes)


def grouped(changes: Sequence[Change]) -> list[Group]:
    """Changes of one scenario and subject together where they may lie at the same run.

    The surest gives a group its run; the others join the first one that they may be part of.

    Args:
        changes: Of any series.

    Returns:
        The worst group first.
    """
    groups: list[list[Change]] = []
    for change in sorted(changes, key=_sureness):
        joined = next((each for each in groups if _may_be_one(change, each[0])), None)
        if joined is None:
            groups.append([change])
        else:
            joined.append(change)
    made = [Group(tuple(sorted(members, key=_badness))) for members in groups]
    return sorted(made, key=lambda group: _badness(group.changes[0]))


def _may_be_one(change: Change, surest: Change) -> bool:
    return _place_of(change) == _place_of(surest) and change.may_be_at(surest.run.run_id)


def _is_worse(metric: Metric, before: float, after: float) -> bool | None:
    if metric.direction is Direction.NEITHER:
        return None
    return (after > before) == (metric.direction is Direction.LOWER)


def _place(series: Series, run_id: str) -> int | None:
    """How many points that take part come before a run; None where it is not in the series."""
    before = 0
    for point in series.points:
        if point.run_id == run_id:
            return before
        before += point.counts
    return None


def _place_of(change: Change) -> tuple[object, ...]:
    key = change.series.key
    return key.scenario, key.subject, key.parameters, key.environment_class, key.phase


def _sureness(change: Change) -> tuple[float, float]:
    return change.found.latest - change.found.earliest, change.found.p


def _badness(change: Change) -> tuple[bool, bool, float]:
    """Sorts what somebody has to look at to the front, then the largest."""
    return not change.counts, not change.worse, -change.weight
