"""What callers saw, counted exactly: one level for each answered read."""

import copy
from typing import Any, Final, Protocol, Self

from cache.timing import DurationHistogram

LEVELS: Final = ("l1", "l2", "l3", "origin", "miss")


class CountsHits(Protocol):
    """What counts, and times some of, the reads that it answers: L1."""

    @property
    def hits(self) -> int:
        """Reads that it answered; asking costs time that grows with its size."""

    @property
    def hit_times(self) -> DurationHistogram:
        """How long some of them took."""


class _Counted:
    """What L1 had counted at some moment."""

    def __init__(self, l1: CountsHits) -> None:
        self.hits = l1.hits
        self.hit_times = l1.hit_times


class CacheStats:
    """Counters of one cache since it was entered.

    A read is counted once, at the level that answered it; the tiers' hits and misses follow
    from that, so they can't contradict each other.

    Args:
        l1: Counts the reads that it answers itself, so that a hit costs nothing here.

    Attributes:
        answers: Reads answered below L1, by level.
        failed_reads: Reads that raised, because their load failed or took too long.
        writes: Keys set.
        deletes: Keys deleted.
        loads: Loads from the origin that were started, for callers and in the background.
        load_failures: Those of them that raised.
        early_refreshes: Loads started before a value's time was over.
        background_refreshes: Loads started while a stale value was served.
        stale_served: Reads answered with a value whose time was over.
        soft_timeouts: Reads that did not wait for their load, because a stale value was at hand.
        hard_timeouts: Reads that gave up waiting for their load.
        leases_waited: Searches that waited for another process's load.
        fills_refused: Loaded values that a tier refused, because a write overtook them.
        unencodable: Values that stayed in L1, because JSON can't hold them.
        oversized: Values refused, or kept out of L1, for their size.
        invalidations_received: Messages from L2 about others' writes.
        keys_invalidated: Keys named in them.
        tags_invalidated: Tags invalidated by this cache's callers.
    """

    def __init__(self, l1: CountsHits) -> None:
        self._l1 = l1
        self.answers = dict.fromkeys(LEVELS[1:], 0)
        self.failed_reads = 0
        self.writes = 0
        self.deletes = 0
        self.loads = 0
        self.load_failures = 0
        self.early_refreshes = 0
        self.background_refreshes = 0
        self.stale_served = 0
        self.soft_timeouts = 0
        self.hard_timeouts = 0
        self.leases_waited = 0
        self.fills_refused = 0
        self.unencodable = 0
        self.oversized = 0
        self.invalidations_received = 0
        self.keys_invalidated = 0
        self.tags_invalidated = 0
        self.read_times = {
            "l1": l1.hit_times,
            **{level: DurationHistogram() for level in LEVELS[1:]},
        }
        self.write_times = DurationHistogram()

    def now(self) -> Self:
        """Return the counts as they are, so that figures made of them agree with each other.

        The times are not copied.
        """
        frozen = copy.copy(self)
        frozen._l1 = _Counted(self._l1)  # noqa: SLF001 - its own class
        frozen.answers = dict(self.answers)
        return frozen

    @property
    def l1_hits(self) -> int:
        """Reads that L1 answered."""
        return self._l1.hits

    @property
    def reads(self) -> int:
        """Reads answered, with a value or a miss."""
        return self.l1_hits + sum(self.answers.values())

    @property
    def operations(self) -> int:
        """Everything that callers asked for."""
        return self.reads + self.failed_reads + self.writes + self.deletes

    @property
    def overall_hit_rate(self) -> float:
        """Share of the reads that a tier answered; 0 before the first."""
        reads = self.reads
        found = reads - self.answers["origin"] - self.answers["miss"]
        return found / reads if reads else 0.0

    def hits_and_misses(self, level: str) -> tuple[int, int]:
        """Return the reads that reached a tier, by what it answered."""
        hits = self.l1_hits if level == "l1" else self.answers[level]
        below = LEVELS[LEVELS.index(level) + 1 :]
        return hits, sum(self.answers[lower] for lower in below)

    def record_read(self, level: str, duration_ns: int, reads: int = 1) -> None:
        """Count reads that L1 did not answer."""
        self.answers[level] += reads
        self.read_times[level].record(duration_ns)

    def response_times(self) -> dict[str, dict[str, float]]:
        """Return the times by the level that answered, and of writes; L1's are sampled."""
        times = {level: histogram.summary() for level, histogram in self.read_times.items()}
        times["l1"]["count"] = self.l1_hits
        times["write"] = self.write_times.summary()
        return times

    def tier(self, level: str) -> dict[str, Any]:
        """Return the figures of one tier."""
        hits, misses = self.hits_and_misses(level)
        asked = hits + misses
        return {"hits": hits, "misses": misses, "hit_rate": hits / asked if asked else 0.0}
