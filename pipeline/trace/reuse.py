"""How soon the keys of a trace come again, and the hit ratios of LRU that follow from it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.trace.hashing import sampled_keys
from pipeline.trace.requests import OPERATIONS, Trace

MAX_EXACT = 10_000_000
"""Requests beyond which a sample is looked at; so many take about 5 s."""

_GET, _DELETE = OPERATIONS.index("get"), OPERATIONS.index("delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """How many other keys are asked for before a key is read again.

    Args:
        distances: The distinct other keys asked for since the last time, in rising order, of each
            read whose key was asked for before and not deleted since.
        reads: How many reads they stand for, those that find nothing among them, above 0.
        lacking: Reads by which the sample has fewer than its share; negative where it has more.
        share: The share of the keys that was looked at; 1 is all of them.
    """

    distances: NDArray[np.float64]
    reads: float
    lacking: float
    share: float

    def lru_hit_ratio(self, keys: int) -> float:
        """The share of the reads that a cache of so many keys hits if it evicts by LRU.

        Args:
            keys: From 1.
        """
        hits = float(np.searchsorted(self.distances, keys)) + self.lacking
        return min(max(hits / self.reads, 0.0), 1.0)

    def quantile(self, share: float) -> float | None:
        """The distance that this share of the reads that come again does not exceed.

        Args:
            share: Above 0, at most 1.

        Returns:
            None where nothing is read again.
        """
        if not len(self.distances):
            return None
        place = math.ceil(share * (len(self.distances) + self.lacking) - self.lacking) - 1
        return float(self.distances[min(max(place, 0), len(self.distances) - 1)])


def reuse_of(trace: Trace, max_exact: int = MAX_EXACT) -> Reuse | None:
    """Measure the reuse of a trace's reads; writes count as asking for a key, deletes do not.

    A deleted key keeps its place until it is asked for again. Of a long trace a spatial sample is
    looked at, with distances scaled up; what the sample has too few or too many of, mostly reads
    of the most popular keys, is put right at the smallest distance (SHARDS-adj: Waldspurger et
    al., FAST 2015).

    Args:
        trace: At least one request.
        max_exact: Requests from which on it is sampled.

    Returns:
        None where nothing is read.
    """
    share = min(1.0, max_exact / len(trace))
    sample = trace
    if share < 1:
        sample = trace.part(sampled_keys(trace.keys, share, "reuse")[trace.key_ids])
    reads = float(np.count_nonzero(trace.operations == _GET)) * share
    if not reads:
        return None
    lacking = reads - float(np.count_nonzero(sample.operations == _GET))
    distances = np.sort(_distances_of_reads(sample)) / share
    return Reuse(distances=distances, reads=reads, lacking=lacking, share=share)


def larger_before(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many larger values stand before each, in O(n log n).

    The values are sorted by one bit after the other, from the highest, as in a wavelet tree: values
    that are equal in the bits so far stand together in their first order, and of each two of them
    this bit tells which is larger.

    Args:
        values: A permutation of 0 to n - 1, shape (n,).
    """
    places = np.arange(len(values), dtype=np.int32)
    sorted_so_far, counts = values, np.zeros_like(values)
    for bit in reversed(range(len(values).bit_length())):
        group = (sorted_so_far >> (bit + 1)) << (bit + 1)
        is_larger = (sorted_so_far >> bit) & 1
        larger = np.cumsum(is_larger, dtype=np.int32) - is_larger
        larger -= larger[group]
        counts += larger * (1 - is_larger)
        moved = np.where(is_larger, group + (1 << bit) + larger, places - larger)
        sorted_so_far, counts = _scattered(sorted_so_far, moved), _scattered(counts, moved)
    return counts[values]


def _distances_of_reads(trace: Trace) -> NDArray[np.int32]:
    asked = np.flatnonzero(trace.operations != _DELETE)
    previous = _previous(trace.key_ids[asked])
    again = np.flatnonzero(previous >= 0).astype(np.int32)
    since = previous[again]
    # Of the requests in between, those whose own key came in between before count no key anew.
    repeated = larger_before(_ranks(since))
    wanted = _finds_something(trace)[asked][again]
    distances: NDArray[np.int32] = (again - since - 1 - repeated)[wanted]
    return distances


def _previous(key_ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The place of each request's key's previous request; -1 where there is none."""
    by_key = np.argsort(key_ids, kind="stable").astype(np.int32)
    same = np.diff(key_ids[by_key]) == 0
    previous = np.full(len(key_ids), -1, np.int32)
    previous[by_key[1:][same]] = by_key[:-1][same]
    return previous


def _finds_something(trace: Trace) -> NDArray[np.bool_]:
    """Which requests are reads whose key was not deleted by the request of it before."""
    reads: NDArray[np.bool_] = trace.operations == _GET
    if not (trace.operations == _DELETE).any():
        return reads
    previous = _previous(trace.key_ids)
    deleted = (previous >= 0) & (trace.operations[previous] == _DELETE)
    reads &= ~deleted
    return reads


def _ranks(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """The place of each of these distinct values from 0 in their rising order."""
    is_value = np.zeros(int(values.max(initial=-1)) + 1, np.int32)
    is_value[values] = 1
    return (np.cumsum(is_value, dtype=np.int32) - 1)[values]


def _scattered(values: NDArray[np.int32], places: NDArray[np.int32]) -> NDArray[np.int32]:
    moved = np.empty_like(values)
    moved[places] = values
    return moved
