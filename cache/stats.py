"""What callers saw, counted exactly: one level for each answered read."""

from typing import Any, Final

from cache.timing import DurationHistogram

LEVELS: Final = ("l1", "l2", "l3", "origin", "miss")
L1_SAMPLE_MASK: Final = 63


class CacheStats:
    """Counters of one cache since it was entered.

    A read is counted once, at the level that answered it; the tiers' hits and misses follow
    from that, so they can't contradict each other.
    """

    def __init__(self) -> None:
        self.l1_hits = 0
        self.answers = dict.fromkeys(LEVELS[1:], 0)
        self.writes = 0
        self.deletes = 0
        self.load_failures = 0
        self.unencodable = 0
        self.uncacheable = 0
        self.read_times = {level: DurationHistogram() for level in LEVELS}
        self.write_times = DurationHistogram()

    @property
    def reads(self) -> int:
        """Reads answered, with a value or a miss."""
        return self.l1_hits + sum(self.answers.values())

    @property
    def operations(self) -> int:
        """Everything that callers asked for."""
        return self.reads + self.load_failures + self.writes + self.deletes

    @property
    def overall_hit_rate(self) -> float:
        """Share of the reads that a tier answered; 0 before the first."""
        found = self.l1_hits + self.answers["l2"] + self.answers["l3"]
        return found / self.reads if self.reads else 0.0

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
