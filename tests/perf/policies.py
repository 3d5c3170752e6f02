"""Replacement policies replayed offline: ours, LRU, and W-TinyLFU as theine has it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import theine

from cache import MISS
from cache.l1.memory import MemoryTier

Policy = Callable[[Sequence[str], int], float]


def replay_ours(requests: Sequence[str], size: int) -> float:
    """Return the hit ratio of L1 with so many entries, each miss followed by a set."""
    tier = MemoryTier(size)
    hits = 0
    for key in requests:
        if tier.get(key) is MISS:
            tier.set(key, key)
        else:
            hits += 1
    return hits / len(requests)


def replay_lru(requests: Sequence[str], size: int) -> float:
    """Return the hit ratio of a list in the order of use."""
    held: OrderedDict[str, None] = OrderedDict()
    hits = 0
    for key in requests:
        if key in held:
            held.move_to_end(key)
            hits += 1
        else:
            held[key] = None
            if len(held) > size:
                held.popitem(last=False)
    return hits / len(requests)


def replay_theine(requests: Sequence[str], size: int) -> float:
    """Return the hit ratio of theine's cache (Einziger et al., TinyLFU, 2017)."""
    cache: theine.Cache[str, str] = theine.Cache(size)
    hits = 0
    try:
        for key in requests:
            _, found = cache.get(key)
            if found:
                hits += 1
            else:
                cache.set(key, key)
    finally:
        cache.close()
    return hits / len(requests)


POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {"ours": replay_ours, "LRU": replay_lru, "theine": replay_theine}
)
