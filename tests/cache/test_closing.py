"""A cache is left in bounded time, whoever still waits for it and whatever its tiers do."""

import asyncio
import sqlite3
from contextlib import closing

import psutil
import pytest

from cache import CacheConfig, ClosedError, MultiLevelCache
from cache.codec import encode
from cache.tier import Write
from tests.cache.conftest import ConfigMaker
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async

CEILING_S = 30.0


@pytest.mark.parametrize("turns", range(4))
async def test_a_load_that_has_not_begun_is_ended_too(turns: int) -> None:
    """Its caller hears of it, at whichever step the cache was closed."""
    cache = MultiLevelCache(CacheConfig(enable_warming=False))
    async with cache:
        reader = asyncio.create_task(cache.get("a", asyncio.Event().wait))
        for _ in range(turns):
            await asyncio.sleep(0)
        if turns == 0:
            await asyncio.sleep(0)
    with pytest.raises(ClosedError):
        await asyncio.wait_for(reader, CEILING_S)


async def test_a_loader_that_will_not_end_is_left_behind() -> None:
    """Closing does not wait for code that swallows its cancellation."""
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async with MultiLevelCache(CacheConfig()) as cache:
        reader = asyncio.create_task(cache.get("a", stubborn))
        await asyncio.sleep(0.01)
        await asyncio.wait_for(cache.close(), CEILING_S)
    release.set()
    await asyncio.wait({reader})
    assert reader.done()
    reader.exception()


async def test_a_cancelled_close_goes_on(cache: MultiLevelCache) -> None:
    """Whoever closes again waits for the same end."""
    await cache.set("a", 1)
    closer = asyncio.create_task(cache.close())
    await asyncio.sleep(0)
    closer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closer
    await asyncio.wait_for(cache.close(), CEILING_S)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.resilience
async def test_dead_tiers_do_not_hold_up_the_end(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """A stopped server, a locked file and timeouts of a minute: nobody waits for a minute."""
    config = make_config(l2_url=redis_server.url, l2_timeout_s=60.0, l3_timeout_s=60.0)
    cache = MultiLevelCache(config)
    async with cache:
        await cache.set("a", 1)
        with closing(sqlite3.connect(str(config.l3_url).removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            redis_server.pause()
            calls = [asyncio.create_task(call) for call in (cache.set("a", 2), cache.get("b"))]
            await asyncio.sleep(0.05)
            await asyncio.wait_for(cache.close(), CEILING_S)
            other.rollback()
        redis_server.resume()
        await asyncio.wait(calls, timeout=CEILING_S)
    await wait_until_async(
        lambda: asyncio.all_tasks() == {asyncio.current_task()},
        what="every task's end",
        diagnosis=asyncio.all_tasks,
    )


async def test_a_cancelled_health_check_costs_no_connection(cache: MultiLevelCache) -> None:
    """The statement that it was waiting for ends by itself."""
    for turns in range(10):
        check = asyncio.create_task(cache.get_health_check())
        for _ in range(turns):
            await asyncio.sleep(0)
        check.cancel()
        await asyncio.wait({check})
    await cache.set("a", 1)
    await cache.clear_tier("l1")
    await cache.clear_tier("l2")
    assert (await cache.get_with_info("a"))[:2] == (1, "l3")


@pytest.mark.parametrize("level", ["l2", "l3"])
async def test_a_clear_removes_what_was_written_just_before(
    cache: MultiLevelCache, level: str
) -> None:
    """Also what still waits to be sent."""
    gate = getattr(cache, f"_{level}_cache")
    writing = asyncio.create_task(gate.write({"a": Write(encode(1))}))
    await asyncio.sleep(0)
    assert await gate.clear()
    assert await writing
    assert (await gate.read(["a"])).entries == {}


async def test_a_close_during_a_health_check_leaves_no_file_open(l3_url: str) -> None:
    """The question that was on its way is answered; cut short, SQLite's driver keeps the file."""
    process = psutil.Process()
    before = process.num_fds()
    for turns in range(1, 20):
        async with MultiLevelCache(CacheConfig(l3_url=l3_url)) as cache:
            check = asyncio.create_task(cache.get_health_check())
            for _ in range(turns):
                await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("cache-")]
        await check
    assert process.num_fds() == before
