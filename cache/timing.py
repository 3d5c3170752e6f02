"""A histogram of durations in constant memory, cheap enough to stay on."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

_SUB_BUCKET_BITS: Final = 4
_SUB_BUCKETS: Final = 1 << _SUB_BUCKET_BITS
_HIGHEST_BITS: Final = 44
_HIGHEST_SHIFT: Final = _HIGHEST_BITS - _SUB_BUCKET_BITS - 1


class DurationHistogram:
    """Counts durations in buckets 1/16 of a power of two wide: figures are right within 6 %."""

    __slots__ = ("_counts", "count", "max_ns", "total_ns")

    def __init__(self) -> None:
        self.count = 0
        self.total_ns = 0
        self.max_ns = 0
        self._counts = [0] * (_SUB_BUCKETS * (_HIGHEST_SHIFT + 2))

    def record(self, duration_ns: int, times: int = 1) -> None:
        """Count one duration.

        Args:
            duration_ns: Nanoseconds, 0 or more.
            times: How often it was measured.
        """
        self.count += times
        self.total_ns += duration_ns * times
        if duration_ns > self.max_ns:  # noqa: PLR1730 - a call takes as long as all the rest
            self.max_ns = duration_ns
        shift = duration_ns.bit_length() - _SUB_BUCKET_BITS - 1
        if shift <= 0:
            self._counts[duration_ns] += times
        elif shift <= _HIGHEST_SHIFT:
            self._counts[(shift << _SUB_BUCKET_BITS) + (duration_ns >> shift)] += times
        else:
            self._counts[-1] += times

    def quantile_s(self, quantile: float) -> float:
        """Return the upper edge of the bucket that holds the quantile, in seconds; 0 if empty."""
        rank = quantile * self.count
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return min(_upper_edge_ns(bucket), self.max_ns) / 1e9
        return 0.0

    def counts_up_to(self, edges_s: Sequence[float]) -> list[int]:
        """Return how many durations were no longer than each edge.

        A bucket that an edge cuts through counts as longer: the answer never flatters, and is
        right for an edge at most 6 % shorter.

        Args:
            edges_s: Seconds, rising.
        """
        edges_ns = [edge_s * 1e9 for edge_s in edges_s]
        counts = [0] * (len(edges_ns) + 1)
        for bucket, count in enumerate(self._counts):
            if count:
                counts[bisect_left(edges_ns, _upper_edge_ns(bucket))] += count
        return list(accumulate(counts))[:-1]

    def summary(self) -> dict[str, float]:
        """Return count, mean, quantiles and maximum, in seconds."""
        return {
            "count": self.count,
            "mean_s": self.total_ns / self.count / 1e9 if self.count else 0.0,
            "p50_s": self.quantile_s(0.5),
            "p95_s": self.quantile_s(0.95),
            "p99_s": self.quantile_s(0.99),
            "max_s": self.max_ns / 1e9,
        }


def _upper_edge_ns(bucket: int) -> int:
    shift = max(0, bucket // _SUB_BUCKETS - 1)
    return (bucket - shift * _SUB_BUCKETS + 1) << shift
