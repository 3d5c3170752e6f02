"""Keeps hot keys in L1: a background cycle that loads them before anyone has to wait.

hot keys, by what having them in L1 saves
   | not in L1, or about to end there
   v
one batch from the tiers below --> L1
   | not there, or about to end there too
   v
the loader, as often as the budget allows --> every tier
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any

from cache.budget import Budget
from cache.config import CacheConfig
from cache.deadline import end
from cache.l1.memory import MemoryTier
from cache.patterns import AccessPatterns, HotKey

Fetch = Callable[[Collection[str]], Awaitable[Mapping[str, bool]]]
Reload = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class WarmingCounts:
    """What warming has done.

    Attributes:
        cycles: Cycles begun.
        keys_warmed: Keys that it put into L1, or put there anew before they ended.
        keys_not_found: Keys that neither a tier nor a loader had.
        loads_spent: Loads from the origin that it began.
        loads_denied: Loads that the budget did not allow.
    """

    cycles: int = 0
    keys_warmed: int = 0
    keys_not_found: int = 0
    loads_spent: int = 0
    loads_denied: int = 0


class Warmer:
    """Finds hot keys that L1 has lost, or is about to lose, and loads them.

    Args:
        config: Threshold, interval, limit and budget.
        patterns: What is read how often; it learns of L1's hits from now on.
        l1: Where hot keys should be.
        fetch: Loads keys from the tiers below into L1, without asking L1, and tells which of
            them it found.
        reload: Loads a key from the origin into every tier, and tells whether there was a value;
            None where there is no loader.
        clock: Seconds, never going back, for the budget.
        sleep: Waits for a turn of the budget.
    """

    def __init__(
        self,
        config: CacheConfig,
        patterns: AccessPatterns,
        l1: MemoryTier,
        fetch: Fetch,
        reload: Reload | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.counts = WarmingCounts()
        self._config = config
        self._patterns = patterns
        self._l1 = l1
        self._fetch = fetch
        self._reload = reload
        self._clock = clock
        self._sleep = sleep
        self._budget = Budget(config.warming_loads_per_s, clock)
        self._task: asyncio.Task[None] | None = None
        l1.sink = patterns

    @property
    def is_running(self) -> bool:
        """Whether the background cycle goes on."""
        return self._task is not None and not self._task.done()

    @property
    def hits_gained(self) -> int:
        """How many reads L1 answered with what warming had put there."""
        return self._l1.warmed_hits

    def start(self) -> None:
        """Begin the background cycle, where warming is on."""
        if self._config.enable_warming:
            self._task = asyncio.create_task(self._run(), name="cache-warming")

    async def stop(self) -> None:
        """End the background cycle at once, in the middle of a fetch or a load too."""
        task, self._task = self._task, None
        if task is not None:
            await end({task})

    def candidates(self) -> list[dict[str, Any]]:
        """Return the hot keys that are worth most in L1, each as a dict.

        ``key``; ``access_count``, its reads, decayed; ``in_l1``; and ``expected_saving_s``, the
        seconds that its readers wait less until the next cycle, if it is in L1 all the time.
        """
        interval_s = self._config.warming_interval
        return [
            {
                "key": hot.key,
                "access_count": hot.count,
                "in_l1": hot.key in self._l1,
                "expected_saving_s": hot.saving * interval_s,
            }
            for hot in self._hottest()[: self._config.max_warming_keys]
        ]

    async def cycle(self) -> int:
        """Load what is hot and not safely in L1, and return how many keys were loaded."""
        self.counts.cycles += 1
        ends_at = self._clock() + self._config.warming_interval
        wanted = self._wanted()
        if not wanted:
            return 0
        cold = {hot.key for hot in wanted if hot.key not in self._l1}
        answers = await self._fetch([hot.key for hot in wanted])
        found = {key for key, is_found in answers.items() if is_found}
        left = [hot for hot in wanted if self._needs_load(hot.key, in_tiers=hot.key in found)]
        loaded = await self._load(left, ends_at)
        warmed = loaded | (found & cold) | found.difference(hot.key for hot in left)
        return self.note({key: key in warmed for key in cold | warmed})

    def note(self, found: Mapping[str, bool]) -> int:
        """Count keys that were to be put into L1, and return how many of them were found."""
        warmed = [key for key, is_found in found.items() if is_found]
        for key in warmed:
            self._l1.mark_warmed(key)
        self.counts.keys_warmed += len(warmed)
        self.counts.keys_not_found += len(found) - len(warmed)
        return len(warmed)

    def _hottest(self) -> list[HotKey]:
        """Return as many hot keys as L1 can hold, the greatest saving first."""
        self._l1.harvest()
        return self._patterns.hottest(self._config.warming_threshold)[: self._l1.max_size]

    def _wanted(self) -> list[HotKey]:
        """Return the hot keys that L1 does not hold for the whole time until the next cycle."""
        interval_s = self._config.warming_interval
        wanted = (hot for hot in self._hottest() if not self._l1.lasts(hot.key, interval_s))
        return list(islice(wanted, self._config.max_warming_keys))

    def _needs_load(self, key: str, *, in_tiers: bool) -> bool:
        """Tell whether only the origin can have a key in L1 until the next cycle."""
        held = self._l1.held(key)
        if held is None:
            # What a tier has and L1 does not hold is too large for it.
            return not in_tiers
        interval_s = self._config.warming_interval
        if held.fresh_s is not None and held.fresh_s < interval_s:
            return True
        return not in_tiers and held.lasts_s < interval_s

    async def _load(self, wanted: list[HotKey], ends_at: float) -> set[str]:
        """Load keys from the origin, as many as the budget allows, and return those loaded."""
        if self._reload is None:
            return set()
        loads: dict[str, asyncio.Task[bool]] = {}
        try:
            for hot in sorted(wanted, key=attrgetter("load_saving"), reverse=True):
                wait_s = self._budget.reserve(ends_at - self._clock())
                if wait_s is None:
                    break
                if wait_s:
                    await self._sleep(wait_s)
                loads[hot.key] = asyncio.create_task(_loaded(self._reload, hot.key))
                self.counts.loads_spent += 1
            self.counts.loads_denied += len(wanted) - len(loads)
            # A loader may raise anything; its failures are counted where it is called.
            results = await asyncio.gather(*loads.values(), return_exceptions=True)
        finally:
            await end(loads.values())
        return {key for key, result in zip(loads, results, strict=True) if result is True}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._config.warming_interval)
            await self.cycle()


async def _loaded(reload: Reload, key: str) -> bool:
    return await reload(key)
