"""cashews in memory as a subject."""

from cashews import Cache

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.cashews_cache import CashewsSubject
from workers.subjects.limits import Limits
from workers.subjects.peer import lacking


class CashewsMemorySubject(CashewsSubject):
    """LRU in memory alone."""

    lacks = lacking(has=["l1"])

    async def clear(self) -> None:
        """Remove everything."""
        await self._cache.clear()

    async def empty(self, tier: str) -> None:
        """Remove everything from memory, its only tier."""
        if tier == "l1":
            await self._cache.clear()


def build(settings: SubjectSettings, addresses: Addresses) -> CashewsMemorySubject:
    """The entry point `cashews-memory` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    cache = Cache()
    cache.setup("mem://", size=limits.max_size)
    return CashewsMemorySubject(cache, "", limits.l1_ttl_s)
