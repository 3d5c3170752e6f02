"""L2 and L3 die, hang, start dead and come back; callers see bounded time and no older value."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import redis

from cache import CacheConfig, MultiLevelCache
from cache.codec import encode
from cache.gate import Gate
from cache.tier import Write
from tests.cache.conftest import ConfigMaker
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.resilience

# The promise is a second; a busy machine adds its own delays, a hang would never end.
CEILING_S = 3.0


async def _timed(call: Awaitable[object]) -> object:
    """Await a call that must not hang."""
    started = time.monotonic()
    result = await call
    assert time.monotonic() - started < CEILING_S
    return result


async def _status(cache: MultiLevelCache, component: str) -> str:
    return (await cache.get_health_check())["components"][component]["status"]


async def _l2_turns(cache: MultiLevelCache, status: str) -> None:
    async def is_so() -> bool:
        return await _status(cache, "l2") == status

    await wait_until_async(is_so, what=f"L2 to be {status}")


BREAK: dict[str, Callable[[EmbeddedRedis], None]] = {
    "killed": EmbeddedRedis.kill,
    "stopped": EmbeddedRedis.pause,
}
MEND: dict[str, Callable[[EmbeddedRedis], None]] = {
    "killed": EmbeddedRedis.restart,
    "stopped": EmbeddedRedis.resume,
}


@pytest.mark.parametrize("how", BREAK)
async def test_no_call_hangs(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis, how: str
) -> None:
    """Reads, writes, deletes and checks stay short from the first one on, and stay right."""
    await breakable.set_many({f"k{number}": number for number in range(10)})
    await breakable.clear_tier("l1")
    BREAK[how](redis_server)
    assert await _timed(breakable.get("k0")) == 0
    assert await _timed(breakable.get_many(["k1", "k2", "none"])) == {"k1": 1, "k2": 2}
    await _timed(breakable.set("k3", "new"))
    assert await _timed(breakable.get("k3")) == "new"
    await _timed(breakable.delete("k4"))
    assert await _timed(breakable.get("k4")) is None
    assert await _timed(breakable.get("loaded", lambda: "origin")) == "origin"
    assert (await _timed(breakable.get_health_check()))["status"] == "degraded"
    await _timed(breakable.clear())
    assert await _timed(breakable.get("k3")) is None


@pytest.mark.parametrize("how", BREAK)
async def test_a_herd_is_not_held_up(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis, how: str
) -> None:
    """A hundred concurrent calls against a broken L2 all end in time."""
    await breakable.set_many({f"k{number}": number for number in range(100)})
    await breakable.clear_tier("l1")
    BREAK[how](redis_server)
    reads = (breakable.get(f"k{number}") for number in range(50))
    writes = (breakable.set(f"k{number}", number) for number in range(50, 100))
    results = await _timed(asyncio.gather(*reads, *writes))
    assert results[:50] == list(range(50))


@pytest.mark.parametrize("how", BREAK)
async def test_health_turns_and_turns_back(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis, how: str
) -> None:
    """Without any traffic the check notices the failure, gives a reason, and notices the end."""
    assert await _status(breakable, "l2") == "healthy"
    BREAK[how](redis_server)
    await asyncio.wait_for(_l2_turns(breakable, "unhealthy"), CEILING_S)
    health = await breakable.get_health_check()
    assert health["status"] == "degraded"
    assert health["components"]["l2"]["reasons"][0]
    assert health["components"]["l3"]["status"] == "healthy"
    MEND[how](redis_server)
    await asyncio.wait_for(_l2_turns(breakable, "healthy"), CEILING_S)
    await breakable.set("a", 1)
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("a")).level == "l2"


async def test_a_stopped_l2_comes_back_without_older_values(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """What was written, deleted or loaded anew during the stop is not undone by its end."""
    await breakable.set_many({"written": "old", "deleted": "old", "kept": "old"})
    redis_server.pause()
    await breakable.set("written", "new")
    await breakable.delete("deleted")
    redis_server.resume()
    await _l2_turns(breakable, "healthy")
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("written"))[:2] == ("new", "l3")
    assert await breakable.get("deleted") is None
    assert (await breakable.get_with_info("kept"))[:2] == ("old", "l2")
    assert breakable.get_performance_stats()["l2_cache"]["repaired_keys"] == 2


async def test_what_was_loaded_past_a_stopped_l2_outlives_its_older_copy(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """L2 could not be asked, so the copy that it may hold goes before it serves again."""
    assert await breakable._l2_cache.write({"a": Write(encode("old"))})
    redis_server.pause()
    assert await breakable.get("a", lambda: "new") == "new"
    redis_server.resume()
    await _l2_turns(breakable, "healthy")
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("a"))[:2] == ("new", "l3")


async def test_writes_under_load_through_a_stop_leave_no_older_value(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """Many writers over a stop and its end: what L2 then serves is what was written last."""
    latest: dict[str, int] = {}
    done = asyncio.Event()

    async def write(worker: int) -> None:
        number = 0
        while not done.is_set():
            key = f"k{worker}-{number % 5}"
            await breakable.set(key, number)
            latest[key] = number
            number += 1
            await asyncio.sleep(0.002)

    writers = [asyncio.create_task(write(worker)) for worker in range(8)]
    for _ in range(3):
        written = sum(latest.values())
        await wait_until_async(lambda: sum(latest.values()) > written + 40, what="more writes")  # noqa: B023 - waited for at once
        redis_server.pause()
        await _l2_turns(breakable, "unhealthy")
        redis_server.resume()
        await _l2_turns(breakable, "healthy")
    done.set()
    await asyncio.gather(*writers)
    await breakable.clear_tier("l1")
    assert await breakable.get_many(latest) == latest


async def test_past_the_bound_the_namespace_is_cleared(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """More missed keys than are remembered one by one: L2 starts empty, and nothing is stale."""
    await breakable.set_many({"kept": "old", "k0": "old"})
    gate = breakable._l2_cache
    assert isinstance(gate, Gate)
    gate._missed._limit = 10
    redis_server.pause()
    await breakable.set_many({f"k{number}": "new" for number in range(20)})
    redis_server.resume()
    await _l2_turns(breakable, "healthy")
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("kept"))[:2] == ("old", "l3")
    assert (await breakable.get_with_info("k0"))[:2] == ("new", "l3")
    assert gate.repairs.cleared_after_outage == 1


async def test_a_clear_during_a_stop_is_made_up_for(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """What L2 could not clear then is cleared before it serves."""
    await breakable.set("a", "old")
    redis_server.pause()
    await breakable.clear()
    redis_server.resume()
    await _l2_turns(breakable, "healthy")
    assert await breakable.get("a") is None


async def test_l2_dead_at_the_start_is_used_when_it_comes(make_config: ConfigMaker) -> None:
    """The cache starts degraded, works with what is left, and finds L2 by itself."""
    config = make_config(l2_url=f"redis://{LOOPBACK}:{free_port()}/0")
    async with MultiLevelCache(config) as cache:
        await _timed(cache.set("a", 1))
        assert await _timed(cache.get("a")) == 1
        health = await cache.get_health_check()
        assert health["status"] == "degraded"
        assert "nothing listens" in health["components"]["l2"]["reasons"][0]


async def test_l2_stopped_at_the_start_is_used_when_it_goes_on(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """Entering does not hang, and the continued server serves."""
    redis_server.pause()
    async with MultiLevelCache(make_config(l2_url=redis_server.url, l2_timeout_s=0.25)) as cache:
        await _timed(cache.set("a", 1))
        redis_server.resume()
        await _l2_turns(cache, "healthy")


async def test_l2_closed_by_hand_leaves_the_rest_working(cache: MultiLevelCache) -> None:
    """The seed's way to lose Redis: set and get go on with L1 and L3."""
    await cache._l2_cache.close()
    await cache.set("resilience_test", "still_works")
    assert await cache.get("resilience_test") == "still_works"
    await cache.clear_tier("l1")
    assert (await cache.get_with_info("resilience_test"))[:2] == ("still_works", "l3")
    assert await _status(cache, "l2") == "unhealthy"
    await cache._l2_cache.close()


async def test_without_any_lower_tier_the_loader_still_serves(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """L2 killed and L3 never reachable: memory and origin carry on, and health says so."""
    config = make_config(
        l2_url=redis_server.url, l3_url=f"postgresql://u:geheim@{LOOPBACK}:{free_port()}/db"
    )
    async with MultiLevelCache(config) as cache:
        redis_server.kill()
        assert await _timed(cache.get("a", lambda: 1)) == 1
        assert await _timed(cache.get("a")) == 1
        health = await _timed(cache.get_health_check())
        assert health["status"] == "unhealthy"
        assert "geheim" not in repr(health)
        names = {alert["name"] for alert in cache.get_alert_metrics()["alerts"]}
        assert {"l2_unavailable", "l3_unavailable"} <= names


async def test_a_database_that_can_not_be_opened_degrades(tmp_path: Path) -> None:
    """A folder that is not there is a failing tier; once it is there, L3 serves."""
    folder = tmp_path / "later"
    config = CacheConfig(l3_url=f"sqlite:///{folder}/l3.db", health_interval_s=0.05)
    async with MultiLevelCache(config) as cache:
        await cache.set("a", 1)
        health = await cache.get_health_check()
        assert "unable to open" in health["components"]["l3"]["reasons"][0]
        folder.mkdir()
        await wait_until_async(lambda: cache._l3_cache.serves, what="L3 to serve")
        await cache.set("a", 2)
        await cache.clear_tier("l1")
        assert (await cache.get_with_info("a"))[:2] == (2, "l3")


async def test_a_locked_database_is_passed_by_and_repaired(l3_url: str) -> None:
    """A write that L3 could not take is not undone when its lock is released."""
    config = CacheConfig(l3_url=l3_url, health_interval_s=0.05)
    async with MultiLevelCache(config) as cache:
        await cache.set("a", "old")
        with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            await _timed(cache.set("a", "new"))
            assert await _timed(cache.get("a")) == "new"
            other.rollback()
        await wait_until_async(lambda: cache._l3_cache.serves, what="L3 to serve")
        await cache.clear_tier("l1")
        assert await cache.get("a") is None


async def test_a_load_while_l3_is_away_costs_no_written_value(
    redis_server: EmbeddedRedis, tmp_path: Path
) -> None:
    """L3's row is there again afterwards, also when L2 has lost what was loaded meanwhile."""
    here, away = tmp_path / "here", tmp_path / "away"
    here.mkdir()
    config = CacheConfig(
        l2_url=redis_server.url, l3_url=f"sqlite:///{here}/l3.db", health_interval_s=0.05
    )
    async with MultiLevelCache(config) as cache:
        await cache.set("a", "written")
        await cache.clear_tier("l1")
        await cache.clear_tier("l2")
        here.rename(away)
        await cache._l3_cache.tier.close()
        await wait_until_async(lambda: not cache._l3_cache.serves, what="L3 to be away")
        assert await cache.get("a", lambda: "loaded") == "loaded"
        away.rename(here)
        await wait_until_async(lambda: cache._l3_cache.serves, what="L3 to serve")
        for tier in ("l1", "l2"):
            await cache.clear_tier(tier)
        assert (await cache.get_with_info("a"))[:2] == ("written", "l3")


async def test_a_load_while_l2_is_away_costs_no_written_value(redis_server: EmbeddedRedis) -> None:
    """Without L3 what L2 holds may be all there is; what was written meanwhile still goes."""
    config = CacheConfig(l2_url=redis_server.url, health_interval_s=0.05)
    async with MultiLevelCache(config) as cache:
        await cache.set_many({"a": "written", "b": "old"})
        await cache.clear_tier("l1")
        redis_server.pause()
        assert await cache.get("a", lambda: "loaded") == "loaded"
        await cache.set("b", "new")
        redis_server.resume()
        await wait_until_async(lambda: cache._l2_cache.serves, what="L2 to serve")
        await cache.clear_tier("l1")
        assert (await cache.get_with_info("a"))[:2] == ("written", "l2")
        assert await cache.get("b") is None


async def test_a_corrupt_l2_value_is_a_miss_and_replaced(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """A foreign payload under our name is counted, and L3's value takes its place."""
    await breakable.set("a", 1)
    with redis.Redis.from_url(redis_server.url) as anybody:
        anybody.set(f"{breakable.config.namespace}:a", b"\x80\x04garbage")
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("a"))[:2] == (1, "l3")
    await breakable.clear_tier("l1")
    assert (await breakable.get_with_info("a"))[:2] == (1, "l2")
    assert breakable.get_performance_stats()["l2_cache"]["undecodable"] == 1


async def test_nothing_is_left_behind(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """Left in the middle of an outage, a cache leaves no task and no socket."""
    process = psutil.Process()
    before = process.num_fds()
    for _ in range(3):
        async with MultiLevelCache(
            make_config(l2_url=redis_server.url, l2_timeout_s=0.25)
        ) as cache:
            await cache.set("a", 1)
            redis_server.pause()
            await cache.set("a", 2)
        redis_server.resume()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert process.num_fds() <= before + 1
