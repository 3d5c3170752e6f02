"""Values past their time: who gets them, who loads them anew, and for how long."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cache import MISS, CacheConfig, LoadTimeoutError, MultiLevelCache
from cache.ttl import Lives, TTLs
from tests.cache.conftest import ConfigMaker, ManualClock
from tests.support.waiting import wait_until_async

Opener = Callable[..., Any]


@pytest.fixture
async def open_l1(clock: ManualClock) -> AsyncIterator[Opener]:
    """Opens caches of L1 alone, whose time is set by hand."""
    opened = []

    async def open_one(**settings: Any) -> MultiLevelCache:
        config = CacheConfig(**{"l1_default_ttl": 10, "ttl_jitter": 0, **settings})
        cache = MultiLevelCache(config, clock=clock)
        opened.append(cache)
        return await cache.__aenter__()

    yield open_one
    for cache in opened:
        await cache.close()


class Origin:
    """Counts its loads, and can be slow or fail."""

    def __init__(self) -> None:
        self.loads = 0
        self.fails = False
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def load(self) -> int:
        """Return the number of this load."""
        self.loads += 1
        number = self.loads
        await self.goes_on.wait()
        if self.fails:
            raise LookupError("the origin is down")
        return number


async def test_a_stale_value_is_served_while_it_is_loaded_anew(
    open_l1: Opener, clock: ManualClock
) -> None:
    """Within the window nobody waits, one load runs, and the next read finds its value."""
    cache, origin = await open_l1(stale_while_revalidate_s=5), Origin()
    assert await cache.get("k", origin.load) == 1
    clock.advance(10.5)
    origin.goes_on.clear()
    for _ in range(3):
        result = await cache.get_with_info("k", origin.load)
        assert (result.value, result.level, result.stale) == (1, "l1", True)
        assert result.reason == "it is being refreshed"
        assert result.age_s == pytest.approx(10.5)
    await wait_until_async(lambda: origin.loads == 2, what="the refresh")
    origin.goes_on.set()
    await wait_until_async(lambda: cache.get("k"), what="the fresh value")
    result = await cache.get_with_info("k", origin.load)
    assert (result.value, result.stale) == (2, False)
    assert origin.loads == 2
    assert cache._stats.stale_served == 3


async def test_past_the_window_a_reader_waits(open_l1: Opener, clock: ManualClock) -> None:
    """A value that is stale for too long is loaded before it is answered."""
    cache, origin = await open_l1(stale_while_revalidate_s=5, stale_if_error_s=20), Origin()
    await cache.get("k", origin.load)
    clock.advance(15.5)
    assert (await cache.get_with_info("k", origin.load))[:2] == (2, "origin")


async def test_without_a_loader_a_stale_value_is_a_miss(
    open_l1: Opener, clock: ManualClock
) -> None:
    """Nothing could make it fresh, so it is not passed off as a value."""
    cache = await open_l1(stale_while_revalidate_s=5, stale_if_error_s=5)
    await cache.set("k", 1)
    clock.advance(10.5)
    assert (await cache.get_with_info("k")).value is MISS


async def test_a_stale_value_is_served_while_the_origin_fails(
    open_l1: Opener, clock: ManualClock
) -> None:
    """For the stated time a failed load is answered with the old value, marked; then it raises."""
    cache, origin = await open_l1(stale_if_error_s=20), Origin()
    await cache.get("k", origin.load)
    origin.fails = True
    clock.advance(25)
    result = await cache.get_with_info("k", origin.load)
    assert (result.value, result.level, result.stale) == (1, "l1", True)
    assert result.reason == "the load failed: LookupError"
    clock.advance(6)
    with pytest.raises(LookupError):
        await cache.get("k", origin.load)


async def test_a_soft_timeout_serves_what_is_at_hand(open_l1: Opener, clock: ManualClock) -> None:
    """Who holds a stale value does not wait for a slow load; the load ends by itself."""
    cache = await open_l1(stale_if_error_s=20, load_soft_timeout_s=0.02, load_timeout_s=30)
    origin = Origin()
    await cache.get("k", origin.load)
    clock.advance(11)
    origin.goes_on.clear()
    result = await cache.get_with_info("k", origin.load)
    assert (result.value, result.stale, result.reason) == (1, True, "the load is slow")
    origin.goes_on.set()
    await wait_until_async(lambda: cache.get("k"), what="the slow load's value")
    assert await cache.get("k") == 2
    assert cache._stats.soft_timeouts == 1


async def test_a_hard_timeout_raises_and_the_load_goes_on(open_l1: Opener) -> None:
    """The caller gets an error of its own, and later callers what was loaded."""
    cache, origin = await open_l1(load_timeout_s=0.02, load_soft_timeout_s=0.01), Origin()
    origin.goes_on.clear()
    with pytest.raises(LoadTimeoutError, match=r"load_timeout_s=0\.02"):
        await cache.get("k", origin.load)
    with pytest.raises(TimeoutError):
        await cache.get("k", origin.load)
    origin.goes_on.set()
    await wait_until_async(lambda: cache.get("k"), what="the load's value")
    assert origin.loads == 1
    assert cache._stats.hard_timeouts == 2
    assert cache._stats.failed_reads == 2


async def test_a_write_after_a_timeout_wins_over_the_load(open_l1: Opener) -> None:
    """A load that ends after its caller left does not put its older value over a newer one."""
    cache, origin = await open_l1(load_timeout_s=0.02), Origin()
    origin.goes_on.clear()
    with pytest.raises(LoadTimeoutError):
        await cache.get("k", origin.load)
    await cache.set("k", "written")
    origin.goes_on.set()
    await wait_until_async(lambda: not cache._reader._loads._tasks, what="the end of the load")
    assert await cache.get("k") == "written"


async def test_a_costly_value_is_loaded_anew_before_it_ends(
    open_l1: Opener, clock: ManualClock
) -> None:
    """With a large beta the refresh is due at once; the current value is served meanwhile."""
    cache, origin = await open_l1(early_refresh_beta=100), Origin()

    async def costly() -> int:
        await asyncio.sleep(0.15)  # what the load costs, by which its refresh is drawn
        return await origin.load()

    await cache.get("k", costly)
    clock.advance(9.999999)  # so late that the draw can't be later
    result = await cache.get_with_info("k", costly)
    assert (result.value, result.level, result.stale) == (1, "l1", False)
    await wait_until_async(lambda: origin.loads == 2, what="the early refresh")
    assert cache._stats.early_refreshes == 1
    clock.advance(5)
    assert (await cache.get_with_info("k"))[:2] == (2, "l1")


async def test_what_is_due_for_a_refresh_is_there_for_every_way_to_read(
    open_l1: Opener, clock: ManualClock
) -> None:
    """Without a loader, of many keys at once, and with its age."""
    cache = await open_l1(early_refresh_beta=100)

    async def costly() -> int:
        await asyncio.sleep(0.15)  # what the load costs, by which its refresh is drawn
        return 1

    await cache.get("k", costly)
    clock.advance(9.5)
    assert await cache.get_many(["k"]) == {"k": 1}
    [result] = (await cache.get_many_with_info(["k"])).values()
    assert (result.level, result.age_s) == ("l1", pytest.approx(9.5))
    assert await cache.get("k") == 1


async def test_reading_with_information_refreshes_nothing_that_is_not_due(
    open_l1: Opener,
) -> None:
    """A hit is a hit, with a loader at hand too."""
    cache, origin = await open_l1(), Origin()
    for _ in range(3):
        await cache.get_with_info("k", origin.load)
    assert origin.loads == 1
    assert cache._stats.background_refreshes == 0


async def test_who_joins_a_load_waits_no_longer_than_its_caller(open_l1: Opener) -> None:
    """A read without a loader, and reads of many keys, are bounded as the load's caller is."""
    cache, origin = await open_l1(load_timeout_s=0.02), Origin()
    origin.goes_on.clear()
    load = asyncio.create_task(cache.get("k", origin.load))
    await wait_until_async(lambda: origin.loads, what="the load")
    assert await asyncio.wait_for(cache.get("k"), 5) is None
    assert await asyncio.wait_for(cache.get_many(["k"]), 5) == {}
    with pytest.raises(LoadTimeoutError):
        await asyncio.wait_for(cache.warm_cache(["k"], origin.load), 5)
    with pytest.raises(LoadTimeoutError):
        await load
    origin.goes_on.set()
    await wait_until_async(lambda: cache.get("k"), what="the load's value")


async def test_a_refresh_that_fails_leaves_the_value_as_it_is(
    open_l1: Opener, clock: ManualClock
) -> None:
    """Nobody waits for it, so nobody sees its failure; the value ends in its time."""
    cache, origin = await open_l1(stale_while_revalidate_s=5), Origin()
    await cache.get("k", origin.load)
    origin.fails = True
    clock.advance(11)
    assert await cache.get("k", origin.load) == 1
    await wait_until_async(lambda: cache._stats.load_failures, what="the failure")
    assert await cache.get("k", origin.load) == 1
    clock.advance(5)
    with pytest.raises(LookupError):
        await cache.get("k", origin.load)


async def test_a_loaded_none_is_kept_for_its_own_shorter_time(
    open_l1: Opener, clock: ManualClock
) -> None:
    """Negative caching: None is answered without a load, but only for `negative_ttl_s`."""
    cache = await open_l1(negative_ttl_s=3)
    loads = []

    def loader(key: str) -> None:
        loads.append(key)

    for _ in range(2):
        assert await cache.get("k", loader) is None
    assert loads == ["k"]
    clock.advance(3.1)
    assert await cache.get("k", loader) is None
    assert loads == ["k", "k"]
    await cache.set("written", None)
    clock.advance(5)
    assert (await cache.get_with_info("written")).level == "l1"


async def test_stale_values_come_from_the_lower_tiers_too(make_config: ConfigMaker) -> None:
    """A process whose L1 is empty serves what L2 or L3 kept past its time."""
    config = make_config(
        ttl_jitter=0, stale_while_revalidate_s=30, stale_if_error_s=60, early_refresh_beta=0
    )
    async with MultiLevelCache(config) as cache:
        for level in ("l2", "l3"):
            origin = Origin()
            await cache.get(level, origin.load, l3_ttl=0.05)
            await asyncio.sleep(0.06)
            await cache.clear_tier("l1")
            if level == "l3":
                await cache.clear_tier("l2")
            result = await cache.get_with_info(level, origin.load)
            assert (result.value, result.level, result.stale) == (1, level, True)
            await wait_until_async(lambda origin=origin: origin.loads == 2, what="the refresh")


async def test_a_refresh_reaches_every_tier(make_config: ConfigMaker) -> None:
    """What is loaded anew replaces the stale value in L3 and L2, and then in L1."""
    config = make_config(ttl_jitter=0, stale_while_revalidate_s=30)
    async with MultiLevelCache(config) as cache:
        origin = Origin()
        await cache.get("k", origin.load, l3_ttl=0.05)
        await asyncio.sleep(0.06)
        assert (await cache.get_with_info("k", origin.load)).stale

        async def is_fresh() -> bool:
            return (await cache.get_with_info("k")).value == 2

        await wait_until_async(is_fresh, what="the fresh value")
        for emptied in ("l1", "l2"):
            await cache.clear_tier(emptied)
            if emptied == "l2":
                await cache.clear_tier("l1")
            assert (await cache.get_with_info("k")).value == 2


def test_jitter_only_ever_shortens() -> None:
    """Lives spread over the stated share below the TTL, and all tiers keep their order."""
    config = CacheConfig(l1_default_ttl=100, l2_url="redis://h", l2_default_ttl=200, ttl_jitter=0.2)
    lives = Lives(config, random.Random(7))
    drawn = [lives.draw(TTLs.of(config)) for _ in range(500)]
    l1 = [life.l1_s or 0 for life in drawn]
    assert 80 <= min(l1) < 85
    assert 95 < max(l1) <= 100
    assert all((life.l1_s or 0) <= (life.l2_s or 0) <= 200 for life in drawn)
    assert all(life.fresh_s == life.l2_s for life in drawn)


def test_the_early_refresh_follows_xfetch() -> None:
    """The gap before the end is exponential with mean beta times cost."""
    config = CacheConfig(early_refresh_beta=2)
    lives = Lives(config, random.Random(7))
    gaps = [100 - (lives.early_refresh_s(100, 0.5) or 0) for _ in range(4000)]
    assert sum(gaps) / len(gaps) == pytest.approx(1.0, rel=0.05)
    assert lives.early_refresh_s(None, 0.5) is None
    assert lives.early_refresh_s(100, 0.0) is None
