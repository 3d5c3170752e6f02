"""theine as a subject: W-TinyLFU in memory."""

from datetime import timedelta
from typing import Any

from theine import Cache

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import Limits
from workers.subjects.peer import MISSED, Peer, lacking


class TheineSubject(Peer):
    """Reads in place; its protection from stampedes belongs to a decorator that can't write.

    Its own counts grow each time that they are asked for, so they are not compared. Its own
    `clear` takes as much from its capacity as it removes (in 2.0); it is emptied by a new one.

    Args:
        max_size: Entries that it may hold, from 1.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    lacks = lacking("clear", "get_many", "set_many", has=["l1"])

    def __init__(self, max_size: int, ttl_s: float | None) -> None:
        self._max_size = max_size
        self._ttl = _lasting(ttl_s)
        self._cache: Any = Cache(max_size)

    async def stop(self) -> None:
        """End its upkeep."""
        self._cache.close()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key."""
        value, is_there = self._cache.get(key)
        if is_there:
            return Served(value, "l1")
        if loader is None:
            return MISSED
        value = await loader(key)
        self._cache.set(key, value, _lasting(ttl_s) or self._ttl)
        return Served(value, "origin")

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        self._cache.set(key, value, _lasting(ttl_s) or self._ttl)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        self._cache.delete(key)

    async def clear(self) -> None:
        """Take a new one."""
        self._cache.close()
        self._cache = Cache(self._max_size)

    async def empty(self, tier: str) -> None:
        """Remove everything from memory, its only tier."""
        if tier == "l1":
            await self.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> TheineSubject:
    """The entry point `theine` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return TheineSubject(limits.max_size, limits.l1_ttl_s)


def _lasting(ttl_s: float | None) -> timedelta | None:
    return None if ttl_s is None else timedelta(seconds=ttl_s)
