"""Settles what L2 missed: L3 lists each write that L2 has not confirmed, whoever made it.

write:   L3 commit, which lists the key -> L2 -> confirmed: taken off the list, in batches
sweep:   every instance that reaches L2 removes from it what is on the list for too long

So a writer that is cut off from L2, or dies between its two steps, leaves L2's older value for no
longer than the staleness bound.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from cache.coherence import Coherence
from cache.config import CacheConfig
from cache.deadline import end, ended
from cache.gate import Gate
from cache.null import NullGate
from cache.recovery import Aftermath
from cache.tier import LeasingTier, PendingTier, Write

_CONFIRMED_AT_MOST: Final = 5_000
_LAST_SETTLE_S: Final = 0.5


class Settler:
    """Takes confirmed writes off L3's list, and removes from L2 what stays on it.

    Args:
        config: The staleness bound.
        l2: The gate of L2.
        l3: The gate of L3.
        coherence: The channel of invalidations.
    """

    def __init__(
        self,
        config: CacheConfig,
        l2: Gate[LeasingTier] | NullGate,
        l3: Gate[PendingTier] | NullGate,
        coherence: Coherence,
    ) -> None:
        self._bound_s = config.max_staleness_s
        self._l2 = l2
        self._l3 = l3
        self._coherence = coherence
        self._confirmed: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        if isinstance(l2, Gate):
            l2.tier.on_invalidated = coherence.invalidated
            l2.tier.on_lost = l2.recovery.trip
            l2.recovery.aftermath = _L2Aftermath(self, coherence)
        if isinstance(l3, Gate):
            l3.recovery.aftermath = _L3Aftermath(l2, l3)

    def start(self) -> None:
        """Begin to settle and to sweep, where there is an L2 and an L3."""
        if isinstance(self._l2, Gate) and isinstance(self._l3, Gate):
            self._tasks = [
                asyncio.create_task(self._keep_settling(self._l3), name="cache-settle"),
                asyncio.create_task(self._keep_sweeping(self._l2, self._l3), name="cache-sweep"),
            ]

    async def stop(self) -> None:
        """Settle what is confirmed, and sweep no longer."""
        self._coherence.close()
        await end(self._tasks)
        if self._confirmed and isinstance(self._l3, Gate):
            # What is not settled in time is swept by others, who find it settled already.
            settling = asyncio.create_task(self._settle(self._l3))
            if await ended({settling}, _LAST_SETTLE_S):
                await end({settling})

    async def mend(self) -> None:
        """Remove from L2 all that is on the list, and not only what is there for too long."""
        if isinstance(self._l2, Gate) and isinstance(self._l3, Gate):
            await self._settle(self._l3)
            await sweep(self._l2, self._l3, 0.0)

    def confirm(self, versions: Mapping[str, int]) -> None:
        """Note writes that L2 has taken; past a bound they are left to the sweep."""
        if isinstance(self._l2, Gate) and len(self._confirmed) < _CONFIRMED_AT_MOST:
            self._confirmed.update(versions)

    async def _keep_settling(self, l3: Gate[PendingTier]) -> None:
        while True:
            await asyncio.sleep(self._bound_s / 4)
            await self._settle(l3)

    async def _settle(self, l3: Gate[PendingTier]) -> None:
        confirmed, self._confirmed = self._confirmed, {}
        if confirmed:
            await l3.ask(lambda: l3.tier.settle(confirmed))

    async def _keep_sweeping(self, l2: Gate[LeasingTier], l3: Gate[PendingTier]) -> None:
        while True:
            await asyncio.sleep(self._bound_s / 2)
            if l2.serves:
                l2.recovery.counts.repaired_keys += await sweep(l2, l3, self._bound_s / 2)


async def sweep(l2: Gate[LeasingTier], l3: Gate[PendingTier], older_than_s: float) -> int:
    """Remove from L2 what L3 lists for longer than ``older_than_s``, and return how many keys."""
    swept = 0
    began_s = time.monotonic()
    while True:
        # What is written while the sweep goes on is not its business, or it might never end.
        age_s = older_than_s + time.monotonic() - began_s
        pending = await l3.ask(partial(l3.tier.pending, age_s))
        if not pending:
            return swept
        removals = {key: Write(None, version=version) for key, version in pending.items()}
        if await l2.write(removals) is None:
            return swept
        # A plain delete of one's own is not pushed back.
        l2.tier.on_invalidated(pending.keys())
        swept += len(pending)
        if not await l3.ask(partial(_settled, l3, pending)):
            return swept


async def _settled(l3: Gate[PendingTier], versions: dict[str, int]) -> bool:
    await l3.tier.settle(versions)
    return True


class _L2Aftermath(Aftermath):
    """Keeps L1 within its bound while L2 is away, and mends L2 before it serves again."""

    def __init__(self, settler: Settler, coherence: Coherence) -> None:
        self._settler = settler
        self._coherence = coherence

    def alive(self, since_s: float) -> None:
        self._coherence.alive(since_s)

    def lost(self, reason: str) -> None:
        self._coherence.lost(reason)

    def connected(self) -> None:
        self._coherence.restored()

    async def mend(self) -> None:
        await self._settler.mend()


class _L3Aftermath(Aftermath):
    """Has L2 forget what it still holds of keys that L3 had missed and now has dropped.

    What was written while L3 was away is newer, and stays in L2; it leaves L3's list, so that no
    sweep takes it for what a writer left behind.
    """

    def __init__(self, l2: Gate[LeasingTier] | NullGate, l3: Gate[PendingTier]) -> None:
        self._l2 = l2
        self._l3 = l3

    async def removed(self, missed: dict[str, int], versions: dict[str, int]) -> None:
        found = await self._l2.read(missed)
        if found is not None and isinstance(self._l2, Gate):
            older = {
                key: Write(None, version=versions[key])
                for key, entry in found.entries.items()
                # Without a stand-in nothing tells what was written meanwhile from what is older.
                if key in versions and entry.version < (missed[key] or versions[key])
            }
            if older and await self._l2.write(older) is not None:
                self._l2.tier.on_invalidated(older.keys())
        await self._l3.tier.settle(versions)
