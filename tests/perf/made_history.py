"""A history of many operations by several workers, made up: each ends before the next begins."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workers.checker.log import CHANGE, READ, Kind, Log

HOT_KEYS: Final = 64
COLD_KEYS: Final = 100_000
_WRITES: Final = 0.3
_PLANTED: Final = 0.001
_STEP_NS: Final = 1_000
_TAKES_NS: Final = 500
_SEED: Final = 5

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker has done of it.

    Attributes:
        changes: Its writes.
        reads: Its reads.
        stale: How many of them were made to see the value before the current one.
    """

    changes: Log
    reads: Log
    stale: int


def part_of(shard: int, shards: int, operations: int) -> Part:
    """One worker's part: half of the operations are on few keys, half on many.

    Args:
        shard: The worker's number.
        shards: The workers take turns.
        operations: Of all of them together.
    """
    random = np.random.default_rng(_SEED)
    is_hot = random.random(operations) < 0.5
    cold = HOT_KEYS + random.integers(COLD_KEYS, size=operations)
    key = np.where(is_hot, random.integers(HOT_KEYS, size=operations), cold)
    wanted = random.random(operations) < _WRITES
    # What nobody has written can't be read.
    writes = wanted | (_written_before(key, wanted) == 0)
    before = _written_before(key, writes)
    planted = ~writes & (before > 1) & (random.random(operations) < _PLANTED)
    revision = np.where(writes, before + 1, before - planted)
    mine = np.arange(operations) % shards == shard
    return Part(
        _changes(key, revision, mine & writes, shard),
        _reads(key, revision, mine & ~writes),
        int(np.count_nonzero(mine & planted)),
    )


def _written_before(key: Column, writes: NDArray[np.bool_]) -> Column:
    """How many writes of its key came before each operation."""
    order = np.argsort(key, kind="stable")
    running = np.cumsum(writes[order]) - writes[order]
    first = np.searchsorted(key[order], key[order])
    before = np.empty(len(key), dtype=np.int64)
    before[order] = running - running[first]
    return before


def _changes(key: Column, revision: Column, chosen: NDArray[np.bool_], shard: int) -> Log:
    place = np.flatnonzero(chosen)
    changes = np.zeros(len(place), dtype=CHANGE)
    changes["key"], changes["revision"] = key[place], revision[place]
    changes["began"] = place * _STEP_NS
    changes["acked"] = changes["began"] + _TAKES_NS
    changes["kind"], changes["shard"] = Kind.WRITE, shard
    changes["sequence"] = np.arange(len(place))
    return changes


def _reads(key: Column, revision: Column, chosen: NDArray[np.bool_]) -> Log:
    place = np.flatnonzero(chosen)
    reads = np.zeros(len(place), dtype=READ)
    reads["key"], reads["revision"] = key[place], revision[place]
    reads["began"] = place * _STEP_NS
    reads["ended"] = reads["began"] + _TAKES_NS
    return reads
