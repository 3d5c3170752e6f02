"""cachetools as a subject: LRU in memory, with one TTL for all."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from cachetools import LRUCache, TTLCache

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import Limits
from workers.subjects.peer import MISSED, Peer, lacking

ABSENT = object()


class CachetoolsSubject(Peer):
    """Reads in place; its protection from stampedes is for threads, so each caller loads.

    Args:
        cache: `TTLCache` where values have a TTL, `LRUCache` where they have none.
    """

    lacks = lacking("ttl", "get_many", has=["l1"])

    def __init__(self, cache: MutableMapping[str, Any]) -> None:
        self._cache = cache

    async def get(
        self,
        key: str,
        loader: Loader | None,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> Served:
        """Read one key."""
        value = self._cache.get(key, ABSENT)
        if value is not ABSENT:
            return Served(value, "l1")
        if loader is None:
            return MISSED
        value = self._cache[key] = await loader(key)
        return Served(value, "origin")

    async def set(
        self,
        key: str,
        value: Any,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write one key."""
        self._cache[key] = value

    async def set_many(
        self,
        items: Mapping[str, Any],
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write many keys with `update`."""
        self._cache.update(items)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        self._cache.pop(key, None)

    async def clear(self) -> None:
        """Remove everything."""
        self._cache.clear()

    async def empty(self, tier: str) -> None:
        """Remove everything from memory, its only tier."""
        if tier == "l1":
            self._cache.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> CachetoolsSubject:
    """The entry point `cachetools` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    if limits.l1_ttl_s is None:
        return CachetoolsSubject(LRUCache(limits.max_size))
    return CachetoolsSubject(TTLCache(limits.max_size, limits.l1_ttl_s))
