"""Trends as they are drawn and told: pictures, rows, and what takes no part."""

import json
from typing import Any

import pytest
from rich.console import Console

from pipeline.cli.trend_data import told
from pipeline.cli.trend_tables import draw_trends
from results.records import CodeVersion
from results.series import Point, Series, SeriesKey
from results.trends import Trend, find_trends

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
    (trend,) = find_trends([Series(key=SeriesKey(**(given | changes)), points=points)])
    return trend


def _drawn(*trends: Trend, **options: bool) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(draw_trends(trends, **options))
    text = captured.get()
    assert max(map(len, text.splitlines())) <= 100
    return text


def _steps(*values: float) -> Trend:
    """A trend with a run for each value, measured on its own version."""
    return _trend(
        *(
            _point(value, run_id=f"run-{place}", code_version=CodeVersion(name=f"v{place}"))
            for place, value in enumerate(values)
        )
    )


def test_what_takes_no_part_is_compared_with_nothing() -> None:
    """The next run is compared with the last that counts."""
    excluded = _point(60, excluded="swapping")
    trend = _trend(_point(100), _point(50, **SHARED), excluded, _point(110), _point(0), _point(5))
    assert trend.against_before == {"run-110": pytest.approx(0.1), "run-0": -1}
    assert trend.median == 52.5


def test_what_takes_no_part_is_marked() -> None:
    """In its row, and the mark is explained; without one there is no mark."""
    assert "*50" in _drawn(_trend(_point(100), _point(50, **SHARED)))
    assert "same machine" in _drawn(_trend(_point(50, **SHARED)))
    text = _drawn(_trend(_point(100), _point(60, excluded="swapping")))
    assert "x60" in text
    assert "x excluded" in text
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


def test_a_change_is_drawn_and_told() -> None:
    """In the picture, in a row of its own, in the summary, and to programs."""
    wave = [100, 101, 99, 100.5, 99.5]
    trend = _steps(*wave * 2, *(value * 1.5 for value in wave * 2))
    text = _drawn(trend)
    assert "20 runs: median" in text
    assert ", 1 change" in text
    assert "┊" in text
    assert "+50.0%" in text
    (change,) = told(trend)["changes"]
    assert (change["before_code_version"], change["code_version"]) == ("v9", "v10")
    assert change["after"] / change["before"] == pytest.approx(1.5)
    json.dumps(told(trend))


def test_long_trends_show_the_newest_runs() -> None:
    """All of them where they are asked for."""
    trend = _steps(*range(100, 130))
    text = _drawn(trend)
    assert "run-29 " in text
    assert "run-9 " not in text
    assert "10 earlier runs" in text
    assert "run-9 " in _drawn(trend, every_run=True)


def test_many_trends_have_a_line_each() -> None:
    """With their place once, where it is the same."""
    trends = [_trend(_point(1), _point(2), metric=f"l{tier}_hit_ratio") for tier in (1, 2, 3)]
    trends += [_trend(_point(1), metric="loads"), _trend(_point(1), metric="errors")]
    text = _drawn(*trends)
    assert text.count("small, multilevel") == 1
    assert "l2_hit_ratio (ratio)" in text
    assert "5 series" in text
    elsewhere = _drawn(*trends, _trend(_point(1), scenario="other"))
    assert elsewhere.count("small, multilevel") == 5
