"""Loads are shared, writes win over them, and one waiter's end is nobody else's."""

import asyncio

import pytest

from cache import CacheConfig, ClosedError, MultiLevelCache
from cache.flight import Flights, Landing, Request, WriteOrder
from cache.ttl import TTLs
from tests.cache.conftest import ConfigMaker
from tests.support.waiting import wait_until_async


class Origin:
    """A loader that waits until it is told to answer, and counts its calls."""

    def __init__(self, value: object = "loaded") -> None:
        self.value = value
        self.calls = 0
        self.asked = asyncio.Event()
        self.release = asyncio.Event()

    async def get(self, key: str) -> object:
        """Load one key."""
        self.calls += 1
        self.asked.set()
        await self.release.wait()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


async def test_one_load_serves_everyone(cache: MultiLevelCache) -> None:
    """A hundred readers of a cold key cause one load."""
    origin = Origin()
    readers = [asyncio.create_task(cache.get("a", origin.get)) for _ in range(100)]
    await origin.asked.wait()
    origin.release.set()
    assert await asyncio.gather(*readers) == ["loaded"] * 100
    assert origin.calls == 1
    stats = cache.get_performance_stats()
    assert stats["l1_cache"]["misses"] == stats["l3_cache"]["misses"] == 100


async def test_a_loaders_exception_reaches_each_caller_unchanged(cache: MultiLevelCache) -> None:
    """Everyone gets the very exception, and the failed load is not cached."""
    origin = Origin(LookupError("no such row"))
    origin.release.set()
    results = await asyncio.gather(
        *(cache.get("a", origin.get) for _ in range(3)), return_exceptions=True
    )
    assert results == [origin.value] * 3
    assert await cache.get("a") is None
    assert await cache.get("a", lambda: 1) == 1


async def test_a_load_that_begins_during_a_write_stores_nothing(cache: MultiLevelCache) -> None:
    """While a write or delete is on its way between the tiers, what is loaded may be older."""
    async with cache._tiers.order.turn(["a"]):
        assert await cache.get("a", lambda: "older") == "older"
    assert await cache.get("a") is None
    assert await cache.get("a", lambda: "newer") == "newer"
    assert await cache.get("a") == "newer"


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_cancelled_waiter_cancels_nobody_else(
    cache: MultiLevelCache, cancelled: int
) -> None:
    """Leader or follower may go; the load goes on for the other."""
    origin = Origin()
    readers = [asyncio.create_task(cache.get("a", origin.get)) for _ in range(2)]
    await origin.asked.wait()
    readers[cancelled].cancel()
    await asyncio.sleep(0)
    origin.release.set()
    assert await readers[1 - cancelled] == "loaded"
    with pytest.raises(asyncio.CancelledError):
        await readers[cancelled]
    assert origin.calls == 1


async def test_an_orphans_failure_is_quiet(cache: MultiLevelCache) -> None:
    """A load that nobody waits for any more may fail without a trace."""
    origin = Origin(LookupError("late"))
    reader = asyncio.create_task(cache.get("a", origin.get))
    await origin.asked.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    origin.release.set()
    await wait_until_async(lambda: cache._tiers.flights.find("a") is None, what="the load's end")
    assert await cache.get("a", lambda: "new") == "new"


async def test_a_reader_with_a_loader_does_not_settle_for_a_miss(cache: MultiLevelCache) -> None:
    """Whoever joins a read without a loader still gets a value from its own."""
    bare, loading = cache.get("a"), cache.get("a", lambda: "loaded")
    assert await asyncio.gather(bare, loading) == [None, "loaded"]


async def test_a_bare_reader_does_not_get_anothers_exception(cache: MultiLevelCache) -> None:
    """Without a loader of its own, a failed load is a miss."""
    origin = Origin(LookupError("no such row"))
    loading = asyncio.create_task(cache.get("a", origin.get))
    await origin.asked.wait()
    bare = asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    origin.release.set()
    assert await bare is None
    with pytest.raises(LookupError):
        await loading


@pytest.mark.parametrize("write", ["set", "delete", "set_many", "clear"])
async def test_a_write_during_a_load_wins(cache: MultiLevelCache, write: str) -> None:
    """What the loader brings is not stored over it, in any tier."""
    origin = Origin("old")
    reader = asyncio.create_task(cache.get("a", origin.get))
    await origin.asked.wait()
    await {
        "set": lambda: cache.set("a", "new"),
        "delete": lambda: cache.delete("a"),
        "set_many": lambda: cache.set_many({"a": "new"}),
        "clear": cache.clear,
    }[write]()
    origin.release.set()
    assert await reader == "old"
    expected = "new" if write.startswith("set") else None
    for emptied in ([], ["l1"], ["l1", "l2"]):
        for tier in emptied:
            await cache.clear_tier(tier)
        assert await cache.get("a") == expected


async def test_a_reader_after_a_write_does_not_join_the_older_load(
    cache: MultiLevelCache,
) -> None:
    """What was written is read at once although an older load is still on its way."""
    origin = Origin("old")
    reader = asyncio.create_task(cache.get("a", origin.get))
    await origin.asked.wait()
    await cache.delete("a")
    assert await cache.get("a", lambda: "new") == "new"
    origin.release.set()
    assert await reader == "old"
    assert await cache.get("a") == "new"


async def test_concurrent_writes_end_alike_in_every_tier(cache: MultiLevelCache) -> None:
    """Whatever races, all tiers hold the value that was written last."""
    for round_number in range(20):
        await asyncio.gather(
            *(cache.set("a", f"{round_number}-{number}") for number in range(5)),
            cache.set_many({"b": round_number, "a": f"{round_number}-many"}),
            cache.get("a", lambda: "loaded"),
        )
        values = []
        for emptied in ([], ["l1"], ["l1", "l2"]):
            for tier in emptied:
                await cache.clear_tier(tier)
            values.append(await cache.get("a"))
        assert values == [f"{round_number}-many"] * 3


async def test_a_cancelled_write_is_finished(cache: MultiLevelCache) -> None:
    """No tier is left with the older value when the writer goes in the middle."""
    await cache.set("a", "old")
    for turns in range(12):
        writer = asyncio.create_task(cache.set("a", turns))
        for _ in range(turns):
            await asyncio.sleep(0)
        started = turns > 0
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await cache.set("other", 1)
        await cache._writer.close()
        values = []
        for emptied in ([], ["l1"], ["l1", "l2"]):
            for tier in emptied:
                await cache.clear_tier(tier)
            values.append(await cache.get("a"))
        assert len(set(values)) == 1
        assert not started or values[0] == turns


async def test_closing_ends_the_loads_on_their_way() -> None:
    """Who still waits hears that the cache was closed."""
    origin = Origin()
    async with MultiLevelCache(CacheConfig()) as cache:
        reader = asyncio.create_task(cache.get("a", origin.get))
        await origin.asked.wait()
    with pytest.raises(ClosedError):
        await reader


async def test_writes_of_one_key_take_turns() -> None:
    """The order is that of asking, also across overlapping sets of keys."""
    order, seen = WriteOrder(), []

    async def write(name: str, keys: list[str]) -> None:
        async with order.turn(keys):
            await asyncio.sleep(0)
            seen.append(name)

    await asyncio.gather(write("1", ["a", "b"]), write("2", ["b", "a"]), write("3", ["b"]))
    assert seen == ["1", "2", "3"]
    assert not order._last


async def test_a_write_beside_a_read_of_l2_wins(make_config: ConfigMaker) -> None:
    """Reads that started before or during a write never leave its predecessor in L1."""
    async with (
        MultiLevelCache(make_config()) as cache,
        MultiLevelCache(make_config()) as other,
    ):
        for number in range(50):
            await other.set("a", f"old {number}")
            await cache.clear_tier("l1")
            await asyncio.gather(
                cache.get("a"), cache.set("a", f"new {number}"), cache.get("a"), cache.get("a")
            )
            assert await cache.get("a") == f"new {number}"


async def test_who_joins_a_landed_flight_does_not_wait() -> None:
    """A copy of its own is there at once, and the first waiter's stays as it was."""
    loop, flights = asyncio.get_running_loop(), Flights()
    flight = flights.begin("a", Request(None, TTLs.of(CacheConfig())), fresh=True)
    first = flight.join(loop)
    flights.land("a", flight, Landing([1], "l2", age_s=3.0))
    late = [flight.join(loop), flight.join(loop)]
    assert all(waiter.done() for waiter in late)
    landings = [first.result(), *(waiter.result() for waiter in late)]
    assert [(one.value, one.level, one.age_s) for one in landings] == [([1], "l2", 3.0)] * 3
    assert len({id(one.value) for one in landings}) == 3
