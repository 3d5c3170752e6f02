"""How times are spread: their count, mean and percentiles in milliseconds."""

from typing import Any

from results.histogram import Histogram
from results.operation_metrics import NS_PER_MS

_PERCENTILES = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "p99_9_ms": 99.9}


def spread_of(values: Histogram) -> dict[str, Any]:
    """The spread of times as JSON-able data; a count of 0 and nothing else where there are none."""
    if not values.count:
        return {"count": 0, "mean_ms": None, **dict.fromkeys(_PERCENTILES), "max_ms": None}
    return {
        "count": values.count,
        "mean_ms": values.mean_ns / NS_PER_MS,
        **{name: values.percentile_ns(each) / NS_PER_MS for name, each in _PERCENTILES.items()},
        "max_ms": values.max_ns / NS_PER_MS,
    }
