"""L3's gate where writes return before their commit.

set, delete -> waiting (see ``write_behind``) -> L3 commit -> L2 again, with the commit's version
read        -> L3, overlaid with what waits
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict
from typing import Final

from cache.codec import decode
from cache.config import CacheConfig
from cache.gate import Gate
from cache.l3.write_behind import WriteBehind
from cache.tier import MISS, UNCOMMITTED, Entry, Found, PendingTier, Write

_CLOSE_TIMEOUT_S: Final = 3.0

Committed = Callable[[Mapping[str, Write], Mapping[str, int]], Awaitable[None]]


class BehindGate(Gate[PendingTier]):
    """Takes writes at once and commits them later, in batches.

    Args:
        tier: L3.
        config: The bound of what waits, and the time between two batches.
        committed: Told of each batch and its versions, so that L2 learns the order of writes.
    """

    def __init__(self, tier: PendingTier, config: CacheConfig, committed: Committed) -> None:
        super().__init__("l3", tier, interval_s=config.health_interval_s, one_at_a_time=True)
        self.behind = WriteBehind(
            self._write_through,
            limit=config.write_behind_limit,
            interval_s=config.write_behind_interval_s,
            timeout_s=config.l3_timeout_s,
        )
        self._committed = committed

    @property
    def delayed(self) -> Mapping[str, int]:
        """Keys that wait, and counts of those that did."""
        return {"waiting": len(self.behind), **asdict(self.behind.counts)}

    async def open(self) -> None:
        """Connect, and begin to commit what is written."""
        await super().open()
        self.behind.start()

    async def close(self) -> None:
        """Commit what waits, within bounds, and leave the tier."""
        if not self.is_closed:
            await self.behind.close(_CLOSE_TIMEOUT_S)
        await super().close()

    async def read(self, keys: Collection[str]) -> Found | None:
        """Return what the tier will know of ``keys`` when all is committed."""
        before = self.behind.overlay(keys)
        found = await super().read(keys)
        waiting = {**before, **self.behind.overlay(keys)}
        if found is None or not waiting:
            return found
        entries = {key: _entry(write) for key, write in waiting.items()}
        return Found({**found.entries, **entries}, found.floor)

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int] | None:
        """Take sets and deletes; fills are decided by the tier, unless a write waits."""
        if any(write.is_fill for write in writes.values()):
            free = {key: writes[key] for key in writes if not self.behind.overlay([key])}
            return await super().write(free) if free else {}
        taken = await self.behind.write(writes)
        if taken is None:
            self.pass_by(writes)
        return taken

    def waiting(self, tags: Collection[str]) -> set[str]:
        """Return the keys under any of ``tags`` that wait."""
        return self.behind.tagged(tags)

    async def clear(self, version: int = 0) -> int | None:
        """Forget what waits, and empty the namespace."""
        await self.behind.forget()
        return await super().clear(version)

    async def _write_through(self, writes: Mapping[str, Write]) -> Mapping[str, int] | None:
        if not self.serves:
            return None
        versions = await super().write(writes)
        if versions is not None:
            await self._committed(writes, versions)
        return versions


def _entry(write: Write) -> Entry:
    if write.payload is None:
        return Entry(MISS, version=UNCOMMITTED)
    return Entry(
        decode(write.payload),
        write.ttl_s,
        UNCOMMITTED,
        write.fresh_s,
        write.age_s,
        write.cost_s,
        write.tags,
        len(write.payload),
        write.payload,
    )
