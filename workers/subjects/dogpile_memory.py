"""dogpile.cache in memory as a subject."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import Limits
from workers.subjects.peer import MISSED, Peer, lacking

THREADS = 32


class DogpileMemorySubject(Peer):
    """A dict without a limit of entries, read in place.

    dogpile.cache is synchronous. Its lock, which lets one thread load for all, would stop the
    event loop that the loader needs; so what is not there is loaded in a thread.

    Args:
        ttl_s: Seconds that a value is kept; None is without end.
    """

    lacks = lacking("ttl", "clear", has=["l1"])

    def __init__(self, ttl_s: float | None) -> None:
        self._values: dict[str, Any] = {}
        self._region: Any = make_region().configure(
            "dogpile.cache.memory", expiration_time=ttl_s, arguments={"cache_dict": self._values}
        )
        self._threads = ThreadPoolExecutor(THREADS)

    async def stop(self) -> None:
        """End its threads; those that still wait for a load end with it."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(
        self,
        key: str,
        loader: Loader | None,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> Served:
        """Read one key."""
        value = self._region.get(key)
        if value is not NO_VALUE:
            return Served(value, "l1")
        if loader is None:
            return MISSED
        loop = asyncio.get_running_loop()
        create = partial(loaded_in_loop, loop, loader, key)
        value = await loop.run_in_executor(self._threads, self._region.get_or_create, key, create)
        return Served(value, "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once."""
        return served_many(keys, self._region.get_multi(keys), "l1")

    async def set(
        self,
        key: str,
        value: Any,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write one key."""
        self._region.set(key, value)

    async def set_many(
        self,
        items: Mapping[str, Any],
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write many keys at once."""
        self._region.set_multi(items)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        self._region.delete(key)

    async def clear(self) -> None:
        """Remove everything from its dict."""
        self._values.clear()

    async def empty(self, tier: str) -> None:
        """Remove everything from memory, its only tier."""
        if tier == "l1":
            self._values.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> DogpileMemorySubject:
    """The entry point `dogpile-memory` of `tierbench.subjects`."""
    return DogpileMemorySubject(Limits.of(settings, addresses).l1_ttl_s)


def loaded_in_loop(loop: asyncio.AbstractEventLoop, loader: Loader, key: str) -> Any:
    """Load a key in the event loop, from a thread that waits for it."""
    return asyncio.run_coroutine_threadsafe(_load(loader, key), loop).result()


def served_many(keys: Sequence[str], values: Sequence[Any], tier: str) -> dict[str, Served]:
    """The answer of `get_multi` by key."""
    return {
        key: MISSED if value is NO_VALUE else Served(value, tier)
        for key, value in zip(keys, values, strict=True)
    }


async def _load(loader: Loader, key: str) -> Any:
    return await loader(key)
