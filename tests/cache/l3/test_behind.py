"""Write-behind: calls return before L3 commits, and readers do not notice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cache import MISS, CacheConfig, MultiLevelCache
from tests.cache.children import caches_elsewhere
from tests.cache.conftest import ConfigMaker
from tests.support.waiting import wait_until_async

NEVER_S = 3600.0


@pytest.fixture
def config(make_config: ConfigMaker) -> CacheConfig:
    """Three tiers, and no batch before the cache is closed."""
    return make_config(l3_write="behind", write_behind_interval_s=NEVER_S)


@pytest.fixture
async def behind(config: CacheConfig) -> AsyncIterator[MultiLevelCache]:
    """A cache whose L3 lags behind for as long as the test lasts."""
    async with MultiLevelCache(config) as opened:
        yield opened


async def _empty_above_l3(cache: MultiLevelCache) -> None:
    await cache.clear_tier("l2")
    await cache.clear_tier("l1")


async def test_a_reader_finds_what_waits(behind: MultiLevelCache) -> None:
    """With L1 and L2 emptied the waiting value answers, and the waiting delete does too."""
    await behind.set("a", {"x": [1]}, tags=["t"])
    assert (await behind.get_with_info("a"))[:2] == ({"x": [1]}, "l1")
    figures = behind.get_performance_stats()["l3_cache"]["write_behind"]
    assert figures == {"waiting": 1, "queued": 1, "flushed": 0, "refused": 0, "lost": 0}
    await _empty_above_l3(behind)
    assert (await behind.get_with_info("a"))[:2] == ({"x": [1]}, "l3")
    assert await behind.invalidate_tag("t") == 1
    await _empty_above_l3(behind)
    assert (await behind.get_with_info("a")).value is MISS


async def test_closing_commits_what_waits(config: CacheConfig) -> None:
    """A cache that is left has lost nothing."""
    async with MultiLevelCache(config) as one:
        await one.set_many({"a": 1, "b": 2})
        await one.delete("b")
    async with MultiLevelCache(config) as two:
        await _empty_above_l3(two)
        assert await two.get_many(["a", "b"]) == {"a": 1}


async def test_batches_follow_within_their_interval(make_config: ConfigMaker) -> None:
    """L3 has the value soon, L2 learns its version, and nothing stays on the list of pending."""
    config = make_config(l3_write="behind", write_behind_interval_s=0.01, max_staleness_s=1.0)
    async with MultiLevelCache(config) as cache, MultiLevelCache(config) as other:
        await cache.set("a", 1)
        tier = cache._tiers.l3.tier

        async def is_committed() -> bool:
            return "a" in (await tier.read(["a"])).entries

        async def is_settled() -> bool:
            return not await tier.pending(0.0)

        await wait_until_async(is_committed, what="the commit")
        await wait_until_async(is_settled, what="the settling of the list")
        found = await other.get_with_info("a")
        assert found[:2] == (1, "l2")


async def test_a_clear_forgets_what_waits(behind: MultiLevelCache) -> None:
    """A waiting write does not come back after the namespace was cleared."""
    await behind.set("a", 1)
    await behind.clear()
    assert (await behind.get_with_info("a")).value is MISS
    assert await behind._tiers.l3.behind.flush()
    assert not (await behind._tiers.l3.tier.read(["a"])).entries


async def test_a_load_gives_way_to_a_write_that_waits(behind: MultiLevelCache) -> None:
    """What a load brings does not replace a write that began after it."""
    goes_on = asyncio.Event()

    async def loader() -> str:
        await goes_on.wait()
        return "loaded"

    load = asyncio.create_task(behind.get("a", loader))
    await wait_until_async(lambda: behind._stats.loads, what="the load")
    await behind.set("a", "written")
    goes_on.set()
    assert await load == "loaded"
    await _empty_above_l3(behind)
    assert await behind.get("a") == "written"


async def test_a_killed_process_loses_what_waited_and_nothing_else(config: CacheConfig) -> None:
    """L3 has what was committed; L2 has the newer value for as long as it lives there."""
    async with caches_elsewhere(1, config) as [child], MultiLevelCache(config) as here:
        await child.call("set", key="a", value="lost")
        child.kill()
        assert (await here.get_with_info("a"))[:2] == ("lost", "l2")
        await _empty_above_l3(here)
        assert (await here.get_with_info("a")).value is MISS
