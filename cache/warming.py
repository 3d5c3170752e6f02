"""Keeps hot keys in L1: a background cycle that loads them from the tiers below."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from cache.config import CacheConfig
from cache.deadline import end
from cache.memory import MemoryTier
from cache.patterns import AccessPatterns


@dataclass(slots=True)
class WarmingCounts:
    """What warming has done."""

    cycles: int = 0
    keys_warmed: int = 0
    keys_not_found: int = 0


class Warmer:
    """Finds candidates by their decayed read counts and loads those that L1 lost.

    Args:
        config: Threshold, interval and limit.
        patterns: The read counts.
        l1: Where candidates should be.
        fetch: Loads keys from the tiers below into L1 and returns how many it found.
    """

    def __init__(
        self,
        config: CacheConfig,
        patterns: AccessPatterns,
        l1: MemoryTier,
        fetch: Callable[[Collection[str]], Awaitable[int]],
    ) -> None:
        self.counts = WarmingCounts()
        self._config = config
        self._patterns = patterns
        self._l1 = l1
        self._fetch = fetch
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the background cycle goes on."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin the background cycle, where warming is on."""
        if self._config.enable_warming:
            self._task = asyncio.create_task(self._run(), name="cache-warming")

    async def stop(self) -> None:
        """End the background cycle at once, in the middle of a fetch too."""
        task, self._task = self._task, None
        if task is not None:
            await end({task})

    def candidates(self) -> list[dict[str, Any]]:
        """Return the hot keys, hottest first."""
        hottest = self._patterns.hottest(
            self._config.max_warming_keys, self._config.warming_threshold
        )
        return [
            {"key": key, "access_count": count, "in_l1": key in self._l1} for key, count in hottest
        ]

    async def cycle(self) -> int:
        """Load the candidates that are not in L1 and return how many were found."""
        self.counts.cycles += 1
        wanted = [candidate["key"] for candidate in self.candidates() if not candidate["in_l1"]]
        return await self.fetch(wanted) if wanted else 0

    async def fetch(self, keys: Collection[str]) -> int:
        """Load ``keys`` into L1 and return how many were found."""
        found = await self._fetch(keys)
        self.counts.keys_warmed += found
        self.counts.keys_not_found += len(keys) - found
        return found

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._config.warming_interval)
            await self.cycle()
