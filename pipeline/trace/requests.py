"""A trace in memory: recorded requests as columns, in their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

OPERATIONS = ("get", "set", "delete")
"""What a request can be; `Trace.operations` holds places in this tuple."""

DEFAULT_VALUE_BYTES = 230
"""Where a trace has no sizes: the median object over all of Twitter's clusters (OSDI 2020)."""

_ITERATED_AT_ONCE = 1 << 16


class TraceRequest(NamedTuple):
    """One request; `ttl_s` is 0 where it has none."""

    operation: str
    key: str
    value_bytes: int
    ttl_s: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Requests in their order, as columns of one length.

    Args:
        keys: The distinct keys; a part of a trace may have requests for some of them only.
        key_ids: int32, each request's place in `keys`.
        operations: uint8, each request's place in `OPERATIONS`.
        value_bytes: int32, the size of the value read or written, from 0; None where the trace
            has no sizes.
        ttls_s: int32, seconds that a written value lives; 0 is no TTL.
        times_ns: int64, when each request was made, in nanoseconds after the first request of the
            recording, never before the request in front of it; None where the trace has no times.
    """

    keys: tuple[str, ...]
    key_ids: NDArray[np.int32]
    operations: NDArray[np.uint8]
    value_bytes: NDArray[np.int32] | None
    ttls_s: NDArray[np.int32]
    times_ns: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.key_ids)

    def __iter__(self) -> Iterator[TraceRequest]:
        for start in range(0, len(self), _ITERATED_AT_ONCE):
            part = self.part(slice(start, start + _ITERATED_AT_ONCE))
            columns = (part.operations, part.key_ids, part.sizes(), part.ttls_s)
            for operation, key, size, ttl in zip(*(c.tolist() for c in columns), strict=True):
                yield TraceRequest(OPERATIONS[operation], self.keys[key], size, ttl)

    @classmethod
    def of_reads(cls, numbers: NDArray[np.int64]) -> Self:
        """A trace that has nothing but reads, without sizes and times.

        Args:
            numbers: The key of each request; as text it is the number in decimal.
        """
        distinct, key_ids = np.unique(numbers, return_inverse=True)
        count = len(numbers)
        return cls(
            keys=tuple(map(str, distinct.tolist())),
            key_ids=key_ids.astype(np.int32),
            operations=np.zeros(count, np.uint8),
            value_bytes=None,
            ttls_s=np.zeros(count, np.int32),
        )

    def head(self, requests: int | None) -> Self:
        """The first requests of it; all where None."""
        return self.part(slice(requests))

    def part(self, where: slice | NDArray[Any]) -> Self:
        """Some of its requests, at the times that they have in the whole.

        Args:
            where: A slice, a mask or places; what numpy takes as an index.
        """
        return type(self)(
            keys=self.keys,
            key_ids=self.key_ids[where],
            operations=self.operations[where],
            value_bytes=None if self.value_bytes is None else self.value_bytes[where],
            ttls_s=self.ttls_s[where],
            times_ns=None if self.times_ns is None else self.times_ns[where],
        )

    def sizes(self) -> NDArray[np.int32]:
        """The size of each request's value; `DEFAULT_VALUE_BYTES` where the trace has none."""
        if self.value_bytes is None:
            return np.full(len(self), DEFAULT_VALUE_BYTES, np.int32)
        return self.value_bytes
