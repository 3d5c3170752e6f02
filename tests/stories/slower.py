"""Our cache as a subject that a commit has made slower: at reads, or after an outage.

What it costs is read from a file in the worker's folder when the subject is built, so that it can
be switched on between two runs of one worker.
"""

import asyncio
import time
from pathlib import Path

from cache.events import BreakerChanged
from cache.multilevel import MultiLevelCache
from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import cache_config
from workers.subjects.multilevel import MultiLevelSubject

HELD_UP_S = 0.05


class SlowerReads(MultiLevelSubject):
    """Each read waits busily, as an `asyncio.sleep` can't be as short."""

    def __init__(self, cache: MultiLevelCache, wait_ns: float) -> None:
        super().__init__(cache)
        self._wait_ns = wait_ns

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read, and take longer."""
        served = await super().get(key, loader, ttl_s)
        end_ns = time.perf_counter_ns() + self._wait_ns
        while time.perf_counter_ns() < end_ns:
            pass
        return served


class SlowerRecovery(MultiLevelSubject):
    """Reads are held up for a while after L2 is back."""

    def __init__(self, cache: MultiLevelCache, held_up_for_s: float) -> None:
        super().__init__(cache)
        self._until_s = 0.0
        self._held_up_for_s = held_up_for_s
        cache.subscribe(self._turned, BreakerChanged)

    def _turned(self, event: BreakerChanged) -> None:
        if event.after == "closed":
            self._until_s = time.monotonic() + self._held_up_for_s

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read, after having been held up."""
        if time.monotonic() < self._until_s:
            await asyncio.sleep(HELD_UP_S)
        return await super().get(key, loader, ttl_s)


def reads(settings: SubjectSettings, addresses: Addresses) -> SlowerReads:
    """Slower by the nanoseconds in the file `wait_ns`."""
    return SlowerReads(MultiLevelCache(cache_config(settings, addresses)), _figure("wait_ns"))


def recovery(settings: SubjectSettings, addresses: Addresses) -> SlowerRecovery:
    """Held up for the seconds in the file `held_up_for_s`."""
    cache = MultiLevelCache(cache_config(settings, addresses))
    return SlowerRecovery(cache, _figure("held_up_for_s"))


def _figure(name: str) -> float:
    path = Path(name)
    return float(path.read_text()) if path.exists() else 0.0
