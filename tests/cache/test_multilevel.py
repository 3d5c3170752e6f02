"""The cache as its callers see it, with a real L2 and a real L3."""

import asyncio
import lzma
import time
from pathlib import Path

import pytest

from cache import (
    MISS,
    CacheConfig,
    ClosedError,
    ConfigError,
    InvalidKeyError,
    InvalidTTLError,
    InvalidValueError,
    MultiLevelCache,
    NotOpenError,
)
from cache.l1.memory import MemoryTier
from tests.cache.conftest import ConfigMaker, ManualClock
from tests.support.waiting import wait_until_async

TRACES = Path(__file__).parents[2].parent / "shared" / "traces"


async def _levels(cache: MultiLevelCache, key: str) -> str:
    return (await cache.get_with_info(key)).level


async def test_a_value_is_found_level_by_level(cache: MultiLevelCache) -> None:
    """Each tier answers once those above are empty, and fills them again."""
    await cache.set("a", {"x": [1]})
    assert await _levels(cache, "a") == "l1"
    await cache.clear_tier("l1")
    assert (await cache.get_with_info("a"))[:2] == ({"x": [1]}, "l2")
    assert await _levels(cache, "a") == "l1"
    await cache.clear_tier("l1")
    await cache.clear_tier("l2")
    assert (await cache.get_with_info("a"))[:2] == ({"x": [1]}, "l3")
    await cache.clear_tier("l1")
    assert await _levels(cache, "a") == "l2"
    for tier in ("l3", "l2", "l1"):
        await cache.clear_tier(tier)
    assert (await cache.get_with_info("a"))[:2] == (MISS, "miss")
    assert await cache.get("a") is None


async def test_what_was_loaded_is_stored_in_every_tier(cache: MultiLevelCache) -> None:
    """After a load each tier answers by itself."""
    assert (await cache.get_with_info("a", lambda key: f"loaded {key}"))[:2] == (
        "loaded a",
        "origin",
    )
    assert cache._l1_cache.get("a") == "loaded a"
    await cache.clear_tier("l1")
    assert await _levels(cache, "a") == "l2"
    await cache.clear_tier("l1")
    await cache.clear_tier("l2")
    assert await _levels(cache, "a") == "l3"


@pytest.mark.parametrize("value", [None, 0, "", [], False])
@pytest.mark.parametrize("emptied", [[], ["l1"], ["l1", "l2"]])
async def test_empty_values_are_values_in_every_tier(
    cache: MultiLevelCache, value: object, emptied: list[str]
) -> None:
    """What is falsy is found, and no loader is asked again."""
    await cache.get("a", lambda: value)
    for tier in emptied:
        await cache.clear_tier(tier)
    found = await cache.get_with_info("a", lambda: pytest.fail("the value was there"))
    assert found.value == value
    assert type(found.value) is type(value)
    assert await cache.get_many(["a", "b"]) == {"a": value}


async def test_delete_and_clear_reach_every_tier(cache: MultiLevelCache) -> None:
    """A deleted key and a cleared namespace are gone from all three."""
    await cache.set_many({"a": 1, "b": 2, "c": 3})
    await cache.delete("a")
    assert await cache.get_many(["a", "b", "c"]) == {"b": 2, "c": 3}
    await cache.clear_tier("l1")
    assert await _levels(cache, "a") == "miss"
    await cache.clear()
    for key in ("b", "c"):
        assert await _levels(cache, key) == "miss"


async def test_many_keys_tell_their_levels(cache: MultiLevelCache) -> None:
    """A read of many keys takes each from the first tier that has it."""
    await cache.set("l3", 3)
    await cache.clear_tier("l2")
    await cache.set("l2", 2)
    await cache.clear_tier("l1")
    await cache.set("l1", 1)
    results = await cache.get_many_with_info(["l1", "l2", "l3", "none", "l1"])
    assert {key: result.level for key, result in results.items()} == {
        "l1": "l1",
        "l2": "l2",
        "l3": "l3",
        "none": "miss",
    }


async def test_upper_tiers_never_outlive_lower_ones(make_config: ConfigMaker) -> None:
    """A short life in L3 ends the value everywhere, however it went up."""
    async with MultiLevelCache(make_config()) as cache:
        await cache.set("written", 1, l3_ttl=0.3)
        await cache.set("promoted", 1, l3_ttl=0.3)
        await cache.clear_tier("l1")
        await cache.clear_tier("l2")
        assert await cache.get("promoted") == 1
        for key in ("written", "promoted"):
            await wait_until_async(lambda key=key: _is_gone(cache, key), what=f"the end of {key}")


@pytest.mark.parametrize("method", ["get", "get_with_info"])
@pytest.mark.parametrize("tier", ["l1", "l2", "l3"])
async def test_what_is_loaded_lives_as_long_as_its_reader_says(
    cache: MultiLevelCache, method: str, tier: str
) -> None:
    """In the tier that was named, and in those above it."""
    await getattr(cache, method)("a", lambda: 1, **{f"{tier}_ttl": 0.05})

    async def is_gone() -> bool:
        if tier == "l1":
            return "a" not in cache._l1_cache
        found = await getattr(cache, f"_{tier}_cache").read(["a"])
        return all(entry.value is MISS for entry in found.entries.values())

    await wait_until_async(is_gone, what=f"the end of its life in {tier}")


async def _is_gone(cache: MultiLevelCache, key: str) -> bool:
    return await cache.get(key) is None


async def test_l1_expires_by_the_injected_clock(
    make_config: ConfigMaker, clock: ManualClock
) -> None:
    """After its TTL the value comes from L2 again."""
    async with MultiLevelCache(make_config(l1_default_ttl=10), clock=clock) as cache:
        await cache.set("a", 1)
        clock.advance(9)
        assert await _levels(cache, "a") == "l1"
        clock.advance(1)
        assert await _levels(cache, "a") == "l2"


async def test_two_caches_share_what_is_below_l1(make_config: ConfigMaker) -> None:
    """What one writes the other reads, unless its namespace differs."""
    async with (
        MultiLevelCache(make_config()) as one,
        MultiLevelCache(make_config()) as two,
        MultiLevelCache(make_config(namespace="apart")) as apart,
    ):
        await one.set("a", 1)
        assert (await two.get_with_info("a"))[:2] == (1, "l2")
        assert await apart.get("a") is None


@pytest.mark.parametrize("value", [(1, 2), {1: "a"}, b"raw", {1, 2}, float("nan")])
async def test_a_value_that_json_would_change_stays_in_l1(
    cache: MultiLevelCache, value: object
) -> None:
    """It is served from L1 as it is, older copies below go, and it is counted."""
    await cache.set("a", "older")
    await cache.set("a", value)
    assert type(await cache.get("a")) is type(value)
    assert cache.get_performance_stats()["unencodable_values"] == 1
    await cache.clear_tier("l1")
    assert await _levels(cache, "a") == "miss"


async def test_a_value_that_can_not_be_copied_changes_nothing(cache: MultiLevelCache) -> None:
    """The refusal names the value's type, and the older value stays in every tier."""
    await cache.set("a", 1)
    with pytest.raises(InvalidValueError, match="generator"):
        await cache.set_many({"a": 2, "b": (i for i in range(3))})
    assert await cache.get_many(["a", "b"]) == {"a": 1}


async def test_callers_get_copies_of_their_own(cache: MultiLevelCache) -> None:
    """Neither the writer, the loader nor a reader can change what others read."""
    written = {"list": [1]}
    await cache.set("a", written)
    written["list"].append(2)
    (await cache.get("a"))["list"].append(3)
    assert await cache.get("a") == {"list": [1]}

    origin = {"list": [1]}
    first, second = await asyncio.gather(*(cache.get("b", lambda: origin) for _ in range(2)))
    first["list"].append(2)
    assert second == await cache.get("b") == {"list": [1]}


@pytest.mark.parametrize("key", ["", None, 1, b"a", "\ud800"])
async def test_a_bad_key_is_refused_everywhere(cache: MultiLevelCache, key: object) -> None:
    """Each call says what is wrong with it, and changes nothing."""
    for call in (
        lambda: cache.get(key),
        lambda: cache.get_with_info(key),
        lambda: cache.get_many(["a", key]),
        lambda: cache.set(key, 1),
        lambda: cache.set_many({"a": 1, key: 2}),
        lambda: cache.delete(key),
        lambda: cache.warm_cache([key]),
    ):
        with pytest.raises(InvalidKeyError, match="key"):
            await call()
    assert await cache.get("a") is None


@pytest.mark.parametrize("name", ["l1_ttl", "l2_ttl", "l3_ttl"])
async def test_a_bad_ttl_is_refused(cache: MultiLevelCache, name: str) -> None:
    """Also where the key is in L1 already."""
    await cache.set("a", 1)
    for call in (cache.get("a", **{name: 0}), cache.set("a", 2, **{name: -1})):
        with pytest.raises(InvalidTTLError, match=name):
            await call
    assert await cache.get("a") == 1


async def test_a_cache_works_between_entry_and_exit_only(make_config: ConfigMaker) -> None:
    """Before and after, each call says which it is."""
    cache = MultiLevelCache(make_config())
    with pytest.raises(NotOpenError, match="async with"):
        await cache.get("a")
    async with cache:
        await cache.set("a", 1)
    for call in (
        lambda: cache.get("a"),
        lambda: cache.set("a", 1),
        cache.clear,
        cache.get_health_check,
    ):
        with pytest.raises(ClosedError, match="closed"):
            await call()


async def test_caches_leave_in_any_order_and_task(make_config: ConfigMaker) -> None:
    """Entered one after another, left in the same order and in other tasks."""
    caches = [MultiLevelCache(make_config()) for _ in range(3)]
    for cache in caches:
        await asyncio.create_task(cache.__aenter__())
    for cache in caches:
        await cache.set("a", 1)
        await asyncio.create_task(cache.__aexit__(None, None, None))


async def test_a_callers_exception_passes_unchanged(make_config: ConfigMaker) -> None:
    """What is raised in the body comes out as it is, in no group."""
    error = LookupError("mine")
    with pytest.raises(LookupError) as caught:
        async with MultiLevelCache(make_config()):
            raise error
    assert caught.value is error


async def test_counts_equal_what_a_caller_counted(cache: MultiLevelCache) -> None:
    """Each answered read is one hit or miss of each tier that it reached."""
    await cache.set_many({f"k{number}": number for number in range(10)})
    seen = dict.fromkeys(("l1", "l2", "l3", "origin", "miss"), 0)
    for emptied in ([], ["l1"], ["l1", "l2"], ["l1", "l2", "l3"]):
        for tier in emptied:
            await cache.clear_tier(tier)
        for number in range(5):
            seen[(await cache.get_with_info(f"k{number}")).level] += 1
        for result in (await cache.get_many_with_info(["k5", "k6", "none"])).values():
            seen[result.level] += 1
    with pytest.raises(ZeroDivisionError):
        await cache.get("broken", lambda: 1 / 0)
    seen[(await cache.get_with_info("new", lambda: 1)).level] += 1
    stats = cache.get_performance_stats()
    below_l2 = seen["l3"] + seen["origin"] + seen["miss"]
    assert _counts(stats, "l1_cache") == (seen["l1"], seen["l2"] + below_l2)
    assert _counts(stats, "l2_cache") == (seen["l2"], below_l2)
    assert _counts(stats, "l3_cache") == (seen["l3"], seen["origin"] + seen["miss"])
    assert stats["total_requests"] == sum(seen.values())
    assert min(seen.values()) > 0


def _counts(stats: dict[str, dict[str, int]], tier: str) -> tuple[int, int]:
    return stats[tier]["hits"], stats[tier]["misses"]


async def test_the_seeds_statistics_are_there(cache: MultiLevelCache) -> None:
    """A hundred concurrent users see no error, and times are kept by level."""

    async def user(number: int) -> None:
        for step in range(10):
            await cache.set(f"user_{number}_{step}", f"data_{step}")
            assert await cache.get(f"user_{number}_{step}") == f"data_{step}"

    await asyncio.gather(*(user(number) for number in range(100)))
    stats = cache.get_performance_stats()
    assert stats["performance_metrics"]["error_rate"]["overall_error_rate"] == 0
    assert stats["performance_metrics"]["response_times"]["write"]["count"] == 1000
    assert cache.get_monitoring_metrics()["cache_reads_total"] == 1000
    assert {alert["name"] for alert in cache.get_alert_metrics()["alerts"]} <= {
        "p95_response_time_s"
    }


async def test_times_are_kept_by_the_level_that_answered(cache: MultiLevelCache) -> None:
    """Each read and write below L1 is timed, and none took longer than all did together."""
    started_s = time.perf_counter()
    await cache.get("loaded", lambda: 1)
    await cache.get("absent")
    await cache.set_many({"a": 1, "b": 2})
    for emptied in (("l1",), ("l1", "l2")):
        for tier in emptied:
            await cache.clear_tier(tier)
        await cache.get("a")
    elapsed_s = time.perf_counter() - started_s
    times = cache.get_performance_stats()["performance_metrics"]["response_times"]
    for level in ("l2", "l3", "origin", "miss", "write"):
        assert times[level]["count"] == 1, level
        assert 0 < times[level]["p50_s"] <= times[level]["max_s"] < elapsed_s, level


async def test_errors_are_failed_loads_and_failed_calls(cache: MultiLevelCache) -> None:
    """A loader that raises counts once, and a tier that answered does not count."""

    def fail() -> None:
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - the loader's own
            await cache.get("a", fail)
    await cache.set("a", 1)
    rate = cache.get_performance_stats()["performance_metrics"]["error_rate"]
    assert (rate["total_errors"], rate["load_failures"]) == (3, 3)
    assert rate["overall_error_rate"] == 3 / rate["total_operations"]


@pytest.mark.parametrize("share", [0.01, 0.1])
async def test_a_replay_has_the_hits_of_l1_alone(make_config: ConfigMaker, share: float) -> None:
    """One user's reads through the cache hit L1 exactly as often as a loop over L1 by itself."""
    path = TRACES / "web07.trace.xz"
    if not path.exists():
        pytest.skip("needs the traces in ../shared/traces: web07.trace.xz")
    numbers = memoryview(lzma.decompress(path.read_bytes())).cast("i")[:6000].tolist()
    keys = [str(number) for number in numbers]
    size = round(len(set(keys)) * share)
    alone, hits = MemoryTier(size), 0
    for key in keys:
        if alone.get(key) is MISS:
            alone.set(key, key)
        else:
            hits += 1
    config = make_config(
        l1_max_size=size,
        l1_default_ttl=None,
        l2_default_ttl=None,
        enable_warming=False,
        enable_l3=False,
    )
    async with MultiLevelCache(config) as cache:
        for key in keys:
            assert await cache.get(key, lambda key: key) == key
        assert cache.get_performance_stats()["l1_cache"]["hits"] == hits


async def test_l1_alone_needs_no_server() -> None:
    """Without addresses the cache is its memory and its loaders, and healthy."""
    async with MultiLevelCache(CacheConfig()) as cache:
        await cache.set("a", 1)
        assert await cache.get("a") == 1
        assert await cache.get("b", lambda: 2) == 2
        assert (await cache.get_health_check())["status"] == "healthy"


async def test_an_address_that_no_attempt_could_mend_is_an_error(tmp_path: Path) -> None:
    """A URL that SQLAlchemy can't read is refused when the cache is made."""
    config = CacheConfig(l3_url=f"sqlite+aiosqlite:///{tmp_path}/x.db")
    assert MultiLevelCache(config)
    with pytest.raises(ConfigError):
        CacheConfig(l3_url="oracle://u:geheim@host/x")
