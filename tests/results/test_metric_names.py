"""Metrics by their names, the beginnings of these, and patterns."""

import pytest

from results.errors import UnknownMetricError
from results.metric_names import resolve_metric, resolve_metrics


def test_metrics_are_found_by_a_unique_prefix() -> None:
    """`throughput` is enough; a whole name wins over longer ones that begin so."""
    assert resolve_metric("throughput").name == "throughput_ops_per_second"
    assert resolve_metric("p99_response_time_ms").name == "p99_response_time_ms"
    assert resolve_metric("p99").name == "p99_response_time_ms"


@pytest.mark.parametrize(
    ("asked", "said", "nearest"),
    [
        (
            "troughput_ops",
            "no metric 'troughput_ops'; the nearest are",
            "throughput_ops_per_second",
        ),
        ("p9", "several metrics begin with 'p9'", "p99_9_response_time_ms"),
        ("", "no metric ''", None),
    ],
)
def test_an_unknown_metric_names_the_nearest(asked: str, said: str, nearest: str | None) -> None:
    """Unknown and ambiguous names are one line with names that exist."""
    with pytest.raises(UnknownMetricError) as failure:
        resolve_metric(asked)
    assert str(failure.value).startswith(said)
    assert nearest is None or nearest in failure.value.nearest


def test_patterns_mean_all_that_match_in_the_order_of_the_table() -> None:
    """Each once, beside names that are given whole or by their beginning."""
    found = resolve_metrics(["errors", "p99_*service*", "p9?_service_time_ms", "throughput"])
    assert [metric.name for metric in found] == [
        "throughput_ops_per_second",
        "p95_service_time_ms",
        "p99_service_time_ms",
        "errors",
    ]
    assert resolve_metrics([]) == ()
    with pytest.raises(UnknownMetricError, match="no metric is like 'x\\*'"):
        resolve_metrics(["x*"])
