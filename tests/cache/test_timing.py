"""The histogram against a sorted list."""

import random

from cache.timing import DurationHistogram


def test_quantiles_are_right_within_a_sixteenth() -> None:
    """Each quantile lies at most one bucket above the exact one."""
    randomness = random.Random(7)
    durations = [int(randomness.lognormvariate(10, 2)) for _ in range(20_000)]
    histogram = DurationHistogram()
    for duration in durations:
        histogram.record(duration)
    ranked = sorted(durations)
    for quantile in (0.5, 0.95, 0.99):
        exact_s = ranked[int(quantile * len(ranked)) - 1] / 1e9
        assert exact_s <= histogram.quantile_s(quantile) <= exact_s * (1 + 1 / 16) + 1e-9
    assert histogram.count == len(durations)
    assert histogram.max_ns == ranked[-1]


def test_extremes_and_emptiness() -> None:
    """Nothing gives zeros; zero and a day both fit."""
    histogram = DurationHistogram()
    assert histogram.summary()["p99_s"] == 0.0
    histogram.record(0)
    histogram.record(24 * 3600 * 10**9)
    assert histogram.quantile_s(1.0) > 0


def test_counts_up_to_an_edge_never_flatter() -> None:
    """They lie between the exact counts of the edge and of one that is a sixteenth shorter."""
    randomness = random.Random(11)
    durations = [int(randomness.lognormvariate(12, 3)) for _ in range(20_000)]
    histogram = DurationHistogram()
    for duration in durations:
        histogram.record(duration)
    edges_s = [10.0**power for power in range(-8, 3)]
    counts = histogram.counts_up_to(edges_s)
    assert counts == sorted(counts)
    for edge_s, count in zip(edges_s, counts, strict=True):
        edge_ns = edge_s * 1e9
        exact = sum(duration <= edge_ns for duration in durations)
        shorter = sum(duration <= edge_ns * (1 - 1 / 16) - 1 for duration in durations)
        assert shorter <= count <= exact, edge_s
    assert 0 < counts[3] < len(durations)
    assert DurationHistogram().counts_up_to(edges_s) == [0] * len(edges_s)
