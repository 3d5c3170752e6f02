"""Finds the changes of one series.

Each seeded interval is cut where both sides differ most; the surest cuts are kept, one for each
interval (Kovacs and others 2023, algorithm 1, with a t-test as the threshold); then each is placed
anew between its neighbours, and those that are unsure or too small to matter are dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from results.changepoints.change import ChangePoint
from results.changepoints.location import likely_places
from results.changepoints.prepared import FEWEST_POINTS, SHORTEST_SEGMENT, Prepared
from results.changepoints.significance import least_t, p_value
from results.changepoints.sparse import chance_of_crowd, is_sparse

__all__ = ["ALPHA", "FEWEST_POINTS", "MIN_CHANGE", "SHORTEST_SEGMENT", "find_changes"]

ALPHA = 0.02
MIN_CHANGE = 0.01

_REACH = 500


@dataclass(frozen=True, slots=True)
class _Cut:
    p: float
    t: float
    index: int
    first: int
    end: int


def find_changes(
    values: Sequence[float], *, alpha: float = ALPHA, min_change: float = MIN_CHANGE
) -> tuple[ChangePoint, ...]:
    """The changes of a series from one level to another.

    Args:
        values: The figures in their order, finite; below six there is nothing to say.
        alpha: How often a series without a change may be said to have one, at most.
        min_change: The smallest change that matters, as a share of the level before; from 0 on to
            anything else is always one that matters.

    Returns:
        In their order; see `ChangePoint`. Two are at least three points apart, and as many from
        both ends.
    """
    if len(values) < FEWEST_POINTS:
        return ()
    series = Prepared(values)
    places = _placed_anew(series, _surest(series, alpha))
    settled = _settled(series, places, alpha, min_change)
    return tuple(_told(series, *place) for place in _with_neighbours(settled, len(series)))


def _surest(series: Prepared, alpha: float) -> list[int]:
    kept: list[_Cut] = []
    for cut in sorted(_significant(series, alpha), key=lambda each: (each.p, -each.t)):
        if not any(cut.first < other.index < cut.end for other in kept):
            kept.append(cut)
    return sorted({cut.index for cut in kept})


def _significant(series: Prepared, alpha: float) -> Iterator[_Cut]:
    enough = least_t(alpha, max(1, series.tried))
    for stretch in series.stretches():
        for first, cut, end in series.best_cuts(*stretch):
            t = series.moments.t_statistic(first, cut, end)
            for at in np.flatnonzero(t >= enough):
                p = p_value(float(t[at]), int(end[at] - first[at]) - 2, series.tried)
                if p <= alpha:
                    yield _Cut(p, float(t[at]), int(cut[at]), int(first[at]), int(end[at]))


def _placed_anew(series: Prepared, places: Sequence[int]) -> list[int]:
    """Each cut where it is best between its neighbours, which its interval may not have reached."""
    placed = list(places)
    for at, place in enumerate(places):
        first = max(placed[at - 1] if at else 0, place - _REACH)
        end = min(placed[at + 1] if at + 1 < len(placed) else len(series), place + _REACH)
        if end - first >= FEWEST_POINTS:
            placed[at] = series.best_cut(first, end)
    return placed


def _settled(series: Prepared, places: Sequence[int], alpha: float, min_change: float) -> list[int]:
    """Cuts without those that do not stand between their neighbours, the worst dropped first."""
    left = list(places)
    while left:
        against = [
            _against(series, place, alpha, min_change)
            for place in _with_neighbours(left, len(series))
        ]
        worst = max(range(len(left)), key=against.__getitem__)
        if against[worst] == 0:
            break
        del left[worst]
    return left


def _against(
    series: Prepared, place: tuple[int, int, int], alpha: float, min_change: float
) -> float:
    """What speaks against a cut: 0 nothing, up to 1 how small it is, above that how doubtful."""
    first, cut, end = place
    if min(cut - first, end - cut) < SHORTEST_SEGMENT:
        return 3.0
    p = series.p_value(*place)
    if is_sparse(series.values):
        p = max(p, chance_of_crowd(series.values, *place))
    if p > alpha:
        return 1 + p
    before, after = series.level(first, cut), series.level(cut, end)
    change = abs(after - before)
    return 1 - change / abs(before) if change < min_change * abs(before) else 0.0


def _told(series: Prepared, first: int, cut: int, end: int) -> ChangePoint:
    earliest, latest = likely_places(series.moments, first, cut, end)
    return ChangePoint(
        index=cut,
        before=series.level(first, cut),
        after=series.level(cut, end),
        p=series.p_value(first, cut, end),
        earliest=earliest,
        latest=latest,
    )


def _with_neighbours(places: Sequence[int], length: int) -> list[tuple[int, int, int]]:
    """Each cut between the one before it, or the beginning, and the one after it, or the end."""
    edges = [0, *places, length]
    return list(zip(edges, edges[1:], edges[2:], strict=False))
