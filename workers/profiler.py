"""The seed's profiler: times named operations by hand, for tests and experiments."""

import time
from array import array
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

NS_PER_S = 1_000_000_000


class CachePerformanceProfiler:
    """Collects the durations of named operations and summarises them, in seconds."""

    def __init__(self) -> None:
        self._durations_ns: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))

    @asynccontextmanager
    async def profile_operation(self, operation_name: str) -> AsyncIterator[None]:
        """Time the body of an `async with`; one that raises is not counted."""
        start_ns = time.perf_counter_ns()
        yield
        self._durations_ns[operation_name].append(time.perf_counter_ns() - start_ns)

    def record_measurement(self, operation_name: str, duration_s: float) -> None:
        """Add a duration that was measured elsewhere."""
        self._durations_ns[operation_name].append(round(duration_s * NS_PER_S))

    def get_statistics(self, operation_name: str) -> dict[str, float]:
        """Count, mean, percentiles and deviation in seconds, and operations a second.

        `ops_per_second` is the count over the summed durations: the rate of one caller that
        does nothing else.

        Raises:
            KeyError: Nothing was measured under that name.
        """
        if operation_name not in self._durations_ns:
            raise KeyError(operation_name)
        durations_s = np.array(self._durations_ns[operation_name], dtype=np.int64) / NS_PER_S
        return {
            "count": len(durations_s),
            "mean": float(durations_s.mean()),
            "p50": float(np.percentile(durations_s, 50)),
            "p95": float(np.percentile(durations_s, 95)),
            "p99": float(np.percentile(durations_s, 99)),
            "min": float(durations_s.min()),
            "max": float(durations_s.max()),
            "std_dev": float(durations_s.std(ddof=1)) if len(durations_s) > 1 else 0.0,
            "ops_per_second": len(durations_s) / max(float(durations_s.sum()), 1 / NS_PER_S),
        }
