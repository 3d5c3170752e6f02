"""Series of a trend: what may be compared with what, and how it is shown."""

from typing import Any

import pytest
from rich.console import Console

from pipeline.cli.trend_series import Trend
from pipeline.cli.trend_tables import draw_series
from results.metrics import METRICS
from results.series import Point, Series, SeriesKey

SHARED = {"values": (), "shared_values": (50,)}


def _point(value: float, **changes: Any) -> Point:
    given = {"run_id": f"run-{value:g}", "created_at_s": 1_700_000_000.0, "values": (value,)}
    return Point(**(given | changes))


def _trend(*points: Point, **changes: Any) -> Trend:
    given = {
        "metric": "throughput_ops_per_second",
        "scenario": "small",
        "subject": "multilevel",
        "environment_class": "2 cores",
    }
    return Trend(Series(key=SeriesKey(**(given | changes)), points=points))


def _drawn(*series: Trend) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(draw_series(METRICS["throughput_ops_per_second"], series))
    return captured.get()


def test_a_shared_point_is_compared_with_nothing() -> None:
    """The next one is compared with the last that had its machine to itself."""
    series = _trend(_point(100), _point(50, **SHARED), _point(110), _point(0), _point(5))
    assert series.changes == [None, None, pytest.approx(0.1), -1, None]


def test_a_shared_point_is_marked() -> None:
    """In its row, and the mark is explained; without one there is no mark."""
    assert "*50" in _drawn(_trend(_point(100), _point(50, **SHARED)))
    assert "same machine" in _drawn(_trend(_point(50, **SHARED)))
    assert "*" not in _drawn(_trend(_point(100)))


def test_a_title_tells_parameters_and_where_needed_the_class() -> None:
    """Parameters where they differ from the defaults; the class where there are several."""
    other = _trend(_point(1), parameters='{"trace": "web07.trace@0123", "enable_l3": false}')
    text = _drawn(_trend(_point(1)), other)
    assert "small, multilevel\n" in text
    assert "small, multilevel, trace=web07.trace@0123 enable_l3=false\n" in text
    assert "2 cores" not in text
    classes = _drawn(_trend(_point(1)), _trend(_point(1), environment_class="64 cores"))
    assert "2 cores" in classes
    assert "64 cores" in classes
