"""L1's bytes: the limit on values, the limit on each value, and what an entry takes beside them."""

import gc
import random
import sys
import tracemalloc

import pytest

from cache import MISS
from cache.l1.memory import MemoryTier

ENTRIES = 20_000
# So many keys fill a dict's table as badly as any.
UNLUCKY = 22_000


def test_no_more_bytes_than_allowed_are_held() -> None:
    """Whatever the sizes, the sum kept is the sum of what is held, and within the limit."""
    randomness = random.Random(3)
    tier, sizes = MemoryTier(1_000, max_bytes=5_000), {}
    for step in range(20_000):
        key = f"k{randomness.randrange(300)}"
        sizes[key] = randomness.randrange(1, 400)
        tier.set(key, step, size_bytes=sizes[key])
        assert tier.get(key) == step
        if randomness.random() < 0.2:
            tier.delete(f"k{randomness.randrange(300)}")
        assert tier.size_bytes <= 5_000
    assert tier.size_bytes == sum(size for key, size in sizes.items() if key in tier)
    assert tier.size_bytes > 4_000
    tier.clear()
    assert tier.size_bytes == 0


def test_both_limits_hold() -> None:
    """Small values are limited by their number, large ones by their bytes."""
    tier = MemoryTier(10, max_bytes=1_000)
    for number in range(50):
        tier.set(f"small{number}", 1, size_bytes=1)
    assert len(tier) == 10
    for number in range(50):
        tier.set(f"large{number}", 1, size_bytes=300)
    assert len(tier) == 3


def test_a_value_that_grows_is_kept() -> None:
    """It makes room at the cost of others, even where few are held."""
    tier = MemoryTier(10, max_bytes=1_000)
    for key in "abc":
        tier.set(key, 1, size_bytes=300)
    tier.set("a", 2, size_bytes=900)
    assert tier.get("a") == 2
    assert (len(tier), tier.size_bytes) == (1, 900)


@pytest.mark.parametrize("limits", [{"max_value_bytes": 100}, {"max_bytes": 100}])
def test_a_value_over_the_limit_is_passed_by(limits: dict[str, int]) -> None:
    """It is not held, it is counted, and the older value of its key is gone."""
    tier = MemoryTier(10, **limits)
    tier.set("a", 1, size_bytes=100)
    assert (tier.get("a"), tier.bypassed) == (1, 0)
    tier.set("a", 2, size_bytes=101)
    assert tier.get("a") is MISS
    assert (tier.bypassed, len(tier), tier.size_bytes) == (1, 0, 0)


def test_a_size_that_nobody_knows_is_estimated() -> None:
    """Only where there is a limit; a long string counts for its length."""
    tier = MemoryTier(10, max_bytes=100_000)
    tier.set("a", "x" * 5_000)
    assert 5_000 <= tier.size_bytes <= 5_200
    unlimited = MemoryTier(10)
    unlimited.set("a", "x" * 5_000)
    assert unlimited.size_bytes == 0


@pytest.mark.parametrize("size", [ENTRIES, UNLUCKY])
@pytest.mark.parametrize("hits", [0, 1_000])
def test_an_entry_takes_at_most_250_bytes(size: int, hits: int) -> None:
    """Beside its key and value, with every fact known and the ghosts full, at any time."""
    randomness = random.Random(7)
    gc.collect()
    tracemalloc.start()
    try:
        tier = MemoryTier(size)
        for number in range(3 * size):
            tier.set(
                _key(number),
                _value(number),
                300.0 + randomness.random(),
                fresh_s=200.0,
                refresh_s=100.0 + randomness.random(),
                age_s=1.5,
                cost_s=0.1,
                version=1_763_000_000_000_000 + number,
                size_bytes=155,
            )
            if hits or randomness.random() < 0.3:
                tier.get(_key(number))
                tier.get(_key(number))
            if number > 2 * size and not number % (size // 8):
                assert _beyond_key_and_value(tier) <= 250
        for number in range(3 * size - 10, 3 * size):
            for _ in range(hits):
                tier.get(_key(number))
        gc.collect()
        assert _beyond_key_and_value(tier) <= 250
    finally:
        tracemalloc.stop()


def test_the_garbage_collector_has_nothing_to_do_with_entries() -> None:
    """However many there are, a full collection does not visit them."""
    tier = MemoryTier(1_000)
    for number in range(1_000):
        tier.set(_key(number), _value(number), 300)
    assert not any(gc.is_tracked(slot) for slot in tier._slots.values())
    assert not gc.is_tracked(tier._slots)


def _beyond_key_and_value(tier: MemoryTier) -> float:
    own = sys.getsizeof(_key(0)) + sys.getsizeof(_value(0))
    return tracemalloc.get_traced_memory()[0] / len(tier) - own


def _key(number: int) -> str:
    return f"entry:{number:010}"


def _value(number: int) -> bytes:
    return number.to_bytes(100, "big")
