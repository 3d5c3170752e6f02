"""coredis as a subject: a plain client, Redis alone, values as JSON."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from coredis import Redis

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import Limits
from workers.subjects.peer import (
    MISSED,
    POOL_SIZE,
    TIMEOUT_S,
    Peer,
    lacking,
    milliseconds,
    prefix_of,
    redis_url,
    unlink_all,
)


class CoredisSubject(Peer):
    """Cache-aside by hand: read, and where nothing is there, load and write.

    A client of coredis has to be left in the task that entered it, so it lives in one of its own.

    Args:
        url: A Redis or Valkey URL.
        prefix: What the names of all keys begin with.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    lacks = lacking("clear", has=["l2"])

    def __init__(self, url: str, prefix: str, ttl_s: float | None) -> None:
        self._url = url
        self._prefix = prefix
        self._ttl_s = ttl_s
        self._client: Redis[bytes]
        self._is_ready = asyncio.Event()
        self._is_done = asyncio.Event()
        self._life: asyncio.Task[None]

    async def start(self) -> None:
        """Connect."""
        self._life = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._is_ready.wait())
        await asyncio.wait((ready, self._life), return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            ready.cancel()
            await self._life

    async def stop(self) -> None:
        """Close every connection."""
        self._is_done.set()
        await self._life

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key; each caller that finds nothing loads for itself."""
        found = await self._client.get(self._prefix + key)
        if found is not None:
            return Served(json.loads(found), "l2")
        if loader is None:
            return MISSED
        value = await loader(key)
        await self.set(key, value, ttl_s)
        return Served(value, "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys with one MGET."""
        found = await self._client.mget([self._prefix + key for key in keys])
        return {
            key: MISSED if text is None else Served(json.loads(text), "l2")
            for key, text in zip(keys, found, strict=True)
        }

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        life_ms = milliseconds(ttl_s or self._ttl_s)
        await self._client.set(self._prefix + key, json.dumps(value), px=life_ms)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys in one pipeline."""
        life_ms = milliseconds(ttl_s or self._ttl_s)
        async with self._client.pipeline(transaction=False) as pipeline:
            for key, value in items.items():
                pipeline.set(self._prefix + key, json.dumps(value), px=life_ms)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._client.delete([self._prefix + key])

    async def clear(self) -> None:
        """Remove every key of the attempt."""
        await unlink_all(self._url, self._prefix)

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from Redis, its only tier."""
        if tier == "l2":
            await self.clear()

    async def _live(self) -> None:
        """Hold the client until the subject is stopped."""
        async with Redis.from_url(
            self._url,
            max_connections=POOL_SIZE,
            connect_timeout=TIMEOUT_S,
            stream_timeout=TIMEOUT_S,
        ) as self._client:
            self._is_ready.set()
            await self._is_done.wait()


def build(settings: SubjectSettings, addresses: Addresses) -> CoredisSubject:
    """The entry point `coredis` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return CoredisSubject(redis_url(addresses), prefix_of(addresses), limits.l2_ttl_s)
