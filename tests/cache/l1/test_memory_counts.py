"""L1's counts: exact whatever happens to the entries, and without a counter on the read path."""

import random
from collections import Counter

import pytest

from cache import MISS
from cache.l1.memory import MemoryTier
from tests.cache.conftest import ManualClock


class Sink:
    """Adds up the hits that it is told of."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()

    def add(self, key: str, hits: int) -> None:
        """Take the hits of one key."""
        assert hits > 0
        self.hits[key] += hits

    def add_many(self, hits: list[tuple[str, int]]) -> None:
        """Take the hits of many keys."""
        for key, count in hits:
            self.add(key, count)


def read(tier: MemoryTier, key: str) -> object:
    """Read as the cache does, which writes the path of a hit out."""
    slot = tier.find_slot(key)
    if slot is None or slot.due_at <= tier._clock():
        return MISS
    left = slot.untimed - 1
    if not left:
        return tier.timed_hit(slot)
    slot.untimed = left
    return slot.value


@pytest.mark.parametrize("max_bytes", [None, 300])
def test_every_hit_is_counted_once(clock: ManualClock, max_bytes: int | None) -> None:
    """In all and for each key, through evictions, expiry, deletes, overwriting and clearing."""
    randomness = random.Random(11)
    tier, sink, model = MemoryTier(20, max_bytes=max_bytes, clock=clock), Sink(), Counter[str]()
    tier.sink = sink
    for step in range(60_000):
        key = f"k{int(randomness.paretovariate(0.5)) % 60}"
        action = randomness.random()
        if action < 0.03:
            tier.set(
                key, step, randomness.choice([None, 5, 50]), size_bytes=randomness.randrange(1, 60)
            )
        elif action < 0.035:
            tier.delete(key)
        elif action < 0.0355:
            tier.clear()
        elif action < 0.036:
            tier.harvest()
        elif action < 0.04:
            clock.advance(1)
            tier.sweep(5)
        else:
            found = (read, MemoryTier.get, MemoryTier.fresh)[step % 3](tier, key)
            model[key] += found is not MISS
        if not step % 1_000:
            assert tier.hits == model.total()
    assert tier.hits == model.total() > 10_000
    assert tier.hit_times.count > 100
    tier.harvest()
    assert sink.hits == +model
    tier.clear()
    assert tier.hits == model.total()


def test_hits_are_told_without_being_asked_for() -> None:
    """A hot key's hits reach the patterns before any harvest, all but the last 256."""
    tier, sink = MemoryTier(5), Sink()
    tier.sink = sink
    tier.set("a", 1)
    for _ in range(10_000):
        read(tier, "a")
    assert 10_000 - 256 <= sink.hits["a"] <= 10_000


def test_one_hit_in_64_is_timed_whatever_the_key() -> None:
    """Keys that are hit a few times only are timed as often as hot ones."""
    tier = MemoryTier(10_000)
    for number in range(6_400):
        tier.set(f"k{number}", 1)
        for _ in range(3):
            read(tier, f"k{number}")
    assert tier.hit_times.count == 3 * 6_400 / 64
    tier.set("hot", 1)
    for _ in range(6_400):
        read(tier, "hot")
    assert tier.hit_times.count == pytest.approx(4 * 6_400 / 64, abs=1)


def test_looking_is_no_hit() -> None:
    """Views and questions whether a key is held count nothing."""
    tier = MemoryTier(5)
    tier.set("a", 1)
    assert "a" in tier
    tier.held("a")
    tier.lasts("a", 1)
    tier.get("b")
    tier.fresh("b")
    assert tier.hits == 0


def test_hits_on_warmed_entries_are_counted_apart() -> None:
    """From when they were warmed, until another value takes their place."""
    tier = MemoryTier(5)
    tier.set("a", 1)
    tier.set("b", 1)
    for _ in range(100):
        tier.get("a")
    tier.mark_warmed("a")
    tier.mark_warmed("missing")
    for _ in range(300):
        tier.get("a")
        tier.get("b")
    assert tier.warmed_hits == 300
    tier.set("a", 2)
    tier.get("a")
    assert tier.warmed_hits == 300
    tier.mark_warmed("a")
    tier.get("a")
    tier.delete("a")
    assert tier.warmed_hits == 301
    tier.clear()
    assert tier.warmed_hits == 301
