"""Where stored series have changed: by how much, since which run, how surely, and whether known."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from results.changepoints import (
    FEWEST_POINTS,
    MIN_CHANGE,
    ChangePoint,
    find_changes,
    find_unconfirmed,
)
from results.clocks import early_runs
from results.echoes import without_echoes
from results.found_changes import Change, Group, Unconfirmed, grouped
from results.known_changes import KnownChange, known_changes
from results.series import Point, Selection, Series, SeriesKey, series_in
from results.store import Store


@dataclass(frozen=True, kw_only=True)
class Detection:
    """What was found in the series that were asked for.

    Args:
        judged: How many series are long enough.
        changes: Changes in the order of series and of time.
        unconfirmed: Series that end in a run or two that lie far off.
        too_short: Series with fewer runs that take part than the search needs.
        early_runs: Runs that were stored before the commit that they measured was made.
    """

    judged: int
    changes: tuple[Change, ...]
    unconfirmed: tuple[Unconfirmed, ...]
    too_short: tuple[Series, ...]
    early_runs: tuple[Point, ...]

    @property
    def groups(self) -> list[Group]:
        """Changes together that may lie at one run, the worst first."""
        return grouped(self.changes)

    @property
    def regressed(self) -> bool:
        """Whether something got worse that nobody knows of."""
        return any(change.counts for change in self.changes)


def detect(store: Store, wanted: Selection, *, min_change: float = MIN_CHANGE) -> Detection:
    """Look for changes in stored series; runs that are excluded or shared take no part.

    Of times that say the same, as response and service times in a closed loop, one is looked at.

    Args:
        store: The results database.
        wanted: Which series.
        min_change: The smallest change that matters, as a share.

    Raises:
        StoreUnavailableError: The database failed.
    """
    with store.database.read() as connection:
        found = without_echoes(series_in(connection, wanted))
        known = known_changes(connection)
    long = [each for each in found if len(each.counted) >= FEWEST_POINTS]
    by_series: Mapping[SeriesKey, list[KnownChange]] = _by_key(known)
    changes: list[Change] = []
    unconfirmed: list[Unconfirmed] = []
    for series in long:
        values = [point.value for point in series.counted]
        points = find_changes(values, min_change=min_change)
        now = points[-1].after if points else None
        changes += [_change(series, each, by_series.get(series.key, ()), now) for each in points]
        unconfirmed += _unconfirmed(series, values, points, min_change)
    return Detection(
        judged=len(long),
        changes=tuple(changes),
        unconfirmed=tuple(unconfirmed),
        too_short=tuple(each for each in found if len(each.counted) < FEWEST_POINTS),
        early_runs=early_runs(found),
    )


def _change(
    series: Series, found: ChangePoint, known: Sequence[KnownChange], level_now: float | None
) -> Change:
    change = Change(series, found, level_now=level_now)
    return replace(change, known_by=tuple(each for each in known if change.is_near(each.run_id)))


def _unconfirmed(
    series: Series, values: Sequence[float], changes: Sequence[ChangePoint], min_change: float
) -> list[Unconfirmed]:
    places = find_unconfirmed(values, changes, min_change=min_change)
    if not places:
        return []
    since = changes[-1].index if changes else 0
    before = sorted(values[since : places[0]])
    points = tuple(series.counted[place] for place in places)
    return [Unconfirmed(series, points, before[len(before) // 2])]


def _by_key(known: Sequence[KnownChange]) -> dict[SeriesKey, list[KnownChange]]:
    found: defaultdict[SeriesKey, list[KnownChange]] = defaultdict(list)
    for each in known:
        found[each.key].append(each)
    return found
