"""Figures with their units."""

import pytest

from pipeline.cli.quantities import quantity
from results.metrics import METRICS


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("p50_response_time_ms", 0.000_079, "79 ns"),
        ("p50_response_time_ms", 0.012_34, "12.3 us"),
        ("p50_response_time_ms", 1.5, "1.5 ms"),
        ("p50_response_time_ms", 1234.0, "1.23 s"),
        ("p50_response_time_ms", 0.0, "0"),
        ("p50_response_time_ms", None, ""),
        ("throughput_ops_per_second", 29_300.4, "29,300"),
        ("throughput_ops_per_second", 999.7, "1,000"),
        ("hit_ratio", 0.9871, "0.987"),
        ("errors", 0.0, "0"),
        ("subject_memory_mib", 12.34, "12.3 MiB"),
    ],
)
def test_a_figure_is_short_and_has_its_unit(metric: str, value: float | None, shown: str) -> None:
    """Three digits that matter, in the unit that keeps the figure short."""
    assert quantity(METRICS[metric], value) == shown
