"""A trace in memory: recorded requests as columns, in their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

OPERATIONS = ("get", "set", "delete")
"""What a request can be; `Trace.operations` holds places in this tuple."""

DEFAULT_VALUE_BYTES = 230
"""Where a trace has no sizes: the median object over all of Twitter's clusters (OSDI 2020)."""


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
        keys: The distinct keys.
        key_ids: int32, each request's place in `keys`.
        operations: uint8, each request's place in `OPERATIONS`.
        value_bytes: int32, the size of the value read or written, from 0.
        ttls_s: int32, seconds that a written value lives; 0 is no TTL.
    """

    keys: tuple[str, ...]
    key_ids: NDArray[np.int32]
    operations: NDArray[np.uint8]
    value_bytes: NDArray[np.int32]
    ttls_s: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.key_ids)

    def __iter__(self) -> Iterator[TraceRequest]:
        columns = (self.operations, self.key_ids, self.value_bytes, self.ttls_s)
        for operation, key, size, ttl in zip(*(c.tolist() for c in columns), strict=True):
            yield TraceRequest(OPERATIONS[operation], self.keys[key], size, ttl)

    @classmethod
    def of_reads(cls, numbers: NDArray[np.int64]) -> Self:
        """A trace that has nothing but reads.

        Args:
            numbers: The key of each request; as text it is the number in decimal.
        """
        distinct, key_ids = np.unique(numbers, return_inverse=True)
        count = len(numbers)
        return cls(
            tuple(map(str, distinct.tolist())),
            key_ids.astype(np.int32),
            np.zeros(count, np.uint8),
            np.full(count, DEFAULT_VALUE_BYTES, np.int32),
            np.zeros(count, np.int32),
        )

    def head(self, requests: int | None) -> Self:
        """The first requests of it; all where None."""
        return type(self)(
            self.keys,
            self.key_ids[:requests],
            self.operations[:requests],
            self.value_bytes[:requests],
            self.ttls_s[:requests],
        )
