"""The seed's performance thresholds."""

import pytest

from results.errors import InvalidExpectationError
from results.expectation import Verdict
from results.judgeable import check_expectation
from results.thresholds import PerformanceThresholds

GOOD = {
    "l1_avg_response_time_ms": 0.5,
    "p95_response_time_ms": 5.2,
    "throughput_ops_per_second": 1250.8,
    "hit_ratio": 0.9,
    "error_rate": 0.0,
}


def test_the_defaults_are_the_seeds_in_the_metrics_units() -> None:
    """A millisecond for L1, 50 for the 95th percentile, 1000/s, 70 % hits, 1 % errors."""
    bounds = {each.metric: each.bound for each in PerformanceThresholds().expectations()}
    assert bounds == {
        "l1_avg_response_time_ms": "<= 1",
        "p95_response_time_ms": "<= 50",
        "throughput_ops_per_second": ">= 1000",
        "hit_ratio": ">= 0.7",
        "error_rate": "<= 0.01",
    }


def test_figures_are_judged_directly() -> None:
    """Good figures pass, a bad one fails, a missing one is unknown."""
    assert {each.verdict for each in PerformanceThresholds().check(GOOD)} == {Verdict.PASS}
    seen = {**GOOD, "error_rate": 0.02}
    del seen["hit_ratio"]
    verdicts = [each.verdict for each in PerformanceThresholds().check(seen)]
    assert verdicts == [Verdict.PASS] * 3 + [Verdict.UNKNOWN, Verdict.FAIL]


def test_a_threshold_may_be_relative() -> None:
    """It is then a ratio without a unit, to a subject of the run or to the machine's own time."""
    thresholds = PerformanceThresholds(
        full_cache_max_p95_time=1.2,
        l1_max_avg_time=0.05,
        min_ops_per_second=400.0,
        relative_to_subject={"full_cache_max_p95_time": "redis-py"},
        relative_to_calibration={"l1_max_avg_time": "ping", "min_ops_per_second": "loop"},
    )
    said = {each.metric: (each.threshold, each.bound) for each in thresholds.expectations()}
    assert said == {
        "l1_avg_response_time_ms": ("relative to calibration ping", "<= 0.05"),
        "p95_response_time_ms": ("relative to subject redis-py", "<= 1.2"),
        "throughput_ops_per_second": ("relative to calibration loop", ">= 400"),
        "hit_ratio": ("absolute", ">= 0.7"),
        "error_rate": ("absolute", "<= 0.01"),
    }
    for each in thresholds.expectations():
        check_expectation(each)


def test_only_a_threshold_can_be_relative() -> None:
    """A name that is none of a threshold's is refused with those that there are."""
    with pytest.raises(InvalidExpectationError, match="no threshold is called p95; there are l1_"):
        PerformanceThresholds(relative_to_subject={"p95": "redis-py"})
