"""What is counted, and what follows from the counts."""

import pytest

from cache.l1.memory import MemoryTier
from cache.stats import CacheStats


class CountedL1:
    """Stands in for L1: its hits are what a test says."""

    def __init__(self, hits: int = 0) -> None:
        self.hits = hits
        self.hit_times = MemoryTier(1).hit_times


def test_every_figure_follows_from_the_counts() -> None:
    """A tier misses what was answered below it; an operation is what a caller asked for."""
    stats = CacheStats(CountedL1(10))
    for level, reads in {"l2": 5, "l3": 3, "origin": 1, "miss": 1}.items():
        stats.record_read(level, 1000, reads)
    stats.writes, stats.deletes, stats.failed_reads = 4, 2, 1
    assert stats.reads == 20
    assert stats.operations == 27
    assert stats.overall_hit_rate == pytest.approx(0.9)
    assert stats.hits_and_misses("l1") == (10, 10)
    assert stats.hits_and_misses("l2") == (5, 5)
    assert stats.hits_and_misses("l3") == (3, 2)
    assert stats.tier("l3") == {"hits": 3, "misses": 2, "hit_rate": 0.6}


def test_a_load_is_not_an_operation() -> None:
    """A load that failed behind a stale value, or in the background, failed no caller."""
    stats = CacheStats(CountedL1())
    stats.loads, stats.load_failures = 3, 2
    assert stats.operations == 0


def test_before_the_first_read_there_is_no_hit_rate() -> None:
    """Nothing is divided by nothing."""
    stats = CacheStats(CountedL1())
    assert stats.overall_hit_rate == 0
    assert stats.tier("l1")["hit_rate"] == 0


def test_the_hits_of_l1_are_its_own() -> None:
    """Nothing is counted twice, and its times are those that it took itself."""
    l1 = MemoryTier(10)
    stats = CacheStats(l1)
    l1.set("a", 1)
    for _ in range(200):
        l1.get("a")
    l1.get("b")
    times = stats.response_times()["l1"]
    assert stats.l1_hits == times["count"] == 200
    assert times["max_s"] == l1.hit_times.max_ns / 1e9 > 0


def test_counts_can_be_held_still() -> None:
    """Figures that are made one after the other are made of the same counts."""
    l1 = CountedL1(1)
    stats = CacheStats(l1)
    stats.record_read("l2", 1000)
    still = stats.now()
    l1.hits = 7
    stats.record_read("miss", 1000)
    stats.writes += 1
    assert (still.l1_hits, still.reads, still.writes) == (1, 2, 0)
    assert (stats.l1_hits, stats.reads, stats.writes) == (7, 9, 1)
