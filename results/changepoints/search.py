"""Finds the changes of one series.

Each seeded interval is cut where both sides differ most; the surest cuts are kept, one for each
interval (Kovacs and others 2023, algorithm 1, with a t-test as the threshold); then each is placed
anew between its neighbours, and those that are unsure or too small to matter are dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
_ALONE = 10


@dataclass(frozen=True, slots=True)
class _Cut:
    """The first point of the second part of an interval, and how probable it is by chance."""

    index: int
    p: float
    t: float
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
    cuts = _placed_anew(series, _surest(series, alpha))
    settled = _settled(series, cuts, alpha, min_change)
    return tuple(_told(series, *each) for each in _with_neighbours(settled, len(series)))


def _surest(series: Prepared, alpha: float) -> list[_Cut]:
    kept: list[_Cut] = []
    for cut in sorted(_significant(series, alpha), key=lambda each: (each.p, -each.t)):
        if not any(cut.first < other.index < cut.end for other in kept):
            kept.append(cut)
    return sorted(kept, key=lambda each: each.index)


def _significant(series: Prepared, alpha: float) -> Iterator[_Cut]:
    enough = least_t(alpha, series.tried)
    for stretch in series.stretches():
        for first, cut, end in series.best_cuts(*stretch):
            t = series.moments.t_statistic(first, cut, end)
            for at in np.flatnonzero(t >= enough):
                p = p_value(float(t[at]), int(end[at] - first[at]) - 2, series.tried)
                if p <= alpha:
                    yield _Cut(int(cut[at]), p, float(t[at]), int(first[at]), int(end[at]))


def _placed_anew(series: Prepared, cuts: Sequence[_Cut]) -> list[_Cut]:
    """Each cut where it is best between its neighbours, which its interval may not have reached."""
    placed = list(cuts)
    for at, cut in enumerate(cuts):
        first = max(placed[at - 1].index if at else 0, cut.index - _REACH)
        end = min(placed[at + 1].index if at + 1 < len(placed) else len(series), cut.index + _REACH)
        if end - first >= FEWEST_POINTS:
            placed[at] = replace(cut, index=series.best_cut(first, end))
    return placed


def _settled(series: Prepared, cuts: Sequence[_Cut], alpha: float, min_change: float) -> list[_Cut]:
    """Cuts without those that do not stand between their neighbours, the worst dropped first."""
    left = list(cuts)
    while left:
        against = [
            _against(series, *each, alpha=alpha, min_change=min_change)
            for each in _with_neighbours(left, len(series))
        ]
        worst = max(range(len(left)), key=against.__getitem__)
        if against[worst] == 0:
            break
        del left[worst]
    return left


def _against(
    series: Prepared, first: int, cut: _Cut, end: int, *, alpha: float, min_change: float
) -> float:
    """What speaks against a cut: 0 nothing, up to 1 how small it is, above that how doubtful."""
    if min(cut.index - first, end - cut.index) < SHORTEST_SEGMENT:
        return 3.0
    p = _p_value(series, first, cut, end)
    if p > alpha:
        return 1 + p
    before, after = series.level(first, cut.index), series.level(cut.index, end)
    change = abs(after - before)
    return 1 - change / abs(before) if change < min_change * abs(before) else 0.0


def _p_value(series: Prepared, first: int, cut: _Cut, end: int) -> float:
    """That of both segments, or ten times that of what the cut's own interval has of them.

    A crowd of outliers far off may blur the segments, which the interval did not reach; without
    the factor chance makes one step in 300 two.
    """
    p = series.p_value(first, cut.index, end)
    near = _near(first, cut, end)
    if near is not None:
        p = min(p, _ALONE * series.p_value(near[0], cut.index, near[1]))
    if is_sparse(series.values):
        return max(p, chance_of_crowd(series.values, first, cut.index, end))
    return p


def _near(first: int, cut: _Cut, end: int) -> tuple[int, int] | None:
    """What a cut's own interval has of the segments on its both sides; None of too little."""
    first, end = max(first, cut.first), min(end, cut.end)
    enough = min(cut.index - first, end - cut.index) >= SHORTEST_SEGMENT
    return (first, end) if enough else None


def _surer_stretch(series: Prepared, first: int, cut: _Cut, end: int) -> tuple[int, int]:
    near = _near(first, cut, end)
    whole = first, end
    if near is None:
        return whole
    return min(whole, near, key=lambda each: series.p_value(each[0], cut.index, each[1]))


def _told(series: Prepared, first: int, cut: _Cut, end: int) -> ChangePoint:
    left, right = _surer_stretch(series, first, cut, end)
    earliest, latest = likely_places(series.moments, left, cut.index, right)
    return ChangePoint(
        index=cut.index,
        before=series.level(first, cut.index),
        after=series.level(cut.index, end),
        p=_p_value(series, first, cut, end),
        earliest=earliest,
        latest=latest,
    )


def _with_neighbours(cuts: Sequence[_Cut], length: int) -> list[tuple[int, _Cut, int]]:
    """Each cut between the one before it, or the beginning, and the one after it, or the end."""
    places = [0, *(each.index for each in cuts), length]
    return list(zip(places, cuts, places[2:], strict=False))
