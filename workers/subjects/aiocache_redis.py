"""aiocache on Redis as a subject."""

from typing import Any

from aiocache import RedisCache
from redis.asyncio import BlockingConnectionPool

from pipeline.subject import SubjectSettings
from workers.subjects.aiocache_cache import AiocacheSubject
from workers.subjects.base import Addresses
from workers.subjects.limits import Limits
from workers.subjects.peer import NO_COPY, POOL_SIZE, lacking, redis_url


class AiocacheRedisSubject(AiocacheSubject):
    """Redis alone; values are JSON, as aiocache does by itself."""

    lacks = lacking(has=["l2"])
    promises = NO_COPY

    async def stop(self) -> None:
        """Close every connection."""
        await self._cache.client.aclose(close_connection_pool=True)


def build(settings: SubjectSettings, addresses: Addresses) -> AiocacheRedisSubject:
    """The entry point `aiocache-redis` of `tierbench.subjects`."""
    url = redis_url(addresses)

    def pool(**_host_and_port: Any) -> Any:
        return BlockingConnectionPool.from_url(url, max_connections=POOL_SIZE, timeout=None)

    ttl_s = Limits.of(settings, addresses).l2_ttl_s
    cache = RedisCache(namespace=addresses.namespace, ttl=ttl_s, connection_pool_class=pool)
    return AiocacheRedisSubject(cache, "l2")
