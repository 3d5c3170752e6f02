"""cashews as a subject, in memory, on Redis and with Redis's client-side caching."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from cashews import Cache

from workers.subjects.base import Loader, Served
from workers.subjects.peer import MISSED, Peer

ABSENT = object()


class CashewsSubject(Peer):
    """Reads with `get`; what that does not find, its decorator loads once for all that wait.

    The decorator alone would do both, but a hit takes it seven times as long as `get`.

    Args:
        cache: One that is set up.
        prefix: What the names of all keys begin with.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    tier = "l1"
    lacks: frozenset[str] = frozenset()

    def __init__(self, cache: Cache, prefix: str, ttl_s: float | None) -> None:
        self._cache: Any = cache
        self._prefix = prefix
        self._ttl_s = ttl_s
        self._load: Any = cache(ttl=self._life_s, key="{name}")(_load)

    async def start(self) -> None:
        """Connect; from now on what fails is measured, not logged with a traceback for each."""
        logging.getLogger("cashews").setLevel(logging.CRITICAL)
        await self._cache.init()

    async def stop(self) -> None:
        """Close every connection."""
        await self._cache.close()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key."""
        name = self._prefix + key
        tier = self._tier_of(name)
        value = await self._cache.get(name, default=ABSENT)
        if value is not ABSENT:
            return Served(value, tier)
        if loader is None:
            return MISSED
        return Served(await self._load(name, key, loader, ttl_s), "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once."""
        names = [self._prefix + key for key in keys]
        tiers = [self._tier_of(name) for name in names]
        values = await self._cache.get_many(*names, default=ABSENT)
        return {
            key: MISSED if value is ABSENT else Served(value, tier)
            for key, value, tier in zip(keys, values, tiers, strict=True)
        }

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        await self._cache.set(self._prefix + key, value, expire=ttl_s or self._ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys at once."""
        named = {self._prefix + key: value for key, value in items.items()}
        await self._cache.set_many(named, expire=ttl_s or self._ttl_s)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._cache.delete(self._prefix + key)

    def _tier_of(self, _name: str) -> str:
        """Which tier will answer, where it has the key."""
        return self.tier

    def _life_s(
        self, _name: str, _key: str, _loader: Loader, ttl_s: float | None, **_result: Any
    ) -> float | None:
        return ttl_s or self._ttl_s


async def _load(name: str, key: str, loader: Loader, ttl_s: float | None) -> Any:  # noqa: ARG001 - the decorator makes the key and the TTL of them
    return await loader(key)
