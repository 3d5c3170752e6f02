"""Response times as sparse HDR histograms: counted in bulk, stored as bytes, quick to merge."""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

_Int64s = npt.NDArray[np.int64]

# Gil Tene's layout for three significant digits: 2,048 sub-buckets, of which each further
# power of two uses the upper half.
_HALF = 1024
_HALF_MAGNITUDE = 10
_FORMAT = 1
HEADER = struct.Struct("<BBIqqq")
"""Of a stored histogram: format, width of counts (as a power of two), buckets, sum, edges."""
_COUNT_TYPES = ("<u1", "<u2", "<u4", "<i8")
_COUNT_LIMITS = (1 << 8, 1 << 16, 1 << 32, 1 << 63)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of values in ns by HDR bucket, with the exact sum, smallest and largest value.

    Args:
        indices: Bucket numbers, ascending, each once; shape (n,).
        counts: Values in each of these buckets, from 1; shape (n,).
        sum_ns: Exact sum of all values.
        min_ns: The smallest value; 0 where there is none.
        max_ns: The largest value; 0 where there is none.
    """

    indices: _Int64s
    counts: _Int64s
    sum_ns: int
    min_ns: int
    max_ns: int

    @classmethod
    def empty(cls) -> Self:
        """A histogram of nothing."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, 0, 0, 0)

    @classmethod
    def of(cls, values_ns: _Int64s) -> Self:
        """Count values.

        Args:
            values_ns: Times in nanoseconds, from 0; shape (n,), int64.

        Raises:
            ValueError: A value is negative.
        """
        if values_ns.size == 0:
            return cls.empty()
        smallest = int(values_ns.min())
        if smallest < 0:
            msg = f"a response time can't be negative: {smallest} ns"
            raise ValueError(msg)
        indices, counts = np.unique(_bucket_of(values_ns), return_counts=True)
        total = int(values_ns.sum(dtype=np.int64))
        return cls(indices, counts.astype(np.int64), total, smallest, int(values_ns.max()))

    @classmethod
    def merge(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """One histogram of all the values of many."""
        filled = [histogram for histogram in histograms if histogram.indices.size]
        if not filled:
            return cls.empty()
        if len(filled) == 1:
            return filled[0]
        places = np.concatenate([histogram.indices for histogram in filled])
        lowest = int(places.min())
        dense = np.zeros(int(places.max()) - lowest + 1, dtype=np.int64)
        counts = np.concatenate([histogram.counts for histogram in filled])
        np.add.at(dense, places - lowest, counts)
        occupied = np.flatnonzero(dense > 0)
        return cls(
            occupied + lowest,
            dense[occupied],
            sum(histogram.sum_ns for histogram in filled),
            min(histogram.min_ns for histogram in filled),
            max(histogram.max_ns for histogram in filled),
        )

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.counts.sum())

    @property
    def mean_ns(self) -> float:
        """The exact mean; 0 where there is no value."""
        return self.sum_ns / self.count if self.counts.size else 0.0

    def percentile_ns(self, percentile: float) -> int:
        """The smallest value that at least `percentile` percent of all values do not exceed.

        It is the upper edge of that value's bucket, so at most 0.1 % above it, as
        HdrHistogram answers it; the percentile 0 is the smallest value.

        Args:
            percentile: 0 to 100.

        Raises:
            ValueError: There is no value, or `percentile` is out of range.
        """
        if not self.counts.size:
            msg = "an empty histogram has no percentiles"
            raise ValueError(msg)
        if not 0 <= percentile <= 100:  # noqa: PLR2004 - per cent
            msg = f"a percentile lies between 0 and 100: {percentile}"
            raise ValueError(msg)
        if percentile == 0:
            return self.min_ns
        place = int(np.searchsorted(np.cumsum(self.counts), _rank(percentile, self.count)))
        return min(_upper_edge(int(self.indices[place])), self.max_ns)

    def encode(self) -> bytes:
        """The bytes to store: a header, bucket numbers as uint16, counts as narrow as they fit."""
        largest = int(self.counts.max()) if self.counts.size else 0
        width = next(place for place, limit in enumerate(_COUNT_LIMITS) if largest < limit)
        header = HEADER.pack(
            _FORMAT, width, self.indices.size, self.sum_ns, self.min_ns, self.max_ns
        )
        indices = self.indices.astype("<u2").tobytes()
        return header + indices + self.counts.astype(_COUNT_TYPES[width]).tobytes()

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """The histogram that `encode` made bytes of.

        Raises:
            ValueError: The bytes are not such a histogram.
        """
        try:
            version, width, size, total, smallest, largest = HEADER.unpack_from(encoded)
            indices = np.frombuffer(encoded, "<u2", size, HEADER.size)
            counts = np.frombuffer(encoded, _COUNT_TYPES[width], size, HEADER.size + 2 * size)
        except (struct.error, IndexError, ValueError) as error:
            msg = f"not a stored histogram: {len(encoded)} bytes"
            raise ValueError(msg) from error
        if version != _FORMAT:
            msg = f"a stored histogram of the unknown format {version}"
            raise ValueError(msg)
        return cls(indices.astype(np.int64), counts.astype(np.int64), total, smallest, largest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.encode() == other.encode()

    def __hash__(self) -> int:
        return hash(self.encode())


def _bucket_of(values_ns: _Int64s) -> _Int64s:
    # frexp of the shifted value is exact up to 63 bits; of the value itself it would round.
    _, exponents = np.frexp((values_ns >> _HALF_MAGNITUDE).astype(np.float64))
    powers = np.maximum(exponents.astype(np.int64) - 1, 0)
    indices: _Int64s = powers * _HALF + (values_ns >> powers)
    return indices


def bucket_of(value_ns: int) -> int:
    """The number of the bucket of one value in ns, from 0."""
    power = max((value_ns >> _HALF_MAGNITUDE).bit_length() - 1, 0)
    return power * _HALF + (value_ns >> power)


def _upper_edge(index: int) -> int:
    power = max(index // _HALF - 1, 0)
    return ((index - power * _HALF + 1) << power) - 1


def _rank(percentile: float, count: int) -> int:
    # As in HdrHistogram: one step down, so that 99.9 % of 1,000 is the 999th despite rounding.
    return max(math.ceil(math.nextafter(percentile, 0.0) * count / 100), 1)
