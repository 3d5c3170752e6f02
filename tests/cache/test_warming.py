"""Warming: patterns, candidates, cycles, and an end at once."""

import asyncio

from cache import MultiLevelCache
from tests.cache.conftest import ConfigMaker
from tests.support.waiting import wait_until_async


async def test_hot_keys_become_candidates(cache: MultiLevelCache) -> None:
    """The seed's loop of ten reads makes a candidate; a key read once is none."""
    for number in range(10):
        await cache.get("hot_key", fallback_func=lambda number=number: f"value_{number}")
    await cache.get("cold_key")
    assert "hot_key" in cache._access_patterns
    candidates = await cache.get_warming_candidates()
    assert [candidate["key"] for candidate in candidates] == ["hot_key"]
    assert candidates[0]["access_count"] == 10
    assert candidates[0]["in_l1"] is True


async def test_the_threshold_is_exact(make_config: ConfigMaker) -> None:
    """So many reads make a candidate, one less does not."""
    async with MultiLevelCache(make_config(warming_threshold=3)) as cache:
        for key, reads in (("a", 3), ("b", 2)):
            for _ in range(reads):
                await cache.get(key)
        assert [item["key"] for item in await cache.get_warming_candidates()] == ["a"]


async def test_a_cycle_brings_hot_keys_back_to_l1(cache: MultiLevelCache) -> None:
    """From L2 or from L3, without being counted as a caller's reads."""
    await cache.set_many({"a": 1, "b": 2})
    for _ in range(5):
        await cache.get_many(["a", "b"])
    await cache.clear_tier("l1")
    await cache.clear_tier("l2")
    before = cache.get_performance_stats()["total_requests"]
    assert await cache.warm_now() == 2
    assert cache.get_performance_stats()["total_requests"] == before
    assert (await cache.get_with_info("a")).level == "l1"
    assert cache.get_performance_stats()["warming"]["keys_warmed"] == 2


async def test_the_background_cycle_does_the_same(make_config: ConfigMaker) -> None:
    """Nothing has to be called for it."""
    async with MultiLevelCache(make_config(warming_interval=0.05)) as cache:
        await cache.set("a", 1)
        for _ in range(200):
            await cache.get("a")
        await cache.clear_tier("l1")
        await wait_until_async(lambda: "a" in cache._l1_cache, what="the warmed key")


async def test_warming_stops_at_once(make_config: ConfigMaker) -> None:
    """After `stop_warming` no cycle runs; stopping again does nothing."""
    async with MultiLevelCache(make_config(warming_interval=0.01)) as cache:
        await cache.stop_warming()
        await cache.stop_warming()
        cycles = cache.get_performance_stats()["warming"]["cycles"]
        await asyncio.sleep(0.05)
        stats = cache.get_performance_stats()["warming"]
        assert (stats["cycles"], stats["running"]) == (cycles, False)
        health = await cache.get_health_check()
        assert health["components"]["warming"]["status"] == "degraded"


async def test_named_keys_are_warmed_from_below_and_from_a_loader(
    cache: MultiLevelCache,
) -> None:
    """`warm_cache` tells how many of the keys L1 holds afterwards."""
    await cache.set_many({"a": 1, "b": 2})
    await cache.clear_tier("l1")
    assert await cache.warm_cache(["a", "b", "c"]) == 2
    assert await cache.warm_cache(["a", "c", "d"], lambda key: key.upper()) == 3
    assert cache._l1_cache.get("c") == "C"
    assert (await cache.get_with_info("d")).level == "l1"


async def test_nothing_is_tracked_where_warming_is_off(make_config: ConfigMaker) -> None:
    """No patterns, no candidates, no task; and that is healthy."""
    async with MultiLevelCache(make_config(enable_warming=False)) as cache:
        for _ in range(10):
            await cache.get("a")
        assert "a" not in cache._access_patterns
        assert await cache.get_warming_candidates() == []
        assert (await cache.get_health_check())["status"] == "healthy"
