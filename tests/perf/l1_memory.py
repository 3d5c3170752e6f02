"""What L1 allocates for an entry beside its key and value, once its ghosts are full too."""

import gc
import random
import sys
import tracemalloc

from cache.l1.memory import MemoryTier
from tests.perf.bench import TTL_S, Bench
from tests.perf.result import Measured

_CHURN = 4
_READ_AGAIN = 0.3
_SEED = 7


async def measure(bench: Bench) -> list[Measured]:
    """Measure the memory of a full tier that has evicted several times its size."""
    size = bench.sizes.l1_entries
    gc.collect()
    tracemalloc.start()
    try:
        tier = _churned(size)
        gc.collect()
        held_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    own_bytes = _keys_and_values_bytes(tier, size)
    beyond = (held_bytes - own_bytes) / len(tier)
    return [Measured("l1-memory", beyond, beyond, unit="B")]


def _churned(size: int) -> MemoryTier:
    """Fill a tier over and over; what is read again moves to the main queue, the rest leaves."""
    choose = random.Random(_SEED)
    tier = MemoryTier(size)
    for number in range(_CHURN * size):
        key = _key(number)
        tier.set(key, _value(number), TTL_S)
        if choose.random() < _READ_AGAIN:
            tier.get(key)
            tier.get(key)
    return tier


def _keys_and_values_bytes(tier: MemoryTier, size: int) -> int:
    held = [number for number in range(_CHURN * size) if _key(number) in tier]
    return sum(sys.getsizeof(_key(number)) + sys.getsizeof(_value(number)) for number in held)


def _key(number: int) -> str:
    return f"entry:{number:010}"


def _value(number: int) -> bytes:
    return number.to_bytes(100, "big")
