"""The fault `l2_read_only`: L2 serves what it has and refuses every write, as a replica does."""

from typing import Any

from redis.exceptions import ReadOnlyError

from pipeline.fault import Fault
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.faults.l2_note import Note
from workers.faults.l2_server import admin, breakable_l2, mark_of

# Nobody listens there, so that no other server's data ever come.
_NOBODY = ("127.0.0.1", 1)
_SERVES = {"replica-serve-stale-data": "yes", "replica-read-only": "yes"}
_MARK_MS = 10_000


class L2ReadOnly:
    """Makes a server the replica of nobody, with the data that it has."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._mark = mark_of(ground)
        self._note = Note(ground)
        self._before: dict[str, str] = {}

    async def inject(self) -> None:
        """Make it a replica that goes on serving.

        Raises:
            FaultError: It is one already, and could not be made that one again.
        """
        async with admin(self._l2.url) as client:
            await self._note.check(client, self._l2.url)
            if (await client.info("replication"))["role"] != "master":
                raise FaultError("l2_read_only: L2 is the replica of another server already")
            self._before = await _configured(client)
            await self._note.write(client, settings=self._before, is_replica=True)
            for name, value in _SERVES.items():
                await client.config_set(name, value)
            await client.execute_command("REPLICAOF", *_NOBODY)

    async def undo(self) -> None:
        """Make it a primary again."""
        if not self._before:
            return
        async with admin(self._l2.url) as client:
            await client.execute_command("REPLICAOF", "NO", "ONE")
            for name, value in self._before.items():
                await client.config_set(name, value)
            await self._note.remove(client)

    async def is_effective(self) -> bool:
        """Whether it refuses a write."""
        return not await self._takes_writes()

    async def is_cleared(self) -> bool:
        """Whether it takes one, and is configured as before."""
        async with admin(self._l2.url) as client:
            return await _configured(client) == self._before and await self._takes_writes()

    async def _takes_writes(self) -> bool:
        async with admin(self._l2.url) as client:
            try:
                await client.set(self._mark, b"", px=_MARK_MS)
                await client.unlink(self._mark)
            except ReadOnlyError:
                return False
            return True


async def _configured(client: Any) -> dict[str, str]:
    return {name: (await client.config_get(name))[name] for name in _SERVES}
