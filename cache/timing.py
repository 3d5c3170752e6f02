"""A histogram of durations in constant memory, cheap enough to stay on."""

from typing import Final

_SUB_BUCKET_BITS: Final = 4
_SUB_BUCKETS: Final = 1 << _SUB_BUCKET_BITS
_HIGHEST_BITS: Final = 44


class DurationHistogram:
    """Counts durations in buckets 1/16 of a power of two wide: figures are right within 6 %."""

    __slots__ = ("_counts", "count", "max_ns", "total_ns")

    def __init__(self) -> None:
        self.count = 0
        self.total_ns = 0
        self.max_ns = 0
        self._counts = [0] * (_SUB_BUCKETS * (_HIGHEST_BITS - _SUB_BUCKET_BITS + 2))

    def record(self, duration_ns: int) -> None:
        """Count one duration."""
        self.count += 1
        self.total_ns += duration_ns
        self.max_ns = max(self.max_ns, duration_ns)
        self._counts[_bucket(duration_ns)] += 1

    def quantile_s(self, quantile: float) -> float:
        """Return the upper edge of the bucket that holds the quantile, in seconds; 0 if empty."""
        rank = quantile * self.count
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return min(_upper_edge_ns(bucket), self.max_ns) / 1e9
        return 0.0

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


def _bucket(duration_ns: int) -> int:
    bits = min(duration_ns.bit_length(), _HIGHEST_BITS)
    shift = max(0, bits - _SUB_BUCKET_BITS - 1)
    return shift * _SUB_BUCKETS + min(duration_ns >> shift, 2 * _SUB_BUCKETS - 1)


def _upper_edge_ns(bucket: int) -> int:
    shift = max(0, bucket // _SUB_BUCKETS - 1)
    return (bucket - shift * _SUB_BUCKETS + 1) << shift
