"""The fault `l2_memory`: L2 has no room left, and does with writes what its policy says.

Some policies evict, others refuse. The limit always lies below what is in use, so that it bites
also where a scenario has little data.
"""

from typing import Any

from redis.exceptions import OutOfMemoryError

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_note import Note
from workers.faults.l2_server import admin, breakable_l2, mark_of

_LIMIT = "maxmemory"
_POLICY = "maxmemory-policy"
_MIB = 1 << 20
_MARK_MS = 10_000
_SAMPLES = 20


class L2Memory:
    """Limits a server's memory: `memory_mib` for its data, at most half of what they use now."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._mark = mark_of(ground)
        self._room_bytes = plan.figure("memory_mib") * _MIB
        self._policy = plan.figure("policy")
        self._note = Note(ground)
        self._before: dict[str, str] = {}
        self._wanted: dict[str, str] = {}
        self._evicted = 0

    async def inject(self) -> None:
        """Note what is configured, and set the limit."""
        async with admin(self._l2.url) as client:
            await self._note.check(client, self._l2.url)
            self._before = await _configured(client)
            await self._note.write(client, settings=self._before)
            self._evicted = await _evicted(client)
            limit = await _limit(client, self._room_bytes)
            self._wanted = {_LIMIT: str(limit), _POLICY: self._policy}
            # The policy first: no key is evicted by the one before.
            await client.config_set(_POLICY, self._policy)
            await client.config_set(_LIMIT, limit)

    async def undo(self) -> None:
        """Set both as they were."""
        if not self._before:
            return
        async with admin(self._l2.url) as client:
            for name, value in self._before.items():
                await client.config_set(name, value)
            await client.unlink(self._mark)
            await self._note.remove(client)

    async def is_effective(self) -> bool:
        """Whether a write is refused, or evicts."""
        async with admin(self._l2.url) as client:
            if await _configured(client) != self._wanted:
                return False
            try:
                await client.set(self._mark, b"", px=_MARK_MS)
            except OutOfMemoryError:
                return True
            return await _evicted(client) > self._evicted

    async def is_cleared(self) -> bool:
        """Whether it is configured as before."""
        async with admin(self._l2.url) as client:
            return await _configured(client) == self._before


async def _limit(client: Any, room_bytes: int) -> int:
    """Bytes that leave all else as it is, and that much room for the keys, or half of theirs."""
    used = int((await client.info("memory"))["used_memory"])
    keys = int(await client.dbsize())
    sizes = [await _size(client) for _ in range(_SAMPLES if keys else 0)]
    data_bytes = keys * sum(sizes) // max(1, len(sizes))
    return max(1, used - data_bytes + min(room_bytes, data_bytes // 2))


async def _size(client: Any) -> int:
    """Bytes that one key takes; none where it has gone meanwhile."""
    return int(await client.memory_usage(await client.randomkey() or b"") or 0)


async def _configured(client: Any) -> dict[str, str]:
    return {name: (await client.config_get(name))[name] for name in (_LIMIT, _POLICY)}


async def _evicted(client: Any) -> int:
    return int((await client.info("stats"))["evicted_keys"])
