"""What the gates know turns into a status with reasons."""

from collections.abc import AsyncIterator

import pytest

from cache.gate import Gate
from cache.health import overall_health, tier_health
from cache.null import NullGate
from cache.redis import RedisTier
from tests.cache.conftest import ConfigMaker
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port


@pytest.fixture
async def gate(make_config: ConfigMaker, shared_redis: EmbeddedRedis) -> AsyncIterator[Gate]:
    """The open gate of an L2 whose watch takes an hour between two signs of life."""
    tier = RedisTier(shared_redis.url, make_config().namespace, 5.0)
    gate = Gate("l2", tier, interval_s=3600)
    await gate.open()
    yield gate
    await gate.close()


async def test_failures_in_a_row_degrade_until_the_breaker_opens(gate: Gate) -> None:
    """One or two are a warning, an answer clears it, the third is an outage."""
    assert tier_health(gate) == {"status": "healthy", "enabled": True, "reasons": []}
    for _ in range(2):
        gate.breaker.fail("no answer in time")
        assert tier_health(gate)["status"] == "degraded"
        assert tier_health(gate)["reasons"] == ["no answer in time"]
    await gate.read(["a"])
    assert tier_health(gate)["status"] == "healthy"
    for _ in range(3):
        gate.breaker.fail("no answer in time")
    assert tier_health(gate)["status"] == "unhealthy"


async def test_a_failed_read_degrades(shared_redis: EmbeddedRedis) -> None:
    """A single read that a lost connection fails is seen in the health, with its reason."""
    gate = Gate("l2", RedisTier(shared_redis.url, "degraded", 5.0), interval_s=3600)
    await gate.open()
    await gate._tier.close()
    assert not (await gate.read(["a"])).answered
    assert tier_health(gate)["status"] == "degraded"
    assert tier_health(gate)["reasons"][0]
    await gate.close()
    assert tier_health(gate)["reasons"] == ["closed"]


async def test_a_tier_that_never_answered_is_unhealthy() -> None:
    """The reason is why it could not be opened."""
    gate = Gate("l2", RedisTier(f"redis://{LOOPBACK}:{free_port()}/0", "n", 5.0), interval_s=3600)
    await gate.open()
    assert tier_health(gate)["status"] == "unhealthy"
    assert "nothing listens" in tier_health(gate)["reasons"][0]
    await gate.close()


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


def test_a_tier_that_is_turned_off_harms_nothing() -> None:
    """Its reason says so."""
    off = tier_health(NullGate("l2"))
    assert (off["status"], off["enabled"]) == ("healthy", False)
