"""Metrics as they are asked for: percentiles that are stored or not, and all others."""

import pytest

from results.asked import resolve
from results.errors import UnknownMetricError


@pytest.mark.parametrize(
    ("name", "resolved", "percentile"),
    [
        ("p99.95", "p99_95_response_time_ms", 99.95),
        ("p42_service", "p42_service_time_ms", 42.0),
        ("p99_9_response_time_ms", "p99_9_response_time_ms", 99.9),
        ("p99_service_time_ms", "p99_service_time_ms", 99.0),
        ("max_response", "max_response_time_ms", 100.0),
        ("p95_ok_response_time_ms", "p95_ok_response_time_ms", None),
        ("throughput", "throughput_ops_per_second", None),
    ],
)
def test_names(name: str, resolved: str, percentile: float | None) -> None:
    """Any percentile, stored or not; other metrics by their names."""
    asked = resolve(name)
    assert (asked.name, asked.percentile) == (resolved, percentile)
    assert asked.service == ("service" in name)


@pytest.mark.parametrize("name", ["p101", "p100.1", "pp", "p"])
def test_no_such_percentile(name: str) -> None:
    """Neither above 100 nor something else."""
    with pytest.raises(UnknownMetricError):
        resolve(name)
