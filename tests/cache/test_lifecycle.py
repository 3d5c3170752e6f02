"""What an open cache does by itself: L1 is swept, and warming loads under a reader's rules."""

import pytest

from cache import CacheConfig, MultiLevelCache, lifecycle
from tests.cache.conftest import ManualClock
from tests.support.waiting import wait_until_async


async def test_what_expired_leaves_l1_without_being_read(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory of values that nobody asks for again is freed, that of live ones is not."""
    monkeypatch.setattr(lifecycle, "_SWEEP_INTERVAL_S", 0.01)
    config = CacheConfig(l1_default_ttl=10, ttl_jitter=0)
    async with MultiLevelCache(config, clock=clock) as cache:
        await cache.set_many({f"short{number}": [number] for number in range(50)}, tags=["red"])
        await cache.set("long", [0], l1_ttl=1_000)
        clock.advance(11)
        await wait_until_async(lambda: len(cache._l1_cache) == 1, what="the sweep")
        assert cache._l1_cache.tagged(["red"]) == set()
        assert await cache.get("long") == [0]


async def test_a_value_that_warming_loaded_anew_keeps_its_tags(clock: ManualClock) -> None:
    """So that an invalidation of the tag finds it as it found its predecessor."""
    loaded = iter(range(1, 10))
    config = CacheConfig(l1_default_ttl=10, ttl_jitter=0, warming_threshold=2, warming_interval=60)
    async with MultiLevelCache(
        config, clock=clock, warming_loader=lambda _key: next(loaded)
    ) as cache:
        await cache.set("key", 0, tags=["red"])
        for _ in range(5):
            assert await cache.get("key") == 0
        clock.advance(5)
        assert await cache.warm_now() == 1
        assert await cache.get("key") == 1
        assert await cache.invalidate_tag("red") == 1
        assert await cache.get("key") is None
