"""The seed's profiler."""

import math

import pytest

from workers.profiler import CachePerformanceProfiler


async def test_statistics_of_known_durations() -> None:
    """Mean, percentiles, deviation and rate are those worked out by hand."""
    profiler = CachePerformanceProfiler()
    for duration_s in (0.1, 0.2, 0.3, 0.4):
        profiler.record_measurement("get", duration_s)
    statistics = profiler.get_statistics("get")
    assert statistics["count"] == 4
    assert math.isclose(statistics["mean"], 0.25)
    assert math.isclose(statistics["p95"], 0.385)
    assert math.isclose(statistics["ops_per_second"], 4.0)
    assert math.isclose(statistics["std_dev"], math.sqrt(0.05 / 3))


async def test_a_profiled_operation_counts_unless_it_raises() -> None:
    """Only what came to its end has a duration."""
    profiler = CachePerformanceProfiler()
    async with profiler.profile_operation("get"):
        pass
    with pytest.raises(RuntimeError, match="broken"):
        async with profiler.profile_operation("get"):
            raise RuntimeError("broken")
    assert profiler.get_statistics("get")["count"] == 1


def test_nothing_measured_is_an_error() -> None:
    """A figure of nothing is not zero."""
    with pytest.raises(KeyError, match="put"):
        CachePerformanceProfiler().get_statistics("put")
