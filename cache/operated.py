"""What operators ask of a cache: warming, figures and health."""

import asyncio
from collections.abc import Iterable
from typing import Any

from cache.flight import Request
from cache.health import health
from cache.key import checked_keys
from cache.lifecycle import Lifecycle
from cache.loader import Loader
from cache.metrics import monitoring_metrics
from cache.parts import Parts
from cache.performance import performance
from cache.slo import alerts
from cache.tier import MISS


class Operated(Lifecycle):
    """The part of ``MultiLevelCache`` that is not on the path of reads and writes."""

    async def warm_cache(self, keys: Iterable[str], fallback_func: Loader | None = None) -> int:
        """Load keys from L2, L3 or the loader into L1 and return how many were found."""
        self._check_open()
        wanted = dict.fromkeys(checked_keys(keys))
        missing = [key for key in wanted if key not in self._l1_cache]
        request = Request(fallback_func, self._ttls)
        landings = await self._reader.find_many(missing, request)
        found = {key: landing.value is not MISS for key, landing in landings.items()}
        return len(wanted) - len(missing) + self._warmer.note(found)

    async def warm_now(self) -> int:
        """Run one warming cycle and return the number of keys that it loaded into L1."""
        self._check_open()
        return await self._warmer.cycle()

    async def get_warming_candidates(self) -> list[dict[str, Any]]:
        """Return the hot keys with their counts and what warming them is expected to save."""
        return self._warmer.candidates()

    async def stop_warming(self) -> None:
        """End background warming at once."""
        await self._warmer.stop()

    @property
    def parts(self) -> Parts:
        """What there is to be looked at, for ``prometheus_text`` and ``instrument``."""
        return Parts.of(self._tiers, self._warmer)

    def get_performance_stats(self) -> dict[str, Any]:
        """Return counts, rates and times (seconds) since the cache was entered."""
        return performance(self.parts)

    async def get_health_check(self) -> dict[str, Any]:
        """Ask each tier for a sign of life and return status and reasons by component."""
        self._check_open()
        await asyncio.gather(self._l2_cache.check(), self._l3_cache.check())
        return health(self.parts)

    def get_monitoring_metrics(self) -> dict[str, float]:
        """Return flat names and numbers for a monitoring system."""
        return monitoring_metrics(self.parts)

    def get_alert_metrics(self) -> dict[str, Any]:
        """Return what breaks a service level now, and whether all are kept."""
        return alerts(self.parts)
