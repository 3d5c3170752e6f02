"""aiocache in memory as a subject."""

from aiocache import SimpleMemoryCache

from pipeline.subject import SubjectSettings
from workers.subjects.aiocache_cache import AiocacheSubject
from workers.subjects.base import Addresses
from workers.subjects.limits import Limits
from workers.subjects.peer import lacking, prefix_of


class AiocacheMemorySubject(AiocacheSubject):
    """A dict with a timer for each value; it has no limit of entries."""

    lacks = lacking(has=["l1"])

    async def stop(self) -> None:
        """Take its timers out of the event loop."""
        await self.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> AiocacheMemorySubject:
    """The entry point `aiocache-memory` of `tierbench.subjects`."""
    ttl_s = Limits.of(settings, addresses).l1_ttl_s
    cache = SimpleMemoryCache(namespace=prefix_of(addresses), ttl=ttl_s)
    return AiocacheMemorySubject(cache, "l1")
