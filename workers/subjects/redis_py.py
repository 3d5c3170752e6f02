"""redis-py's asyncio client as a subject: Redis alone, values as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.limits import Limits
from workers.subjects.peer import POOL_SIZE, milliseconds, prefix_of, redis_url
from workers.subjects.plain_client import PlainClient


class RedisPySubject(PlainClient):
    """A pool of connections, which are made as they are needed."""

    async def start(self) -> None:
        """Have connections made as they are needed."""
        pool = BlockingConnectionPool.from_url(self._url, max_connections=POOL_SIZE, timeout=None)
        self._client = Redis.from_pool(pool)

    async def stop(self) -> None:
        """Close every connection."""
        await self._client.aclose()

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


def build(settings: SubjectSettings, addresses: Addresses) -> RedisPySubject:
    """The entry point `redis-py` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return RedisPySubject(redis_url(addresses), prefix_of(addresses), limits.l2_ttl_s)
