"""Several processes over the same L2 and L3: what one writes, the others see; one of them loads."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis

from cache import MISS, MultiLevelCache
from tests.cache.children import RemoteCache, caches_elsewhere
from tests.cache.conftest import ConfigMaker
from tests.cache.slow_network import SlowNetwork
from tests.support.servers import EmbeddedRedis, killed, paused
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.integration

TIERS = [{}, {"l3_url": None, "enable_l3": False}]


@pytest.fixture(params=TIERS, ids=["l2 and l3", "l2 alone"])
async def pair(
    request: pytest.FixtureRequest, make_config: ConfigMaker
) -> AsyncIterator[tuple[MultiLevelCache, RemoteCache]]:
    """A cache here and one in another process."""
    config = make_config(**request.param)
    async with caches_elsewhere(1, config) as [other], MultiLevelCache(config) as here:
        yield here, other


async def _in_l1(cache: MultiLevelCache, key: str, value: object) -> None:
    """Have L1 hold a value, confirmed by L2."""

    async def is_there() -> bool:
        result = await cache.get_with_info(key)
        assert result.value == value
        return result.level == "l1"

    await wait_until_async(is_there, what=f"{key} in L1", interval_s=0.001)


async def _is_seen(cache: MultiLevelCache, key: str, value: object) -> None:
    async def is_seen() -> bool:
        found = (await cache.get_with_info(key)).value
        return (found is MISS) if value is MISS else (found == value)

    await wait_until_async(is_seen, what=f"{value!r} at {key}", interval_s=0.001, timeout_s=5)


@pytest.mark.parametrize("l3", [True, False], ids=["l2 and l3", "l2 alone"])
async def test_a_cluster_loads_a_cold_key_once(make_config: ConfigMaker, *, l3: bool) -> None:
    """Four processes of 64 tasks each ask for one key at once: one of them loads it."""
    config = make_config(enable_l3=l3)
    async with caches_elsewhere(4, config) as caches:
        seen = await asyncio.gather(
            *(
                cache.call("load_often", key="cold", tasks=64, value=number, after_s=0.2)
                for number, cache in enumerate(caches)
            )
        )
        loads = [await cache.call("loads") for cache in caches]
    assert sum(loads) == 1
    winner = loads.index(1)
    assert seen == [[winner] * 64] * 4


async def test_another_process_finds_what_was_written(
    pair: tuple[MultiLevelCache, RemoteCache],
) -> None:
    """A set, a second set, a delete and a clear each reach the L1 of the other process."""
    here, other = pair
    for value in (1, 2, {"deep": [3]}):
        await other.call("set", key="k", value=value)
        await _is_seen(here, "k", value)
        await _in_l1(here, "k", value)
    await other.call("delete", key="k")
    await _is_seen(here, "k", MISS)
    await other.call("set", key="k", value=4)
    await _is_seen(here, "k", 4)
    await _in_l1(here, "k", 4)
    await other.call("clear")
    await _is_seen(here, "k", MISS)


async def test_a_clear_empties_l1_of_what_only_l1_holds(
    pair: tuple[MultiLevelCache, RemoteCache],
) -> None:
    """A value that can't leave its process goes too when another clears the namespace."""
    here, other = pair
    await here.set("k", (1, 2))
    assert await here.get("k") == (1, 2)
    await other.call("clear")
    await _is_seen(here, "k", MISS)


@pytest.mark.parametrize("write", ["set", "delete", "clear", "invalidate_tag"])
async def test_a_write_during_another_process_s_load_wins(
    pair: tuple[MultiLevelCache, RemoteCache], write: str
) -> None:
    """What the load returns is not stored in any tier, early, late or after a delete."""
    here, other = pair
    await other.call("shut")
    old = other.start("load", key="k", value="old", tags=["t"])
    await wait_until_async(lambda: other.call("loads"), what="the load")
    if write == "set":
        await here.set("k", "new")
    elif write == "delete":
        await here.delete("k")
    elif write == "clear":
        await here.clear()
    else:
        assert await here.invalidate_tag("t") == 1
    await other.call("release")
    assert await old == ["old", "origin"]
    wanted = "new" if write == "set" else MISS
    for _ in range(3):
        await _is_seen(here, "k", wanted)
        assert (await other.call("get", key="k"))[0] == (None if wanted is MISS else wanted)
        await here.clear_tier("l1")
        if here.config.enable_l3:
            await here.clear_tier("l2")


async def test_the_death_of_a_loader_is_survived(
    pair: tuple[MultiLevelCache, RemoteCache],
) -> None:
    """Who waits for the lease of a process that was killed loads once it has lapsed."""
    here, other = pair
    await other.call("shut")
    lost = other.start("load", key="k", value="never")
    await wait_until_async(lambda: other.call("loads"), what="the load")
    waiting = asyncio.create_task(here.get_with_info("k", lambda: "mine"))
    await wait_until_async(lambda: here._stats.leases_waited, what="the wait for the lease")
    other.kill()
    assert (await waiting)[:2] == ("mine", "origin")
    with pytest.raises(AssertionError, match="has ended"):
        await lost


async def test_a_failed_load_lets_the_next_process_try(
    pair: tuple[MultiLevelCache, RemoteCache],
) -> None:
    """The lease ends with the load, whatever its end."""
    here, other = pair

    def fails() -> None:
        raise LookupError("origin")

    with pytest.raises(LookupError):
        await here.get("k", fails)
    assert await other.call("load", key="k", value=1) == [1, "origin"]


async def test_tags_reach_across_processes(pair: tuple[MultiLevelCache, RemoteCache]) -> None:
    """One invalidation removes what others wrote and loaded under the tag, and nothing else."""
    here, other = pair
    await other.call("set", key="a", value=1, tags=["red", "round"])
    await other.call("load", key="b", value=2, tags=["red"])
    await here.set("c", 3, tags=["round"])
    await here.set("d", 4)
    await _in_l1(here, "a", 1)
    assert await here.invalidate_tag("red") == 2
    assert await here.get_many(["a", "b", "c", "d"]) == {"c": 3, "d": 4}
    assert await other.call("invalidate_tag", tag="round") >= 1
    await _is_seen(here, "c", MISS)
    assert await here.get("d") == 4


async def test_a_writer_that_is_cut_off_from_l2_is_heard_within_the_bound(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """L2's older value is gone after the staleness bound, although its writer died meanwhile."""
    bound_s = 2.0
    config = make_config(l2_url=redis_server.url, max_staleness_s=bound_s)
    async with SlowNetwork.to(redis_server) as network:
        cut_off = make_config(l2_url=network.url, l2_timeout_s=0.3, max_staleness_s=bound_s)
        async with caches_elsewhere(1, cut_off) as [writer], MultiLevelCache(config) as here:
            await here.set("k", "old")
            await _in_l1(here, "k", "old")
            network.hold()
            await writer.call("set", key="k", value="new")
            assert await here.get("k") == "old"
            writer.kill()
            loop = asyncio.get_running_loop()
            written_s = loop.time()
            await _is_seen(here, "k", "new")
            # Twice the bound leaves room for a busy machine; the sweep comes within the bound.
            assert loop.time() - written_s < 2 * bound_s


async def test_l1_serves_no_longer_than_the_bound_while_l2_is_away(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """With the channel down, what another process commits to L3 is seen within the bound."""
    config = make_config(
        l2_url=redis_server.url, l2_timeout_s=0.2, max_staleness_s=1.0, l1_default_ttl=300
    )
    async with caches_elsewhere(1, config) as [other], MultiLevelCache(config) as here:
        await here.set("k", "old")
        await _in_l1(here, "k", "old")
        with paused(redis_server):
            await other.call("set", key="k", value="new")
            await _is_seen(here, "k", "new")
            await other.call("set", key="k", value="newer")
            await _is_seen(here, "k", "newer")
        await wait_until_async(lambda: other.call("serves"), what="L2 in the other process")
        await _is_seen(here, "k", "newer")
        assert (await other.call("get", key="k"))[0] == "newer"


async def test_a_flush_and_a_lost_connection_empty_l1(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """FLUSHALL by anybody, and a server that comes back, leave nothing in L1."""
    config = make_config(l2_url=redis_server.url, enable_l3=False, l2_timeout_s=0.3)
    async with MultiLevelCache(config) as here:
        await here.set("k", 1)
        await _in_l1(here, "k", 1)
        with redis.Redis.from_url(redis_server.url) as anybody:
            anybody.flushall()
        await _is_seen(here, "k", MISS)
        await here.set("k", 2)
        await _in_l1(here, "k", 2)
        with killed(redis_server):
            pass
        await _is_seen(here, "k", MISS)


async def test_l1_keeps_its_bound_although_no_call_has_failed_yet(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """A server that hangs is not waited for: without a sign of life L1 is emptied in time."""
    bound_s = 0.5
    config = make_config(l2_url=redis_server.url, l2_timeout_s=60.0, max_staleness_s=bound_s)
    async with MultiLevelCache(config) as here:
        await here.set("k", 1)
        await _in_l1(here, "k", 1)
        with paused(redis_server):
            await wait_until_async(lambda: "k" not in here._l1_cache, what="the end of the bound")
            assert here._l2_cache.breaker.is_closed
        await _in_l1(here, "k", 1)
