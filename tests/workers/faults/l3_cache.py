"""Our own cache while its L3 is broken: what callers see, and what the tiers have afterwards."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from cache import CacheConfig, MultiLevelCache
from pipeline.fault import Fault as Plan
from tests.support.waiting import wait_until_async
from workers.faults.base import Fault
from workers.faults.ground import Ground, L3Ground
from workers.faults.registry import FAULTS
from workers.subjects.null import NullSubject

KEYS = [f"k{number}" for number in range(12)]
DELETED = "deleted"
# Too long for the pages of a file that may not grow.
TEXT = "x" * 8_000
TIMEOUT_S = 0.2


def make(kind: str, l3: L3Ground | None, **figures: Any) -> Fault:
    """A fault of that kind on this L3."""
    plan = Plan(kind=kind, at_s=0.0, duration_s=1.0, **figures)
    return FAULTS[kind](plan, Ground(namespace="n", subject=NullSubject(), seed=1, l3=l3))


@asynccontextmanager
async def broken(fault: Fault) -> AsyncIterator[None]:
    """It is there from its beginning to its end, and neither before nor after."""
    await wait_until_async(fault.is_cleared, what="L3")
    assert not await fault.is_effective()
    await fault.inject()
    try:
        await wait_until_async(fault.is_effective, what="the fault")
        yield
    finally:
        await fault.undo()
    await wait_until_async(fault.is_cleared, what="the fault's end")
    assert not await fault.is_effective()


async def callers_are_served(fault: Fault, namespace: str, l2_url: str, l3_url: str) -> None:
    """Callers get neither errors nor old values while it lasts, and its end undoes nothing."""
    settings = _settings(namespace, l2_url, l3_url)
    async with MultiLevelCache(CacheConfig(**settings)) as cache:
        await _write(cache, 0)
        async with broken(fault):
            for number in range(1, 4):
                await _write(cache, number)
                await cache.delete(DELETED)
                assert await _read(cache) == _newest(number)
        await wait_until_async(lambda: cache._l3_cache.serves, what="L3 to be repaired")
        await cache.set("after", TEXT)
    async with MultiLevelCache(CacheConfig(**settings)) as other:
        assert await _read(other) == _newest(3)
    async with MultiLevelCache(CacheConfig(**settings, enable_l2=False)) as alone:
        assert (await _read(alone)).items() <= _newest(3).items()
        assert await alone.get("after") == TEXT


def _settings(namespace: str, l2_url: str, l3_url: str) -> dict[str, Any]:
    times = {"l3_timeout_s": TIMEOUT_S, "health_interval_s": 0.05, "l1_default_ttl": 0.01}
    times["l2_timeout_s"] = 10.0  # L2 is at hand, also on a busy machine.
    return {"namespace": namespace, "l2_url": l2_url, "l3_url": l3_url, **times}


async def _write(cache: MultiLevelCache, number: int) -> None:
    await cache.set(DELETED, number)
    await asyncio.gather(*(cache.set(key, f"{number} {TEXT}") for key in KEYS))


async def _read(cache: MultiLevelCache) -> Mapping[str, Any]:
    await asyncio.sleep(0.02)  # Longer than L1 keeps a value.
    return await cache.get_many([*KEYS, DELETED])


def _newest(number: int) -> dict[str, Any]:
    return dict.fromkeys(KEYS, f"{number} {TEXT}")
