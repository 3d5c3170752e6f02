"""Clocks that went backwards: runs that were stored before their code was committed."""

from collections.abc import Iterable

from results.series import Point, Series

_CLOCKS_DIFFER_S = 10.0


def early_runs(series: Iterable[Series]) -> tuple[Point, ...]:
    """The runs that were stored before the commit that they measured was made, each once."""
    points = {point.run_id: point for each in series for point in each.points}
    return tuple(
        point
        for point in points.values()
        if point.created_at_s < (point.code_version.committed_at_s or 0) - _CLOCKS_DIFFER_S
    )
