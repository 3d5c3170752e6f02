"""The right to load a key, held in L2: one process loads, the others wait for what it stores.

A lease (Nishtala et al., Scaling Memcache at Facebook, NSDI 2013) is short and is renewed while
its load goes on, so a holder that dies keeps nobody waiting for long.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from cache.batch import Coalescer
from cache.coherence import Coherence
from cache.deadline import end
from cache.gate import Gate
from cache.null import NullGate
from cache.stats import CacheStats
from cache.tier import Entry, Lease, LeaseRequest, LeasingTier

_FIRST_LOOK_S: Final = 0.005
_LONGEST_LOOK_S: Final = 0.05
_RENEWALS_IN_A_LIFE: Final = 3


class Leases:
    """Takes, renews and gives back the leases of this process.

    Args:
        l2: The gate of the tier that grants them.
        coherence: Tells when somebody stores a key that is waited for.
        lease_s: How long a lease stands without being renewed.
        stats: Counts the loads that waited for another process.
    """

    def __init__(
        self,
        l2: Gate[LeasingTier] | NullGate,
        coherence: Coherence,
        lease_s: float,
        stats: CacheStats,
    ) -> None:
        self._l2 = l2
        self._coherence = coherence
        self._interval_s = lease_s / _RENEWALS_IN_A_LIFE
        self._stats = stats
        self._held: dict[str, bytes] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._requests: Coalescer[Mapping[str, LeaseRequest], dict[str, Entry | Lease] | None] = (
            Coalescer(self._ask, apart=True)
        )

    async def take(self, key: str, request: LeaseRequest) -> Entry | Lease | None:
        """Return a lease, or the value that another process has stored meanwhile.

        None says that L2 can't be asked, so that nobody keeps others from loading.
        """
        look_s = _FIRST_LOOK_S
        waited = False
        while True:
            answers = await self._requests.submit({key: request})
            answer = None if answers is None else answers.get(key)
            if not isinstance(answer, Lease):
                return answer
            if answer.is_granted:
                self._keep(key, answer.token)
                return answer
            if not waited:
                waited = True
                self._stats.leases_waited += 1
            await self._coherence.written(key, look_s)
            look_s = min(2 * look_s, _LONGEST_LOOK_S)

    def used(self, key: str) -> None:
        """Note that a fill has ended the lease."""
        self._held.pop(key, None)

    async def release(self, key: str) -> None:
        """Let others load: nothing will be stored."""
        token = self._held.pop(key, None)
        if token is not None and isinstance(self._l2, Gate):
            tier = self._l2.tier
            await self._l2.ask(lambda: tier.release({key: token}))

    async def close(self) -> None:
        """Renew nothing any more, and let others load what this process did not finish."""
        if self._keeper is not None:
            await end({self._keeper})
        held, self._held = self._held, {}
        if held and isinstance(self._l2, Gate):
            tier = self._l2.tier
            await self._l2.ask(lambda: tier.release(held))
        await self._requests.drain(_LONGEST_LOOK_S)

    def _keep(self, key: str, token: bytes) -> None:
        self._held[key] = token
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._renew(), name="cache-leases")

    async def _renew(self) -> None:
        while self._held and isinstance(self._l2, Gate):
            await asyncio.sleep(self._interval_s)
            if self._held:
                await self._l2.ask(partial(self._l2.tier.renew, dict(self._held)))

    async def _ask(
        self, requests: list[Mapping[str, LeaseRequest]]
    ) -> dict[str, Entry | Lease] | None:
        if not isinstance(self._l2, Gate):
            return None
        wanted = {key: one for request in requests for key, one in request.items()}
        tier = self._l2.tier
        return await self._l2.ask(lambda: tier.lease(wanted))
