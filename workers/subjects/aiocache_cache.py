"""aiocache as a subject, in memory and on Redis."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiocache.lock import RedLock

from workers.subjects.base import Loader, Served
from workers.subjects.peer import MISSED, Peer

LEASE_S = 2
"""How long a load keeps others waiting; what aiocache's own decorator takes."""


class AiocacheSubject(Peer):
    """Reads, and loads under a `RedLock`, as its decorator `cached_stampede` does.

    It can't tell None from a key that is not there.

    Args:
        cache: One with the attempt's namespace and its default TTL.
        tier: The one that it keeps values in.
    """

    def __init__(self, cache: Any, tier: str) -> None:
        self._cache = cache
        self._tier = tier
        self._kept_s = cache.ttl

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key."""
        value = await self._cache.get(key)
        if value is not None:
            return Served(value, self._tier)
        if loader is None:
            return MISSED
        async with RedLock(self._cache, key, LEASE_S):
            value = await self._cache.get(key)
            if value is None:
                value = await loader(key)
                await self.set(key, value, ttl_s)
        return Served(value, "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once."""
        values = await self._cache.multi_get(keys)
        return {
            key: MISSED if value is None else Served(value, self._tier)
            for key, value in zip(keys, values, strict=True)
        }

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        await self._cache.set(key, value, ttl=self._kept_s if ttl_s is None else float(ttl_s))

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys at once."""
        kept_s = self._kept_s if ttl_s is None else float(ttl_s)
        await self._cache.multi_set(list(items.items()), ttl=kept_s)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._cache.delete(key)

    async def clear(self) -> None:
        """Remove every key of the attempt; without a namespace it would empty a whole server."""
        await self._cache.clear(namespace=self._cache.namespace)

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from its only tier."""
        if tier == self._tier:
            await self.clear()
