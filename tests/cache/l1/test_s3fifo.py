"""S3-FIFO against the algorithm as its paper words it, step by step."""

import random
from collections import OrderedDict, deque

import pytest

from cache.l1.memory import MemoryTier
from cache.l1.s3fifo import S3Fifo
from cache.l1.slot import Slot


class Paper:
    """S3-FIFO (Yang et al., SOSP 2023), with a counter of at most 3 that every hit raises."""

    def __init__(self, size: int) -> None:
        self.held: dict[str, int] = {}
        self.small: deque[str] = deque()
        self.main: deque[str] = deque()
        self.ghosts: OrderedDict[str, None] = OrderedDict()
        self.size = size
        self.target = max(1, size // 10)

    def read(self, key: str) -> bool:
        """Hit or miss; a miss is followed by an insertion."""
        if key in self.held:
            self.held[key] = min(3, self.held[key] + 1)
            return True
        while len(self.held) >= self.size:
            self.evict()
        if key in self.ghosts:
            del self.ghosts[key]
            self.main.append(key)
        else:
            self.small.append(key)
        self.held[key] = 0
        return False

    def evict(self) -> None:
        """Go through the queue whose turn it is, until one key has left."""
        if len(self.small) >= self.target or not self.main:
            self.evict_from_small()
        else:
            self.evict_from_main()

    def evict_from_small(self) -> None:
        """Move those hit twice to the main queue; the first other one becomes a ghost."""
        while self.small:
            key = self.small.popleft()
            if self.held[key] < 2:
                del self.held[key]
                self.ghosts[key] = None
                if len(self.ghosts) > self.size - self.target:
                    self.ghosts.popitem(last=False)
                return
            self.held[key] = 0
            self.main.append(key)

    def evict_from_main(self) -> None:
        """Give those that were hit another round; the first other one leaves."""
        while True:
            key = self.main.popleft()
            if not self.held[key]:
                del self.held[key]
                return
            self.held[key] -= 1
            self.main.append(key)


class Queue:
    """An exact ghost queue in the place of the table."""

    def __init__(self, limit: int) -> None:
        self.keys: OrderedDict[str, None] = OrderedDict()
        self.limit = limit

    def add(self, key: str) -> None:
        """Remember a key."""
        self.keys[key] = None
        if len(self.keys) > self.limit:
            self.keys.popitem(last=False)

    def take(self, key: str) -> bool:
        """Tell whether a key is remembered, and forget it."""
        found = key in self.keys
        self.keys.pop(key, None)
        return found


@pytest.mark.parametrize("size", [1, 2, 9, 10, 15, 100, 333])
def test_evicts_what_the_paper_evicts(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Each read hits or misses as it should, whenever the hits are collected."""
    monkeypatch.setattr("cache.l1.s3fifo.Ghosts", Queue)
    randomness = random.Random(size)
    tier, paper = MemoryTier(size), Paper(size)
    for step in range(30_000):
        key = f"k{int(randomness.paretovariate(0.7)) % (10 * size)}"
        if randomness.random() < 0.01:
            tier.harvest()
        hit = tier.fresh(key) == 1
        if not hit:
            tier.set(key, 1)
        assert hit == paper.read(key), step
    assert set(tier._slots) == set(paper.held)
    assert tier.evictions > 100


def test_ghosts_grow_with_what_is_held() -> None:
    """A cache limited by bytes may come to hold far more entries than when it first was full."""
    tier = MemoryTier(10_000, max_bytes=10_000)
    for number in range(20):
        tier.set(f"large{number}", 1, size_bytes=1_000)
    few = tier._queues._ghosts
    for number in range(20_000):
        tier.set(f"small{number}", 1, size_bytes=1)
    assert len(tier) == 10_000
    assert tier._queues._ghosts is not few
    left = [number for number in range(20_000) if f"small{number}" not in tier][-4_000:]
    remembered = sum(tier._queues._ghosts.take(f"small{number}") for number in left)
    assert remembered > 3_000


def test_dead_slots_are_neither_returned_nor_kept_for_long() -> None:
    """They lie in a queue until they come first, or until they are many."""
    queues = S3Fifo()
    slots = [Slot(f"k{number}", number, None, 0.0, 1, 1, 0, b"") for number in range(1_000)]
    for number, slot in enumerate(slots):
        queues.admit(f"k{number}", slot)
    for slot in slots[:700]:
        slot.key = None
    queues.bury(300)
    assert len(queues) == 300
    slots[700].key = None
    assert queues.evict(299) is slots[701]
