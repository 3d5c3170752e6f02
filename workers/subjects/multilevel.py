"""Our own multi-level cache as a subject."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cache.events import BreakerChanged
from cache.multilevel import MultiLevelCache, ReadResult
from pipeline.subject import SubjectSettings
from workers.subjects.base import NO_WARMING, Addresses, Loader, Served, figures_of_tiers
from workers.subjects.limits import cache_config
from workers.subjects.promises import promises_of


class MultiLevelSubject:
    """Calls the cache as its users do, and reports the level that answered.

    Args:
        cache: A cache that was not entered yet, or one that the caller enters and leaves.
    """

    def __init__(self, cache: MultiLevelCache) -> None:
        self._cache = cache
        self.promises = promises_of(cache.config)
        self._lasts = cache.parts.l1.lasts
        enabled = {"l2": cache.config.enable_l2, "l3": cache.config.enable_l3}
        warming = frozenset() if cache.config.enable_warming else NO_WARMING
        self.lacks = warming | figures_of_tiers(
            tier for tier, is_on in enabled.items() if not is_on
        )

    async def start(self) -> None:
        """Enter the cache."""
        await self._cache.__aenter__()

    async def stop(self) -> None:
        """Leave the cache."""
        await self._cache.close()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key.

        `get_with_info` takes eight times as long as `get` for a value that L1 holds. Whether L1
        holds it can be seen beforehand, so what is measured is what callers do.
        """
        if ttl_s is None and self._lasts(key, 0.0):
            return Served(await self._cache.get(key, loader), "l1")
        return _served(
            await self._cache.get_with_info(key, loader, l1_ttl=ttl_s, l2_ttl=ttl_s, l3_ttl=ttl_s)
        )

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once."""
        results = await self._cache.get_many_with_info(keys)
        return {key: _served(result) for key, result in results.items()}

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        await self._cache.set(key, value, l1_ttl=ttl_s, l2_ttl=ttl_s, l3_ttl=ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys at once."""
        await self._cache.set_many(items, l1_ttl=ttl_s, l2_ttl=ttl_s, l3_ttl=ttl_s)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._cache.delete(key)

    async def clear(self) -> None:
        """Remove every key of the attempt."""
        await self._cache.clear()

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from one tier."""
        await self._cache.clear_tier(tier)

    async def warm(self) -> int:
        """Run one warming cycle now."""
        return await self._cache.warm_now()

    def statistics(self) -> Mapping[str, int]:
        """The cache's own counts of answered reads."""
        stats = self._cache.get_performance_stats()
        hits = {f"{tier}_hits": stats[f"{tier}_cache"]["hits"] for tier in ("l1", "l2", "l3")}
        return {**hits, "reads": stats["total_requests"]}

    async def health(self) -> str | None:
        """The cache's health as a whole."""
        status: str = (await self._cache.get_health_check())["status"]
        return status

    def tell(self, changed: Callable[[str, str, str], None]) -> None:
        """Tell of each turn of a tier's breaker."""

        def turned(event: BreakerChanged) -> None:
            changed(f"{event.tier} breaker", event.after, event.reason)

        self._cache.subscribe(turned, BreakerChanged)


class SteppedClock:
    """The monotonic clock and the steps that it was given."""

    def __init__(self) -> None:
        self.steps_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return time.monotonic() + self.steps_s


class SteppingSubject(MultiLevelSubject):
    """With a clock that can be stepped, which costs each hit in L1 a call more.

    Args:
        cache: As above.
        clock: The one that the cache reads.
    """

    def __init__(self, cache: MultiLevelCache, clock: SteppedClock) -> None:
        super().__init__(cache)
        self._clock = clock

    def clock_s(self) -> float:
        """What the cache's clock says."""
        return self._clock()

    def step_clock(self, by_s: float) -> None:
        """Step it."""
        self._clock.steps_s += by_s


def build(settings: SubjectSettings, addresses: Addresses) -> MultiLevelSubject:
    """The entry point `multilevel` of `tierbench.subjects`.

    Args:
        settings: A preset and what replaces its values; a TTL of `"none"` is no TTL at all.
        addresses: Where its tiers live.
    """
    config = cache_config(settings, addresses)
    if not addresses.steps_clock:
        return MultiLevelSubject(MultiLevelCache(config))
    clock = SteppedClock()
    return SteppingSubject(MultiLevelCache(config, clock=clock), clock)


def _served(result: ReadResult) -> Served:
    return Served(None if result.level == "miss" else result.value, result.level)
