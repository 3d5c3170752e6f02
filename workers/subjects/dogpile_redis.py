"""dogpile.cache on Redis as a subject."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.dogpile_memory import THREADS, loaded_in_loop, served_many
from workers.subjects.limits import Limits
from workers.subjects.peer import (
    MISSED,
    NO_COPY,
    POOL_SIZE,
    TIMEOUT_S,
    Peer,
    lacking,
    prefix_of,
    redis_url,
    unlink_all,
)


class DogpileRedisSubject(Peer):
    """Redis alone, from threads; values as JSON, where it would by itself unpickle them.

    It is synchronous. Called in place, a read of a server on the same machine would take two
    thirds of the time that it takes in a thread; but nothing else would happen meanwhile, one
    read would wait for the other, and a server that hangs would stop the whole event loop.

    Args:
        url: A Redis or Valkey URL.
        prefix: What the names of all keys begin with.
        ttl_s: Seconds that a value is kept; None is without end.
    """

    lacks = lacking("ttl", "clear", has=["l2"])
    promises = NO_COPY

    def __init__(self, url: str, prefix: str, ttl_s: float | None) -> None:
        self._url = url
        self._prefix = prefix
        arguments = {
            "url": url,
            "redis_expiration_time": 0 if ttl_s is None else math.ceil(ttl_s),
            "socket_timeout": TIMEOUT_S,
            "connection_kwargs": {"max_connections": POOL_SIZE},
        }
        region: Any = make_region(
            key_mangler=prefix.__add__, serializer=_packed, deserializer=json.loads
        )
        self._region = region.configure(
            "dogpile.cache.redis", expiration_time=ttl_s, arguments=arguments
        )
        self._threads = ThreadPoolExecutor(THREADS)

    async def stop(self) -> None:
        """Close every connection and end its threads."""
        await self._idle()
        self._threads.shutdown()
        self._region.actual_backend.writer_client.close()

    async def get(
        self,
        key: str,
        loader: Loader | None,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> Served:
        """Read one key."""
        served: Served = await self._in_thread(self._get, key, loader, asyncio.get_running_loop())
        return served

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once."""
        return served_many(keys, await self._in_thread(self._region.get_multi, keys), "l2")

    async def set(
        self,
        key: str,
        value: Any,
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write one key."""
        await self._in_thread(self._region.set, key, value)

    async def set_many(
        self,
        items: Mapping[str, Any],
        ttl_s: float | None = None,  # noqa: ARG002 - it lacks a TTL for each key
    ) -> None:
        """Write many keys at once."""
        await self._in_thread(self._region.set_multi, items)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._in_thread(self._region.delete, key)

    async def clear(self) -> None:
        """Remove every key of the attempt, once no thread can write one any more."""
        await self._idle()
        await unlink_all(self._url, self._prefix)

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from Redis, its only tier."""
        if tier == "l2":
            await self.clear()

    def _get(self, key: str, loader: Loader | None, loop: asyncio.AbstractEventLoop) -> Served:
        value = self._region.get(key)
        if value is not NO_VALUE:
            return Served(value, "l2")
        if loader is None:
            return MISSED
        create = partial(loaded_in_loop, loop, loader, key)
        return Served(self._region.get_or_create(key, create), "origin")

    async def _idle(self) -> None:
        """Wait for calls whose callers were cancelled: their threads go on."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._threads = ThreadPoolExecutor(THREADS)

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def build(settings: SubjectSettings, addresses: Addresses) -> DogpileRedisSubject:
    """The entry point `dogpile-redis` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return DogpileRedisSubject(redis_url(addresses), prefix_of(addresses), limits.l2_ttl_s)


def _packed(value: Any) -> bytes:
    return json.dumps(value).encode()
