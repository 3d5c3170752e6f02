"""cashews on Redis as a subject."""

from cashews import Cache

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.cashews_cache import CashewsSubject
from workers.subjects.limits import Limits
from workers.subjects.peer import NO_COPY, POOL_SIZE, lacking, prefix_of, redis_url


class CashewsRedisSubject(CashewsSubject):
    """Redis alone; values as JSON, where cashews by itself would unpickle what a server holds."""

    tier = "l2"
    lacks = lacking(has=["l2"])
    promises = NO_COPY

    async def clear(self) -> None:
        """Remove every key of the attempt: what cashews calls clear empties the whole server."""
        await self._cache.delete_match(f"{self._prefix}*")

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from Redis, its only tier."""
        if tier == "l2":
            await self.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> CashewsRedisSubject:
    """The entry point `cashews-redis` of `tierbench.subjects`."""
    cache = Cache()
    cache.setup(redis_url(addresses), pickle_type="json", max_connections=POOL_SIZE)
    ttl_s = Limits.of(settings, addresses).l2_ttl_s
    return CashewsRedisSubject(cache, prefix_of(addresses), ttl_s)
