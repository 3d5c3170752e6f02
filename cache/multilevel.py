"""The cache that callers use: L1 answers in place, everything else is the paths' business."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cache import health
from cache.errors import CacheError
from cache.flight import Landing
from cache.key import check_key, checked_keys
from cache.lifecycle import Lifecycle
from cache.loader import Loader
from cache.stats import L1_SAMPLE_MASK
from cache.tier import MISS, Miss
from cache.ttl import TTLs


class ReadResult(NamedTuple):
    """A value, or ``MISS``, and the level that answered: l1, l2, l3, origin or miss."""

    value: Any
    level: str


class MultiLevelCache(Lifecycle):
    """A cache in three tiers: memory, Redis or Valkey, and a SQL database.

    Use it as ``async with MultiLevelCache(config) as cache``. A tier that fails or hangs turns
    into misses; it never raises and never holds a call for longer than its timeout.

    Args:
        config: The settings.
        clock: Seconds, never going back, for expiry in L1 and for access counts.

    Raises:
        ConfigError: An address can't be understood.
    """

    async def get(
        self,
        key: str,
        fallback_func: Loader | None = None,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
    ) -> Any:
        """Return a key's value, or None.

        Args:
            key: A non-empty string.
            fallback_func: Called when no tier has the key, with the key if it takes an
                argument; sync or async. What it returns is stored. One call at a time for a
                key; who asks meanwhile gets its result.
            l1_ttl: Seconds in L1 of a value loaded by this call; None is the default.
            l2_ttl: The same for L2.
            l3_ttl: The same for L3.

        Raises:
            InvalidKeyError: The key is not a non-empty string.
            InvalidTTLError: A TTL is not positive.
            Exception: What ``fallback_func`` raised, unchanged.
        """
        ttls = self._ttls
        if l1_ttl is not None or l2_ttl is not None or l3_ttl is not None:
            ttls = ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
        value = self._from_l1(key)
        if value is not MISS:
            return value
        value = (await self._from_below(key, fallback_func, ttls)).value
        return None if value is MISS else value

    async def get_with_info(
        self,
        key: str,
        fallback_func: Loader | None = None,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
    ) -> ReadResult:
        """Do as ``get`` does, and tell which level answered; a miss is ``MISS``."""
        ttls = self._ttls
        if l1_ttl is not None or l2_ttl is not None or l3_ttl is not None:
            ttls = ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
        value = self._from_l1(key)
        if value is not MISS:
            return ReadResult(value, "l1")
        landing = await self._from_below(key, fallback_func, ttls)
        return ReadResult(landing.value, landing.level)

    async def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the values of the keys that were found, with one round trip to each tier."""
        results = await self.get_many_with_info(keys)
        return {key: result.value for key, result in results.items() if result.value is not MISS}

    async def get_many_with_info(self, keys: Iterable[str]) -> dict[str, ReadResult]:
        """Return value and level of every key, the missing ones too."""
        wanted = dict.fromkeys(checked_keys(keys))
        results = {key: ReadResult(self._from_l1(key), "l1") for key in wanted}
        missing = [key for key, result in results.items() if result.value is MISS]
        if missing:
            started_ns = time.perf_counter_ns()
            for key, landing in (await self._reader.find_many(missing, self._ttls)).items():
                self._stats.record_read(landing.level, time.perf_counter_ns() - started_ns)
                results[key] = ReadResult(landing.value, landing.level)
        return results

    async def set(
        self,
        key: str,
        value: Any,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
    ) -> None:
        """Store a value in every tier; see ``set_many``."""
        await self.set_many({key: value}, l1_ttl=l1_ttl, l2_ttl=l2_ttl, l3_ttl=l3_ttl)

    async def set_many(
        self,
        mapping: Mapping[str, Any],
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
    ) -> None:
        """Store values in every tier, with one round trip to each.

        A value that does not come back from JSON as it was stays in L1 only. No tier keeps a
        value for longer than the tier below it does.

        Raises:
            InvalidKeyError: A key is not a non-empty string; nothing was stored.
            InvalidTTLError: A TTL is not positive; nothing was stored.
            InvalidValueError: A value can't be copied; nothing was stored.
        """
        self._check_open()
        checked_keys(mapping)
        ttls = self._ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
        started_ns = time.perf_counter_ns()
        await self._writer.set_many(mapping, ttls)
        self._stats.writes += len(mapping)
        self._stats.write_times.record(time.perf_counter_ns() - started_ns)

    async def delete(self, key: str) -> None:
        """Remove a key from every tier."""
        self._check_open()
        check_key(key)
        await self._writer.delete_many([key])
        self._stats.deletes += 1

    async def clear(self) -> None:
        """Remove every key of this cache's namespace from every tier, and nothing else."""
        self._check_open()
        await self._writer.clear()

    async def clear_tier(self, level: str) -> None:
        """Empty one tier (l1, l2 or l3) of this cache's namespace; the others keep theirs."""
        self._check_open()
        if level == "l1":
            self._l1_cache.clear()
        elif level == "l2":
            await self._l2_cache.clear()
        elif level == "l3":
            await self._l3_cache.clear()
        else:
            raise CacheError(f"no tier is called {level!r}: choose l1, l2 or l3")

    async def warm_cache(self, keys: Iterable[str], fallback_func: Loader | None = None) -> int:
        """Load keys from L2, L3 or the loader into L1 and return how many are there now."""
        self._check_open()
        wanted = list(dict.fromkeys(checked_keys(keys)))
        missing = [key for key in wanted if key not in self._l1_cache]
        await self._warmer.fetch(missing)
        if fallback_func is not None:
            left = [key for key in missing if key not in self._l1_cache]
            await asyncio.gather(
                *(self._reader.find(key, fallback_func, self._ttls) for key in left)
            )
        return sum(key in self._l1_cache for key in wanted)

    async def warm_now(self) -> int:
        """Run one warming cycle and return the number of keys that it loaded into L1."""
        self._check_open()
        return await self._warmer.cycle()

    async def get_warming_candidates(self) -> list[dict[str, Any]]:
        """Return the hot keys, hottest first: ``key``, ``access_count`` and ``in_l1``."""
        return self._warmer.candidates()

    async def stop_warming(self) -> None:
        """End background warming at once."""
        await self._warmer.stop()

    def get_performance_stats(self) -> dict[str, Any]:
        """Return counts, rates and times (seconds) since the cache was entered."""
        return health.performance(self._tiers, self._warmer)

    async def get_health_check(self) -> dict[str, Any]:
        """Ask each tier for a sign of life and return status and reasons by component."""
        self._check_open()
        await asyncio.gather(self._l2_cache.check(), self._l3_cache.check())
        return health.health(self._tiers, self._warmer, wants_warming=self.config.enable_warming)

    def get_monitoring_metrics(self) -> dict[str, float]:
        """Return flat names and numbers for a monitoring system."""
        return health.metrics(self._tiers, self._warmer)

    def get_alert_metrics(self) -> dict[str, Any]:
        """Return what breaks a service level now, and whether all are kept."""
        return health.alerts(self._tiers)

    def _from_l1(self, key: str) -> Any | Miss:
        """Read L1 exactly once, count a hit, and time one hit in 64."""
        if not self._is_open:
            self._refuse()
        if type(key) is not str or not key:
            check_key(key)
        self._touch(key)
        stats = self._stats
        hits = stats.l1_hits
        if hits & L1_SAMPLE_MASK:
            value = self._l1_get(key)
            if value is not MISS:
                stats.l1_hits = hits + 1
            return value
        started_ns = time.perf_counter_ns()
        value = self._l1_cache.get(key)
        if value is not MISS:
            stats.read_times["l1"].record(time.perf_counter_ns() - started_ns)
            stats.l1_hits += 1
        return value

    async def _from_below(self, key: str, loader: Loader | None, ttls: TTLs) -> Landing:
        check_key(key)
        started_ns = time.perf_counter_ns()
        try:
            landing = await self._reader.find(key, loader, ttls)
        except Exception:
            # The loader may raise anything; it is counted and passed on unchanged.
            self._stats.load_failures += 1
            raise
        self._stats.record_read(landing.level, time.perf_counter_ns() - started_ns)
        return landing
