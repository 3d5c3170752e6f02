"""What is counted, and what follows from the counts."""

import pytest

from cache.stats import CacheStats


def test_every_figure_follows_from_the_counts() -> None:
    """A tier misses what was answered below it; an operation is what a caller asked for."""
    stats = CacheStats()
    stats.l1_hits = 10
    for level, reads in {"l2": 5, "l3": 3, "origin": 1, "miss": 1}.items():
        stats.record_read(level, 1000, reads)
    stats.writes, stats.deletes, stats.load_failures = 4, 2, 1
    assert stats.reads == 20
    assert stats.operations == 27
    assert stats.overall_hit_rate == pytest.approx(0.9)
    assert stats.hits_and_misses("l1") == (10, 10)
    assert stats.hits_and_misses("l2") == (5, 5)
    assert stats.hits_and_misses("l3") == (3, 2)


def test_before_the_first_read_there_is_no_hit_rate() -> None:
    """Nothing is divided by nothing."""
    assert CacheStats().overall_hit_rate == 0
