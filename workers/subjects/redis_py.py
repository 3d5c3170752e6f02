"""redis-py's asyncio client as a subject: Redis alone, values as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Loader, Served
from workers.subjects.limits import Limits
from workers.subjects.peer import (
    MISSED,
    POOL_SIZE,
    Peer,
    lacking,
    milliseconds,
    prefix_of,
    redis_url,
    unlink_all,
)


class RedisPySubject(Peer):
    """Cache-aside by hand: read, and where nothing is there, load and write.

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
        self._client: Any = None

    async def start(self) -> None:
        """Have connections made as they are needed."""
        pool = BlockingConnectionPool.from_url(self._url, max_connections=POOL_SIZE, timeout=None)
        self._client = Redis.from_pool(pool)

    async def stop(self) -> None:
        """Close every connection."""
        await self._client.aclose()

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
            await pipeline.execute()

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._client.delete(self._prefix + key)

    async def clear(self) -> None:
        """Remove every key of the attempt."""
        await unlink_all(self._url, self._prefix)

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from Redis, its only tier."""
        if tier == "l2":
            await self.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> RedisPySubject:
    """The entry point `redis-py` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return RedisPySubject(redis_url(addresses), prefix_of(addresses), limits.l2_ttl_s)
