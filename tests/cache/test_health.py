"""What the parts of a cache know of themselves turns into a status with reasons."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cache import CacheConfig, MultiLevelCache
from cache.health import health, overall_health
from tests.cache.conftest import ConfigMaker
from tests.support.assertions import wait_for_health
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port

COMPONENTS = {"l1", "l2", "l3", "warming", "coherence"}


@pytest.fixture
async def unwatched(make_config: ConfigMaker) -> AsyncIterator[MultiLevelCache]:
    """A cache whose watch takes an hour between two signs of life."""
    async with MultiLevelCache(make_config(health_interval_s=3600)) as opened:
        yield opened


def component(cache: MultiLevelCache, name: str) -> dict[str, Any]:
    """The health of one component as it is known now, without asking for a sign of life."""
    part: dict[str, Any] = health(cache.parts)["components"][name]
    return part


async def test_a_whole_cache_is_healthy(cache: MultiLevelCache) -> None:
    """With no reasons, as a whole and part by part."""
    answer = await cache.get_health_check()
    assert answer["status"] == "healthy"
    well = {"status": "healthy", "enabled": True, "reasons": []}
    assert answer["components"] == dict.fromkeys(COMPONENTS, well)


async def test_failures_in_a_row_degrade_until_the_breaker_opens(
    unwatched: MultiLevelCache,
) -> None:
    """One or two are a warning, an answer clears it, the third is an outage."""
    breaker = unwatched._l2_cache.breaker
    assert component(unwatched, "l2") == {"status": "healthy", "enabled": True, "reasons": []}
    for _ in range(2):
        breaker.fail("no answer in time")
        assert component(unwatched, "l2")["status"] == "degraded"
        assert component(unwatched, "l2")["reasons"] == ["no answer in time"]
    await unwatched._l2_cache.read(["a"])
    assert component(unwatched, "l2")["status"] == "healthy"
    for _ in range(3):
        breaker.fail("no answer in time")
    assert component(unwatched, "l2")["status"] == "unhealthy"
    assert component(unwatched, "l2")["reasons"] == ["no answer in time"]


async def test_a_failed_read_degrades(unwatched: MultiLevelCache) -> None:
    """A single read that a lost connection fails is seen in the health, with its reason."""
    await unwatched._l2_cache.tier.close()
    await unwatched._l2_cache.read(["a"])
    assert component(unwatched, "l2")["status"] == "degraded"
    assert component(unwatched, "l2")["reasons"][0]
    await unwatched._l2_cache.close()
    assert component(unwatched, "l2")["reasons"] == ["closed"]


async def test_a_tier_that_never_answered_is_unhealthy(make_config: ConfigMaker) -> None:
    """The reason is why it could not be opened."""
    config = make_config(l2_url=f"redis://{LOOPBACK}:{free_port()}/0")
    async with MultiLevelCache(config) as cache:
        assert component(cache, "l2")["status"] == "unhealthy"
        assert "nothing listens" in component(cache, "l2")["reasons"][0]
        assert component(cache, "coherence")["status"] == "degraded"


@pytest.mark.resilience
async def test_a_lost_channel_says_what_still_holds(breakable: MultiLevelCache) -> None:
    """While L2 is away others' writes are not heard of, and L1's bound is named."""
    assert component(breakable, "coherence")["reasons"] == []
    breakable._tiers.coherence.lost("the connection ended")
    part = component(breakable, "coherence")
    assert part["status"] == "degraded"
    assert part["reasons"] == [
        "the connection ended",
        "L1 serves what others may have written for 2 s at most",
    ]
    breakable._tiers.coherence.restored()
    assert component(breakable, "coherence")["status"] == "healthy"


@pytest.mark.resilience
async def test_health_turns_with_the_server_and_back(
    breakable: MultiLevelCache, redis_server: EmbeddedRedis
) -> None:
    """Without traffic: the tier and its channel, each with reasons, while L3 stays well."""
    redis_server.kill()
    answer = await wait_for_health(breakable, "degraded")
    parts = answer["components"]
    assert parts["l2"]["status"] == "unhealthy"
    assert parts["coherence"]["status"] == "degraded"
    assert parts["l2"]["reasons"][0]
    assert parts["coherence"]["reasons"][0]
    assert parts["l3"]["status"] == parts["l1"]["status"] == "healthy"
    redis_server.restart()
    await wait_for_health(breakable, "healthy")


async def test_warming_that_was_stopped_degrades(cache: MultiLevelCache) -> None:
    """Where it is off in the settings nothing is wrong."""
    await cache.stop_warming()
    assert component(cache, "warming")["reasons"] == ["stopped"]
    assert (await cache.get_health_check())["status"] == "degraded"
    off = component(MultiLevelCache(CacheConfig(enable_warming=False)), "warming")
    assert (off["status"], off["enabled"]) == ("healthy", False)


@pytest.mark.parametrize(
    ("l2", "l3", "expected"),
    [
        ("healthy", "healthy", "healthy"),
        ("degraded", "healthy", "degraded"),
        ("unhealthy", "healthy", "degraded"),
        ("unhealthy", "degraded", "degraded"),
        ("unhealthy", "unhealthy", "unhealthy"),
    ],
)
def test_the_whole_is_unhealthy_when_nothing_below_memory_is_left(
    l2: str, l3: str, expected: str
) -> None:
    """One tier down degrades; all of them down is the end of sharing."""
    components = {
        "l1": {"status": "healthy", "enabled": True},
        "l2": {"status": l2, "enabled": True},
        "l3": {"status": l3, "enabled": True},
    }
    assert overall_health(components) == expected


def test_what_is_turned_off_harms_nothing() -> None:
    """A tier and a channel that the settings leave out are healthy, and say so."""
    alone = MultiLevelCache(CacheConfig())
    for name in ("l2", "l3", "coherence"):
        part = component(alone, name)
        assert (part["status"], part["enabled"]) == ("healthy", False)
        assert part["reasons"]
    without_channel = CacheConfig(l2_url=f"redis://{LOOPBACK}:1/0", coherence="ttl")
    part = component(MultiLevelCache(without_channel), "coherence")
    assert (part["status"], part["enabled"]) == ("healthy", False)
