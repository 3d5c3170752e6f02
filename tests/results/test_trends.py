"""A series as a trend: its middle, its noise, its levels."""

import pytest

from results.series import Point, Series, SeriesKey
from results.trends import Trend, find_trends

KEY = SeriesKey(metric="loads", scenario="small", subject="null", environment_class=None)


def _trend(*values: float, excluded: int | None = None) -> Trend:
    points = tuple(
        Point(
            run_id=f"run-{place}",
            created_at_s=float(place),
            values=(value,),
            excluded="moved" if place == excluded else None,
        )
        for place, value in enumerate(values)
    )
    (trend,) = find_trends([Series(key=KEY, points=points)])
    return trend


def test_how_far_runs_lie_apart_knows_no_steps() -> None:
    """A step among ten runs is one large difference, and moves the median of them little."""
    wave = [100, 102, 100, 102, 100]
    noise = _trend(*wave * 2).run_to_run
    assert noise == pytest.approx(1.4826 * 0.0198 / 2**0.5, rel=0.02)
    assert _trend(*wave, *(2 * value for value in wave)).run_to_run == pytest.approx(noise)


@pytest.mark.parametrize("values", [(), (1, 2, 1, 2), (1, 2, 0, 2, 1, 2)])
def test_of_few_runs_or_zeros_nothing_is_said_of_the_noise(values: tuple[float, ...]) -> None:
    """Of no runs at all there is no middle either."""
    trend = _trend(*values)
    assert trend.run_to_run is None
    assert (trend.median is None) == (not values)


def test_levels_cover_all_runs_that_take_part() -> None:
    """From one change to the next; what takes no part has no place among them."""
    wave = [10.0, 10.1, 9.9, 10.0, 10.1, 9.9]
    trend = _trend(*wave, 99.0, *(2 * value for value in wave), excluded=6)
    (change,) = trend.changes
    assert trend.change_at(trend.series.points[7]) is change
    assert trend.change_at(trend.series.points[8]) is None
    (first, second) = trend.levels()
    assert (first[:2], second[:2]) == ((0, 6), (6, 12))
    assert (first[2], second[2]) == (pytest.approx(10), pytest.approx(20))
