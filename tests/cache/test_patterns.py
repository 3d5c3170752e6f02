"""Access counts: decayed, bounded, and led by the hot keys."""

from cache.patterns import AccessPatterns, NoPatterns
from tests.cache.conftest import ManualClock


def test_counts_halve_with_each_half_life(clock: ManualClock) -> None:
    """A key that is not read any more fades and is forgotten."""
    patterns = AccessPatterns(10, clock=clock)
    for _ in range(8):
        patterns.touch("a")
    assert patterns.hottest(5, at_least=8) == [("a", 8)]
    clock.advance(10)
    assert patterns.hottest(5, at_least=1) == [("a", 4)]
    clock.advance(30)
    assert patterns.hottest(5, at_least=1) == []
    assert "a" not in patterns


def test_memory_is_bounded_and_hot_keys_stay(clock: ManualClock) -> None:
    """A scan of keys read once makes room for itself, not at a hot key's cost."""
    patterns = AccessPatterns(10, limit=100, clock=clock)
    for step in range(10_000):
        patterns.touch(f"cold{step}")
        patterns.touch("hot")
        assert len(patterns) <= 100
    assert "hot" in patterns


def test_the_bound_holds_when_every_key_is_hot(clock: ManualClock) -> None:
    """Halving alone makes no room there; the hotter half stays."""
    patterns = AccessPatterns(10, limit=10, clock=clock)
    for step in range(1000):
        for _ in range(50):
            patterns.touch(f"k{step}")
        assert len(patterns) <= 10


def test_candidates_are_ranked_and_limited(clock: ManualClock) -> None:
    """The hottest come first, and those under the threshold not at all."""
    patterns = AccessPatterns(10, clock=clock)
    for key, reads in (("a", 2), ("b", 5), ("c", 4)):
        for _ in range(reads):
            patterns.touch(key)
    assert patterns.hottest(2, at_least=1) == [("b", 5), ("c", 4)]
    assert patterns.hottest(5, at_least=5) == [("b", 5)]


def test_nothing_is_tracked_where_warming_is_off() -> None:
    """The null object stays empty."""
    patterns = NoPatterns()
    patterns.touch("a")
    assert "a" not in patterns
