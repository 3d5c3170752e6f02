"""The seed's performance thresholds."""

from results.expectation import Verdict
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
