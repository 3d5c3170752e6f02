"""Series that say the same are looked at once."""

from results.echoes import without_echoes
from results.series import Point, Series, SeriesKey


def _series(metric: str, *values: float, scenario: str = "small") -> Series:
    points = (
        Point(run_id=f"run-{place}", created_at_s=float(place), values=(value,))
        for place, value in enumerate(values)
    )
    key = SeriesKey(metric=metric, scenario=scenario, subject="null", environment_class=None)
    return Series(key=key, points=tuple(points))


def test_times_that_are_equal_are_kept_once() -> None:
    """The first of them; in another scenario, or where one run differs, they say something new."""
    response = _series("p50_response_time_ms", 1.0, 2.0)
    elsewhere = _series("p50_service_time_ms", 1.0, 2.0, scenario="other")
    differs = _series("p95_service_time_ms", 1.0, 3.0)
    found = [response, _series("p50_service_time_ms", 1.0, 2.0), elsewhere, differs]
    assert without_echoes(found) == [response, elsewhere, differs]


def test_counts_that_are_equal_are_all_kept() -> None:
    """No errors and no lost writes are two things."""
    found = [_series("errors", 0.0), _series("lost_writes", 0.0), _series("stale_reads", 0.0)]
    assert without_echoes(found) == found
