"""How old what one worker reads is, against what another has written: two logs, compared.

    writer   |--- write 7 ---|       |--- write 9 ---|
    reader                                             |- read -> 7 -|
                                                     <-> staleness

A write supersedes another that was acknowledged before it began; of those that overlap either may
win. A read is stale where a superseding write was acknowledged before the read began, by the time
between these two moments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Log = NDArray[Any]
Times = NDArray[np.int64]

WRITE = np.dtype([("key", "<i8"), ("revision", "<i8"), ("began", "<i8"), ("acked", "<i8")])
READ = np.dtype([("key", "<i8"), ("revision", "<i8"), ("began", "<i8")])
NEVER = np.iinfo(np.int64).max
"""When a write that raised was acknowledged."""
REMOVED = -1
"""The revision of a delete; of a clear it is the key too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """What a worker's reads saw of the others' writes.

    Args:
        reads: How many could be compared.
        staleness_ns: Of those that were stale, how old what they saw was.
    """

    reads: int
    staleness_ns: Times

    @property
    def of_all_ns(self) -> Times:
        """The staleness of every read, 0 of those that saw what was current; shape (reads,)."""
        return np.concatenate(
            (self.staleness_ns, np.zeros(self.reads - len(self.staleness_ns), dtype=np.int64))
        )


def decode_writes(handed_over: Iterable[bytes]) -> Log:
    """The writes of all shards together, from their logs' bytes."""
    return np.concatenate([np.frombuffer(each, dtype=WRITE) for each in handed_over])


def compare(writes: Log, reads: Log) -> Crossed:
    """Hold reads against the writes of others.

    What was read and no write of the log made is older than all of them. The value that a key has
    by itself is not judged once the key was removed: the reader's own origin may bring it back.

    Args:
        writes: Of type `WRITE`; times in ns on the group's clock.
        reads: Of type `READ`, on the same clock.
    """
    values = writes[writes["revision"] != REMOVED]
    judged = reads[np.isin(reads["key"], values["key"]) & ~_may_be_reborn(writes, reads)]
    if not len(judged):
        return Crossed(reads=0, staleness_ns=np.zeros(0, dtype=np.int64))
    superseded = _Histories(values).superseded(judged)
    stale = superseded <= judged["began"]
    return Crossed(reads=len(judged), staleness_ns=judged["began"][stale] - superseded[stale])


def _may_be_reborn(writes: Log, reads: Log) -> NDArray[np.bool_]:
    removals = writes[writes["revision"] == REMOVED]
    cleared = np.min(removals["began"][removals["key"] == REMOVED], initial=NEVER)
    keys, places = np.unique(removals["key"], return_inverse=True)
    first = np.full(len(keys) + 1, NEVER, dtype=np.int64)
    np.minimum.at(first, places, removals["began"])
    place = np.searchsorted(keys, reads["key"])
    known = np.append(keys, REMOVED)[place] == reads["key"]
    removed = np.minimum(np.where(known, first[place], NEVER), cleared)
    reborn: NDArray[np.bool_] = (reads["revision"] == 0) & (removed <= reads["began"])
    return reborn


class _Histories:
    """Each key's writes in the order of their beginnings, laid out on one line.

    A key's stretch of the line is as long as all of the time that was watched, so that one search
    serves all keys.
    """

    def __init__(self, writes: Log) -> None:
        self._writes = writes[np.lexsort((writes["began"], writes["key"]))]
        self._keys, self._key = np.unique(self._writes["key"], return_inverse=True)
        self._origin_ns = int(self._writes["began"].min())
        acked = self._writes["acked"]
        last_ns = max(int(np.max(acked[acked != NEVER], initial=0)), int(writes["began"].max()))
        self._stretch = last_ns - self._origin_ns + 2
        self._begins = self._on_line(self._writes["began"])
        self._ends = self._on_line(np.minimum(acked, last_ns + 1))
        # From the line's end to its begin, since what begins later supersedes as well.
        self._first_acked = np.minimum.accumulate(self._ends[::-1])[::-1]

    def superseded(self, reads: Log) -> Times:
        """When what each read saw was superseded, NEVER where it was not."""
        own = self._places_of(reads)
        key = np.searchsorted(self._keys, reads["key"])
        after = np.where(own >= 0, self._ends[own], key * self._stretch - 1)
        return self._acked_after(key, after)

    def _acked_after(self, key: NDArray[np.intp], after: Times) -> Times:
        later = np.searchsorted(self._begins, after, side="right")
        there = later < len(self._begins)
        later[~there] = 0
        there &= self._key[later] == key
        acked = self._first_acked[later] - key * self._stretch
        there &= acked < self._stretch - 1
        return np.where(there, acked + self._origin_ns, NEVER)

    def _places_of(self, reads: Log) -> NDArray[np.intp]:
        """The write that made what each read saw; -1 where none of these did."""
        width = max(int(self._writes["revision"].max()), int(reads["revision"].max())) + 1
        made = self._key * width + self._writes["revision"]
        order = np.argsort(made)
        wanted = np.searchsorted(self._keys, reads["key"]) * width + reads["revision"]
        place = np.minimum(np.searchsorted(made, wanted, sorter=order), len(made) - 1)
        return np.where(made[order[place]] == wanted, order[place], -1)

    def _on_line(self, moments: Times) -> Times:
        placed: Times = self._key * self._stretch + (moments - self._origin_ns)
        return placed
