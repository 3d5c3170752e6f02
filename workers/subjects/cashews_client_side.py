"""cashews with Redis's client-side caching as a subject."""

import asyncio
import time
from typing import Any

from cashews import Cache
from cashews.backends.memory import Memory

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.cashews_cache import CashewsSubject
from workers.subjects.limits import Limits
from workers.subjects.peer import POOL_SIZE, lacking, prefix_of, redis_url


class CashewsClientSideSubject(CashewsSubject):
    """Memory in front of Redis, which tells every client what others have written.

    cashews does not say which of the two has answered. What its memory holds can be seen before
    a read, in the same step of the event loop; it reads none of it while Redis can't tell it
    what others write.

    Args:
        cache: One that is set up with `local` and the attempt's prefix.
        local: Its memory.
        is_told: Set while Redis tells it what others write.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    lacks = lacking(has=["l1", "l2"])

    def __init__(
        self, cache: Cache, local: Memory, is_told: asyncio.Event, ttl_s: float | None
    ) -> None:
        super().__init__(cache, "", ttl_s)
        self._local: Any = local
        self._is_told = is_told

    async def stop(self) -> None:
        """Close every connection.

        Where Redis was away at the start, cashews has cancelled a task of its own, and awaits it.
        """
        try:
            await super().stop()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise

    async def clear(self) -> None:
        """Remove every key of the attempt from both tiers."""
        await self._cache.delete_match("*")

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from one tier; without Redis, memory is emptied too."""
        if tier == "l1":
            await self._local.clear()
        elif tier == "l2":
            await self.clear()

    def _tier_of(self, name: str) -> str:
        held = self._local.store.get(name)
        if held is None or not self._is_told.is_set():
            return "l2"
        ends_at, _value = held
        return "l2" if ends_at and ends_at < time.time() else "l1"


def build(settings: SubjectSettings, addresses: Addresses) -> CashewsClientSideSubject:
    """The entry point `cashews-client-side` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    local = Memory(size=limits.max_size)
    cache = Cache()
    backend: Any = cache.setup(
        redis_url(addresses),
        client_side=True,
        client_side_prefix=prefix_of(addresses),
        local_cache=local,
        pickle_type="json",
        max_connections=POOL_SIZE,
    )
    is_told = backend._listen_started  # noqa: SLF001 - nothing else of cashews tells it
    return CashewsClientSideSubject(cache, local, is_told, limits.l2_ttl_s)
