"""What a trace is like: how much, of what, how skewed, how large, how fast, how soon again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.trace.popularity import Popularity, popularity_of
from pipeline.trace.requests import OPERATIONS, Trace
from pipeline.trace.reuse import Reuse, reuse_of

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Some figures of one kind.

    Args:
        count: How many there are, from 1.
        smallest: The smallest of them.
        median: The one that half of them do not exceed.
        p99: The one that 99 % of them do not exceed.
        largest: The largest of them.
    """

    count: int
    smallest: int
    median: int
    p99: int
    largest: int

    @classmethod
    def of(cls, figures: NDArray[np.int32]) -> Self | None:
        """The spread of these figures; None where there are none."""
        if not len(figures):
            return None
        ranked = np.percentile(figures, [0, 50, 99, 100], method="inverted_cdf")
        smallest, median, p99, largest = ranked.tolist()
        return cls(count=len(figures), smallest=smallest, median=median, p99=p99, largest=largest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When the requests were made.

    Args:
        duration_s: From the first to the last.
        peak_per_s: The most in one of the seconds that follow the first request.
    """

    duration_s: float
    peak_per_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStatistics:
    """All that is told about a trace.

    Args:
        requests: How many there are, from 1.
        distinct_keys: Keys that have any of them.
        operations: Requests by what they do.
        popularity: Requests by key.
        value_bytes: Sizes above 0 of all requests; None where none was recorded.
        ttls_s: TTLs above 0 of all writes; None where there are none.
        times: None where none were recorded.
        reuse: Of the reads; None where there are none.
    """

    requests: int
    distinct_keys: int
    operations: dict[str, int]
    popularity: Popularity
    value_bytes: Spread | None
    ttls_s: Spread | None
    times: Times | None
    reuse: Reuse | None


def statistics_of(trace: Trace, begins: Callable[[str], None]) -> TraceStatistics:
    """Look at a whole trace.

    Args:
        trace: At least one request.
        begins: Told what is done next, in a few words.
    """
    begins("counting keys")
    popularity = popularity_of(trace)
    operations = np.bincount(trace.operations, minlength=len(OPERATIONS)).tolist()
    begins("looking at sizes and times")
    sizes, ttls, times = _sizes(trace), _ttls(trace), _times(trace)
    begins("measuring reuse distances")
    return TraceStatistics(
        requests=len(trace),
        distinct_keys=len(popularity.counts),
        operations=dict(zip(OPERATIONS, operations, strict=True)),
        popularity=popularity,
        value_bytes=sizes,
        ttls_s=ttls,
        times=times,
        reuse=reuse_of(trace),
    )


def _sizes(trace: Trace) -> Spread | None:
    sizes = trace.value_bytes
    return None if sizes is None else Spread.of(sizes[sizes > 0])


def _ttls(trace: Trace) -> Spread | None:
    of_writes = trace.ttls_s[trace.operations == OPERATIONS.index("set")]
    return Spread.of(of_writes[of_writes > 0])


def _times(trace: Trace) -> Times | None:
    if trace.times_ns is None:
        return None
    since_ns = trace.times_ns - trace.times_ns[0]
    _, counts = np.unique(since_ns // NS_PER_S, return_counts=True)
    return Times(duration_s=int(since_ns[-1]) / NS_PER_S, peak_per_s=int(counts.max()))
